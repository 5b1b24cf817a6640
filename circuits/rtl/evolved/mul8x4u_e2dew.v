// mul8x4u_e2dew: evolved under mae <= 27.01367188, wce <= 89; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 26.419434
// mulsmith: wce = 89
// mulsmith: ep_percent = 96.411133
// mulsmith: mre_percent = 9.4212535
module mul8x4u_e2dew(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p4_2;
  wire p3_3;
  wire p2_3;
  wire p5_1;
  wire p6_0;
  wire s0, c0;
  wire s1, c1;
  wire p4_3;
  wire s2, c2;
  wire p7_1;
  wire s3, c3;
  wire p5_2;
  wire p6_1;
  wire s4, c4;
  wire p6_2;
  wire p5_3;
  wire s5, c5;
  wire p7_0;
  wire s6, c6;
  wire s7, c7;
  wire p6_3;
  wire s8, c8;
  wire p7_2;
  wire s9, c9;
  wire p7_3;
  wire s10, c10;
  assign p4_2 = A[4] & B[2];
  assign p3_3 = A[3] & B[3];
  assign p2_3 = B[3] & A[2];
  assign p5_1 = B[1] & A[5];
  assign p6_0 = B[0] & A[6];
  assign {c0, s0} = p5_1 + p6_0;
  assign {c1, s1} = p3_3 + p2_3 + s0;
  assign p4_3 = A[4] & B[3];
  assign {c2, s2} = p4_2 + c1 + p4_3;
  assign p7_1 = A[7] & B[1];
  assign {c3, s3} = c2 + p7_1;
  assign p5_2 = A[5] & B[2];
  assign p6_1 = B[1] & A[6];
  assign {c4, s4} = c0 + p5_2 + p6_1;
  assign p6_2 = A[6] & B[2];
  assign p5_3 = A[5] & B[3];
  assign {c5, s5} = c4 + p6_2 + p5_3;
  assign p7_0 = A[7] & B[0];
  assign {c6, s6} = p7_0 + s2 + s4;
  assign {c7, s7} = s3 + s5 + c6;
  assign p6_3 = A[6] & B[3];
  assign {c8, s8} = c3 + c5 + p6_3;
  assign p7_2 = A[7] & B[2];
  assign {c9, s9} = s8 + p7_2 + c7;
  assign p7_3 = B[3] & A[7];
  assign {c10, s10} = c8 + c9 + p7_3;
  assign O[0] = s7;
  assign O[1] = c9;
  assign O[2] = s5;
  assign O[3] = A[0];
  assign O[4] = p5_1;
  assign O[5] = A[3];
  assign O[6] = s1;
  assign O[7] = s6;
  assign O[8] = s7;
  assign O[9] = s9;
  assign O[10] = s10;
  assign O[11] = c10;
endmodule
