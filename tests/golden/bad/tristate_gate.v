module m(input [3:0] a, input [3:0] b, output [7:0] z);
  bufif1 g(z[0], a[0], b[0]);
endmodule
