module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire [7:0] x;
  assign z = a * b + x;
endmodule
