// mul8x5u_trunc6_cc: Partial products below column `cut` left out; their mean or top column may stand for them.
// After M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993 (constant); E. J. King, E. E. Swartzlander, Asilomar 1997 (variable).
// mulsmith: generate = truncated(a_bits=8, b_bits=5, signed=false, cut=6, correction=constant, reduction=dadda)
// mulsmith: signed = false
// mulsmith: mae = 39.131836
// mulsmith: wce = 225
// mulsmith: ep_percent = 100
// mulsmith: mre_percent = 12.390428
// mulsmith: mse = 2470.25
module mul8x5u_trunc6_cc(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire p3_3;
  wire p2_4;
  wire s0, c0;
  wire p6_0;
  wire p5_1;
  wire p4_2;
  wire s1, c1;
  wire n24;
  wire s2, c2;
  wire p7_0;
  wire p6_1;
  wire p5_2;
  wire s3, c3;
  wire p4_3;
  wire p3_4;
  wire s4, c4;
  wire s5, c5;
  wire s6, c6;
  wire p7_1;
  wire p6_2;
  wire s7, c7;
  wire p5_3;
  wire p4_4;
  wire s8, c8;
  wire s9, c9;
  wire s10, c10;
  wire p7_2;
  wire p6_3;
  wire p5_4;
  wire s11, c11;
  wire s12, c12;
  wire s13, c13;
  wire p7_3;
  wire p6_4;
  wire s14, c14;
  wire s15, c15;
  wire p7_4;
  wire s16, c16;
  assign p3_3 = A[3] & B[3];
  assign p2_4 = A[2] & B[4];
  assign {c0, s0} = p3_3 + p2_4;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign p4_2 = A[4] & B[2];
  assign {c1, s1} = p6_0 + p5_1 + p4_2;
  assign n24 = ~s1;
  assign {c2, s2} = s0 + n24;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign p5_2 = A[5] & B[2];
  assign {c3, s3} = p7_0 + p6_1 + p5_2;
  assign p4_3 = A[4] & B[3];
  assign p3_4 = A[3] & B[4];
  assign {c4, s4} = p4_3 + p3_4 + c1;
  assign {c5, s5} = s3 + c0 + s4;
  assign {c6, s6} = s1 + s5 + c2;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c7, s7} = p7_1 + p6_2;
  assign p5_3 = A[5] & B[3];
  assign p4_4 = A[4] & B[4];
  assign {c8, s8} = p5_3 + p4_4 + c3;
  assign {c9, s9} = s7 + c4 + s8;
  assign {c10, s10} = c5 + s9 + c6;
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign p5_4 = A[5] & B[4];
  assign {c11, s11} = p7_2 + p6_3 + p5_4;
  assign {c12, s12} = c7 + c8 + s11;
  assign {c13, s13} = c9 + s12 + c10;
  assign p7_3 = A[7] & B[3];
  assign p6_4 = A[6] & B[4];
  assign {c14, s14} = p7_3 + p6_4 + c11;
  assign {c15, s15} = c12 + s14 + c13;
  assign p7_4 = A[7] & B[4];
  assign {c16, s16} = p7_4 + c14 + c15;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = s2;
  assign O[7] = s6;
  assign O[8] = s10;
  assign O[9] = s13;
  assign O[10] = s15;
  assign O[11] = s16;
  assign O[12] = c16;
endmodule
