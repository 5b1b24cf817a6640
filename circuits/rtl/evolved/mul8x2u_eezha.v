// mul8x2u_eezha: evolved under mae <= 15.375, wce <= 85; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 15.152344
// mulsmith: wce = 42
// mulsmith: ep_percent = 85.9375
// mulsmith: mre_percent = 30.040823
module mul8x2u_eezha(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p6_1;
  wire p5_1;
  wire s0, c0;
  wire n16;
  wire p7_0;
  wire s1, c1;
  wire p7_1;
  wire s2, c2;
  assign p6_1 = B[1] & A[6];
  assign p5_1 = A[5] & B[1];
  assign {c0, s0} = B[0] + p5_1;
  assign n16 = B[0] ? A[6] : p5_1;
  assign p7_0 = B[0] & A[7];
  assign {c1, s1} = c0 + p7_0 + p6_1;
  assign p7_1 = B[1] & A[7];
  assign {c2, s2} = c1 + p7_1;
  assign O[0] = p6_1;
  assign O[1] = s0;
  assign O[2] = A[4];
  assign O[3] = c0;
  assign O[4] = A[4];
  assign O[5] = s0;
  assign O[6] = n16;
  assign O[7] = s1;
  assign O[8] = s2;
  assign O[9] = c2;
endmodule
