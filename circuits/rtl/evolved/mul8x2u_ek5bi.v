// mul8x2u_ek5bi: evolved under mae <= 1.9375, wce <= 6; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 1.8125
// mulsmith: wce = 6
// mulsmith: ep_percent = 75
// mulsmith: mre_percent = 3.1015256
module mul8x2u_ek5bi(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p2_1;
  wire p3_0;
  wire s0, c0;
  wire p4_0;
  wire p3_1;
  wire s1, c1;
  wire p5_0;
  wire p4_1;
  wire s2, c2;
  wire p6_0;
  wire p5_1;
  wire s3, c3;
  wire p7_0;
  wire p6_1;
  wire s4, c4;
  wire p7_1;
  wire s5, c5;
  assign p2_1 = A[2] & B[1];
  assign p3_0 = A[3] & B[0];
  assign {c0, s0} = p2_1 + p3_0;
  assign p4_0 = B[0] & A[4];
  assign p3_1 = A[3] & B[1];
  assign {c1, s1} = c0 + p4_0 + p3_1;
  assign p5_0 = B[0] & A[5];
  assign p4_1 = B[1] & A[4];
  assign {c2, s2} = c1 + p5_0 + p4_1;
  assign p6_0 = B[0] & A[6];
  assign p5_1 = A[5] & B[1];
  assign {c3, s3} = p6_0 + c2 + p5_1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign {c4, s4} = c3 + p7_0 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c5, s5} = c4 + p7_1;
  assign O[0] = p2_1;
  assign O[1] = A[1];
  assign O[2] = B[0];
  assign O[3] = s0;
  assign O[4] = s1;
  assign O[5] = s2;
  assign O[6] = s3;
  assign O[7] = s4;
  assign O[8] = s5;
  assign O[9] = c5;
endmodule
