module m(input [3:0] a [0:1], input [3:0] b, output [7:0] z);
  assign z = b;
endmodule
