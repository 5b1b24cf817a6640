// mul8x2u_eemst: evolved under mae <= 0.75, wce <= 16; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 0.75
// mulsmith: wce = 6
// mulsmith: ep_percent = 40.625
// mulsmith: mre_percent = 0.71231508
module mul8x2u_eemst(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p1_0;
  wire p1_1;
  wire p2_0;
  wire n15;
  wire p3_0;
  wire p2_1;
  wire s0, c0;
  wire p4_0;
  wire p3_1;
  wire s1, c1;
  wire p5_0;
  wire p4_1;
  wire s2, c2;
  wire p6_0;
  wire p5_1;
  wire s3, c3;
  wire p7_0;
  wire p6_1;
  wire s4, c4;
  wire p7_1;
  wire s5, c5;
  assign p1_0 = B[0] & A[1];
  assign p1_1 = B[1] & A[1];
  assign p2_0 = B[0] & A[2];
  assign n15 = p1_1 | p2_0;
  assign p3_0 = B[0] & A[3];
  assign p2_1 = B[1] & A[2];
  assign {c0, s0} = p3_0 + p2_1;
  assign p4_0 = B[0] & A[4];
  assign p3_1 = B[1] & A[3];
  assign {c1, s1} = c0 + p4_0 + p3_1;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = B[1] & A[4];
  assign {c2, s2} = c1 + p5_0 + p4_1;
  assign p6_0 = B[0] & A[6];
  assign p5_1 = A[5] & B[1];
  assign {c3, s3} = p6_0 + c2 + p5_1;
  assign p7_0 = B[0] & A[7];
  assign p6_1 = B[1] & A[6];
  assign {c4, s4} = c3 + p7_0 + p6_1;
  assign p7_1 = B[1] & A[7];
  assign {c5, s5} = p7_1 + c4;
  assign O[0] = A[0];
  assign O[1] = p1_0;
  assign O[2] = n15;
  assign O[3] = s0;
  assign O[4] = s1;
  assign O[5] = s2;
  assign O[6] = s3;
  assign O[7] = s4;
  assign O[8] = s5;
  assign O[9] = c5;
endmodule
