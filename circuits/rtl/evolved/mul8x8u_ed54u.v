// mul8x8u_ed54u: evolved under mae <= 1011.253418, wce <= 9124; 500000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 1011.2245
// mulsmith: wce = 5219
// mulsmith: ep_percent = 99.821472
// mulsmith: mre_percent = 26.115195
module mul8x8u_ed54u(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p7_5;
  wire p5_7;
  wire p4_7;
  wire s0, c0;
  wire p6_4;
  wire p7_4;
  wire p6_5;
  wire s1, c1;
  wire p6_6;
  wire p5_6;
  wire s2, c2;
  wire s3, c3;
  wire p7_6;
  wire p6_7;
  wire s4, c4;
  wire s5, c5;
  wire n40;
  wire p7_7;
  wire s6, c6;
  assign p7_5 = A[7] & B[5];
  assign p5_7 = A[5] & B[7];
  assign p4_7 = B[7] & A[4];
  assign {c0, s0} = p5_7 + p4_7;
  assign p6_4 = B[4] & A[6];
  assign p7_4 = A[7] & B[4];
  assign p6_5 = B[5] & A[6];
  assign {c1, s1} = p6_4 + p7_4 + p6_5;
  assign p6_6 = A[6] & B[6];
  assign p5_6 = A[5] & B[6];
  assign {c2, s2} = c1 + p6_6 + p5_6;
  assign {c3, s3} = p7_5 + s0 + s2;
  assign p7_6 = B[6] & A[7];
  assign p6_7 = B[7] & A[6];
  assign {c4, s4} = c0 + c2 + p6_7;
  assign {c5, s5} = c3 + p7_6 + s4;
  assign n40 = B[5] | A[7];
  assign p7_7 = B[7] & A[7];
  assign {c6, s6} = p7_7 + c4 + c5;
  assign O[0] = s3;
  assign O[1] = c5;
  assign O[2] = s4;
  assign O[3] = A[0];
  assign O[4] = p5_7;
  assign O[5] = c3;
  assign O[6] = A[2];
  assign O[7] = B[3];
  assign O[8] = p7_6;
  assign O[9] = A[3];
  assign O[10] = n40;
  assign O[11] = s1;
  assign O[12] = s3;
  assign O[13] = s5;
  assign O[14] = s6;
  assign O[15] = c6;
endmodule
