module m(input [3:0] a, input [3:0] b, output [7:0] z);
  assign z = a * b;
  assign z[3] = a[0];
endmodule
