// mul8x3u_ehy4o: evolved under mae <= 171.9365234, wce <= 635; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 165.21094
// mulsmith: wce = 578
// mulsmith: ep_percent = 98.828125
// mulsmith: mre_percent = 122.9768
module mul8x3u_ehy4o(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p7_1;
  wire s0, c0;
  assign p7_1 = A[7] & B[1];
  assign {c0, s0} = B[2] + p7_1;
  assign O[0] = A[6];
  assign O[1] = p7_1;
  assign O[2] = p7_1;
  assign O[3] = A[3];
  assign O[4] = A[4];
  assign O[5] = A[7];
  assign O[6] = c0;
  assign O[7] = A[6];
  assign O[8] = 1'b0;
  assign O[9] = s0;
  assign O[10] = c0;
endmodule
