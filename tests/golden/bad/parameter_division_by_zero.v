module m(input [3:0] a, input [3:0] b, output [7:0] z);
  parameter P = 4 / 0;
  assign z = a * b;
endmodule
