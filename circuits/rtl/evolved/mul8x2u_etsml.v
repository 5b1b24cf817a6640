// mul8x2u_etsml: evolved under mae <= 8.533203125, wce <= 45; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 7.7929688
// mulsmith: wce = 35
// mulsmith: ep_percent = 85.351562
// mulsmith: mre_percent = 14.564665
module mul8x2u_etsml(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p5_0;
  wire p4_1;
  wire s0, c0;
  wire p6_0;
  wire p5_1;
  wire s1, c1;
  wire p7_0;
  wire p6_1;
  wire s2, c2;
  wire p7_1;
  wire s3, c3;
  assign p5_0 = B[0] & A[5];
  assign p4_1 = A[4] & B[1];
  assign {c0, s0} = p5_0 + p4_1;
  assign p6_0 = A[6] & B[0];
  assign p5_1 = A[5] & B[1];
  assign {c1, s1} = c0 + p6_0 + p5_1;
  assign p7_0 = A[7] & B[0];
  assign p6_1 = B[1] & A[6];
  assign {c2, s2} = c1 + p7_0 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c3, s3} = p7_1 + c2;
  assign O[0] = A[5];
  assign O[1] = s0;
  assign O[2] = c1;
  assign O[3] = B[1];
  assign O[4] = B[0];
  assign O[5] = s0;
  assign O[6] = s1;
  assign O[7] = s2;
  assign O[8] = s3;
  assign O[9] = c3;
endmodule
