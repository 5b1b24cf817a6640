// mul8x4u_ee46w: evolved under mae <= 128.7680664, wce <= 489; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 126.76367
// mulsmith: wce = 479
// mulsmith: ep_percent = 98.706055
// mulsmith: mre_percent = 51.703305
module mul8x4u_ee46w(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p7_2;
  wire p7_3;
  wire p6_3;
  wire p5_3;
  wire s0, c0;
  wire p6_2;
  wire p7_1;
  wire s1, c1;
  wire s2, c2;
  assign p7_2 = A[7] & B[2];
  assign p7_3 = A[7] & B[3];
  assign p6_3 = B[3] & A[6];
  assign p5_3 = B[3] & A[5];
  assign {c0, s0} = p6_3 + p5_3 + p7_2;
  assign p6_2 = B[2] & A[6];
  assign p7_1 = B[1] & A[7];
  assign {c1, s1} = p6_2 + p7_1;
  assign {c2, s2} = c1 + c0 + p7_3;
  assign O[0] = p7_2;
  assign O[1] = p7_3;
  assign O[2] = c0;
  assign O[3] = p6_2;
  assign O[4] = A[7];
  assign O[5] = A[2];
  assign O[6] = A[3];
  assign O[7] = B[0];
  assign O[8] = s1;
  assign O[9] = s0;
  assign O[10] = s2;
  assign O[11] = c2;
endmodule
