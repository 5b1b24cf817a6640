// mul8x3u_ev6j2: evolved under mae <= 18.19140625, wce <= 66; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 18.125
// mulsmith: wce = 63
// mulsmith: ep_percent = 93.847656
// mulsmith: mre_percent = 18.114595
module mul8x3u_ev6j2(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p6_2;
  wire p4_2;
  wire p3_2;
  wire n16;
  wire n17;
  wire n18;
  wire p5_1;
  wire n20;
  wire n21;
  wire p6_0;
  wire s0, c0;
  wire p6_1;
  wire p7_0;
  wire p5_2;
  wire s1, c1;
  wire s2, c2;
  wire p7_1;
  wire s3, c3;
  wire s4, c4;
  wire p7_2;
  wire s5, c5;
  assign p6_2 = A[6] & B[2];
  assign p4_2 = B[2] & A[4];
  assign p3_2 = B[2] & A[3];
  assign n16 = A[4] & A[5];
  assign n17 = B[1] & n16;
  assign n18 = p4_2 ^ n17;
  assign p5_1 = B[1] & A[5];
  assign n20 = n18 ^ p5_1;
  assign n21 = B[1] & p3_2;
  assign p6_0 = A[6] & B[0];
  assign {c0, s0} = n20 + n21 + p6_0;
  assign p6_1 = A[6] & B[1];
  assign p7_0 = A[7] & B[0];
  assign p5_2 = A[5] & B[2];
  assign {c1, s1} = n17 + c0 + p5_2;
  assign {c2, s2} = p6_1 + p7_0 + s1;
  assign p7_1 = A[7] & B[1];
  assign {c3, s3} = c1 + p6_2;
  assign {c4, s4} = c2 + p7_1 + s3;
  assign p7_2 = B[2] & A[7];
  assign {c5, s5} = c3 + c4 + p7_2;
  assign O[0] = p6_2;
  assign O[1] = p4_2;
  assign O[2] = p3_2;
  assign O[3] = A[3];
  assign O[4] = A[2];
  assign O[5] = B[0];
  assign O[6] = s0;
  assign O[7] = s2;
  assign O[8] = s4;
  assign O[9] = s5;
  assign O[10] = c5;
endmodule
