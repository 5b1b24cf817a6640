// mul8x8u_ezhnc: evolved under mae <= 4857.955658, wce <= 16896; 500000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 4851.7153
// mulsmith: wce = 16788
// mulsmith: ep_percent = 99.958801
// mulsmith: mre_percent = 109.57709
module mul8x8u_ezhnc(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p6_6;
  wire p7_7;
  assign p6_6 = A[6] & B[6];
  assign p7_7 = B[7] & A[7];
  assign O[0] = A[3];
  assign O[1] = B[1];
  assign O[2] = A[7];
  assign O[3] = A[2];
  assign O[4] = B[7];
  assign O[5] = A[4];
  assign O[6] = B[4];
  assign O[7] = 1'b0;
  assign O[8] = A[2];
  assign O[9] = B[0];
  assign O[10] = A[3];
  assign O[11] = A[5];
  assign O[12] = B[5];
  assign O[13] = 1'b0;
  assign O[14] = p6_6;
  assign O[15] = p7_7;
endmodule
