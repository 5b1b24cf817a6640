// mul8x7u_eryfz: evolved under mae <= 644.1171265, wce <= 2609; 150000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 602.8645
// mulsmith: wce = 2571
// mulsmith: ep_percent = 99.679565
// mulsmith: mre_percent = 44.310938
module mul8x7u_eryfz(A, B, O);
  input [7:0] A;
  input [6:0] B;
  output [14:0] O;
  wire p7_5;
  wire p7_4;
  wire p4_6;
  wire p5_5;
  wire p6_5;
  wire p5_6;
  wire s0, c0;
  wire p6_4;
  wire s1, c1;
  wire s2, c2;
  wire p6_6;
  wire s3, c3;
  wire s4, c4;
  wire p7_6;
  wire s5, c5;
  assign p7_5 = B[5] & A[7];
  assign p7_4 = A[7] & B[4];
  assign p4_6 = B[6] & A[4];
  assign p5_5 = A[5] & B[5];
  assign p6_5 = A[6] & B[5];
  assign p5_6 = B[6] & A[5];
  assign {c0, s0} = p5_5 + p6_5 + p5_6;
  assign p6_4 = A[6] & B[4];
  assign {c1, s1} = p6_4 + p7_4;
  assign {c2, s2} = p4_6 + s0 + s1;
  assign p6_6 = A[6] & B[6];
  assign {c3, s3} = c1 + c2 + p6_6;
  assign {c4, s4} = c0 + p7_5 + s3;
  assign p7_6 = A[7] & B[6];
  assign {c5, s5} = c3 + c4 + p7_6;
  assign O[0] = p7_5;
  assign O[1] = A[7];
  assign O[2] = B[6];
  assign O[3] = p7_4;
  assign O[4] = s2;
  assign O[5] = A[6];
  assign O[6] = c1;
  assign O[7] = A[7];
  assign O[8] = A[7];
  assign O[9] = B[2];
  assign O[10] = B[3];
  assign O[11] = s2;
  assign O[12] = s4;
  assign O[13] = s5;
  assign O[14] = c5;
endmodule
