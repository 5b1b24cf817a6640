// mul8x6u_eywle: evolved under mae <= 475.7926025, wce <= 1865; 200000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 474.22241
// mulsmith: wce = 1844
// mulsmith: ep_percent = 99.365234
// mulsmith: mre_percent = 52.329218
module mul8x6u_eywle(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p6_5;
  wire p6_4;
  wire p5_5;
  wire s0, c0;
  wire p7_5;
  wire p7_4;
  wire p7_3;
  wire s1, c1;
  wire s2, c2;
  assign p6_5 = A[6] & B[5];
  assign p6_4 = A[6] & B[4];
  assign p5_5 = A[5] & B[5];
  assign {c0, s0} = p6_5 + p6_4 + p5_5;
  assign p7_5 = A[7] & B[5];
  assign p7_4 = B[4] & A[7];
  assign p7_3 = B[3] & A[7];
  assign {c1, s1} = s0 + p7_4 + p7_3;
  assign {c2, s2} = c0 + c1 + p7_5;
  assign O[0] = 1'b0;
  assign O[1] = B[1];
  assign O[2] = c0;
  assign O[3] = A[1];
  assign O[4] = p7_5;
  assign O[5] = B[3];
  assign O[6] = A[4];
  assign O[7] = B[1];
  assign O[8] = A[4];
  assign O[9] = B[2];
  assign O[10] = 1'b0;
  assign O[11] = s1;
  assign O[12] = s2;
  assign O[13] = c2;
endmodule
