// mul8x5u_et2cq: evolved under mae <= 77.953125, wce <= 328; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 77.339355
// mulsmith: wce = 315
// mulsmith: ep_percent = 99.707031
// mulsmith: mre_percent = 20.327636
module mul8x5u_et2cq(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire p7_4;
  wire p4_3;
  wire p3_4;
  wire p7_0;
  wire s0, c0;
  wire p4_4;
  wire s1, c1;
  wire p6_3;
  wire s2, c2;
  wire p5_2;
  wire p5_3;
  wire p6_2;
  wire s3, c3;
  wire p5_4;
  wire p7_2;
  wire s4, c4;
  wire p6_4;
  wire s5, c5;
  wire p7_1;
  wire s6, c6;
  wire s7, c7;
  wire p7_3;
  wire s8, c8;
  wire s9, c9;
  assign p7_4 = B[4] & A[7];
  assign p4_3 = A[4] & B[3];
  assign p3_4 = B[4] & A[3];
  assign p7_0 = A[7] & B[0];
  assign {c0, s0} = B[1] + p3_4 + p7_0;
  assign p4_4 = A[4] & B[4];
  assign {c1, s1} = p4_3 + c0 + p4_4;
  assign p6_3 = B[3] & A[6];
  assign {c2, s2} = c1 + p6_3;
  assign p5_2 = B[2] & A[5];
  assign p5_3 = B[3] & A[5];
  assign p6_2 = B[2] & A[6];
  assign {c3, s3} = p5_2 + p5_3 + p6_2;
  assign p5_4 = B[4] & A[5];
  assign p7_2 = A[7] & B[2];
  assign {c4, s4} = c3 + p5_4 + p7_2;
  assign p6_4 = B[4] & A[6];
  assign {c5, s5} = c2 + c4 + p6_4;
  assign p7_1 = A[7] & B[1];
  assign {c6, s6} = s1 + s3 + p7_1;
  assign {c7, s7} = s2 + s4 + c6;
  assign p7_3 = B[3] & A[7];
  assign {c8, s8} = c7 + p7_3 + s5;
  assign {c9, s9} = p7_4 + c5 + c8;
  assign O[0] = c9;
  assign O[1] = 1'b1;
  assign O[2] = c2;
  assign O[3] = p6_3;
  assign O[4] = A[0];
  assign O[5] = s2;
  assign O[6] = p6_4;
  assign O[7] = s0;
  assign O[8] = s6;
  assign O[9] = s7;
  assign O[10] = s8;
  assign O[11] = s9;
  assign O[12] = c9;
endmodule
