// An integer with 24 significant bits: mantissa * 2**(exponent - 23) is the nearest such number, ties to even.
module round_float #(
  parameter WIDTH = 32           // 64 at most
) (
  input [WIDTH-1:0] value,
  output [23:0] mantissa,        // the top bit is set unless the value is 0
  output [7:0] exponent
);
  localparam TOTAL = WIDTH + 25;
  reg [TOTAL-1:0] aligned;       // the value with its leading one at the top
  reg [7:0] leading;
  integer k;

  always @* begin
    aligned = {value, 25'b0};
    leading = WIDTH - 1;
    for (k = 5; k >= 0; k = k - 1)
      if (WIDTH > (1 << k) && aligned >> (TOTAL - (1 << k)) == 0) begin
        aligned = aligned << (1 << k);
        leading = leading - (1 << k);
      end
  end

  wire [23:0] kept = aligned[TOTAL-1 -: 24];
  wire half = aligned[TOTAL-25];
  wire above_half = |aligned[TOTAL-26:0];
  wire [24:0] rounded = kept + (half & (above_half | kept[0]));
  assign mantissa = rounded[24] ? rounded[24:1] : rounded[23:0];
  assign exponent = leading + rounded[24];
endmodule
