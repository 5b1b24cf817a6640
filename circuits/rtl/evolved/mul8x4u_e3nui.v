// mul8x4u_e3nui: evolved under mae <= 325.5800781, wce <= 1143; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 325.33203
// mulsmith: wce = 1040
// mulsmith: ep_percent = 99.414062
// mulsmith: mre_percent = 90.477944
module mul8x4u_e3nui(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p7_3;
  assign p7_3 = A[7] & B[3];
  assign O[0] = B[1];
  assign O[1] = A[3];
  assign O[2] = A[1];
  assign O[3] = A[3];
  assign O[4] = B[3];
  assign O[5] = B[1];
  assign O[6] = B[1];
  assign O[7] = A[5];
  assign O[8] = B[2];
  assign O[9] = A[6];
  assign O[10] = 1'b0;
  assign O[11] = p7_3;
endmodule
