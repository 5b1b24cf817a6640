// mul8x6u_evtn3: evolved under mae <= 421.3359375, wce <= 2112; 200000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 411.33875
// mulsmith: wce = 1617
// mulsmith: ep_percent = 99.377441
// mulsmith: mre_percent = 46.958496
module mul8x6u_evtn3(A, B, O);
  input [7:0] A;
  input [5:0] B;
  output [13:0] O;
  wire p6_4;
  wire n17;
  wire p5_5;
  wire p4_5;
  wire s0, c0;
  wire s1, c1;
  wire p6_5;
  wire s2, c2;
  wire p7_4;
  wire p7_3;
  wire s3, c3;
  wire p7_5;
  wire s4, c4;
  assign p6_4 = B[4] & A[6];
  assign n17 = A[5] & p6_4;
  assign p5_5 = B[5] & A[5];
  assign p4_5 = A[4] & B[5];
  assign {c0, s0} = p5_5 + p4_5;
  assign {c1, s1} = s0 + p6_4 + n17;
  assign p6_5 = B[5] & A[6];
  assign {c2, s2} = c0 + c1 + p6_5;
  assign p7_4 = B[4] & A[7];
  assign p7_3 = A[7] & B[3];
  assign {c3, s3} = s2 + p7_4 + p7_3;
  assign p7_5 = B[5] & A[7];
  assign {c4, s4} = c2 + c3 + p7_5;
  assign O[0] = n17;
  assign O[1] = c4;
  assign O[2] = p6_5;
  assign O[3] = c4;
  assign O[4] = A[3];
  assign O[5] = B[4];
  assign O[6] = B[1];
  assign O[7] = A[4];
  assign O[8] = B[4];
  assign O[9] = B[2];
  assign O[10] = s1;
  assign O[11] = s3;
  assign O[12] = s4;
  assign O[13] = c4;
endmodule
