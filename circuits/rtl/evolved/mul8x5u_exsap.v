// mul8x5u_exsap: evolved under mae <= 225.0112305, wce <= 941; 300000 generations, seed 1
// mulsmith: signed = false
// mulsmith: mae = 223.37183
// mulsmith: wce = 811
// mulsmith: ep_percent = 99.536133
// mulsmith: mre_percent = 40.590604
module mul8x5u_exsap(A, B, O);
  input [7:0] A;
  input [4:0] B;
  output [12:0] O;
  wire p6_4;
  wire p6_3;
  wire p5_4;
  wire s0, c0;
  wire p7_2;
  wire n21;
  wire p7_3;
  wire s1, c1;
  wire p7_4;
  wire s2, c2;
  wire n28;
  wire n29;
  assign p6_4 = B[4] & A[6];
  assign p6_3 = A[6] & B[3];
  assign p5_4 = B[4] & A[5];
  assign {c0, s0} = p6_4 + p6_3 + p5_4;
  assign p7_2 = A[7] & B[2];
  assign n21 = p7_2 & B[1];
  assign p7_3 = B[3] & A[7];
  assign {c1, s1} = n21 + p7_3 + s0;
  assign p7_4 = A[7] & B[4];
  assign {c2, s2} = c0 + c1 + p7_4;
  assign n28 = ~B[1];
  assign n29 = n28 & p7_2;
  assign O[0] = c2;
  assign O[1] = p7_2;
  assign O[2] = A[3];
  assign O[3] = A[7];
  assign O[4] = A[2];
  assign O[5] = B[4];
  assign O[6] = B[2];
  assign O[7] = B[1];
  assign O[8] = A[4];
  assign O[9] = n29;
  assign O[10] = s1;
  assign O[11] = s2;
  assign O[12] = c2;
endmodule
