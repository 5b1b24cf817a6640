module m(input clk, input [3:0] a, input [3:0] b, output logic [7:0] z);
  always_ff @(posedge clk)
    z <= a * b;
endmodule
