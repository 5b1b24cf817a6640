module m(input [3:0] a, input [3:0] b, output reg [7:0] z);
  wire [7:0] x;
  always @* z = a * b + x;
endmodule
