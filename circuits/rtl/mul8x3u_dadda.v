// mul8x3u_dadda: Exact product, Dadda tree with a final ripple-carry adder.
// After L. Dadda, Alta Frequenza 34, 1965.
// mulsmith: generate = dadda(a_bits=8, b_bits=3, signed=false)
// mulsmith: signed = false
// mulsmith: mae = 0
// mulsmith: wce = 0
// mulsmith: ep_percent = 0
// mulsmith: mre_percent = 0
// mulsmith: mse = 0
module mul8x3u_dadda(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p0_0;
  wire p1_0;
  wire p0_1;
  wire s0, c0;
  wire p0_2;
  wire p2_0;
  wire p1_1;
  wire s1, c1;
  wire s2, c2;
  wire p3_0;
  wire p2_1;
  wire p1_2;
  wire s3, c3;
  wire s4, c4;
  wire p4_0;
  wire p3_1;
  wire p2_2;
  wire s5, c5;
  wire s6, c6;
  wire p5_0;
  wire p4_1;
  wire p3_2;
  wire s7, c7;
  wire s8, c8;
  wire p6_0;
  wire p5_1;
  wire p4_2;
  wire s9, c9;
  wire s10, c10;
  wire p7_0;
  wire p6_1;
  wire p5_2;
  wire s11, c11;
  wire s12, c12;
  wire p7_1;
  wire p6_2;
  wire s13, c13;
  wire s14, c14;
  wire p7_2;
  wire s15, c15;
  assign p0_0 = A[0] & B[0];
  assign p1_0 = A[1] & B[0];
  assign p0_1 = A[0] & B[1];
  assign {c0, s0} = p1_0 + p0_1;
  assign p0_2 = A[0] & B[2];
  assign p2_0 = A[2] & B[0];
  assign p1_1 = A[1] & B[1];
  assign {c1, s1} = p2_0 + p1_1;
  assign {c2, s2} = p0_2 + s1 + c0;
  assign p3_0 = A[3] & B[0];
  assign p2_1 = A[2] & B[1];
  assign p1_2 = A[1] & B[2];
  assign {c3, s3} = p3_0 + p2_1 + p1_2;
  assign {c4, s4} = c1 + s3 + c2;
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign p2_2 = A[2] & B[2];
  assign {c5, s5} = p4_0 + p3_1 + p2_2;
  assign {c6, s6} = c3 + s5 + c4;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign p3_2 = A[3] & B[2];
  assign {c7, s7} = p5_0 + p4_1 + p3_2;
  assign {c8, s8} = c5 + s7 + c6;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign p4_2 = A[4] & B[2];
  assign {c9, s9} = p6_0 + p5_1 + p4_2;
  assign {c10, s10} = c7 + s9 + c8;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign p5_2 = A[5] & B[2];
  assign {c11, s11} = p7_0 + p6_1 + p5_2;
  assign {c12, s12} = c9 + s11 + c10;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c13, s13} = p7_1 + p6_2;
  assign {c14, s14} = c11 + s13 + c12;
  assign p7_2 = A[7] & B[2];
  assign {c15, s15} = p7_2 + c13 + c14;
  assign O[0] = p0_0;
  assign O[1] = s0;
  assign O[2] = s2;
  assign O[3] = s4;
  assign O[4] = s6;
  assign O[5] = s8;
  assign O[6] = s10;
  assign O[7] = s12;
  assign O[8] = s14;
  assign O[9] = s15;
  assign O[10] = c15;
endmodule
