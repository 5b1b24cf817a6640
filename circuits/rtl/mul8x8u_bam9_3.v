// mul8x8u_bam9_3: Partial products in columns below `vbl` and in rows of B below `hbl` left out.
// After H. R. Mahdiani et al., IEEE Trans. Circuits and Systems I 57(4), 2010.
// mulsmith: generate = broken_array(a_bits=8, b_bits=8, signed=false, vbl=9, hbl=3, reduction=array)
// mulsmith: signed = false
// mulsmith: mae = 1024.25
// mulsmith: wce = 4097
// mulsmith: ep_percent = 98.779297
// mulsmith: mre_percent = 17.648449
// mulsmith: mse = 1402190.2
module mul8x8u_bam9_3(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p2_7;
  wire p3_6;
  wire p4_5;
  wire p6_3;
  wire p5_4;
  wire s0, c0;
  wire s1, c1;
  wire s2, c2;
  wire s3, c3;
  wire p3_7;
  wire p4_6;
  wire p5_5;
  wire p7_3;
  wire p6_4;
  wire s4, c4;
  wire s5, c5;
  wire s6, c6;
  wire s7, c7;
  wire s8, c8;
  wire p4_7;
  wire p5_6;
  wire p7_4;
  wire p6_5;
  wire s9, c9;
  wire s10, c10;
  wire s11, c11;
  wire s12, c12;
  wire p5_7;
  wire p7_5;
  wire p6_6;
  wire s13, c13;
  wire s14, c14;
  wire s15, c15;
  wire p7_6;
  wire p6_7;
  wire s16, c16;
  wire s17, c17;
  wire p7_7;
  wire s18, c18;
  assign p2_7 = A[2] & B[7];
  assign p3_6 = A[3] & B[6];
  assign p4_5 = A[4] & B[5];
  assign p6_3 = A[6] & B[3];
  assign p5_4 = A[5] & B[4];
  assign {c0, s0} = p6_3 + p5_4;
  assign {c1, s1} = p4_5 + s0;
  assign {c2, s2} = p3_6 + s1;
  assign {c3, s3} = p2_7 + s2;
  assign p3_7 = A[3] & B[7];
  assign p4_6 = A[4] & B[6];
  assign p5_5 = A[5] & B[5];
  assign p7_3 = A[7] & B[3];
  assign p6_4 = A[6] & B[4];
  assign {c4, s4} = p7_3 + p6_4;
  assign {c5, s5} = p5_5 + c0 + s4;
  assign {c6, s6} = p4_6 + c1 + s5;
  assign {c7, s7} = p3_7 + c2 + s6;
  assign {c8, s8} = c3 + s7;
  assign p4_7 = A[4] & B[7];
  assign p5_6 = A[5] & B[6];
  assign p7_4 = A[7] & B[4];
  assign p6_5 = A[6] & B[5];
  assign {c9, s9} = p7_4 + p6_5 + c4;
  assign {c10, s10} = p5_6 + c5 + s9;
  assign {c11, s11} = p4_7 + c6 + s10;
  assign {c12, s12} = c7 + s11 + c8;
  assign p5_7 = A[5] & B[7];
  assign p7_5 = A[7] & B[5];
  assign p6_6 = A[6] & B[6];
  assign {c13, s13} = p7_5 + p6_6 + c9;
  assign {c14, s14} = p5_7 + c10 + s13;
  assign {c15, s15} = c11 + s14 + c12;
  assign p7_6 = A[7] & B[6];
  assign p6_7 = A[6] & B[7];
  assign {c16, s16} = p7_6 + p6_7 + c13;
  assign {c17, s17} = c14 + s16 + c15;
  assign p7_7 = A[7] & B[7];
  assign {c18, s18} = p7_7 + c16 + c17;
  assign O[0] = 1'b0;
  assign O[1] = 1'b0;
  assign O[2] = 1'b0;
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = 1'b0;
  assign O[6] = 1'b0;
  assign O[7] = 1'b0;
  assign O[8] = 1'b0;
  assign O[9] = s3;
  assign O[10] = s8;
  assign O[11] = s12;
  assign O[12] = s15;
  assign O[13] = s17;
  assign O[14] = s18;
  assign O[15] = c18;
endmodule
