// The largest sum of a pooling window, at least 0 with a rectifier; one sum per cycle while `step` is high.
// The maximum of the sums is that of the numbers: units are positive, and rounding keeps the order.
module maximum #(
  parameter OUT_BITS = 32,
  parameter RELU = 0
) (
  input clk,
  input step,
  input first,                   // of a window
  input signed [OUT_BITS-1:0] sum,
  output reg signed [OUT_BITS-1:0] largest
);
  wire signed [OUT_BITS-1:0] least = RELU != 0 ? {OUT_BITS{1'b0}} : sum;
  wire signed [OUT_BITS-1:0] former = first ? least : largest;

  always @(posedge clk)
    if (step) largest <= sum > former ? sum : former;
endmodule
