module m(input [3:0] a, input [3:0] b, output [7:0] z);
  FAX1 u(.A(a[0]), .B(b[0]), .YS(z[0]), .YC(z[1]));
endmodule
