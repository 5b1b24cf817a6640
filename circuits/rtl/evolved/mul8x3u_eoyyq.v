// mul8x3u_eoyyq: evolved under mae <= 38.89160156, wce <= 141; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 37.71582
// mulsmith: wce = 140
// mulsmith: ep_percent = 95.605469
// mulsmith: mre_percent = 35.518332
module mul8x3u_eoyyq(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p7_0;
  wire p6_1;
  wire p5_2;
  wire n16;
  wire p6_0;
  wire n18;
  wire s0, c0;
  wire s1, c1;
  wire p6_2;
  wire p7_1;
  wire s2, c2;
  wire s3, c3;
  wire p7_2;
  wire s4, c4;
  assign p7_0 = B[0] & A[7];
  assign p6_1 = B[1] & A[6];
  assign p5_2 = A[5] & B[2];
  assign n16 = A[4] & p5_2;
  assign p6_0 = A[6] & B[0];
  assign n18 = p6_0 & A[4];
  assign {c0, s0} = p5_2 + n16 + n18;
  assign {c1, s1} = p7_0 + p6_1 + s0;
  assign p6_2 = B[2] & A[6];
  assign p7_1 = B[1] & A[7];
  assign {c2, s2} = c0 + p6_2;
  assign {c3, s3} = c1 + p7_1 + s2;
  assign p7_2 = A[7] & B[2];
  assign {c4, s4} = p7_2 + c2 + c3;
  assign O[0] = c1;
  assign O[1] = A[4];
  assign O[2] = p6_1;
  assign O[3] = p6_2;
  assign O[4] = A[3];
  assign O[5] = B[0];
  assign O[6] = B[1];
  assign O[7] = s1;
  assign O[8] = s3;
  assign O[9] = s4;
  assign O[10] = c4;
endmodule
