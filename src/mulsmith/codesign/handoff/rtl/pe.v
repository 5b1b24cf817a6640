// Processing element of the output-stationary array: activations pass to the right, weights downwards.
module pe #(
  parameter UNIT = 0,
  parameter A_BITS = 8,
  parameter B_BITS = 8,
  parameter P_BITS = 17,
  parameter ACC_BITS = 32,
  parameter POINT_BITS = 1
) (
  input clk,
  input reset,
  input [POINT_BITS-1:0] point,
  input step,
  input first,
  input drain,
  input [A_BITS-1:0] x,
  input [B_BITS-1:0] w,
  input [ACC_BITS-1:0] below,
  output reg step_right,
  output reg first_right,
  output reg [A_BITS-1:0] x_right,
  output reg [B_BITS-1:0] w_down,
  output [ACC_BITS-1:0] sum
);
  always @(posedge clk) begin
    step_right <= step & ~reset;
    first_right <= first;
    x_right <= x;
    w_down <= w;
  end

  mac #(
    .UNIT(UNIT), .A_BITS(A_BITS), .B_BITS(B_BITS), .P_BITS(P_BITS), .ACC_BITS(ACC_BITS),
    .POINT_BITS(POINT_BITS)
  ) accumulate (
    .clk(clk), .point(point), .step(step), .first(first), .drain(drain), .x(x), .w(w),
    .neighbour(below), .sum(sum)
  );
endmodule
