// mul8x2u_or2_c4_cut1: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=2, signed=false, depth=2, columns=4, cut=1, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 1.125
// mulsmith: wce = 15
// mulsmith: ep_percent = 29.6875
// mulsmith: mre_percent = 1.2208963
// mulsmith: mse = 9.5
module mul8x2u_or2_c4_cut1(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p1_0;
  wire p0_1;
  wire n14;
  wire p2_0;
  wire p1_1;
  wire n17;
  wire p3_0;
  wire p2_1;
  wire n20;
  wire p4_0;
  wire p3_1;
  wire s0, c0;
  wire p5_0;
  wire p4_1;
  wire s1, c1;
  wire p6_0;
  wire p5_1;
  wire s2, c2;
  wire p7_0;
  wire p6_1;
  wire s3, c3;
  wire p7_1;
  wire s4, c4;
  assign p1_0 = A[1] & B[0];
  assign p0_1 = A[0] & B[1];
  assign n14 = p1_0 | p0_1;
  assign p2_0 = A[2] & B[0];
  assign p1_1 = A[1] & B[1];
  assign n17 = p2_0 | p1_1;
  assign p3_0 = A[3] & B[0];
  assign p2_1 = A[2] & B[1];
  assign n20 = p3_0 | p2_1;
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign {c0, s0} = p4_0 + p3_1;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign {c1, s1} = p5_0 + p4_1 + c0;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c2, s2} = p6_0 + p5_1 + c1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = A[6] & B[1];
  assign {c3, s3} = p7_0 + p6_1 + c2;
  assign p7_1 = A[7] & B[1];
  assign {c4, s4} = p7_1 + c3;
  assign O[0] = 1'b0;
  assign O[1] = n14;
  assign O[2] = n17;
  assign O[3] = n20;
  assign O[4] = s0;
  assign O[5] = s1;
  assign O[6] = s2;
  assign O[7] = s3;
  assign O[8] = s4;
  assign O[9] = c4;
endmodule
