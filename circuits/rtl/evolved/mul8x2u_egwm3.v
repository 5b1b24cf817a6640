// mul8x2u_egwm3: evolved under mae <= 43.5, wce <= 189; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 42.566406
// mulsmith: wce = 161
// mulsmith: ep_percent = 96.09375
// mulsmith: mre_percent = 83.342653
module mul8x2u_egwm3(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p7_0;
  wire s0, c0;
  wire p7_1;
  wire n16;
  wire n17;
  wire n18;
  assign p7_0 = A[7] & B[0];
  assign {c0, s0} = p7_0 + B[1];
  assign p7_1 = A[7] & B[1];
  assign n16 = ~p7_1;
  assign n17 = B[0] | n16;
  assign n18 = ~n17;
  assign O[0] = p7_0;
  assign O[1] = A[4];
  assign O[2] = A[1];
  assign O[3] = 1'b0;
  assign O[4] = 1'b0;
  assign O[5] = B[0];
  assign O[6] = A[6];
  assign O[7] = s0;
  assign O[8] = n18;
  assign O[9] = c0;
endmodule
