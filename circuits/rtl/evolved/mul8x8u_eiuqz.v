// mul8x8u_eiuqz: evolved under mae <= 3167.8125, wce <= 12754; 500000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 3106.2238
// mulsmith: wce = 10520
// mulsmith: ep_percent = 99.867249
// mulsmith: mre_percent = 86.999763
module mul8x8u_eiuqz(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p7_5;
  wire p7_6;
  wire s0, c0;
  wire p7_7;
  wire p6_7;
  wire s1, c1;
  assign p7_5 = A[7] & B[5];
  assign p7_6 = A[7] & B[6];
  assign {c0, s0} = p7_5 + p7_6;
  assign p7_7 = B[7] & A[7];
  assign p6_7 = A[6] & B[7];
  assign {c1, s1} = p6_7 + p7_7 + c0;
  assign O[0] = A[3];
  assign O[1] = A[2];
  assign O[2] = c0;
  assign O[3] = A[0];
  assign O[4] = p7_7;
  assign O[5] = p6_7;
  assign O[6] = B[3];
  assign O[7] = A[7];
  assign O[8] = A[0];
  assign O[9] = A[3];
  assign O[10] = s1;
  assign O[11] = B[4];
  assign O[12] = A[5];
  assign O[13] = s0;
  assign O[14] = s1;
  assign O[15] = c1;
endmodule
