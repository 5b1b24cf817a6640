// mul8x6u_trunc9_vc: Partial products below column `cut` left out; their mean or top column may stand for them.
// After M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993 (constant); E. J. King, E. E. Swartzlander, Asilomar 1997 (variable).
// mulsmith: generate = truncated(a_bits=8, b_bits=6, signed=false, cut=9, correction=variable, reduction=dadda)
// mulsmith: signed = false
// mulsmith: mae = 164.64136
// mulsmith: wce = 669
// mulsmith: ep_percent = 97.753906
// mulsmith: mre_percent = 16.358458
// mulsmith: mse = 41694.25
module mul8x6u_trunc9_vc(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p3_5;
  wire p7_2;
  wire p6_3;
  wire p5_4;
  wire s0, c0;
  wire s1, c1;
  wire p4_5;
  wire p7_1;
  wire s2, c2;
  wire p6_2;
  wire p5_3;
  wire p4_4;
  wire s3, c3;
  wire s4, c4;
  wire s5, c5;
  wire p7_3;
  wire p6_4;
  wire p5_5;
  wire s6, c6;
  wire s7, c7;
  wire s8, c8;
  wire s9, c9;
  wire p7_4;
  wire p6_5;
  wire s10, c10;
  wire s11, c11;
  wire s12, c12;
  wire p7_5;
  wire s13, c13;
  wire s14, c14;
  wire n61;
  assign p3_5 = A[3] & B[5];
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign p5_4 = A[5] & B[4];
  assign {c0, s0} = p7_2 + p6_3 + p5_4;
  assign {c1, s1} = p3_5 + s0;
  assign p4_5 = A[4] & B[5];
  assign p7_1 = A[7] & B[1];
  assign {c2, s2} = p4_5 + p7_1;
  assign p6_2 = A[6] & B[2];
  assign p5_3 = A[5] & B[3];
  assign p4_4 = A[4] & B[4];
  assign {c3, s3} = p6_2 + p5_3 + p4_4;
  assign {c4, s4} = s2 + s3;
  assign {c5, s5} = s1 + s4;
  assign p7_3 = A[7] & B[3];
  assign p6_4 = A[6] & B[4];
  assign p5_5 = A[5] & B[5];
  assign {c6, s6} = p7_3 + p6_4 + p5_5;
  assign {c7, s7} = c0 + c2 + c3;
  assign {c8, s8} = s6 + c1 + s7;
  assign {c9, s9} = c4 + s8 + c5;
  assign p7_4 = A[7] & B[4];
  assign p6_5 = A[6] & B[5];
  assign {c10, s10} = p7_4 + p6_5;
  assign {c11, s11} = c6 + c7 + s10;
  assign {c12, s12} = c8 + s11 + c9;
  assign p7_5 = A[7] & B[5];
  assign {c13, s13} = p7_5 + c10;
  assign {c14, s14} = c11 + s13 + c12;
  assign n61 = c13 ^ c14;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b0;
  assign O[9] = s5;
  assign O[10] = s9;
  assign O[11] = s12;
  assign O[12] = s14;
  assign O[13] = n61;
endmodule
