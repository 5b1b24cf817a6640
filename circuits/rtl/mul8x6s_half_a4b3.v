// mul8x6s_half_a4b3: Exact product of the operands without their lowest `a_cut` and `b_cut` bits.
// After the usual reduction of operand precision.
// mulsmith: generate = operand_truncation(a_bits=8, b_bits=6, signed=true, a_cut=4, b_cut=3, filling=half)
// mulsmith: signed = true
// mulsmith: mae = 149.46436
// mulsmith: wce = 736
// mulsmith: ep_percent = 98.901367
// mulsmith: mre_percent = 40.674137
// mulsmith: mse = 37262.25
module mul8x6s_half_a4b3(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire n16;
  wire n17;
  wire n18;
  wire p4_3;
  wire n20;
  wire n21;
  wire n22;
  wire s0, c0;
  wire n25;
  wire p5_3;
  wire n27;
  wire p4_4;
  wire n29;
  wire n30;
  wire s1, c1;
  wire s2, c2;
  wire s3, c3;
  wire n37;
  wire p6_3;
  wire s4, c4;
  wire p5_4;
  wire np4_5;
  wire n43;
  wire s5, c5;
  wire s6, c6;
  wire s7, c7;
  wire np7_3;
  wire p6_4;
  wire np5_5;
  wire s8, c8;
  wire s9, c9;
  wire s10, c10;
  wire np7_4;
  wire np6_5;
  wire s11, c11;
  wire s12, c12;
  wire p7_5;
  wire s13, c13;
  wire n68;
  assign n16 = ~(A[4] ^ B[3]);
  assign n17 = ~n16;
  assign n18 = A[4] | B[3];
  assign p4_3 = A[4] & B[3];
  assign n20 = ~(A[5] ^ p4_3);
  assign n21 = ~B[4];
  assign n22 = ~(n20 ^ n21);
  assign {c0, s0} = n16 + n18 + n22;
  assign n25 = n20 | n21;
  assign p5_3 = A[5] & B[3];
  assign n27 = ~(A[6] ^ p5_3);
  assign p4_4 = A[4] & B[4];
  assign n29 = ~B[5];
  assign n30 = A[5] | p4_3;
  assign {c1, s1} = p4_4 + n29 + n30;
  assign {c2, s2} = B[4] + n27 + s1;
  assign {c3, s3} = n25 + s2 + c0;
  assign n37 = ~A[7];
  assign p6_3 = A[6] & B[3];
  assign {c4, s4} = n37 + p6_3;
  assign p5_4 = A[5] & B[4];
  assign np4_5 = ~(A[4] & B[5]);
  assign n43 = A[6] | p5_3;
  assign {c5, s5} = p5_4 + np4_5 + n43;
  assign {c6, s6} = s4 + c1 + s5;
  assign {c7, s7} = c2 + s6 + c3;
  assign np7_3 = ~(A[7] & B[3]);
  assign p6_4 = A[6] & B[4];
  assign np5_5 = ~(A[5] & B[5]);
  assign {c8, s8} = np7_3 + p6_4 + np5_5;
  assign {c9, s9} = c4 + c5 + s8;
  assign {c10, s10} = c6 + s9 + c7;
  assign np7_4 = ~(A[7] & B[4]);
  assign np6_5 = ~(A[6] & B[5]);
  assign {c11, s11} = np7_4 + np6_5 + c8;
  assign {c12, s12} = c9 + s11 + c10;
  assign p7_5 = A[7] & B[5];
  assign {c13, s13} = p7_5 + c11 + c12;
  assign n68 = ~c13;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b1;
  assign O[6] = n17;
  assign O[7] = s0;
  assign O[8] = s3;
  assign O[9] = s7;
  assign O[10] = s10;
  assign O[11] = s12;
  assign O[12] = s13;
  assign O[13] = n68;
endmodule
