// mul8x6s_half_a6b4: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=6, signed=true, a_cut=6, b_cut=4, filling=half)
// mulsmith: signed = true
// mulsmith: mae = 376.10742
// mulsmith: wce = 1792
// mulsmith: ep_percent = 99.804688
// mulsmith: mre_percent = 163.79618
// mulsmith: mse = 226702.25
module mul8x6s_half_a6b4(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire n16;
  wire n17;
  wire n18;
  wire n19;
  wire n20;
  wire p6_4;
  wire s0, c0;
  wire s1, c1;
  wire n26;
  wire np7_4;
  wire np6_5;
  wire s2, c2;
  wire n31;
  wire s3, c3;
  wire p7_5;
  wire s4, c4;
  wire n37;
  assign n16 = ~A[6];
  assign n17 = ~(B[4] ^ n16);
  assign n18 = B[4] | n16;
  assign n19 = ~B[5];
  assign n20 = ~A[7];
  assign p6_4 = A[6] & B[4];
  assign {c0, s0} = n20 + p6_4;
  assign {c1, s1} = A[6] + n19 + s0;
  assign n26 = ~(n18 ^ s1);
  assign np7_4 = ~(A[7] & B[4]);
  assign np6_5 = ~(A[6] & B[5]);
  assign {c2, s2} = np7_4 + np6_5 + c0;
  assign n31 = n18 | s1;
  assign {c3, s3} = c1 + s2 + n31;
  assign p7_5 = A[7] & B[5];
  assign {c4, s4} = p7_5 + c2 + c3;
  assign n37 = ~c4;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b1;
  assign O[9] = n17;
  assign O[10] = n26;
  assign O[11] = s3;
  assign O[12] = s4;
  assign O[13] = n37;
endmodule
