// mul8x7u_ecndi: evolved under mae <= 2636.524109, wce <= 10033; 150000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 2611.9767
// mulsmith: wce = 8505
// mulsmith: ep_percent = 99.978638
// mulsmith: mre_percent = 121.23631
module mul8x7u_ecndi(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p7_6;
  assign p7_6 = B[6] & A[7];
  assign O[0] = p7_6;
  assign O[1] = A[3];
  assign O[2] = B[2];
  assign O[3] = 1'b1;
  assign O[4] = B[6];
  assign O[5] = 1'b1;
  assign O[6] = A[6];
  assign O[7] = B[1];
  assign O[8] = A[7];
  assign O[9] = B[4];
  assign O[10] = A[6];
  assign O[11] = A[6];
  assign O[12] = B[5];
  assign O[13] = 1'b0;
  assign O[14] = p7_6;
endmodule
