// mul8x2u_ew7ib: evolved under mae <= 50.19726562, wce <= 159; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 49.5
// mulsmith: wce = 152
// mulsmith: ep_percent = 97.851562
// mulsmith: mre_percent = 96.443271
module mul8x2u_ew7ib(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p6_1;
  wire p7_1;
  wire s0, c0;
  wire n16;
  wire n17;
  wire n18;
  assign p6_1 = A[6] & B[1];
  assign p7_1 = B[1] & A[7];
  assign {c0, s0} = p6_1 + p7_1;
  assign n16 = ~p7_1;
  assign n17 = A[6] | n16;
  assign n18 = ~n17;
  assign O[0] = A[3];
  assign O[1] = A[2];
  assign O[2] = A[6];
  assign O[3] = A[6];
  assign O[4] = A[1];
  assign O[5] = B[0];
  assign O[6] = B[0];
  assign O[7] = s0;
  assign O[8] = n18;
  assign O[9] = c0;
endmodule
