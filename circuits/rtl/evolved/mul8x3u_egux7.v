// mul8x3u_egux7: evolved under mae <= 210.7744141, wce <= 757; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 185.42188
// mulsmith: wce = 547
// mulsmith: ep_percent = 99.072266
// mulsmith: mre_percent = 106.21355
module mul8x3u_egux7(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p7_2;
  assign p7_2 = B[2] & A[7];
  assign O[0] = B[2];
  assign O[1] = B[2];
  assign O[2] = A[1];
  assign O[3] = B[1];
  assign O[4] = A[2];
  assign O[5] = A[6];
  assign O[6] = A[4];
  assign O[7] = B[0];
  assign O[8] = A[6];
  assign O[9] = 1'b0;
  assign O[10] = p7_2;
endmodule
