// mul8x5u_eg6zs: evolved under mae <= 660.4655762, wce <= 2413; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 651.57324
// mulsmith: wce = 2052
// mulsmith: ep_percent = 99.804688
// mulsmith: mre_percent = 104.31764
module mul8x5u_eg6zs(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire p7_4;
  assign p7_4 = A[7] & B[4];
  assign O[0] = A[0];
  assign O[1] = A[3];
  assign O[2] = B[4];
  assign O[3] = A[5];
  assign O[4] = A[4];
  assign O[5] = A[5];
  assign O[6] = A[3];
  assign O[7] = B[3];
  assign O[8] = B[2];
  assign O[9] = B[3];
  assign O[10] = A[6];
  assign O[11] = 1'b0;
  assign O[12] = p7_4;
endmodule
