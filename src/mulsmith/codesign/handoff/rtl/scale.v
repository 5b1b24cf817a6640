// The number that a layer's sum stands for: the sum times its unit in IEEE float32, as the emulation has it.
//
// Sum and product are rounded to nearest, ties to even. The unit is positive, and neither it nor any product
// leaves the normal numbers: the export refuses layers where one could.
module scale #(
  parameter OUT_BITS = 32
) (
  input signed [OUT_BITS-1:0] sum,
  input [31:0] unit,
  output [31:0] value
);
  wire [OUT_BITS-1:0] magnitude = sum < 0 ? -sum : sum;
  wire [23:0] factor, mantissa;
  wire [7:0] sum_exponent, product_exponent;
  wire [47:0] product = factor * {1'b1, unit[22:0]};
  wire [7:0] exponent = sum_exponent + product_exponent + unit[30:23] - 46;

  round_float #(.WIDTH(OUT_BITS)) of_sum (.value(magnitude), .mantissa(factor), .exponent(sum_exponent));
  round_float #(.WIDTH(48)) of_product (.value(product), .mantissa(mantissa), .exponent(product_exponent));

  assign value = sum == 0 ? 32'd0 : {sum[OUT_BITS-1], exponent, mantissa[22:0]};
endmodule
