// mul8x3u_or2_c6_cut3: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=3, signed=false, depth=2, columns=6, cut=3, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 7.75
// mulsmith: wce = 73
// mulsmith: ep_percent = 69.921875
// mulsmith: mre_percent = 4.5041735
// mulsmith: mse = 220.75
module mul8x3u_or2_c6_cut3(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p1_2;
  wire p3_0;
  wire p2_1;
  wire n16;
  wire s0, c0;
  wire p2_2;
  wire p4_0;
  wire p3_1;
  wire n22;
  wire s1, c1;
  wire p3_2;
  wire p5_0;
  wire p4_1;
  wire n28;
  wire s2, c2;
  wire p4_2;
  wire p6_0;
  wire p5_1;
  wire s3, c3;
  wire s4, c4;
  wire p7_0;
  wire p6_1;
  wire p5_2;
  wire s5, c5;
  wire s6, c6;
  wire p7_1;
  wire p6_2;
  wire s7, c7;
  wire s8, c8;
  wire p7_2;
  wire s9, c9;
  assign p1_2 = A[1] & B[2];
  assign p3_0 = A[3] & B[0];
  assign p2_1 = A[2] & B[1];
  assign n16 = p3_0 | p2_1;
  assign {c0, s0} = p1_2 + n16;
  assign p2_2 = A[2] & B[2];
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign n22 = p4_0 | p3_1;
  assign {c1, s1} = p2_2 + n22 + c0;
  assign p3_2 = A[3] & B[2];
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign n28 = p5_0 | p4_1;
  assign {c2, s2} = p3_2 + n28 + c1;
  assign p4_2 = A[4] & B[2];
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c3, s3} = p6_0 + p5_1;
  assign {c4, s4} = p4_2 + s3 + c2;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign p5_2 = A[5] & B[2];
  assign {c5, s5} = p7_0 + p6_1 + p5_2;
  assign {c6, s6} = c3 + s5 + c4;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c7, s7} = p7_1 + p6_2;
  assign {c8, s8} = c5 + s7 + c6;
  assign p7_2 = A[7] & B[2];
  assign {c9, s9} = p7_2 + c7 + c8;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = s0;
  assign O[4] = s1;
  assign O[5] = s2;
  assign O[6] = s4;
  assign O[7] = s6;
  assign O[8] = s8;
  assign O[9] = s9;
  assign O[10] = c9;
endmodule
