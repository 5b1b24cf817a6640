// mul8x8u_half_a5b6: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=8, signed=false, a_cut=5, b_cut=6, filling=half)
// mulsmith: signed = false
// mulsmith: mae = 2366.3674
// mulsmith: wce = 11265
// mulsmith: ep_percent = 99.928284
// mulsmith: mre_percent = 73.244545
// mulsmith: mse = 9252366.2
module mul8x8u_half_a5b6(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire s0, c0;
  wire p5_6;
  wire s1, c1;
  wire s2, c2;
  wire p6_6;
  wire p5_7;
  wire s3, c3;
  wire s4, c4;
  wire p7_6;
  wire p6_7;
  wire s5, c5;
  wire s6, c6;
  wire p7_7;
  wire s7, c7;
  assign {c0, s0} = A[5] + B[6];
  assign p5_6 = A[5] & B[6];
  assign {c1, s1} = A[6] + p5_6;
  assign {c2, s2} = B[7] + s1 + c0;
  assign p6_6 = A[6] & B[6];
  assign p5_7 = A[5] & B[7];
  assign {c3, s3} = A[7] + p6_6 + p5_7;
  assign {c4, s4} = c1 + s3 + c2;
  assign p7_6 = A[7] & B[6];
  assign p6_7 = A[6] & B[7];
  assign {c5, s5} = p7_6 + p6_7;
  assign {c6, s6} = c3 + s5 + c4;
  assign p7_7 = A[7] & B[7];
  assign {c7, s7} = p7_7 + c5 + c6;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b0;
  assign O[9] = 1'b1;
  assign O[10] = s0;
  assign O[11] = s2;
  assign O[12] = s4;
  assign O[13] = s6;
  assign O[14] = s7;
  assign O[15] = c7;
endmodule
