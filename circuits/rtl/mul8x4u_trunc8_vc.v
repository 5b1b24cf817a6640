// mul8x4u_trunc8_vc: Partial products below column `cut` left out; their mean or top column may stand for them.
// After M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993 (constant); E. J. King, E. E. Swartzlander, Asilomar 1997 (variable).
// mulsmith: generate = truncated(a_bits=8, b_bits=4, signed=false, cut=8, correction=variable, reduction=dadda)
// mulsmith: signed = false
// mulsmith: mae = 71.355469
// mulsmith: wce = 272
// mulsmith: ep_percent = 92.96875
// mulsmith: mre_percent = 23.17147
// mulsmith: mse = 8034.25
module mul8x4u_trunc8_vc(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p5_2;
  wire p4_3;
  wire s0, c0;
  wire p7_1;
  wire p6_2;
  wire s1, c1;
  wire p5_3;
  wire p7_0;
  wire p6_1;
  wire s2, c2;
  wire s3, c3;
  wire s4, c4;
  wire p7_2;
  wire p6_3;
  wire s5, c5;
  wire s6, c6;
  wire s7, c7;
  wire p7_3;
  wire s8, c8;
  wire s9, c9;
  wire n44;
  assign p5_2 = A[5] & B[2];
  assign p4_3 = A[4] & B[3];
  assign {c0, s0} = p5_2 + p4_3;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c1, s1} = p7_1 + p6_2;
  assign p5_3 = A[5] & B[3];
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign {c2, s2} = p5_3 + p7_0 + p6_1;
  assign {c3, s3} = s1 + s2;
  assign {c4, s4} = s0 + s3;
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign {c5, s5} = p7_2 + p6_3 + c1;
  assign {c6, s6} = c2 + c0 + s5;
  assign {c7, s7} = c3 + s6 + c4;
  assign p7_3 = A[7] & B[3];
  assign {c8, s8} = p7_3 + c5;
  assign {c9, s9} = c6 + s8 + c7;
  assign n44 = c8 ^ c9;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = s4;
  assign O[9] = s7;
  assign O[10] = s9;
  assign O[11] = n44;
endmodule
