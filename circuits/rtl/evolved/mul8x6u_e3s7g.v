// mul8x6u_e3s7g: evolved under mae <= 1247.613159, wce <= 4880; 200000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 1138.955
// mulsmith: wce = 4366
// mulsmith: ep_percent = 99.780273
// mulsmith: mre_percent = 110.84002
module mul8x6u_e3s7g(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire n16;
  wire n17;
  wire n18;
  wire p7_5;
  wire n20;
  wire n21;
  assign n16 = A[7] | B[5];
  assign n17 = B[4] & B[5];
  assign n18 = ~B[4];
  assign p7_5 = B[5] & A[7];
  assign n20 = n18 & p7_5;
  assign n21 = n17 & A[7];
  assign O[0] = A[2];
  assign O[1] = n16;
  assign O[2] = n17;
  assign O[3] = B[4];
  assign O[4] = 1'b0;
  assign O[5] = B[3];
  assign O[6] = n20;
  assign O[7] = B[1];
  assign O[8] = n17;
  assign O[9] = B[3];
  assign O[10] = A[6];
  assign O[11] = n16;
  assign O[12] = n20;
  assign O[13] = n21;
endmodule
