module m(input [3:0] a, input [3:0] b, output [7:0] z);
  HAX1 u(.A(a[0]), .B(b[0]), .S(z[0]));
endmodule
