module m(input [3:0] a, input [3:0] b, output [7:0] z);
  tri [7:0] x;
  assign x = a * b;
  assign z = x;
endmodule
