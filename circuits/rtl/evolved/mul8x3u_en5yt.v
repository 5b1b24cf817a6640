// mul8x3u_en5yt: evolved under mae <= 11.70898438, wce <= 42; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 11.220703
// mulsmith: wce = 39
// mulsmith: ep_percent = 84.960938
// mulsmith: mre_percent = 9.6060809
module mul8x3u_en5yt(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_1;
  wire p5_1;
  wire p4_1;
  wire p5_0;
  wire s0, c0;
  wire p6_0;
  wire s1, c1;
  wire p3_2;
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
  assign p6_1 = B[1] & A[6];
  assign p5_1 = B[1] & A[5];
  assign p4_1 = A[4] & B[1];
  assign p5_0 = B[0] & A[5];
  assign {c0, s0} = p4_1 + p5_0;
  assign p6_0 = A[6] & B[0];
  assign {c1, s1} = p5_1 + c0 + p6_0;
  assign p3_2 = B[2] & A[3];
  assign p4_2 = A[4] & B[2];
  assign {c2, s2} = p3_2 + p4_2 + s1;
  assign p5_2 = B[2] & A[5];
  assign p7_0 = B[0] & A[7];
  assign {c3, s3} = c1 + p7_0 + p6_1;
  assign {c4, s4} = p5_2 + c2 + s3;
  assign p6_2 = B[2] & A[6];
  assign p7_1 = B[1] & A[7];
  assign {c5, s5} = c3 + p7_1;
  assign {c6, s6} = p6_2 + c4 + s5;
  assign p7_2 = B[2] & A[7];
  assign {c7, s7} = c5 + c6 + p7_2;
  assign O[0] = p6_1;
  assign O[1] = c1;
  assign O[2] = B[0];
  assign O[3] = B[0];
  assign O[4] = B[1];
  assign O[5] = s0;
  assign O[6] = s2;
  assign O[7] = s4;
  assign O[8] = s6;
  assign O[9] = s7;
  assign O[10] = c7;
endmodule
