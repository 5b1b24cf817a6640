// mul8x3u_ehqe3: evolved under mae <= 38.89160156, wce <= 141; 300000 generations, seed 2
// mulsmith: signed = false
// mulsmith: mae = 38.616211
// mulsmith: wce = 141
// mulsmith: ep_percent = 95.361328
// mulsmith: mre_percent = 21.806827
module mul8x3u_ehqe3(A, B, O);
  input [7:0] A;
  input [2:0] B;
  output [10:0] O;
  wire p7_0;
  wire p6_2;
  wire s0, c0;
  wire s1, c1;
  wire p7_1;
  wire p6_1;
  wire n21;
  wire s2, c2;
  wire p7_2;
  wire s3, c3;
  wire n27;
  wire n28;
  assign p7_0 = B[0] & A[7];
  assign p6_2 = B[2] & A[6];
  assign {c0, s0} = A[5] + B[2];
  assign {c1, s1} = p6_2 + c0;
  assign p7_1 = B[1] & A[7];
  assign p6_1 = A[6] & B[1];
  assign n21 = p6_1 & B[0];
  assign {c2, s2} = p7_1 + n21 + s1;
  assign p7_2 = A[7] & B[2];
  assign {c3, s3} = c1 + c2 + p7_2;
  assign n27 = p7_0 ^ p6_1;
  assign n28 = n27 ^ n21;
  assign O[0] = p7_0;
  assign O[1] = s3;
  assign O[2] = n28;
  assign O[3] = p7_1;
  assign O[4] = A[4];
  assign O[5] = A[4];
  assign O[6] = s0;
  assign O[7] = n28;
  assign O[8] = s2;
  assign O[9] = s3;
  assign O[10] = c3;
endmodule
