module m(input [3:0] a, input [3:0] b, output [7:0] z);
  assign y = a * b;
endmodule
