// mul8x3u_etl5b: evolved under mae <= 70.87207031, wce <= 297; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 68.969727
// mulsmith: wce = 283
// mulsmith: ep_percent = 97.753906
// mulsmith: mre_percent = 69.206146
module mul8x3u_etl5b(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p7_2;
  wire p5_2;
  wire p6_2;
  wire p7_1;
  wire s0, c0;
  wire s1, c1;
  assign p7_2 = A[7] & B[2];
  assign p5_2 = A[5] & B[2];
  assign p6_2 = B[2] & A[6];
  assign p7_1 = A[7] & B[1];
  assign {c0, s0} = p5_2 + p6_2 + p7_1;
  assign {c1, s1} = p7_2 + c0;
  assign O[0] = s1;
  assign O[1] = A[2];
  assign O[2] = A[4];
  assign O[3] = A[6];
  assign O[4] = A[4];
  assign O[5] = A[6];
  assign O[6] = B[0];
  assign O[7] = B[1];
  assign O[8] = s0;
  assign O[9] = s1;
  assign O[10] = c1;
endmodule
