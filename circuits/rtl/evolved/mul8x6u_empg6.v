// mul8x6u_empg6: evolved under mae <= 1307.87793, wce <= 4953; 200000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 1302.9067
// mulsmith: wce = 4119
// mulsmith: ep_percent = 99.853516
// mulsmith: mre_percent = 108.76559
module mul8x6u_empg6(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p7_5;
  assign p7_5 = B[5] & A[7];
  assign O[0] = A[7];
  assign O[1] = p7_5;
  assign O[2] = B[5];
  assign O[3] = A[5];
  assign O[4] = A[6];
  assign O[5] = B[3];
  assign O[6] = B[1];
  assign O[7] = A[2];
  assign O[8] = B[4];
  assign O[9] = A[5];
  assign O[10] = B[4];
  assign O[11] = A[6];
  assign O[12] = 1'b0;
  assign O[13] = p7_5;
endmodule
