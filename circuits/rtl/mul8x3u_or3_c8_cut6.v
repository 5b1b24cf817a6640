// mul8x3u_or3_c8_cut6: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=3, signed=false, depth=3, columns=8, cut=6, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 79.25
// mulsmith: wce = 569
// mulsmith: ep_percent = 85.351562
// mulsmith: mre_percent = 27.801327
// mulsmith: mse = 15499.25
module mul8x3u_or3_c8_cut6(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_0;
  wire p5_1;
  wire n15;
  wire p4_2;
  wire n17;
  wire p7_0;
  wire p6_1;
  wire n20;
  wire p5_2;
  wire n22;
  wire p7_1;
  wire p6_2;
  wire s0, c0;
  wire p7_2;
  wire s1, c1;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign n15 = p6_0 | p5_1;
  assign p4_2 = A[4] & B[2];
  assign n17 = n15 | p4_2;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign n20 = p7_0 | p6_1;
  assign p5_2 = A[5] & B[2];
  assign n22 = n20 | p5_2;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = A[6] & B[2];
  assign {c0, s0} = p7_1 + p6_2;
  assign p7_2 = A[7] & B[2];
  assign {c1, s1} = p7_2 + c0;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = n17;
  assign O[7] = n22;
  assign O[8] = s0;
  assign O[9] = s1;
  assign O[10] = c1;
endmodule
