// What turns a sum of products of codes into the layer's sum: the channel's offset and the weights' zero point.
module zero_point #(
  parameter ACC_BITS = 32,
  parameter XSUM_BITS = 20,  // width of the sum of activation codes
  parameter ZERO_BITS = 9,   // width of a weight's zero point
  parameter OUT_BITS = 32    // width of the layer's sum
) (
  input signed [ACC_BITS-1:0] sum,
  input signed [XSUM_BITS-1:0] x_sum,
  input signed [ZERO_BITS-1:0] w_zero,
  input signed [OUT_BITS-1:0] offset,
  output signed [OUT_BITS-1:0] y
);
  assign y = sum + offset - w_zero * x_sum;
endmodule
