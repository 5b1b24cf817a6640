// mul8x2u_euci2: evolved under mae <= 76.75195312, wce <= 260; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 76.732422
// mulsmith: wce = 256
// mulsmith: ep_percent = 98.046875
// mulsmith: mre_percent = 130.35237
module mul8x2u_euci2(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p7_1;
  assign p7_1 = B[1] & A[7];
  assign O[0] = A[5];
  assign O[1] = A[4];
  assign O[2] = A[2];
  assign O[3] = A[6];
  assign O[4] = A[6];
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = B[0];
  assign O[8] = 1'b0;
  assign O[9] = p7_1;
endmodule
