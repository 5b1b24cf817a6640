// mul8x6u_or2_c10_cut9_cc: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=6, signed=false, depth=2, columns=10, cut=9, correction=constant)
// mulsmith: signed = false
// mulsmith: mae = 417.74963
// mulsmith: wce = 3265
// mulsmith: ep_percent = 100
// mulsmith: mre_percent = 70.706782
// mulsmith: mse = 340734.25
module mul8x6u_or2_c10_cut9_cc(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p7_2;
  wire p6_3;
  wire n18;
  wire p5_4;
  wire p4_5;
  wire n21;
  wire s0, c0;
  wire n24;
  wire p7_3;
  wire p6_4;
  wire p5_5;
  wire s1, c1;
  wire s2, c2;
  wire p7_4;
  wire p6_5;
  wire s3, c3;
  wire s4, c4;
  wire p7_5;
  wire s5, c5;
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign n18 = p7_2 | p6_3;
  assign p5_4 = A[5] & B[4];
  assign p4_5 = A[4] & B[5];
  assign n21 = p5_4 | p4_5;
  assign {c0, s0} = n18 + n21;
  assign n24 = ~s0;
  assign p7_3 = A[7] & B[3];
  assign p6_4 = A[6] & B[4];
  assign p5_5 = A[5] & B[5];
  assign {c1, s1} = p7_3 + p6_4 + p5_5;
  assign {c2, s2} = s0 + c0 + s1;
  assign p7_4 = A[7] & B[4];
  assign p6_5 = A[6] & B[5];
  assign {c3, s3} = p7_4 + p6_5;
  assign {c4, s4} = c1 + s3 + c2;
  assign p7_5 = A[7] & B[5];
  assign {c5, s5} = p7_5 + c3 + c4;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b0;
  assign O[9] = n24;
  assign O[10] = s2;
  assign O[11] = s4;
  assign O[12] = s5;
  assign O[13] = c5;
endmodule
