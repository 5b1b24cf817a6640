// mul8x2u_egppo: evolved under mae <= 8.533203125, wce <= 45; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 8.4765625
// mulsmith: wce = 43
// mulsmith: ep_percent = 84.375
// mulsmith: mre_percent = 15.579855
module mul8x2u_egppo(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p5_1;
  wire p4_1;
  wire p5_0;
  wire n15;
  wire n16;
  wire n17;
  wire p6_0;
  wire s0, c0;
  wire p7_0;
  wire p6_1;
  wire s1, c1;
  wire p7_1;
  wire s2, c2;
  assign p5_1 = B[1] & A[5];
  assign p4_1 = A[4] & B[1];
  assign p5_0 = B[0] & A[5];
  assign n15 = p4_1 | p5_0;
  assign n16 = A[4] & p5_0;
  assign n17 = B[1] & n16;
  assign p6_0 = A[6] & B[0];
  assign {c0, s0} = n17 + p6_0 + p5_1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = B[1] & A[6];
  assign {c1, s1} = c0 + p7_0 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c2, s2} = p7_1 + c1;
  assign O[0] = p5_1;
  assign O[1] = n15;
  assign O[2] = A[1];
  assign O[3] = B[1];
  assign O[4] = B[0];
  assign O[5] = n15;
  assign O[6] = s0;
  assign O[7] = s1;
  assign O[8] = s2;
  assign O[9] = c2;
endmodule
