// mul8x4s_half_a4b0: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=4, signed=true, a_cut=4, b_cut=0, filling=half)
// mulsmith: signed = true
// mulsmith: mae = 16
// mulsmith: wce = 64
// mulsmith: ep_percent = 87.890625
// mulsmith: mre_percent = 19.281891
// mulsmith: mse = 462.25
module mul8x4s_half_a4b0(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p4_0;
  wire n15;
  wire n16;
  wire n17;
  wire p5_0;
  wire p4_1;
  wire s0, c0;
  wire n22;
  wire s1, c1;
  wire n25;
  wire n26;
  wire p6_0;
  wire p5_1;
  wire p4_2;
  wire s2, c2;
  wire s3, c3;
  wire s4, c4;
  wire np7_0;
  wire p6_1;
  wire s5, c5;
  wire p5_2;
  wire np4_3;
  wire n42;
  wire s6, c6;
  wire s7, c7;
  wire n47;
  wire np7_1;
  wire p6_2;
  wire np5_3;
  wire s8, c8;
  wire s9, c9;
  wire s10, c10;
  wire np7_2;
  wire np6_3;
  wire s11, c11;
  wire s12, c12;
  wire p7_3;
  wire s13, c13;
  wire n66;
  assign p4_0 = A[4] & B[0];
  assign n15 = ~(B[1] ^ p4_0);
  assign n16 = ~n15;
  assign n17 = B[1] | p4_0;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign {c0, s0} = p5_0 + p4_1;
  assign n22 = ~(B[2] ^ s0);
  assign {c1, s1} = n15 + n17 + n22;
  assign n25 = B[2] | s0;
  assign n26 = ~B[3];
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign p4_2 = A[4] & B[2];
  assign {c2, s2} = p6_0 + p5_1 + p4_2;
  assign {c3, s3} = n26 + c0 + s2;
  assign {c4, s4} = n25 + s3 + c1;
  assign np7_0 = ~(A[7] & B[0]);
  assign p6_1 = A[6] & B[1];
  assign {c5, s5} = np7_0 + p6_1;
  assign p5_2 = A[5] & B[2];
  assign np4_3 = ~(A[4] & B[3]);
  assign n42 = ~(p5_2 ^ np4_3);
  assign {c6, s6} = s5 + c2 + n42;
  assign {c7, s7} = c3 + s6 + c4;
  assign n47 = p5_2 | np4_3;
  assign np7_1 = ~(A[7] & B[1]);
  assign p6_2 = A[6] & B[2];
  assign np5_3 = ~(A[5] & B[3]);
  assign {c8, s8} = np7_1 + p6_2 + np5_3;
  assign {c9, s9} = c5 + n47 + s8;
  assign {c10, s10} = c6 + s9 + c7;
  assign np7_2 = ~(A[7] & B[2]);
  assign np6_3 = ~(A[6] & B[3]);
  assign {c11, s11} = np7_2 + np6_3 + c8;
  assign {c12, s12} = c9 + s11 + c10;
  assign p7_3 = A[7] & B[3];
  assign {c13, s13} = p7_3 + c11 + c12;
  assign n66 = ~c13;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = B[0];
  assign O[4] = n16;
  assign O[5] = s1;
  assign O[6] = s4;
  assign O[7] = s7;
  assign O[8] = s10;
  assign O[9] = s12;
  assign O[10] = s13;
  assign O[11] = n66;
endmodule
