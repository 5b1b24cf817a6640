// mul8x8u_eshze: evolved under mae <= 3169.337891, wce <= 32258; 500000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 3131.2396
// mulsmith: wce = 11954
// mulsmith: ep_percent = 99.984741
// mulsmith: mre_percent = 79.546608
module mul8x8u_eshze(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p6_7;
  wire n19;
  wire n20;
  wire n21;
  wire n22;
  wire p7_7;
  wire p7_6;
  wire s0, c0;
  assign p6_7 = A[6] & B[7];
  assign n19 = ~p6_7;
  assign n20 = A[5] | n19;
  assign n21 = ~n20;
  assign n22 = A[5] & p6_7;
  assign p7_7 = B[7] & A[7];
  assign p7_6 = B[6] & A[7];
  assign {c0, s0} = n22 + p7_7 + p7_6;
  assign O[0] = n19;
  assign O[1] = B[5];
  assign O[2] = A[7];
  assign O[3] = A[4];
  assign O[4] = n21;
  assign O[5] = n22;
  assign O[6] = A[2];
  assign O[7] = A[1];
  assign O[8] = B[4];
  assign O[9] = B[4];
  assign O[10] = A[4];
  assign O[11] = B[7];
  assign O[12] = B[5];
  assign O[13] = n21;
  assign O[14] = s0;
  assign O[15] = c0;
endmodule
