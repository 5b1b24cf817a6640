// mul8x4u_or2_c8_cut4: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=4, signed=false, depth=2, columns=8, cut=4, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 42.25
// mulsmith: wce = 529
// mulsmith: ep_percent = 83.203125
// mulsmith: mre_percent = 7.6742996
// mulsmith: mse = 6593.75
module mul8x4u_or2_c8_cut4(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p4_0;
  wire p3_1;
  wire n16;
  wire p2_2;
  wire p1_3;
  wire n19;
  wire s0, c0;
  wire p5_0;
  wire p4_1;
  wire n24;
  wire p3_2;
  wire p2_3;
  wire n27;
  wire s1, c1;
  wire p6_0;
  wire p5_1;
  wire n32;
  wire p4_2;
  wire p3_3;
  wire n35;
  wire s2, c2;
  wire p7_0;
  wire p6_1;
  wire n40;
  wire p5_2;
  wire p4_3;
  wire n43;
  wire s3, c3;
  wire p5_3;
  wire p7_1;
  wire p6_2;
  wire s4, c4;
  wire s5, c5;
  wire p7_2;
  wire p6_3;
  wire s6, c6;
  wire s7, c7;
  wire p7_3;
  wire s8, c8;
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign n16 = p4_0 | p3_1;
  assign p2_2 = A[2] & B[2];
  assign p1_3 = A[1] & B[3];
  assign n19 = p2_2 | p1_3;
  assign {c0, s0} = n16 + n19;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign n24 = p5_0 | p4_1;
  assign p3_2 = A[3] & B[2];
  assign p2_3 = A[2] & B[3];
  assign n27 = p3_2 | p2_3;
  assign {c1, s1} = n24 + n27 + c0;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign n32 = p6_0 | p5_1;
  assign p4_2 = A[4] & B[2];
  assign p3_3 = A[3] & B[3];
  assign n35 = p4_2 | p3_3;
  assign {c2, s2} = n32 + n35 + c1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign n40 = p7_0 | p6_1;
  assign p5_2 = A[5] & B[2];
  assign p4_3 = A[4] & B[3];
  assign n43 = p5_2 | p4_3;
  assign {c3, s3} = n40 + n43 + c2;
  assign p5_3 = A[5] & B[3];
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c4, s4} = p7_1 + p6_2;
  assign {c5, s5} = p5_3 + s4 + c3;
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign {c6, s6} = p7_2 + p6_3;
  assign {c7, s7} = c4 + s6 + c5;
  assign p7_3 = A[7] & B[3];
  assign {c8, s8} = p7_3 + c6 + c7;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = s0;
  assign O[5] = s1;
  assign O[6] = s2;
  assign O[7] = s3;
  assign O[8] = s5;
  assign O[9] = s7;
  assign O[10] = s8;
  assign O[11] = c8;
endmodule
