// mul8x8u_efllm: evolved under mae <= 731.4375, wce <= 10176; 500000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 730.44208
// mulsmith: wce = 3514
// mulsmith: ep_percent = 99.681091
// mulsmith: mre_percent = 29.419432
module mul8x8u_efllm(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p7_4;
  wire p6_4;
  wire p6_5;
  wire s0, c0;
  wire p5_6;
  wire p4_7;
  wire p4_6;
  wire s1, c1;
  wire p5_5;
  wire p7_7;
  wire n30;
  wire n31;
  wire s2, c2;
  wire s3, c3;
  wire p7_5;
  wire s4, c4;
  wire p6_6;
  wire p5_7;
  wire s5, c5;
  wire s6, c6;
  wire p7_6;
  wire p6_7;
  wire s7, c7;
  wire s8, c8;
  wire n51;
  wire s9, c9;
  assign p7_4 = B[4] & A[7];
  assign p6_4 = A[6] & B[4];
  assign p6_5 = B[5] & A[6];
  assign {c0, s0} = p7_4 + p6_4 + p6_5;
  assign p5_6 = B[6] & A[5];
  assign p4_7 = A[4] & B[7];
  assign p4_6 = B[6] & A[4];
  assign {c1, s1} = p5_6 + p4_7 + p4_6;
  assign p5_5 = B[5] & A[5];
  assign p7_7 = A[7] & B[7];
  assign n30 = p7_7 & B[3];
  assign n31 = A[3] & n30;
  assign {c2, s2} = p5_5 + n31;
  assign {c3, s3} = s0 + s1 + s2;
  assign p7_5 = A[7] & B[5];
  assign {c4, s4} = c1 + c2 + p7_5;
  assign p6_6 = B[6] & A[6];
  assign p5_7 = A[5] & B[7];
  assign {c5, s5} = c0 + p6_6 + p5_7;
  assign {c6, s6} = c3 + s4 + s5;
  assign p7_6 = B[6] & A[7];
  assign p6_7 = B[7] & A[6];
  assign {c7, s7} = c4 + c5 + p6_7;
  assign {c8, s8} = c6 + p7_6 + s7;
  assign n51 = A[3] | B[3];
  assign {c9, s9} = p7_7 + c7 + c8;
  assign O[0] = s8;
  assign O[1] = s7;
  assign O[2] = A[0];
  assign O[3] = p4_6;
  assign O[4] = c2;
  assign O[5] = c3;
  assign O[6] = A[7];
  assign O[7] = p7_6;
  assign O[8] = p5_7;
  assign O[9] = A[7];
  assign O[10] = n51;
  assign O[11] = s3;
  assign O[12] = s6;
  assign O[13] = s8;
  assign O[14] = s9;
  assign O[15] = c9;
endmodule
