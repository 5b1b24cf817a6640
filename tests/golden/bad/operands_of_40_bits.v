module m(input [39:0] a, input [39:0] b, output [79:0] z);
  assign z = a * b;
endmodule
