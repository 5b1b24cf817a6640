module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire x, y;
  assign x = y | a[0];
  assign y = x & b[0];
  assign z = x;
endmodule
