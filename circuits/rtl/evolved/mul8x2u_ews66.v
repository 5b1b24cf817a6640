// mul8x2u_ews66: evolved under mae <= 4.83203125, wce <= 21; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 4.53125
// mulsmith: wce = 17
// mulsmith: ep_percent = 82.03125
// mulsmith: mre_percent = 5.8213636
module mul8x2u_ews66(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p6_1;
  wire p4_0;
  wire p3_1;
  wire s0, c0;
  wire p5_0;
  wire p4_1;
  wire s1, c1;
  wire p5_1;
  wire p6_0;
  wire s2, c2;
  wire p7_0;
  wire s3, c3;
  wire p7_1;
  wire s4, c4;
  assign p6_1 = A[6] & B[1];
  assign p4_0 = A[4] & B[0];
  assign p3_1 = A[3] & B[1];
  assign {c0, s0} = p4_0 + p3_1;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign {c1, s1} = c0 + p5_0 + p4_1;
  assign p5_1 = B[1] & A[5];
  assign p6_0 = B[0] & A[6];
  assign {c2, s2} = p5_1 + p6_0 + c1;
  assign p7_0 = A[7] & B[0];
  assign {c3, s3} = p7_0 + c2 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c4, s4} = c3 + p7_1;
  assign O[0] = p6_1;
  assign O[1] = p4_0;
  assign O[2] = p3_1;
  assign O[3] = A[2];
  assign O[4] = s0;
  assign O[5] = s1;
  assign O[6] = s2;
  assign O[7] = s3;
  assign O[8] = s4;
  assign O[9] = c4;
endmodule
