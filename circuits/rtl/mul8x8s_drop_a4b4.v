// mul8x8s_drop_a4b4: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=8, signed=true, a_cut=4, b_cut=4, filling=zero)
// mulsmith: signed = true
// mulsmith: mae = 719.76978
// mulsmith: wce = 3615
// mulsmith: ep_percent = 98.876953
// mulsmith: mre_percent = 58.212356
// mulsmith: mse = 847726.25
module mul8x8s_drop_a4b4(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p4_4;
  wire n19;
  wire p5_4;
  wire p4_5;
  wire n22;
  wire n23;
  wire n24;
  wire n25;
  wire p6_4;
  wire n27;
  wire n28;
  wire p5_5;
  wire p4_6;
  wire n31;
  wire s0, c0;
  wire n34;
  wire s1, c1;
  wire np7_4;
  wire p6_5;
  wire s2, c2;
  wire n41;
  wire p5_6;
  wire np4_7;
  wire s3, c3;
  wire s4, c4;
  wire s5, c5;
  wire np7_5;
  wire p6_6;
  wire np5_7;
  wire s6, c6;
  wire s7, c7;
  wire s8, c8;
  wire np7_6;
  wire np6_7;
  wire s9, c9;
  wire s10, c10;
  wire p7_7;
  wire s11, c11;
  wire n68;
  assign p4_4 = A[4] & B[4];
  assign n19 = ~p4_4;
  assign p5_4 = A[5] & B[4];
  assign p4_5 = A[4] & B[5];
  assign n22 = ~(p5_4 ^ p4_5);
  assign n23 = ~(p4_4 ^ n22);
  assign n24 = ~(n19 ^ n23);
  assign n25 = p4_4 | n22;
  assign p6_4 = A[6] & B[4];
  assign n27 = ~p6_4;
  assign n28 = p5_4 | p4_5;
  assign p5_5 = A[5] & B[5];
  assign p4_6 = A[4] & B[6];
  assign n31 = ~(p5_5 ^ p4_6);
  assign {c0, s0} = n27 + n28 + n31;
  assign n34 = n19 | n23;
  assign {c1, s1} = n25 + s0 + n34;
  assign np7_4 = ~(A[7] & B[4]);
  assign p6_5 = A[6] & B[5];
  assign {c2, s2} = np7_4 + p6_5;
  assign n41 = p5_5 | p4_6;
  assign p5_6 = A[5] & B[6];
  assign np4_7 = ~(A[4] & B[7]);
  assign {c3, s3} = p6_4 + p5_6 + np4_7;
  assign {c4, s4} = s2 + n41 + s3;
  assign {c5, s5} = c0 + s4 + c1;
  assign np7_5 = ~(A[7] & B[5]);
  assign p6_6 = A[6] & B[6];
  assign np5_7 = ~(A[5] & B[7]);
  assign {c6, s6} = np7_5 + p6_6 + np5_7;
  assign {c7, s7} = c2 + c3 + s6;
  assign {c8, s8} = c4 + s7 + c5;
  assign np7_6 = ~(A[7] & B[6]);
  assign np6_7 = ~(A[6] & B[7]);
  assign {c9, s9} = np7_6 + np6_7 + c6;
  assign {c10, s10} = c7 + s9 + c8;
  assign p7_7 = A[7] & B[7];
  assign {c11, s11} = p7_7 + c9 + c10;
  assign n68 = ~c11;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = p4_4;
  assign O[9] = n24;
  assign O[10] = s1;
  assign O[11] = s5;
  assign O[12] = s8;
  assign O[13] = s10;
  assign O[14] = s11;
  assign O[15] = n68;
endmodule
