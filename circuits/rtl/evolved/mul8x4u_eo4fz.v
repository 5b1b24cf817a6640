// mul8x4u_eo4fz: evolved under mae <= 27.01367188, wce <= 89; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 26.84082
// mulsmith: wce = 87
// mulsmith: ep_percent = 95.3125
// mulsmith: mre_percent = 9.4105779
module mul8x4u_eo4fz(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p7_3;
  wire p4_1;
  wire p5_2;
  wire p6_0;
  wire p5_1;
  wire s0, c0;
  wire p4_2;
  wire s1, c1;
  wire p7_0;
  wire p6_1;
  wire s2, c2;
  wire p4_3;
  wire p3_3;
  wire s3, c3;
  wire s4, c4;
  wire p5_3;
  wire p7_1;
  wire s5, c5;
  wire p6_2;
  wire s6, c6;
  wire s7, c7;
  wire p7_2;
  wire p6_3;
  wire s8, c8;
  wire s9, c9;
  wire s10, c10;
  assign p7_3 = A[7] & B[3];
  assign p4_1 = A[4] & B[1];
  assign p5_2 = A[5] & B[2];
  assign p6_0 = B[0] & A[6];
  assign p5_1 = B[1] & A[5];
  assign {c0, s0} = p6_0 + p5_1;
  assign p4_2 = B[2] & A[4];
  assign {c1, s1} = s0 + p4_2 + p4_1;
  assign p7_0 = B[0] & A[7];
  assign p6_1 = B[1] & A[6];
  assign {c2, s2} = c0 + p7_0 + p6_1;
  assign p4_3 = A[4] & B[3];
  assign p3_3 = A[3] & B[3];
  assign {c3, s3} = p4_3 + p3_3 + c1;
  assign {c4, s4} = s2 + p5_2 + s3;
  assign p5_3 = A[5] & B[3];
  assign p7_1 = A[7] & B[1];
  assign {c5, s5} = c2 + p5_3 + p7_1;
  assign p6_2 = A[6] & B[2];
  assign {c6, s6} = c3 + p6_2;
  assign {c7, s7} = s5 + c4 + s6;
  assign p7_2 = B[2] & A[7];
  assign p6_3 = B[3] & A[6];
  assign {c8, s8} = p6_3 + c5 + c6;
  assign {c9, s9} = c7 + p7_2 + s8;
  assign {c10, s10} = c8 + c9 + p7_3;
  assign O[0] = p7_3;
  assign O[1] = B[1];
  assign O[2] = p4_1;
  assign O[3] = A[1];
  assign O[4] = A[2];
  assign O[5] = p5_2;
  assign O[6] = s1;
  assign O[7] = s4;
  assign O[8] = s7;
  assign O[9] = s9;
  assign O[10] = s10;
  assign O[11] = c10;
endmodule
