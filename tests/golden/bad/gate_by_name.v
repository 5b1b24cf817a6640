module m(input [3:0] a, input [3:0] b, output [7:0] z);
  and g(.y(z[0]), .a(a[0]), .b(b[0]));
endmodule
