module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire [3:0] x;
  assign x = {x[2:0], x[3]} ^ a;
  assign z = x;
endmodule
