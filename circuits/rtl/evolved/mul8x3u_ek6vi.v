// mul8x3u_ek6vi: evolved under mae <= 70.87207031, wce <= 297; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 70.830078
// mulsmith: wce = 263
// mulsmith: ep_percent = 96.142578
// mulsmith: mre_percent = 37.939413
module mul8x3u_ek6vi(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_2;
  wire p5_1;
  wire n15;
  wire n16;
  wire n17;
  wire n18;
  wire n19;
  wire n20;
  wire n21;
  wire p7_0;
  wire s0, c0;
  wire p7_1;
  wire n26;
  wire p7_2;
  wire s1, c1;
  assign p6_2 = A[6] & B[2];
  assign p5_1 = A[5] & B[1];
  assign n15 = p5_1 & B[2];
  assign n16 = A[7] | B[2];
  assign n17 = B[0] & B[1];
  assign n18 = n17 & A[6];
  assign n19 = ~n18;
  assign n20 = n16 | n19;
  assign n21 = ~n20;
  assign p7_0 = B[0] & A[7];
  assign {c0, s0} = n21 + p7_0 + n15;
  assign p7_1 = A[7] & B[1];
  assign n26 = p7_1 ^ c0;
  assign p7_2 = A[7] & B[2];
  assign {c1, s1} = p7_2 + p6_2 + c0;
  assign O[0] = p6_2;
  assign O[1] = n15;
  assign O[2] = A[4];
  assign O[3] = s0;
  assign O[4] = B[0];
  assign O[5] = A[5];
  assign O[6] = B[1];
  assign O[7] = s0;
  assign O[8] = n26;
  assign O[9] = s1;
  assign O[10] = c1;
endmodule
