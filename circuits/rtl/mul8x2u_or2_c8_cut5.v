// mul8x2u_or2_c8_cut5: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=2, signed=false, depth=2, columns=8, cut=5, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 29.25
// mulsmith: wce = 285
// mulsmith: ep_percent = 72.167969
// mulsmith: mre_percent = 21.823196
// mulsmith: mse = 3453.25
module mul8x2u_or2_c8_cut5(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p5_0;
  wire p4_1;
  wire n14;
  wire p6_0;
  wire p5_1;
  wire n17;
  wire p7_0;
  wire p6_1;
  wire n20;
  wire p7_1;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign n14 = p5_0 | p4_1;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign n17 = p6_0 | p5_1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign n20 = p7_0 | p6_1;
  assign p7_1 = A[7] & B[1];
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = n14;
  assign O[6] = n17;
  assign O[7] = n20;
  assign O[8] = p7_1;
  assign O[9] = 1'b0;
endmodule
