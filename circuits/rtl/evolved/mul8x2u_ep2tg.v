// mul8x2u_ep2tg: evolved under mae <= 12.01171875, wce <= 39; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 11.205078
// mulsmith: wce = 39
// mulsmith: ep_percent = 89.355469
// mulsmith: mre_percent = 14.917059
module mul8x2u_ep2tg(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p5_0;
  wire s0, c0;
  wire p7_0;
  wire p6_0;
  wire n17;
  wire p5_1;
  wire n19;
  wire p6_1;
  wire s1, c1;
  wire p7_1;
  wire s2, c2;
  assign p5_0 = B[0] & A[5];
  assign {c0, s0} = B[1] + p5_0;
  assign p7_0 = A[7] & B[0];
  assign p6_0 = A[6] & B[0];
  assign n17 = p6_0 ^ c0;
  assign p5_1 = B[1] & A[5];
  assign n19 = n17 ^ p5_1;
  assign p6_1 = B[1] & A[6];
  assign {c1, s1} = c0 + p7_0 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c2, s2} = c1 + p7_1;
  assign O[0] = c0;
  assign O[1] = p7_0;
  assign O[2] = p6_0;
  assign O[3] = A[3];
  assign O[4] = A[4];
  assign O[5] = s0;
  assign O[6] = n19;
  assign O[7] = s1;
  assign O[8] = s2;
  assign O[9] = c2;
endmodule
