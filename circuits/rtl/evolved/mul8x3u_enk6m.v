// mul8x3u_enk6m: evolved under mae <= 5.8984375, wce <= 20; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 5.8496094
// mulsmith: wce = 20
// mulsmith: ep_percent = 88.378906
// mulsmith: mre_percent = 5.084699
module mul8x3u_enk6m(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_0;
  wire p4_2;
  wire p3_1;
  wire p4_1;
  wire p3_2;
  wire s0, c0;
  wire p4_0;
  wire p2_2;
  wire s1, c1;
  wire p5_0;
  wire s2, c2;
  wire p5_1;
  wire s3, c3;
  wire s4, c4;
  wire p6_1;
  wire p7_0;
  wire p5_2;
  wire s5, c5;
  wire s6, c6;
  wire p7_1;
  wire p6_2;
  wire s7, c7;
  wire s8, c8;
  wire p7_2;
  wire s9, c9;
  assign p6_0 = B[0] & A[6];
  assign p4_2 = B[2] & A[4];
  assign p3_1 = B[1] & A[3];
  assign p4_1 = A[4] & B[1];
  assign p3_2 = B[2] & A[3];
  assign {c0, s0} = p3_1 + p4_1 + p3_2;
  assign p4_0 = A[4] & B[0];
  assign p2_2 = A[2] & B[2];
  assign {c1, s1} = p4_0 + p2_2;
  assign p5_0 = A[5] & B[0];
  assign {c2, s2} = c1 + p5_0 + s0;
  assign p5_1 = B[1] & A[5];
  assign {c3, s3} = c0 + c2 + p5_1;
  assign {c4, s4} = p6_0 + p4_2 + s3;
  assign p6_1 = B[1] & A[6];
  assign p7_0 = B[0] & A[7];
  assign p5_2 = A[5] & B[2];
  assign {c5, s5} = p5_2 + c3 + c4;
  assign {c6, s6} = p6_1 + p7_0 + s5;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = B[2] & A[6];
  assign {c7, s7} = c5 + p6_2;
  assign {c8, s8} = p7_1 + c6 + s7;
  assign p7_2 = B[2] & A[7];
  assign {c9, s9} = c7 + c8 + p7_2;
  assign O[0] = c4;
  assign O[1] = A[2];
  assign O[2] = p2_2;
  assign O[3] = B[0];
  assign O[4] = s1;
  assign O[5] = s2;
  assign O[6] = s4;
  assign O[7] = s6;
  assign O[8] = s8;
  assign O[9] = s9;
  assign O[10] = c9;
endmodule
