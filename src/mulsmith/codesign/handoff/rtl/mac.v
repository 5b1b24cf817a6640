// One multiplier with its accumulator, whose width holds every sum that the layer can have: nothing saturates.
module mac #(
  parameter UNIT = 0,        // which multiplier, see product.v
  parameter A_BITS = 8,      // width of an activation code
  parameter B_BITS = 8,      // width of a weight code
  parameter P_BITS = 17,     // width of a product
  parameter ACC_BITS = 32,   // width of the sum
  parameter POINT_BITS = 1   // width of the selection of the operating point
) (
  input clk,
  input [POINT_BITS-1:0] point,
  input step,                              // add the product
  input first,                             // forget the former sum when adding
  input drain,                             // take over the neighbour's sum instead
  input [A_BITS-1:0] x,
  input [B_BITS-1:0] w,
  input signed [ACC_BITS-1:0] neighbour,
  output reg signed [ACC_BITS-1:0] sum
);
  wire signed [P_BITS-1:0] p;
  wire signed [ACC_BITS-1:0] former = first ? {ACC_BITS{1'b0}} : sum;

  product #(
    .UNIT(UNIT), .A_BITS(A_BITS), .B_BITS(B_BITS), .P_BITS(P_BITS), .POINT_BITS(POINT_BITS)
  ) multiply (.point(point), .x(x), .w(w), .p(p));

  always @(posedge clk)
    if (drain) sum <= neighbour;
    else if (step) sum <= former + p;
endmodule
