// mul8x8u_e23ol: evolved under mae <= 1011.253418, wce <= 9124; 500000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 1004.8724
// mulsmith: wce = 4598
// mulsmith: ep_percent = 99.781799
// mulsmith: mre_percent = 27.713689
module mul8x8u_e23ol(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p6_7;
  wire p4_7;
  wire p6_6;
  wire s0, c0;
  wire n23;
  wire p5_6;
  wire p5_5;
  wire p6_5;
  wire s1, c1;
  wire p7_5;
  wire p5_7;
  wire s2, c2;
  wire s3, c3;
  wire n35;
  wire p7_4;
  wire p6_4;
  wire s4, c4;
  wire s5, c5;
  wire p7_6;
  wire s6, c6;
  wire p7_7;
  wire s7, c7;
  assign p6_7 = B[7] & A[6];
  assign p4_7 = B[7] & A[4];
  assign p6_6 = A[6] & B[6];
  assign {c0, s0} = p4_7 + p6_6;
  assign n23 = p6_7 ^ c0;
  assign p5_6 = A[5] & B[6];
  assign p5_5 = A[5] & B[5];
  assign p6_5 = B[5] & A[6];
  assign {c1, s1} = p5_6 + p5_5 + p6_5;
  assign p7_5 = A[7] & B[5];
  assign p5_7 = B[7] & A[5];
  assign {c2, s2} = c1 + p7_5 + p5_7;
  assign {c3, s3} = n23 + c2;
  assign n35 = c3 | c0;
  assign p7_4 = A[7] & B[4];
  assign p6_4 = A[6] & B[4];
  assign {c4, s4} = p6_4 + p7_4 + s1;
  assign {c5, s5} = s0 + c4 + s2;
  assign p7_6 = A[7] & B[6];
  assign {c6, s6} = c5 + p7_6 + s3;
  assign p7_7 = A[7] & B[7];
  assign {c7, s7} = c6 + p7_7 + n35;
  assign O[0] = s3;
  assign O[1] = B[3];
  assign O[2] = p5_5;
  assign O[3] = B[7];
  assign O[4] = n35;
  assign O[5] = A[5];
  assign O[6] = n23;
  assign O[7] = p7_4;
  assign O[8] = B[1];
  assign O[9] = A[7];
  assign O[10] = B[3];
  assign O[11] = s4;
  assign O[12] = s5;
  assign O[13] = s6;
  assign O[14] = s7;
  assign O[15] = c7;
endmodule
