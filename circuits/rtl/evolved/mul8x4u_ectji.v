// mul8x4u_ectji: evolved under mae <= 128.7680664, wce <= 489; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 125.55225
// mulsmith: wce = 474
// mulsmith: ep_percent = 93.383789
// mulsmith: mre_percent = 51.195879
module mul8x4u_ectji(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p7_2;
  wire p6_2;
  wire s0, c0;
  wire p7_1;
  wire p5_3;
  wire p6_3;
  wire s1, c1;
  wire p7_3;
  wire s2, c2;
  assign p7_2 = B[2] & A[7];
  assign p6_2 = A[6] & B[2];
  assign {c0, s0} = p7_2 + p6_2;
  assign p7_1 = A[7] & B[1];
  assign p5_3 = B[3] & A[5];
  assign p6_3 = B[3] & A[6];
  assign {c1, s1} = p5_3 + p6_3 + s0;
  assign p7_3 = B[3] & A[7];
  assign {c2, s2} = c0 + c1 + p7_3;
  assign O[0] = s0;
  assign O[1] = p6_2;
  assign O[2] = p6_2;
  assign O[3] = B[3];
  assign O[4] = p7_2;
  assign O[5] = p7_2;
  assign O[6] = B[1];
  assign O[7] = B[1];
  assign O[8] = p7_1;
  assign O[9] = s1;
  assign O[10] = s2;
  assign O[11] = c2;
endmodule
