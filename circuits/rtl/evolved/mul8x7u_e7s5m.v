// mul8x7u_e7s5m: evolved under mae <= 2223.4776, wce <= 8258; 150000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 2118.873
// mulsmith: wce = 7322
// mulsmith: ep_percent = 99.975586
// mulsmith: mre_percent = 89.467946
module mul8x7u_e7s5m(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p7_6;
  wire p6_5;
  wire p5_6;
  wire s0, c0;
  wire s1, c1;
  assign p7_6 = A[7] & B[6];
  assign p6_5 = A[6] & B[5];
  assign p5_6 = B[6] & A[5];
  assign {c0, s0} = p5_6 + A[7];
  assign {c1, s1} = p6_5 + c0 + p7_6;
  assign O[0] = B[6];
  assign O[1] = B[1];
  assign O[2] = B[3];
  assign O[3] = p7_6;
  assign O[4] = p6_5;
  assign O[5] = A[1];
  assign O[6] = B[5];
  assign O[7] = 1'b1;
  assign O[8] = A[7];
  assign O[9] = A[3];
  assign O[10] = B[4];
  assign O[11] = 1'b0;
  assign O[12] = s0;
  assign O[13] = s1;
  assign O[14] = c1;
endmodule
