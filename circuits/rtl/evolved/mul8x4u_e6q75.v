// mul8x4u_e6q75: evolved under mae <= 45.17675781, wce <= 164; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 45.034668
// mulsmith: wce = 160
// mulsmith: ep_percent = 97.363281
// mulsmith: mre_percent = 22.3399
module mul8x4u_e6q75(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p4_3;
  wire p5_2;
  wire p3_2;
  wire n17;
  wire s0, c0;
  wire p7_1;
  wire s1, c1;
  wire p6_1;
  wire p5_1;
  wire s2, c2;
  wire p6_2;
  wire p5_3;
  wire s3, c3;
  wire p6_3;
  wire s4, c4;
  wire p7_0;
  wire s5, c5;
  wire s6, c6;
  wire p7_2;
  wire s7, c7;
  wire p7_3;
  wire s8, c8;
  assign p4_3 = B[3] & A[4];
  assign p5_2 = A[5] & B[2];
  assign p3_2 = A[3] & B[2];
  assign n17 = B[3] & p3_2;
  assign {c0, s0} = p4_3 + p5_2 + n17;
  assign p7_1 = B[1] & A[7];
  assign {c1, s1} = c0 + p7_1;
  assign p6_1 = A[6] & B[1];
  assign p5_1 = B[1] & A[5];
  assign {c2, s2} = p6_1 + p5_1;
  assign p6_2 = B[2] & A[6];
  assign p5_3 = B[3] & A[5];
  assign {c3, s3} = c2 + p6_2 + p5_3;
  assign p6_3 = A[6] & B[3];
  assign {c4, s4} = c1 + c3 + p6_3;
  assign p7_0 = A[7] & B[0];
  assign {c5, s5} = s0 + s2 + p7_0;
  assign {c6, s6} = s1 + s3 + c5;
  assign p7_2 = A[7] & B[2];
  assign {c7, s7} = c6 + s4 + p7_2;
  assign p7_3 = B[3] & A[7];
  assign {c8, s8} = c4 + c7 + p7_3;
  assign O[0] = s4;
  assign O[1] = p6_2;
  assign O[2] = p4_3;
  assign O[3] = A[0];
  assign O[4] = p6_1;
  assign O[5] = A[4];
  assign O[6] = B[0];
  assign O[7] = s5;
  assign O[8] = s6;
  assign O[9] = s7;
  assign O[10] = s8;
  assign O[11] = c8;
endmodule
