module m(input [3:0] a, input [3:0] b, output [7:0] z);
  DFFPOSX1 u(.CLK(a[0]), .D(b[0]), .Q(z[0]));
endmodule
