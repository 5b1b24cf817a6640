// The sum of the activation codes of one row, which zero-point correction needs; outside the multipliers.
module code_sum #(
  parameter A_BITS = 8,
  parameter A_SIGNED = 1,
  parameter XSUM_BITS = 20
) (
  input clk,
  input step,
  input first,
  input drain,
  input [A_BITS-1:0] x,
  input signed [XSUM_BITS-1:0] neighbour,
  output reg signed [XSUM_BITS-1:0] sum
);
  wire signed [A_BITS:0] value = {(A_SIGNED != 0) & x[A_BITS-1], x};
  wire signed [XSUM_BITS-1:0] former = first ? {XSUM_BITS{1'b0}} : sum;

  always @(posedge clk)
    if (drain) sum <= neighbour;
    else if (step) sum <= former + value;
endmodule
