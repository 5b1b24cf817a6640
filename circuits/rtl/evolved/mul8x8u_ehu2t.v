// mul8x8u_ehu2t: evolved under mae <= 1491.358215, wce <= 5953; 500000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 1490.8321
// mulsmith: wce = 5694
// mulsmith: ep_percent = 99.784851
// mulsmith: mre_percent = 45.16278
module mul8x8u_ehu2t(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire p6_6;
  wire p7_5;
  wire p7_6;
  wire p6_7;
  wire n22;
  wire p4_7;
  wire s0, c0;
  wire n26;
  wire n27;
  wire s1, c1;
  wire p5_7;
  wire p5_6;
  wire s2, c2;
  wire s3, c3;
  wire n36;
  wire p7_7;
  wire s4, c4;
  assign p6_6 = A[6] & B[6];
  assign p7_5 = B[5] & A[7];
  assign p7_6 = A[7] & B[6];
  assign p6_7 = B[7] & A[6];
  assign n22 = ~p6_7;
  assign p4_7 = A[4] & B[7];
  assign {c0, s0} = p6_6 + p4_7;
  assign n26 = n22 | c0;
  assign n27 = ~n26;
  assign {c1, s1} = p7_6 + n27;
  assign p5_7 = A[5] & B[7];
  assign p5_6 = B[6] & A[5];
  assign {c2, s2} = p5_7 + p5_6 + s0;
  assign {c3, s3} = p7_5 + s1 + c2;
  assign n36 = c0 | c1;
  assign p7_7 = A[7] & B[7];
  assign {c4, s4} = n36 + c3 + p7_7;
  assign O[0] = p6_6;
  assign O[1] = s3;
  assign O[2] = B[6];
  assign O[3] = c4;
  assign O[4] = p5_7;
  assign O[5] = p4_7;
  assign O[6] = c0;
  assign O[7] = B[4];
  assign O[8] = c0;
  assign O[9] = A[3];
  assign O[10] = A[6];
  assign O[11] = B[4];
  assign O[12] = s2;
  assign O[13] = s3;
  assign O[14] = s4;
  assign O[15] = c4;
endmodule
