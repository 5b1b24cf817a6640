// mul8x4u_etapw: evolved under mae <= 57.13085938, wce <= 220; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 56.473633
// mulsmith: wce = 214
// mulsmith: ep_percent = 96.240234
// mulsmith: mre_percent = 25.509461
module mul8x4u_etapw(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p6_3;
  wire p5_3;
  wire p4_3;
  wire p6_2;
  wire s0, c0;
  wire p6_1;
  wire p7_0;
  wire s1, c1;
  wire p5_2;
  wire s2, c2;
  wire s3, c3;
  wire p7_1;
  wire s4, c4;
  wire p7_2;
  wire s5, c5;
  wire p7_3;
  wire s6, c6;
  assign p6_3 = A[6] & B[3];
  assign p5_3 = B[3] & A[5];
  assign p4_3 = B[3] & A[4];
  assign p6_2 = B[2] & A[6];
  assign {c0, s0} = p4_3 + p6_2 + p5_3;
  assign p6_1 = A[6] & B[1];
  assign p7_0 = B[0] & A[7];
  assign {c1, s1} = p6_1 + p7_0;
  assign p5_2 = B[2] & A[5];
  assign {c2, s2} = c1 + p5_2;
  assign {c3, s3} = c0 + c2 + p6_3;
  assign p7_1 = B[1] & A[7];
  assign {c4, s4} = s0 + s2 + p7_1;
  assign p7_2 = B[2] & A[7];
  assign {c5, s5} = s3 + c4 + p7_2;
  assign p7_3 = B[3] & A[7];
  assign {c6, s6} = p7_3 + c3 + c5;
  assign O[0] = p6_3;
  assign O[1] = A[5];
  assign O[2] = p5_3;
  assign O[3] = c3;
  assign O[4] = p6_1;
  assign O[5] = B[1];
  assign O[6] = B[0];
  assign O[7] = s1;
  assign O[8] = s4;
  assign O[9] = s5;
  assign O[10] = s6;
  assign O[11] = c6;
endmodule
