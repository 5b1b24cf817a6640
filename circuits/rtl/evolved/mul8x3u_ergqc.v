// mul8x3u_ergqc: evolved under mae <= 27.5, wce <= 107; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 26.22168
// mulsmith: wce = 103
// mulsmith: ep_percent = 94.970703
// mulsmith: mre_percent = 17.942841
module mul8x3u_ergqc(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p5_1;
  wire n14;
  wire n15;
  wire s0, c0;
  wire p5_2;
  wire p6_0;
  wire s1, c1;
  wire p7_0;
  wire p6_1;
  wire s2, c2;
  wire s3, c3;
  wire p7_1;
  wire p6_2;
  wire s4, c4;
  wire s5, c5;
  wire p7_2;
  wire s6, c6;
  assign p5_1 = A[5] & B[1];
  assign n14 = p5_1 & A[4];
  assign n15 = B[2] & n14;
  assign {c0, s0} = B[2] + p5_1 + n15;
  assign p5_2 = B[2] & A[5];
  assign p6_0 = B[0] & A[6];
  assign {c1, s1} = p6_0 + A[4];
  assign p7_0 = B[0] & A[7];
  assign p6_1 = A[6] & B[1];
  assign {c2, s2} = c1 + p7_0 + p6_1;
  assign {c3, s3} = c0 + p5_2 + s2;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = B[2] & A[6];
  assign {c4, s4} = c2 + p7_1;
  assign {c5, s5} = p6_2 + c3 + s4;
  assign p7_2 = B[2] & A[7];
  assign {c6, s6} = c4 + c5 + p7_2;
  assign O[0] = c3;
  assign O[1] = A[4];
  assign O[2] = p6_1;
  assign O[3] = p7_1;
  assign O[4] = A[3];
  assign O[5] = s1;
  assign O[6] = s0;
  assign O[7] = s3;
  assign O[8] = s5;
  assign O[9] = s6;
  assign O[10] = c6;
endmodule
