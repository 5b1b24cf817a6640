module m(input [3:0] a, input [3:0] b, output [7:0] z);
  adder4 u(.x(a), .y(b), .s(z));
endmodule
