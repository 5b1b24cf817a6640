// mul8x2u_or2_c6_cut4: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=2, signed=false, depth=2, columns=6, cut=4, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 10.25
// mulsmith: wce = 77
// mulsmith: ep_percent = 69.140625
// mulsmith: mre_percent = 11.452784
// mulsmith: mse = 312.25
module mul8x2u_or2_c6_cut4(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p4_0;
  wire p3_1;
  wire n14;
  wire p5_0;
  wire p4_1;
  wire n17;
  wire p6_0;
  wire p5_1;
  wire s0, c0;
  wire p7_0;
  wire p6_1;
  wire s1, c1;
  wire p7_1;
  wire s2, c2;
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign n14 = p4_0 | p3_1;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign n17 = p5_0 | p4_1;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c0, s0} = p6_0 + p5_1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign {c1, s1} = p7_0 + p6_1 + c0;
  assign p7_1 = A[7] & B[1];
  assign {c2, s2} = p7_1 + c1;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = n14;
  assign O[5] = n17;
  assign O[6] = s0;
  assign O[7] = s1;
  assign O[8] = s2;
  assign O[9] = c2;
endmodule
