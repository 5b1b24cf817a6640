// mul8x8u_trunc12_vc: Partial products below column `cut` left out; their mean or top column may stand for them.
// After M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993 (constant); E. J. King, E. E. Swartzlander, Asilomar 1997 (variable).
// mulsmith: generate = truncated(a_bits=8, b_bits=8, signed=false, cut=12, correction=variable, reduction=dadda)
// mulsmith: signed = false
// mulsmith: mae = 1395.7432
// mulsmith: wce = 6049
// mulsmith: ep_percent = 99.194336
// mulsmith: mre_percent = 27.549449
// mulsmith: mse = 3010574.2
module mul8x8u_trunc12_vc(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p5_6;
  wire p4_7;
  wire s0, c0;
  wire p7_5;
  wire p6_6;
  wire s1, c1;
  wire p5_7;
  wire p7_4;
  wire p6_5;
  wire s2, c2;
  wire s3, c3;
  wire s4, c4;
  wire p7_6;
  wire p6_7;
  wire s5, c5;
  wire s6, c6;
  wire s7, c7;
  wire p7_7;
  wire s8, c8;
  wire s9, c9;
  wire n48;
  assign p5_6 = A[5] & B[6];
  assign p4_7 = A[4] & B[7];
  assign {c0, s0} = p5_6 + p4_7;
  assign p7_5 = A[7] & B[5];
  assign p6_6 = A[6] & B[6];
  assign {c1, s1} = p7_5 + p6_6;
  assign p5_7 = A[5] & B[7];
  assign p7_4 = A[7] & B[4];
  assign p6_5 = A[6] & B[5];
  assign {c2, s2} = p5_7 + p7_4 + p6_5;
  assign {c3, s3} = s1 + s2;
  assign {c4, s4} = s0 + s3;
  assign p7_6 = A[7] & B[6];
  assign p6_7 = A[6] & B[7];
  assign {c5, s5} = p7_6 + p6_7 + c1;
  assign {c6, s6} = c2 + c0 + s5;
  assign {c7, s7} = c3 + s6 + c4;
  assign p7_7 = A[7] & B[7];
  assign {c8, s8} = p7_7 + c5;
  assign {c9, s9} = c6 + s8 + c7;
  assign n48 = c8 ^ c9;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b0;
  assign O[9] = 1'b0;
  assign O[10] = 1'b0;
  assign O[11] = 1'b0;
  assign O[12] = s4;
  assign O[13] = s7;
  assign O[14] = s9;
  assign O[15] = n48;
endmodule
