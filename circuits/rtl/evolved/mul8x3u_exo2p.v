// mul8x3u_exo2p: evolved under mae <= 12.46191406, wce <= 45; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 11.921875
// mulsmith: wce = 45
// mulsmith: ep_percent = 89.0625
// mulsmith: mre_percent = 10.340262
module mul8x3u_exo2p(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_1;
  wire p6_0;
  wire p4_1;
  wire p5_0;
  wire s0, c0;
  wire p3_2;
  wire p5_1;
  wire s1, c1;
  wire p4_2;
  wire s2, c2;
  wire p5_2;
  wire p7_0;
  wire s3, c3;
  wire s4, c4;
  wire p6_2;
  wire p7_1;
  wire s5, c5;
  wire s6, c6;
  wire p7_2;
  wire s7, c7;
  assign p6_1 = A[6] & B[1];
  assign p6_0 = A[6] & B[0];
  assign p4_1 = A[4] & B[1];
  assign p5_0 = B[0] & A[5];
  assign {c0, s0} = p4_1 + p5_0;
  assign p3_2 = A[3] & B[2];
  assign p5_1 = B[1] & A[5];
  assign {c1, s1} = p5_1 + c0 + p6_0;
  assign p4_2 = B[2] & A[4];
  assign {c2, s2} = p3_2 + s1 + p4_2;
  assign p5_2 = B[2] & A[5];
  assign p7_0 = B[0] & A[7];
  assign {c3, s3} = p6_1 + c1 + p7_0;
  assign {c4, s4} = p5_2 + c2 + s3;
  assign p6_2 = B[2] & A[6];
  assign p7_1 = A[7] & B[1];
  assign {c5, s5} = c3 + p7_1;
  assign {c6, s6} = c4 + p6_2 + s5;
  assign p7_2 = B[2] & A[7];
  assign {c7, s7} = p7_2 + c5 + c6;
  assign O[0] = B[0];
  assign O[1] = p6_1;
  assign O[2] = p6_0;
  assign O[3] = A[2];
  assign O[4] = B[0];
  assign O[5] = s0;
  assign O[6] = s2;
  assign O[7] = s4;
  assign O[8] = s6;
  assign O[9] = s7;
  assign O[10] = c7;
endmodule
