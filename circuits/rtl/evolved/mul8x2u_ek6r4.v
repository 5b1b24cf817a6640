// mul8x2u_ek6r4: evolved under mae <= 16.984375, wce <= 63; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 16.910156
// mulsmith: wce = 62
// mulsmith: ep_percent = 95.3125
// mulsmith: mre_percent = 20.11773
module mul8x2u_ek6r4(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p5_1;
  wire p6_0;
  wire n14;
  wire n15;
  wire p6_1;
  wire p7_0;
  wire s0, c0;
  wire p7_1;
  wire s1, c1;
  assign p5_1 = A[5] & B[1];
  assign p6_0 = A[6] & B[0];
  assign n14 = p5_1 | p6_0;
  assign n15 = p6_0 & p5_1;
  assign p6_1 = A[6] & B[1];
  assign p7_0 = A[7] & B[0];
  assign {c0, s0} = n15 + p6_1 + p7_0;
  assign p7_1 = A[7] & B[1];
  assign {c1, s1} = p7_1 + c0;
  assign O[0] = A[2];
  assign O[1] = A[3];
  assign O[2] = n14;
  assign O[3] = p5_1;
  assign O[4] = B[0];
  assign O[5] = A[4];
  assign O[6] = n14;
  assign O[7] = s0;
  assign O[8] = s1;
  assign O[9] = c1;
endmodule
