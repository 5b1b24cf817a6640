// mul8x4u_ekctc: evolved under mae <= 176.75, wce <= 2304; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 171.94385
// mulsmith: wce = 591
// mulsmith: ep_percent = 99.707031
// mulsmith: mre_percent = 82.327106
module mul8x4u_ekctc(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire s0, c0;
  wire p7_3;
  wire p6_3;
  wire n18;
  wire s1, c1;
  wire n21;
  wire n22;
  wire n23;
  assign {c0, s0} = B[2] + A[7];
  assign p7_3 = B[3] & A[7];
  assign p6_3 = A[6] & B[3];
  assign n18 = A[5] & p6_3;
  assign {c1, s1} = c0 + p7_3 + n18;
  assign n21 = ~p6_3;
  assign n22 = n21 | A[5];
  assign n23 = ~n22;
  assign O[0] = B[2];
  assign O[1] = 1'b0;
  assign O[2] = B[2];
  assign O[3] = c1;
  assign O[4] = 1'b1;
  assign O[5] = A[1];
  assign O[6] = B[1];
  assign O[7] = B[1];
  assign O[8] = s0;
  assign O[9] = n23;
  assign O[10] = s1;
  assign O[11] = c1;
endmodule
