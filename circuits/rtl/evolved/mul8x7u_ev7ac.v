// mul8x7u_ev7ac: evolved under mae <= 1043.899048, wce <= 4037; 150000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 999.53253
// mulsmith: wce = 3832
// mulsmith: ep_percent = 99.554443
// mulsmith: mre_percent = 54.163887
module mul8x7u_ev7ac(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p5_6;
  wire p6_6;
  wire p6_5;
  wire p7_4;
  wire p7_5;
  wire s0, c0;
  wire s1, c1;
  wire p7_6;
  wire s2, c2;
  assign p5_6 = B[6] & A[5];
  assign p6_6 = A[6] & B[6];
  assign p6_5 = B[5] & A[6];
  assign p7_4 = B[4] & A[7];
  assign p7_5 = A[7] & B[5];
  assign {c0, s0} = p6_5 + p7_4 + p7_5;
  assign {c1, s1} = p5_6 + p6_6 + s0;
  assign p7_6 = A[7] & B[6];
  assign {c2, s2} = c0 + c1 + p7_6;
  assign O[0] = B[1];
  assign O[1] = B[3];
  assign O[2] = B[1];
  assign O[3] = B[5];
  assign O[4] = c1;
  assign O[5] = p6_6;
  assign O[6] = p7_6;
  assign O[7] = c0;
  assign O[8] = B[2];
  assign O[9] = A[3];
  assign O[10] = B[3];
  assign O[11] = 1'b0;
  assign O[12] = s1;
  assign O[13] = s2;
  assign O[14] = c2;
endmodule
