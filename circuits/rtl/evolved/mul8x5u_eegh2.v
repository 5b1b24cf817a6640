// mul8x5u_eegh2: evolved under mae <= 311.7856445, wce <= 1265; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 311.08032
// mulsmith: wce = 1195
// mulsmith: ep_percent = 99.658203
// mulsmith: mre_percent = 92.903751
module mul8x5u_eegh2(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire n15;
  wire p7_3;
  wire n17;
  wire p6_4;
  wire p5_4;
  wire s0, c0;
  wire p7_4;
  wire n23;
  wire s1, c1;
  wire s2, c2;
  wire n28;
  assign n15 = ~A[6];
  assign p7_3 = B[3] & A[7];
  assign n17 = n15 & p7_3;
  assign p6_4 = A[6] & B[4];
  assign p5_4 = A[5] & B[4];
  assign {c0, s0} = p6_4 + n17 + p5_4;
  assign p7_4 = A[7] & B[4];
  assign n23 = A[6] & p7_3;
  assign {c1, s1} = p7_4 + n23;
  assign {c2, s2} = s1 + c0;
  assign n28 = c1 | c2;
  assign O[0] = A[0];
  assign O[1] = n17;
  assign O[2] = p6_4;
  assign O[3] = A[2];
  assign O[4] = A[6];
  assign O[5] = A[4];
  assign O[6] = A[7];
  assign O[7] = B[0];
  assign O[8] = B[1];
  assign O[9] = B[2];
  assign O[10] = s0;
  assign O[11] = s2;
  assign O[12] = n28;
endmodule
