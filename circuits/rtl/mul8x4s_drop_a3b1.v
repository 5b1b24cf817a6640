// mul8x4s_drop_a3b1: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=4, signed=true, a_cut=3, b_cut=1, filling=zero)
// mulsmith: signed = true
// mulsmith: mae = 39.738281
// mulsmith: wce = 177
// mulsmith: ep_percent = 88.085938
// mulsmith: mre_percent = 33.716212
// mulsmith: mse = 3112.25
module mul8x4s_drop_a3b1(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p3_1;
  wire p4_1;
  wire p3_2;
  wire s0, c0;
  wire p5_1;
  wire p4_2;
  wire np3_3;
  wire s1, c1;
  wire n24;
  wire p6_1;
  wire n26;
  wire p5_2;
  wire np4_3;
  wire s2, c2;
  wire n31;
  wire n32;
  wire s3, c3;
  wire n35;
  wire np7_1;
  wire p6_2;
  wire np5_3;
  wire s4, c4;
  wire s5, c5;
  wire s6, c6;
  wire np7_2;
  wire np6_3;
  wire s7, c7;
  wire s8, c8;
  wire p7_3;
  wire s9, c9;
  wire n54;
  assign p3_1 = A[3] & B[1];
  assign p4_1 = A[4] & B[1];
  assign p3_2 = A[3] & B[2];
  assign {c0, s0} = p4_1 + p3_2;
  assign p5_1 = A[5] & B[1];
  assign p4_2 = A[4] & B[2];
  assign np3_3 = ~(A[3] & B[3]);
  assign {c1, s1} = p5_1 + p4_2 + np3_3;
  assign n24 = ~(c0 ^ s1);
  assign p6_1 = A[6] & B[1];
  assign n26 = ~p6_1;
  assign p5_2 = A[5] & B[2];
  assign np4_3 = ~(A[4] & B[3]);
  assign {c2, s2} = p5_2 + np4_3;
  assign n31 = ~(n26 ^ s2);
  assign n32 = c0 | s1;
  assign {c3, s3} = c1 + n31 + n32;
  assign n35 = n26 | s2;
  assign np7_1 = ~(A[7] & B[1]);
  assign p6_2 = A[6] & B[2];
  assign np5_3 = ~(A[5] & B[3]);
  assign {c4, s4} = np7_1 + p6_2 + np5_3;
  assign {c5, s5} = p6_1 + c2 + s4;
  assign {c6, s6} = n35 + s5 + c3;
  assign np7_2 = ~(A[7] & B[2]);
  assign np6_3 = ~(A[6] & B[3]);
  assign {c7, s7} = np7_2 + np6_3 + c4;
  assign {c8, s8} = c5 + s7 + c6;
  assign p7_3 = A[7] & B[3];
  assign {c9, s9} = p7_3 + c7 + c8;
  assign n54 = ~c9;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = p3_1;
  assign O[5] = s0;
  assign O[6] = n24;
  assign O[7] = s3;
  assign O[8] = s6;
  assign O[9] = s8;
  assign O[10] = s9;
  assign O[11] = n54;
endmodule
