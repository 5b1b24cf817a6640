// mul8x4u_trunc4: Partial products below column `cut` left out; their mean or top column may stand for them.
// After M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993 (constant); E. J. King, E. E. Swartzlander, Asilomar 1997 (variable).
// mulsmith: generate = truncated(a_bits=8, b_bits=4, signed=false, cut=4, correction=none, reduction=dadda)
// mulsmith: signed = false
// mulsmith: mae = 12.25
// mulsmith: wce = 49
// mulsmith: ep_percent = 81.25
// mulsmith: mre_percent = 4.7991091
// mulsmith: mse = 248.25
module mul8x4u_trunc4(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p4_0;
  wire p3_1;
  wire s0, c0;
  wire p2_2;
  wire p1_3;
  wire s1, c1;
  wire s2, c2;
  wire p2_3;
  wire p5_0;
  wire p4_1;
  wire p3_2;
  wire s3, c3;
  wire s4, c4;
  wire s5, c5;
  wire p3_3;
  wire p6_0;
  wire p5_1;
  wire p4_2;
  wire s6, c6;
  wire s7, c7;
  wire s8, c8;
  wire p4_3;
  wire p7_0;
  wire p6_1;
  wire p5_2;
  wire s9, c9;
  wire s10, c10;
  wire s11, c11;
  wire p5_3;
  wire p7_1;
  wire p6_2;
  wire s12, c12;
  wire s13, c13;
  wire s14, c14;
  wire p7_2;
  wire p6_3;
  wire s15, c15;
  wire s16, c16;
  wire p7_3;
  wire s17, c17;
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign {c0, s0} = p4_0 + p3_1;
  assign p2_2 = A[2] & B[2];
  assign p1_3 = A[1] & B[3];
  assign {c1, s1} = p2_2 + p1_3;
  assign {c2, s2} = s0 + s1;
  assign p2_3 = A[2] & B[3];
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign p3_2 = A[3] & B[2];
  assign {c3, s3} = p5_0 + p4_1 + p3_2;
  assign {c4, s4} = p2_3 + c0 + s3;
  assign {c5, s5} = c1 + s4 + c2;
  assign p3_3 = A[3] & B[3];
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign p4_2 = A[4] & B[2];
  assign {c6, s6} = p6_0 + p5_1 + p4_2;
  assign {c7, s7} = p3_3 + c3 + s6;
  assign {c8, s8} = c4 + s7 + c5;
  assign p4_3 = A[4] & B[3];
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign p5_2 = A[5] & B[2];
  assign {c9, s9} = p7_0 + p6_1 + p5_2;
  assign {c10, s10} = p4_3 + c6 + s9;
  assign {c11, s11} = c7 + s10 + c8;
  assign p5_3 = A[5] & B[3];
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c12, s12} = p7_1 + p6_2;
  assign {c13, s13} = p5_3 + c9 + s12;
  assign {c14, s14} = c10 + s13 + c11;
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign {c15, s15} = p7_2 + p6_3 + c12;
  assign {c16, s16} = c13 + s15 + c14;
  assign p7_3 = A[7] & B[3];
  assign {c17, s17} = p7_3 + c15 + c16;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = s2;
  assign O[5] = s5;
  assign O[6] = s8;
  assign O[7] = s11;
  assign O[8] = s14;
  assign O[9] = s16;
  assign O[10] = s17;
  assign O[11] = c17;
endmodule
