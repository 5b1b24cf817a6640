// mul8x3u_edumq: evolved under mae <= 89.37988281, wce <= 279; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 85.441406
// mulsmith: wce = 272
// mulsmith: ep_percent = 99.316406
// mulsmith: mre_percent = 54.968486
module mul8x3u_edumq(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p4_2;
  wire n14;
  wire n15;
  wire n16;
  wire n17;
  wire n18;
  wire p7_0;
  wire s0, c0;
  wire p7_1;
  wire p6_2;
  wire p7_2;
  wire s1, c1;
  assign p4_2 = B[2] & A[4];
  assign n14 = p4_2 & A[5];
  assign n15 = ~n14;
  assign n16 = A[6] | n15;
  assign n17 = ~n16;
  assign n18 = n17 & B[1];
  assign p7_0 = A[7] & B[0];
  assign {c0, s0} = n18 + p7_0;
  assign p7_1 = A[7] & B[1];
  assign p6_2 = B[2] & A[6];
  assign p7_2 = B[2] & A[7];
  assign {c1, s1} = p6_2 + c0 + p7_2;
  assign O[0] = 1'b0;
  assign O[1] = A[0];
  assign O[2] = n17;
  assign O[3] = A[1];
  assign O[4] = n15;
  assign O[5] = B[0];
  assign O[6] = B[1];
  assign O[7] = s0;
  assign O[8] = p7_1;
  assign O[9] = s1;
  assign O[10] = c1;
endmodule
