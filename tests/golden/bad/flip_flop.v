module m(input clk, input [3:0] a, input [3:0] b, output reg [7:0] z);
  always @(posedge clk)
    z <= a * b;
endmodule
