// mul8x3u_ewhs6: evolved under mae <= 46.21875, wce <= 141; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 45.886719
// mulsmith: wce = 139
// mulsmith: ep_percent = 96.923828
// mulsmith: mre_percent = 22.510555
module mul8x3u_ewhs6(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_2;
  wire p5_2;
  wire s0, c0;
  wire p7_1;
  wire p6_1;
  wire n19;
  wire s1, c1;
  wire p7_2;
  wire s2, c2;
  wire n25;
  assign p6_2 = B[2] & A[6];
  assign p5_2 = A[5] & B[2];
  assign {c0, s0} = p6_2 + p5_2;
  assign p7_1 = A[7] & B[1];
  assign p6_1 = B[1] & A[6];
  assign n19 = B[0] & p6_1;
  assign {c1, s1} = s0 + p7_1 + n19;
  assign p7_2 = B[2] & A[7];
  assign {c2, s2} = c0 + c1 + p7_2;
  assign n25 = B[0] ? A[7] : p6_1;
  assign O[0] = A[4];
  assign O[1] = c2;
  assign O[2] = A[2];
  assign O[3] = c2;
  assign O[4] = n19;
  assign O[5] = A[3];
  assign O[6] = A[4];
  assign O[7] = n25;
  assign O[8] = s1;
  assign O[9] = s2;
  assign O[10] = c2;
endmodule
