// mul8x5u_enyq3: evolved under mae <= 77.29077148, wce <= 309; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 70.446533
// mulsmith: wce = 287
// mulsmith: ep_percent = 95.800781
// mulsmith: mre_percent = 14.700709
module mul8x5u_enyq3(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire p6_1;
  wire p7_0;
  wire s0, c0;
  wire p6_2;
  wire p6_3;
  wire p7_3;
  wire p7_1;
  wire p4_4;
  wire s1, c1;
  wire p5_2;
  wire p5_3;
  wire p4_3;
  wire s2, c2;
  wire p3_4;
  wire s3, c3;
  wire s4, c4;
  wire p5_4;
  wire s5, c5;
  wire p7_2;
  wire s6, c6;
  wire s7, c7;
  wire p6_4;
  wire s8, c8;
  wire s9, c9;
  wire p7_4;
  wire s10, c10;
  assign p6_1 = A[6] & B[1];
  assign p7_0 = B[0] & A[7];
  assign {c0, s0} = p6_1 + p7_0;
  assign p6_2 = A[6] & B[2];
  assign p6_3 = B[3] & A[6];
  assign p7_3 = B[3] & A[7];
  assign p7_1 = A[7] & B[1];
  assign p4_4 = B[4] & A[4];
  assign {c1, s1} = p6_2 + p4_4;
  assign p5_2 = A[5] & B[2];
  assign p5_3 = B[3] & A[5];
  assign p4_3 = B[3] & A[4];
  assign {c2, s2} = p5_2 + p5_3 + p4_3;
  assign p3_4 = B[4] & A[3];
  assign {c3, s3} = p3_4 + c0 + p7_1;
  assign {c4, s4} = s1 + s2 + s3;
  assign p5_4 = A[5] & B[4];
  assign {c5, s5} = c2 + p5_4 + p6_3;
  assign p7_2 = B[2] & A[7];
  assign {c6, s6} = c1 + c3 + p7_2;
  assign {c7, s7} = s5 + s6 + c4;
  assign p6_4 = A[6] & B[4];
  assign {c8, s8} = c5 + c6 + p6_4;
  assign {c9, s9} = s8 + c7 + p7_3;
  assign p7_4 = A[7] & B[4];
  assign {c10, s10} = c8 + c9 + p7_4;
  assign O[0] = c0;
  assign O[1] = c0;
  assign O[2] = p6_2;
  assign O[3] = p6_3;
  assign O[4] = p7_3;
  assign O[5] = p7_1;
  assign O[6] = B[1];
  assign O[7] = s0;
  assign O[8] = s4;
  assign O[9] = s7;
  assign O[10] = s9;
  assign O[11] = s10;
  assign O[12] = c10;
endmodule
