// mul8x2u_efggz: evolved under mae <= 0.25, wce <= 1; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 0.25
// mulsmith: wce = 1
// mulsmith: ep_percent = 25
// mulsmith: mre_percent = 0.63201901
module mul8x2u_efggz(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p1_0;
  wire p0_1;
  wire s0, c0;
  wire p2_0;
  wire p1_1;
  wire s1, c1;
  wire p2_1;
  wire p3_0;
  wire s2, c2;
  wire p4_0;
  wire p3_1;
  wire s3, c3;
  wire p5_0;
  wire p4_1;
  wire s4, c4;
  wire p6_0;
  wire p5_1;
  wire s5, c5;
  wire p7_0;
  wire p6_1;
  wire s6, c6;
  wire p7_1;
  wire s7, c7;
  assign p1_0 = B[0] & A[1];
  assign p0_1 = B[1] & A[0];
  assign {c0, s0} = p1_0 + p0_1;
  assign p2_0 = A[2] & B[0];
  assign p1_1 = B[1] & A[1];
  assign {c1, s1} = c0 + p2_0 + p1_1;
  assign p2_1 = A[2] & B[1];
  assign p3_0 = A[3] & B[0];
  assign {c2, s2} = p2_1 + p3_0 + c1;
  assign p4_0 = B[0] & A[4];
  assign p3_1 = A[3] & B[1];
  assign {c3, s3} = c2 + p4_0 + p3_1;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign {c4, s4} = c3 + p5_0 + p4_1;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c5, s5} = c4 + p6_0 + p5_1;
  assign p7_0 = B[0] & A[7];
  assign p6_1 = A[6] & B[1];
  assign {c6, s6} = c5 + p7_0 + p6_1;
  assign p7_1 = B[1] & A[7];
  assign {c7, s7} = c6 + p7_1;
  assign O[0] = p1_0;
  assign O[1] = s0;
  assign O[2] = s1;
  assign O[3] = s2;
  assign O[4] = s3;
  assign O[5] = s4;
  assign O[6] = s5;
  assign O[7] = s6;
  assign O[8] = s7;
  assign O[9] = c7;
endmodule
