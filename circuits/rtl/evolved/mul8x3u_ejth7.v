// mul8x3u_ejth7: evolved under mae <= 10.44921875, wce <= 40; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 10.261719
// mulsmith: wce = 40
// mulsmith: ep_percent = 90.429688
// mulsmith: mre_percent = 9.2528063
module mul8x3u_ejth7(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p4_2;
  wire p6_0;
  wire p5_1;
  wire p3_2;
  wire n17;
  wire p5_0;
  wire s0, c0;
  wire n21;
  wire s1, c1;
  wire s2, c2;
  wire p6_1;
  wire p7_0;
  wire p5_2;
  wire s3, c3;
  wire s4, c4;
  wire p7_1;
  wire p6_2;
  wire s5, c5;
  wire s6, c6;
  wire p7_2;
  wire s7, c7;
  assign p4_2 = B[2] & A[4];
  assign p6_0 = A[6] & B[0];
  assign p5_1 = B[1] & A[5];
  assign p3_2 = A[3] & B[2];
  assign n17 = B[1] ? A[4] : p3_2;
  assign p5_0 = A[5] & B[0];
  assign {c0, s0} = n17 + p5_0;
  assign n21 = p3_2 & B[1];
  assign {c1, s1} = p5_1 + c0 + n21;
  assign {c2, s2} = p4_2 + p6_0 + s1;
  assign p6_1 = A[6] & B[1];
  assign p7_0 = A[7] & B[0];
  assign p5_2 = B[2] & A[5];
  assign {c3, s3} = c1 + c2 + p5_2;
  assign {c4, s4} = p6_1 + p7_0 + s3;
  assign p7_1 = B[1] & A[7];
  assign p6_2 = B[2] & A[6];
  assign {c5, s5} = p6_2 + c3;
  assign {c6, s6} = c4 + p7_1 + s5;
  assign p7_2 = B[2] & A[7];
  assign {c7, s7} = p7_2 + c5 + c6;
  assign O[0] = A[2];
  assign O[1] = s2;
  assign O[2] = p3_2;
  assign O[3] = A[2];
  assign O[4] = B[0];
  assign O[5] = s0;
  assign O[6] = s2;
  assign O[7] = s4;
  assign O[8] = s6;
  assign O[9] = s7;
  assign O[10] = c7;
endmodule
