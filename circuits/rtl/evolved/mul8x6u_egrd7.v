// mul8x6u_egrd7: evolved under mae <= 186.4744873, wce <= 788; 200000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 177.06616
// mulsmith: wce = 745
// mulsmith: ep_percent = 99.212646
// mulsmith: mre_percent = 32.944863
module mul8x6u_egrd7(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p4_4;
  wire p5_3;
  wire p5_4;
  wire s0, c0;
  wire p6_3;
  wire p7_3;
  wire p7_2;
  wire n24;
  wire p6_4;
  wire s1, c1;
  wire p5_5;
  wire p4_5;
  wire p3_5;
  wire s2, c2;
  wire s3, c3;
  wire n35;
  wire n36;
  wire s4, c4;
  wire s5, c5;
  wire p7_4;
  wire p6_5;
  wire s6, c6;
  wire s7, c7;
  wire p7_5;
  wire s8, c8;
  assign p4_4 = B[4] & A[4];
  assign p5_3 = B[3] & A[5];
  assign p5_4 = A[5] & B[4];
  assign {c0, s0} = p4_4 + p5_3 + p5_4;
  assign p6_3 = A[6] & B[3];
  assign p7_3 = B[3] & A[7];
  assign p7_2 = A[7] & B[2];
  assign n24 = A[6] & p7_2;
  assign p6_4 = A[6] & B[4];
  assign {c1, s1} = p7_3 + n24 + p6_4;
  assign p5_5 = B[5] & A[5];
  assign p4_5 = B[5] & A[4];
  assign p3_5 = B[5] & A[3];
  assign {c2, s2} = s0 + p4_5 + p3_5;
  assign {c3, s3} = p5_5 + c0 + c2;
  assign n35 = ~A[6];
  assign n36 = n35 & p7_2;
  assign {c4, s4} = s2 + n36 + p6_3;
  assign {c5, s5} = s3 + s1 + c4;
  assign p7_4 = B[4] & A[7];
  assign p6_5 = A[6] & B[5];
  assign {c6, s6} = p7_4 + c1 + p6_5;
  assign {c7, s7} = c3 + s6 + c5;
  assign p7_5 = B[5] & A[7];
  assign {c8, s8} = c6 + c7 + p7_5;
  assign O[0] = s0;
  assign O[1] = p6_3;
  assign O[2] = c1;
  assign O[3] = s5;
  assign O[4] = B[2];
  assign O[5] = A[5];
  assign O[6] = A[1];
  assign O[7] = B[0];
  assign O[8] = B[1];
  assign O[9] = s4;
  assign O[10] = s5;
  assign O[11] = s7;
  assign O[12] = s8;
  assign O[13] = c8;
endmodule
