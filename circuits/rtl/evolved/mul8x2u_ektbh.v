// mul8x2u_ektbh: evolved under mae <= 6.962890625, wce <= 31; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 6.9179688
// mulsmith: wce = 31
// mulsmith: ep_percent = 90.039062
// mulsmith: mre_percent = 11.874308
module mul8x2u_ektbh(A, B, O);
  input [7:0] A;
  input [1:0] B;
  output [9:0] O;
  wire p7_1;
  wire n13;
  wire n14;
  wire s0, c0;
  wire p5_0;
  wire p4_1;
  wire n19;
  wire p6_0;
  wire p5_1;
  wire s1, c1;
  wire p6_1;
  wire p7_0;
  wire s2, c2;
  wire s3, c3;
  assign p7_1 = B[1] & A[7];
  assign n13 = A[5] & A[4];
  assign n14 = n13 & B[0];
  assign {c0, s0} = B[1] + n14;
  assign p5_0 = A[5] & B[0];
  assign p4_1 = A[4] & B[1];
  assign n19 = p5_0 | p4_1;
  assign p6_0 = B[0] & A[6];
  assign p5_1 = B[1] & A[5];
  assign {c1, s1} = c0 + p6_0 + p5_1;
  assign p6_1 = B[1] & A[6];
  assign p7_0 = A[7] & B[0];
  assign {c2, s2} = c1 + p6_1 + p7_0;
  assign {c3, s3} = p7_1 + c2;
  assign O[0] = p7_1;
  assign O[1] = A[1];
  assign O[2] = A[3];
  assign O[3] = B[0];
  assign O[4] = s0;
  assign O[5] = n19;
  assign O[6] = s1;
  assign O[7] = s2;
  assign O[8] = s3;
  assign O[9] = c3;
endmodule
