// mul8x7u_eepyw: evolved under mae <= 2223.4776, wce <= 8258; 150000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 1973.347
// mulsmith: wce = 8254
// mulsmith: ep_percent = 99.865723
// mulsmith: mre_percent = 112.46297
module mul8x7u_eepyw(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p7_6;
  wire p6_6;
  wire s0, c0;
  assign p7_6 = B[6] & A[7];
  assign p6_6 = B[6] & A[6];
  assign {c0, s0} = p6_6 + p7_6;
  assign O[0] = A[1];
  assign O[1] = A[6];
  assign O[2] = 1'b0;
  assign O[3] = p7_6;
  assign O[4] = p6_6;
  assign O[5] = B[6];
  assign O[6] = 1'b0;
  assign O[7] = A[4];
  assign O[8] = p6_6;
  assign O[9] = A[7];
  assign O[10] = A[7];
  assign O[11] = B[4];
  assign O[12] = B[5];
  assign O[13] = s0;
  assign O[14] = c0;
endmodule
