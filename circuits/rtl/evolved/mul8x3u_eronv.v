// mul8x3u_eronv: evolved under mae <= 27.5, wce <= 107; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 26.4375
// mulsmith: wce = 106
// mulsmith: ep_percent = 97.265625
// mulsmith: mre_percent = 20.330605
module mul8x3u_eronv(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p5_1;
  wire p5_2;
  wire p6_0;
  wire n16;
  wire n17;
  wire s0, c0;
  wire p6_1;
  wire p7_0;
  wire n22;
  wire n23;
  wire n24;
  wire s1, c1;
  wire s2, c2;
  wire p7_1;
  wire p6_2;
  wire s3, c3;
  wire s4, c4;
  wire p7_2;
  wire s5, c5;
  assign p5_1 = A[5] & B[1];
  assign p5_2 = B[2] & A[5];
  assign p6_0 = B[0] & A[6];
  assign n16 = ~B[2];
  assign n17 = n16 & p5_1;
  assign {c0, s0} = B[2] + p6_0 + n17;
  assign p6_1 = B[1] & A[6];
  assign p7_0 = A[7] & B[0];
  assign n22 = A[4] & A[5];
  assign n23 = n22 & B[1];
  assign n24 = B[2] & n23;
  assign {c1, s1} = p5_2 + c0 + n24;
  assign {c2, s2} = p6_1 + p7_0 + s1;
  assign p7_1 = B[1] & A[7];
  assign p6_2 = B[2] & A[6];
  assign {c3, s3} = c1 + p6_2;
  assign {c4, s4} = c2 + p7_1 + s3;
  assign p7_2 = B[2] & A[7];
  assign {c5, s5} = c3 + c4 + p7_2;
  assign O[0] = p5_1;
  assign O[1] = A[3];
  assign O[2] = A[0];
  assign O[3] = p5_2;
  assign O[4] = B[0];
  assign O[5] = A[4];
  assign O[6] = s0;
  assign O[7] = s2;
  assign O[8] = s4;
  assign O[9] = s5;
  assign O[10] = c5;
endmodule
