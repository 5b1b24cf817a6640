// mul8x2u_e4jd4: evolved under mae <= 3.25, wce <= 15; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 3.09375
// mulsmith: wce = 14
// mulsmith: ep_percent = 67.1875
// mulsmith: mre_percent = 5.2098047
module mul8x2u_e4jd4(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p3_1;
  wire p2_1;
  wire p4_0;
  wire s0, c0;
  wire p5_0;
  wire p4_1;
  wire s1, c1;
  wire p6_0;
  wire p5_1;
  wire s2, c2;
  wire p7_0;
  wire p6_1;
  wire s3, c3;
  wire p7_1;
  wire s4, c4;
  assign p3_1 = A[3] & B[1];
  assign p2_1 = B[1] & A[2];
  assign p4_0 = A[4] & B[0];
  assign {c0, s0} = p3_1 + p4_0;
  assign p5_0 = B[0] & A[5];
  assign p4_1 = A[4] & B[1];
  assign {c1, s1} = c0 + p5_0 + p4_1;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c2, s2} = c1 + p6_0 + p5_1;
  assign p7_0 = B[0] & A[7];
  assign p6_1 = B[1] & A[6];
  assign {c3, s3} = p7_0 + c2 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c4, s4} = c3 + p7_1;
  assign O[0] = B[0];
  assign O[1] = p3_1;
  assign O[2] = B[0];
  assign O[3] = p2_1;
  assign O[4] = s0;
  assign O[5] = s1;
  assign O[6] = s2;
  assign O[7] = s3;
  assign O[8] = s4;
  assign O[9] = c4;
endmodule
