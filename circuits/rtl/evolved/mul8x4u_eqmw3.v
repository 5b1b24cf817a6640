// mul8x4u_eqmw3: evolved under mae <= 57.13085938, wce <= 220; 300000 generations, seed 3
// mulsmith: signed = false
// mulsmith: mae = 55.698242
// mulsmith: wce = 204
// mulsmith: ep_percent = 97.314453
// mulsmith: mre_percent = 22.767707
module mul8x4u_eqmw3(A, B, O);
  input [7:0] A;
  input [3:0] B;
  output [11:0] O;
  wire p6_3;
  wire p7_3;
  wire p5_3;
  wire p7_0;
  wire p6_1;
  wire s0, c0;
  wire p7_1;
  wire s1, c1;
  wire p4_3;
  wire p6_2;
  wire s2, c2;
  wire s3, c3;
  wire p5_2;
  wire n31;
  wire s4, c4;
  wire s5, c5;
  wire p7_2;
  wire s6, c6;
  wire s7, c7;
  assign p6_3 = B[3] & A[6];
  assign p7_3 = B[3] & A[7];
  assign p5_3 = B[3] & A[5];
  assign p7_0 = B[0] & A[7];
  assign p6_1 = A[6] & B[1];
  assign {c0, s0} = p7_0 + p6_1;
  assign p7_1 = A[7] & B[1];
  assign {c1, s1} = p5_3 + c0 + p7_1;
  assign p4_3 = B[3] & A[4];
  assign p6_2 = B[2] & A[6];
  assign {c2, s2} = p4_3 + p6_2;
  assign {c3, s3} = c1 + c2 + p6_3;
  assign p5_2 = B[2] & A[5];
  assign n31 = A[6] & p5_2;
  assign {c4, s4} = p5_2 + s0 + n31;
  assign {c5, s5} = s1 + s2 + c4;
  assign p7_2 = B[2] & A[7];
  assign {c6, s6} = s3 + c5 + p7_2;
  assign {c7, s7} = p7_3 + c3 + c6;
  assign O[0] = p6_3;
  assign O[1] = A[4];
  assign O[2] = c7;
  assign O[3] = B[0];
  assign O[4] = B[0];
  assign O[5] = A[3];
  assign O[6] = B[1];
  assign O[7] = s4;
  assign O[8] = s5;
  assign O[9] = s6;
  assign O[10] = s7;
  assign O[11] = c7;
endmodule
