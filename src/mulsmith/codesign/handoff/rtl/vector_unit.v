// Dot product: LANES products per cycle, added up over the cycles in which `step` is high.
//
// Lanes whose `lane` bit is low add nothing: an approximate product of zeros need not be 0. After the last
// step, `y` holds the corrected sum.
module vector_unit #(
  parameter UNIT = 0,
  parameter LANES = 8,
  parameter A_BITS = 8,
  parameter A_SIGNED = 1,
  parameter B_BITS = 8,
  parameter P_BITS = 17,
  parameter ACC_BITS = 32,
  parameter XSUM_BITS = 20,
  parameter ZERO_BITS = 9,
  parameter OUT_BITS = 32,
  parameter POINT_BITS = 1
) (
  input clk,
  input [POINT_BITS-1:0] point,
  input step,
  input first,
  input [LANES-1:0] lane,
  input [LANES*A_BITS-1:0] x,
  input [LANES*B_BITS-1:0] w,
  input signed [ZERO_BITS-1:0] w_zero,
  input signed [OUT_BITS-1:0] offset,
  output signed [OUT_BITS-1:0] y
);
  reg signed [ACC_BITS-1:0] sum;
  reg signed [XSUM_BITS-1:0] x_sum;

  genvar n;
  generate
    for (n = 0; n < LANES; n = n + 1) begin : tap
      wire signed [P_BITS-1:0] p;
      wire signed [ACC_BITS-1:0] total;
      wire signed [XSUM_BITS-1:0] x_total;
      wire [A_BITS-1:0] code = x[n*A_BITS +: A_BITS];
      wire signed [A_BITS:0] value = {(A_SIGNED != 0) & code[A_BITS-1], code};
      wire signed [ACC_BITS-1:0] wide = p;
      wire signed [XSUM_BITS-1:0] x_wide = value;
      product #(
        .UNIT(UNIT), .A_BITS(A_BITS), .B_BITS(B_BITS), .P_BITS(P_BITS), .POINT_BITS(POINT_BITS)
      ) multiply (.point(point), .x(code), .w(w[n*B_BITS +: B_BITS]), .p(p));
      if (n == 0) begin : start
        assign total = (first ? {ACC_BITS{1'b0}} : sum) + (wide & {ACC_BITS{lane[n]}});
        assign x_total = (first ? {XSUM_BITS{1'b0}} : x_sum) + (x_wide & {XSUM_BITS{lane[n]}});
      end else begin : next
        assign total = tap[n-1].total + (wide & {ACC_BITS{lane[n]}});
        assign x_total = tap[n-1].x_total + (x_wide & {XSUM_BITS{lane[n]}});
      end
    end
  endgenerate

  always @(posedge clk)
    if (step) begin
      sum <= tap[LANES-1].total;
      x_sum <= tap[LANES-1].x_total;
    end

  zero_point #(
    .ACC_BITS(ACC_BITS), .XSUM_BITS(XSUM_BITS), .ZERO_BITS(ZERO_BITS), .OUT_BITS(OUT_BITS)
  ) correct (.sum(sum), .x_sum(x_sum), .w_zero(w_zero), .offset(offset), .y(y));
endmodule
