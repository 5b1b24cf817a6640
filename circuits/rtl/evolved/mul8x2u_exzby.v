// mul8x2u_exzby: evolved under mae <= 36.16210938, wce <= 130; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 29.333984
// mulsmith: wce = 130
// mulsmith: ep_percent = 87.109375
// mulsmith: mre_percent = 70.183369
module mul8x2u_exzby(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p7_0;
  wire p6_1;
  wire s0, c0;
  wire p7_1;
  wire n17;
  wire n18;
  wire n19;
  assign p7_0 = B[0] & A[7];
  assign p6_1 = A[6] & B[1];
  assign {c0, s0} = p6_1 + p7_0;
  assign p7_1 = A[7] & B[1];
  assign n17 = ~p7_1;
  assign n18 = c0 | n17;
  assign n19 = ~n18;
  assign O[0] = A[6];
  assign O[1] = p7_0;
  assign O[2] = s0;
  assign O[3] = p6_1;
  assign O[4] = B[1];
  assign O[5] = B[1];
  assign O[6] = B[0];
  assign O[7] = s0;
  assign O[8] = n19;
  assign O[9] = c0;
endmodule
