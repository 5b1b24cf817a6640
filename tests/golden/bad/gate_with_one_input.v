module m(input [3:0] a, input [3:0] b, output [7:0] z);
  and g(z[0], a[0]);
endmodule
