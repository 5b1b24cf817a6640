// mul8x3u_half_a5b0: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=3, signed=false, a_cut=5, b_cut=0, filling=half)
// mulsmith: signed = false
// mulsmith: mae = 28
// mulsmith: wce = 112
// mulsmith: ep_percent = 84.765625
// mulsmith: mre_percent = 23.431225
// mulsmith: mse = 1496.25
module mul8x3u_half_a5b0(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p5_0;
  wire s0, c0;
  wire p6_0;
  wire p5_1;
  wire s1, c1;
  wire s2, c2;
  wire p7_0;
  wire p6_1;
  wire p5_2;
  wire s3, c3;
  wire s4, c4;
  wire p7_1;
  wire p6_2;
  wire s5, c5;
  wire s6, c6;
  wire p7_2;
  wire s7, c7;
  assign p5_0 = A[5] & B[0];
  assign {c0, s0} = B[1] + p5_0;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c1, s1} = p6_0 + p5_1;
  assign {c2, s2} = B[2] + s1 + c0;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign p5_2 = A[5] & B[2];
  assign {c3, s3} = p7_0 + p6_1 + p5_2;
  assign {c4, s4} = c1 + s3 + c2;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c5, s5} = p7_1 + p6_2;
  assign {c6, s6} = c3 + s5 + c4;
  assign p7_2 = A[7] & B[2];
  assign {c7, s7} = p7_2 + c5 + c6;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = B[0];
  assign O[5] = s0;
  assign O[6] = s2;
  assign O[7] = s4;
  assign O[8] = s6;
  assign O[9] = s7;
  assign O[10] = c7;
endmodule
