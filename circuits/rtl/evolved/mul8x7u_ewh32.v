// mul8x7u_ewh32: evolved under mae <= 870.8278198, wce <= 3197; 150000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 851.07434
// mulsmith: wce = 3135
// mulsmith: ep_percent = 99.957275
// mulsmith: mre_percent = 48.862157
module mul8x7u_ewh32(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p5_6;
  wire p4_6;
  wire n19;
  wire p6_5;
  wire n21;
  wire s0, c0;
  wire p7_5;
  wire p7_4;
  wire n26;
  wire p6_6;
  wire s1, c1;
  wire s2, c2;
  wire p7_6;
  wire s3, c3;
  assign p5_6 = B[6] & A[5];
  assign p4_6 = A[4] & B[6];
  assign n19 = ~A[5];
  assign p6_5 = B[5] & A[6];
  assign n21 = n19 & p6_5;
  assign {c0, s0} = p5_6 + p4_6 + n21;
  assign p7_5 = A[7] & B[5];
  assign p7_4 = A[7] & B[4];
  assign n26 = p6_5 & A[5];
  assign p6_6 = A[6] & B[6];
  assign {c1, s1} = n26 + c0 + p6_6;
  assign {c2, s2} = p7_5 + p7_4 + s1;
  assign p7_6 = A[7] & B[6];
  assign {c3, s3} = c1 + c2 + p7_6;
  assign O[0] = B[6];
  assign O[1] = A[4];
  assign O[2] = c0;
  assign O[3] = 1'b1;
  assign O[4] = A[4];
  assign O[5] = 1'b0;
  assign O[6] = A[1];
  assign O[7] = s0;
  assign O[8] = p7_5;
  assign O[9] = A[3];
  assign O[10] = B[3];
  assign O[11] = s0;
  assign O[12] = s2;
  assign O[13] = s3;
  assign O[14] = c3;
endmodule
