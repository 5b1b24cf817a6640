module m(input [3:0] a, input [3:0] b, output reg [7:0] z);
  initial z = 0;
endmodule
