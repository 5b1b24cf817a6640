// mul8x8u_or2_c12_cut9: In columns below `columns`, the partial products of each `depth` rows of B ORed into one.
// After I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017.
// mulsmith: generate = row_or(a_bits=8, b_bits=8, signed=false, depth=2, columns=12, cut=9, correction=none)
// mulsmith: signed = false
// mulsmith: mae = 1376.25
// mulsmith: wce = 11265
// mulsmith: ep_percent = 98.779297
// mulsmith: mre_percent = 18.781214
// mulsmith: mse = 3664510.2
module mul8x8u_or2_c12_cut9(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p3_6;
  wire p2_7;
  wire n20;
  wire p7_2;
  wire p6_3;
  wire n23;
  wire p5_4;
  wire p4_5;
  wire n26;
  wire s0, c0;
  wire s1, c1;
  wire p7_3;
  wire p6_4;
  wire p5_5;
  wire n34;
  wire p4_6;
  wire p3_7;
  wire n37;
  wire s2, c2;
  wire s3, c3;
  wire p7_4;
  wire p6_5;
  wire n44;
  wire p5_6;
  wire p4_7;
  wire n47;
  wire s4, c4;
  wire s5, c5;
  wire p7_5;
  wire p6_6;
  wire p5_7;
  wire s6, c6;
  wire s7, c7;
  wire p7_6;
  wire p6_7;
  wire s8, c8;
  wire s9, c9;
  wire p7_7;
  wire s10, c10;
  assign p3_6 = A[3] & B[6];
  assign p2_7 = A[2] & B[7];
  assign n20 = p3_6 | p2_7;
  assign p7_2 = A[7] & B[2];
  assign p6_3 = A[6] & B[3];
  assign n23 = p7_2 | p6_3;
  assign p5_4 = A[5] & B[4];
  assign p4_5 = A[4] & B[5];
  assign n26 = p5_4 | p4_5;
  assign {c0, s0} = n23 + n26;
  assign {c1, s1} = n20 + s0;
  assign p7_3 = A[7] & B[3];
  assign p6_4 = A[6] & B[4];
  assign p5_5 = A[5] & B[5];
  assign n34 = p6_4 | p5_5;
  assign p4_6 = A[4] & B[6];
  assign p3_7 = A[3] & B[7];
  assign n37 = p4_6 | p3_7;
  assign {c2, s2} = p7_3 + n34 + n37;
  assign {c3, s3} = c0 + s2 + c1;
  assign p7_4 = A[7] & B[4];
  assign p6_5 = A[6] & B[5];
  assign n44 = p7_4 | p6_5;
  assign p5_6 = A[5] & B[6];
  assign p4_7 = A[4] & B[7];
  assign n47 = p5_6 | p4_7;
  assign {c4, s4} = n44 + n47;
  assign {c5, s5} = c2 + s4 + c3;
  assign p7_5 = A[7] & B[5];
  assign p6_6 = A[6] & B[6];
  assign p5_7 = A[5] & B[7];
  assign {c6, s6} = p7_5 + p6_6 + p5_7;
  assign {c7, s7} = c4 + s6 + c5;
  assign p7_6 = A[7] & B[6];
  assign p6_7 = A[6] & B[7];
  assign {c8, s8} = p7_6 + p6_7;
  assign {c9, s9} = c6 + s8 + c7;
  assign p7_7 = A[7] & B[7];
  assign {c10, s10} = p7_7 + c8 + c9;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b0;
  assign O[9] = s1;
  assign O[10] = s3;
  assign O[11] = s5;
  assign O[12] = s7;
  assign O[13] = s9;
  assign O[14] = s10;
  assign O[15] = c10;
endmodule
