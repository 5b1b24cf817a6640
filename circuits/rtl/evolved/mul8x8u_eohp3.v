// mul8x8u_eohp3: evolved under mae <= 1409.416443, wce <= 5380; 500000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 1178.3262
// mulsmith: wce = 5344
// mulsmith: ep_percent = 99.938965
// mulsmith: mre_percent = 44.083044
module mul8x8u_eohp3(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p6_5;
  wire p6_6;
  wire p7_5;
  wire s0, c0;
  wire p6_7;
  wire p5_7;
  wire p5_6;
  wire s1, c1;
  wire s2, c2;
  wire s3, c3;
  wire n32;
  wire p4_7;
  wire s4, c4;
  wire p7_6;
  wire s5, c5;
  wire p7_7;
  wire s6, c6;
  assign p6_5 = A[6] & B[5];
  assign p6_6 = A[6] & B[6];
  assign p7_5 = A[7] & B[5];
  assign {c0, s0} = p6_6 + p7_5 + p6_5;
  assign p6_7 = A[6] & B[7];
  assign p5_7 = A[5] & B[7];
  assign p5_6 = A[5] & B[6];
  assign {c1, s1} = p5_7 + p5_6;
  assign {c2, s2} = p6_7 + c1;
  assign {c3, s3} = c0 + s2;
  assign n32 = c3 | c2;
  assign p4_7 = B[7] & A[4];
  assign {c4, s4} = s1 + s0 + p4_7;
  assign p7_6 = B[6] & A[7];
  assign {c5, s5} = s3 + c4 + p7_6;
  assign p7_7 = A[7] & B[7];
  assign {c6, s6} = n32 + c5 + p7_7;
  assign O[0] = B[2];
  assign O[1] = p6_5;
  assign O[2] = n32;
  assign O[3] = p7_5;
  assign O[4] = p6_7;
  assign O[5] = p4_7;
  assign O[6] = p6_5;
  assign O[7] = 1'b1;
  assign O[8] = A[3];
  assign O[9] = B[3];
  assign O[10] = A[7];
  assign O[11] = B[4];
  assign O[12] = s4;
  assign O[13] = s5;
  assign O[14] = s6;
  assign O[15] = c6;
endmodule
