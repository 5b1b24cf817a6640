// mul8x4u_ev3s3: evolved under mae <= 70.17919922, wce <= 273; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 69.250488
// mulsmith: wce = 272
// mulsmith: ep_percent = 97.119141
// mulsmith: mre_percent = 39.597866
module mul8x4u_ev3s3(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p6_2;
  wire n15;
  wire n16;
  wire s0, c0;
  wire p7_1;
  wire p5_3;
  wire p5_2;
  wire p4_3;
  wire s1, c1;
  wire p6_3;
  wire s2, c2;
  wire n28;
  wire n29;
  wire s3, c3;
  wire p7_2;
  wire s4, c4;
  wire p7_3;
  wire s5, c5;
  assign p6_2 = A[6] & B[2];
  assign n15 = A[7] & A[3];
  assign n16 = B[0] & n15;
  assign {c0, s0} = n16 + B[1];
  assign p7_1 = A[7] & B[1];
  assign p5_3 = B[3] & A[5];
  assign p5_2 = B[2] & A[5];
  assign p4_3 = A[4] & B[3];
  assign {c1, s1} = p5_3 + p5_2 + p4_3;
  assign p6_3 = A[6] & B[3];
  assign {c2, s2} = c1 + c0 + p6_3;
  assign n28 = ~c0;
  assign n29 = n28 & p7_1;
  assign {c3, s3} = s1 + p6_2 + n29;
  assign p7_2 = A[7] & B[2];
  assign {c4, s4} = c3 + s2 + p7_2;
  assign p7_3 = A[7] & B[3];
  assign {c5, s5} = p7_3 + c2 + c4;
  assign O[0] = p6_2;
  assign O[1] = c0;
  assign O[2] = p7_1;
  assign O[3] = n15;
  assign O[4] = s2;
  assign O[5] = A[6];
  assign O[6] = B[0];
  assign O[7] = s0;
  assign O[8] = s3;
  assign O[9] = s4;
  assign O[10] = s5;
  assign O[11] = c5;
endmodule
