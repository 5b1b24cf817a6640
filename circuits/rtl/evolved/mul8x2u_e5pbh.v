// mul8x2u_e5pbh: evolved under mae <= 50.19726562, wce <= 159; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 46.736328
// mulsmith: wce = 138
// mulsmith: ep_percent = 97.460938
// mulsmith: mre_percent = 66.158906
module mul8x2u_e5pbh(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p7_0;
  wire s0, c0;
  wire n15;
  wire n16;
  wire n17;
  assign p7_0 = A[7] & B[0];
  assign {c0, s0} = p7_0 + B[1];
  assign n15 = ~B[0];
  assign n16 = n15 & A[7];
  assign n17 = n16 & B[1];
  assign O[0] = A[3];
  assign O[1] = A[2];
  assign O[2] = 1'b0;
  assign O[3] = c0;
  assign O[4] = A[4];
  assign O[5] = A[5];
  assign O[6] = A[6];
  assign O[7] = s0;
  assign O[8] = n17;
  assign O[9] = c0;
endmodule
