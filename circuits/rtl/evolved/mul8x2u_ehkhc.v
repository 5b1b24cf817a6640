// mul8x2u_ehkhc: evolved under mae <= 15.375, wce <= 85; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 14.675781
// mulsmith: wce = 64
// mulsmith: ep_percent = 85.742188
// mulsmith: mre_percent = 25.32376
module mul8x2u_ehkhc(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p6_0;
  wire p5_1;
  wire s0, c0;
  wire p6_1;
  wire p7_0;
  wire s1, c1;
  wire p7_1;
  wire s2, c2;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = B[1] & A[5];
  assign {c0, s0} = p6_0 + p5_1;
  assign p6_1 = B[1] & A[6];
  assign p7_0 = A[7] & B[0];
  assign {c1, s1} = p6_1 + c0 + p7_0;
  assign p7_1 = A[7] & B[1];
  assign {c2, s2} = p7_1 + c1;
  assign O[0] = p6_0;
  assign O[1] = s0;
  assign O[2] = A[4];
  assign O[3] = A[4];
  assign O[4] = B[0];
  assign O[5] = B[1];
  assign O[6] = s0;
  assign O[7] = s1;
  assign O[8] = s2;
  assign O[9] = c2;
endmodule
