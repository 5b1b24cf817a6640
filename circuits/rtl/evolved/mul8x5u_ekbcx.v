// mul8x5u_ekbcx: evolved under mae <= 315.7553711, wce <= 1056; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 261.00293
// mulsmith: wce = 1047
// mulsmith: ep_percent = 99.79248
// mulsmith: mre_percent = 64.605733
module mul8x5u_ekbcx(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire p7_4;
  wire p5_4;
  wire p6_4;
  wire s0, c0;
  wire p6_3;
  wire p7_3;
  wire p7_2;
  wire s1, c1;
  wire s2, c2;
  wire s3, c3;
  wire n29;
  assign p7_4 = A[7] & B[4];
  assign p5_4 = B[4] & A[5];
  assign p6_4 = B[4] & A[6];
  assign {c0, s0} = p6_4 + p5_4;
  assign p6_3 = B[3] & A[6];
  assign p7_3 = A[7] & B[3];
  assign p7_2 = A[7] & B[2];
  assign {c1, s1} = p7_3 + p7_2 + s0;
  assign {c2, s2} = p7_4 + c1;
  assign {c3, s3} = s2 + c0;
  assign n29 = c3 | c2;
  assign O[0] = p7_4;
  assign O[1] = p5_4;
  assign O[2] = s0;
  assign O[3] = B[3];
  assign O[4] = A[7];
  assign O[5] = B[3];
  assign O[6] = c0;
  assign O[7] = 1'b1;
  assign O[8] = B[1];
  assign O[9] = p6_3;
  assign O[10] = s1;
  assign O[11] = s3;
  assign O[12] = n29;
endmodule
