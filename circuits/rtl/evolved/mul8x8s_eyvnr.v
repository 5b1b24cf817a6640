// mul8x8s_eyvnr: evolved under mae <= 2016, wce <= 8064; 500000 generations, seed 3
// mulsmith: signed = true
// mulsmith: mae = 1951.5783
// mulsmith: wce = 7141
// mulsmith: ep_percent = 99.966431
// mulsmith: mre_percent = 231.02345
module mul8x8s_eyvnr(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  wire n18;
  wire n19;
  wire n20;
  wire n21;
  wire p6_7;
  wire p7_6;
  wire n24;
  wire n25;
  wire p7_7;
  wire s0, c0;
  wire n29;
  wire s1, c1;
  wire n32;
  wire n33;
  wire n34;
  assign n18 = ~A[7];
  assign n19 = B[6] & n18;
  assign n20 = ~B[7];
  assign n21 = n19 & n20;
  assign p6_7 = B[7] & A[6];
  assign p7_6 = A[7] & B[6];
  assign n24 = ~p7_6;
  assign n25 = ~p6_7;
  assign p7_7 = B[7] & A[7];
  assign {c0, s0} = A[6] + n21 + n25;
  assign n29 = n25 | B[6];
  assign {c1, s1} = n24 + s0 + n29;
  assign n32 = c0 & c1;
  assign n33 = n32 | p7_7;
  assign n34 = ~n33;
  assign O[0] = n21;
  assign O[1] = p6_7;
  assign O[2] = A[2];
  assign O[3] = n24;
  assign O[4] = B[5];
  assign O[5] = n21;
  assign O[6] = A[1];
  assign O[7] = p6_7;
  assign O[8] = n25;
  assign O[9] = B[3];
  assign O[10] = p7_7;
  assign O[11] = n34;
  assign O[12] = n34;
  assign O[13] = s1;
  assign O[14] = n34;
  assign O[15] = n34;
endmodule
