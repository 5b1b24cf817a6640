module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire x;
  wire [1:0] x;
  assign z = a * b;
endmodule
