// mul8x4u_evbbb: evolved under mae <= 154.0209961, wce <= 563; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 154.00391
// mulsmith: wce = 558
// mulsmith: ep_percent = 99.902344
// mulsmith: mre_percent = 64.068876
module mul8x4u_evbbb(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire n14;
  wire p7_2;
  wire n16;
  wire p6_3;
  wire p5_3;
  wire s0, c0;
  wire p7_3;
  wire n22;
  wire s1, c1;
  assign n14 = ~A[6];
  assign p7_2 = B[2] & A[7];
  assign n16 = n14 & p7_2;
  assign p6_3 = B[3] & A[6];
  assign p5_3 = A[5] & B[3];
  assign {c0, s0} = n16 + p5_3 + p6_3;
  assign p7_3 = A[7] & B[3];
  assign n22 = p7_2 & A[6];
  assign {c1, s1} = p7_3 + c0 + n22;
  assign O[0] = 1'b1;
  assign O[1] = n16;
  assign O[2] = p6_3;
  assign O[3] = A[7];
  assign O[4] = n16;
  assign O[5] = B[2];
  assign O[6] = n16;
  assign O[7] = A[6];
  assign O[8] = B[1];
  assign O[9] = s0;
  assign O[10] = s1;
  assign O[11] = c1;
endmodule
