// mul8x6u_eqpp4: evolved under mae <= 583.8475342, wce <= 2292; 200000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 564.4823
// mulsmith: wce = 2290
// mulsmith: ep_percent = 99.945068
// mulsmith: mre_percent = 70.786425
module mul8x6u_eqpp4(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p6_5;
  wire p7_5;
  wire p6_4;
  wire p7_4;
  wire p5_5;
  wire s0, c0;
  wire s1, c1;
  wire s2, c2;
  assign p6_5 = A[6] & B[5];
  assign p7_5 = B[5] & A[7];
  assign p6_4 = B[4] & A[6];
  assign p7_4 = B[4] & A[7];
  assign p5_5 = B[5] & A[5];
  assign {c0, s0} = p5_5 + p6_5;
  assign {c1, s1} = p6_4 + p7_4 + s0;
  assign {c2, s2} = p7_5 + c0 + c1;
  assign O[0] = p6_5;
  assign O[1] = 1'b1;
  assign O[2] = p6_5;
  assign O[3] = p6_5;
  assign O[4] = p7_5;
  assign O[5] = B[1];
  assign O[6] = B[3];
  assign O[7] = p6_5;
  assign O[8] = B[1];
  assign O[9] = A[7];
  assign O[10] = B[3];
  assign O[11] = s1;
  assign O[12] = s2;
  assign O[13] = c2;
endmodule
