module m(input [3:0] a, input [3:0] b, output [7:0] z);
  parameter P = 1;
  parameter P = 2;
  assign z = a * b;
endmodule
