// mul8x6u_eqhpe: evolved under mae <= 396.6010742, wce <= 1629; 200000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 386.45496
// mulsmith: wce = 1498
// mulsmith: ep_percent = 99.920654
// mulsmith: mre_percent = 32.193694
module mul8x6u_eqhpe(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p5_5;
  wire p4_5;
  wire s0, c0;
  wire p6_4;
  wire p5_4;
  wire s1, c1;
  wire s2, c2;
  wire p6_5;
  wire s3, c3;
  wire p7_4;
  wire p7_3;
  wire s4, c4;
  wire p7_5;
  wire s5, c5;
  assign p5_5 = A[5] & B[5];
  assign p4_5 = B[5] & A[4];
  assign {c0, s0} = p5_5 + p4_5;
  assign p6_4 = A[6] & B[4];
  assign p5_4 = A[5] & B[4];
  assign {c1, s1} = A[6] + p5_4;
  assign {c2, s2} = p6_4 + s0 + c1;
  assign p6_5 = B[5] & A[6];
  assign {c3, s3} = c0 + c2 + p6_5;
  assign p7_4 = A[7] & B[4];
  assign p7_3 = A[7] & B[3];
  assign {c4, s4} = p7_4 + p7_3 + s3;
  assign p7_5 = A[7] & B[5];
  assign {c5, s5} = c3 + c4 + p7_5;
  assign O[0] = A[1];
  assign O[1] = A[6];
  assign O[2] = B[0];
  assign O[3] = 1'b1;
  assign O[4] = c5;
  assign O[5] = 1'b0;
  assign O[6] = A[7];
  assign O[7] = A[5];
  assign O[8] = B[2];
  assign O[9] = s1;
  assign O[10] = s2;
  assign O[11] = s4;
  assign O[12] = s5;
  assign O[13] = c5;
endmodule
