// mul8x8s_half_a6b6: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=8, signed=true, a_cut=6, b_cut=6, filling=half)
// mulsmith: signed = true
// mulsmith: mae = 1502.2051
// mulsmith: wce = 7168
// mulsmith: ep_percent = 99.951172
// mulsmith: mre_percent = 220.17507
// mulsmith: mse = 3613582.2
module mul8x8s_half_a6b6(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire n18;
  wire n19;
  wire n20;
  wire n21;
  wire n22;
  wire p6_6;
  wire s0, c0;
  wire s1, c1;
  wire n28;
  wire np7_6;
  wire np6_7;
  wire s2, c2;
  wire n33;
  wire s3, c3;
  wire p7_7;
  wire s4, c4;
  wire n39;
  assign n18 = ~A[6];
  assign n19 = ~(B[6] ^ n18);
  assign n20 = B[6] | n18;
  assign n21 = ~B[7];
  assign n22 = ~A[7];
  assign p6_6 = A[6] & B[6];
  assign {c0, s0} = n22 + p6_6;
  assign {c1, s1} = A[6] + n21 + s0;
  assign n28 = ~(n20 ^ s1);
  assign np7_6 = ~(A[7] & B[6]);
  assign np6_7 = ~(A[6] & B[7]);
  assign {c2, s2} = np7_6 + np6_7 + c0;
  assign n33 = n20 | s1;
  assign {c3, s3} = c1 + s2 + n33;
  assign p7_7 = A[7] & B[7];
  assign {c4, s4} = p7_7 + c2 + c3;
  assign n39 = ~c4;
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
  assign O[10] = 1'b1;
  assign O[11] = n19;
  assign O[12] = n28;
  assign O[13] = s3;
  assign O[14] = s4;
  assign O[15] = n39;
endmodule
