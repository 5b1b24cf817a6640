module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire x;
  assign x = x & a[0];
  assign z = x;
endmodule
