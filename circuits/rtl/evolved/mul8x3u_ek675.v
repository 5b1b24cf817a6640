// mul8x3u_ek675: evolved under mae <= 18.19140625, wce <= 66; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 17.230469
// mulsmith: wce = 66
// mulsmith: ep_percent = 92.578125
// mulsmith: mre_percent = 17.866199
module mul8x3u_ek675(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p5_1;
  wire p3_2;
  wire p6_0;
  wire s0, c0;
  wire p4_2;
  wire s1, c1;
  wire p5_2;
  wire p7_0;
  wire p6_1;
  wire s2, c2;
  wire s3, c3;
  wire p6_2;
  wire p7_1;
  wire s4, c4;
  wire s5, c5;
  wire p7_2;
  wire s6, c6;
  assign p5_1 = B[1] & A[5];
  assign p3_2 = B[2] & A[3];
  assign p6_0 = A[6] & B[0];
  assign {c0, s0} = p6_0 + p5_1;
  assign p4_2 = B[2] & A[4];
  assign {c1, s1} = p3_2 + s0 + p4_2;
  assign p5_2 = A[5] & B[2];
  assign p7_0 = B[0] & A[7];
  assign p6_1 = B[1] & A[6];
  assign {c2, s2} = p7_0 + p6_1 + c0;
  assign {c3, s3} = p5_2 + c1 + s2;
  assign p6_2 = A[6] & B[2];
  assign p7_1 = A[7] & B[1];
  assign {c4, s4} = c2 + p7_1;
  assign {c5, s5} = c3 + p6_2 + s4;
  assign p7_2 = A[7] & B[2];
  assign {c6, s6} = c4 + c5 + p7_2;
  assign O[0] = B[2];
  assign O[1] = p5_1;
  assign O[2] = A[4];
  assign O[3] = p5_1;
  assign O[4] = B[1];
  assign O[5] = B[0];
  assign O[6] = s1;
  assign O[7] = s3;
  assign O[8] = s5;
  assign O[9] = s6;
  assign O[10] = c6;
endmodule
