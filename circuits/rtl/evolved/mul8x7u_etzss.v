// mul8x7u_etzss: evolved under mae <= 899.3500366, wce <= 3693; 150000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 864.86139
// mulsmith: wce = 3354
// mulsmith: ep_percent = 99.850464
// mulsmith: mre_percent = 48.620696
module mul8x7u_etzss(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p7_5;
  wire p6_5;
  wire p7_4;
  wire s0, c0;
  wire p5_6;
  wire p4_6;
  wire s1, c1;
  wire p6_6;
  wire s2, c2;
  wire p7_6;
  wire s3, c3;
  assign p7_5 = A[7] & B[5];
  assign p6_5 = B[5] & A[6];
  assign p7_4 = B[4] & A[7];
  assign {c0, s0} = p7_5 + p6_5 + p7_4;
  assign p5_6 = A[5] & B[6];
  assign p4_6 = A[4] & B[6];
  assign {c1, s1} = p5_6 + p4_6;
  assign p6_6 = B[6] & A[6];
  assign {c2, s2} = c1 + s0 + p6_6;
  assign p7_6 = A[7] & B[6];
  assign {c3, s3} = c0 + c2 + p7_6;
  assign O[0] = A[3];
  assign O[1] = B[6];
  assign O[2] = B[2];
  assign O[3] = c3;
  assign O[4] = p7_6;
  assign O[5] = s2;
  assign O[6] = A[1];
  assign O[7] = c1;
  assign O[8] = A[2];
  assign O[9] = A[5];
  assign O[10] = B[3];
  assign O[11] = s1;
  assign O[12] = s2;
  assign O[13] = s3;
  assign O[14] = c3;
endmodule
