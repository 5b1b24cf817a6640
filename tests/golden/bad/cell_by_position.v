module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire c;
  HAX1 u(a[0], b[0], c, z[0]);
endmodule
