// Takes a layer's sums through rectifier, pooling and scale, and hands out the numbers.
module bench_values #(
  parameter FOLDER = "layers/layer",
  parameter POINTS = 1,
  parameter OUT_BITS = 32,
  parameter OUTPUTS = 1,
  parameter OUT_H = 1,
  parameter OUT_W = 1,
  parameter RELU = 0,
  parameter POOL_H = 1,
  parameter POOL_W = 1,
  parameter STEP_H = 1,
  parameter STEP_W = 1
) (
  input clk,
  input start,
  output reg done,
  output reg [31:0] read_at,
  input [OUT_BITS-1:0] read_sum,
  output reg valid,
  input ready,
  output [31:0] value
);
  reg [31:0] units [0:OUTPUTS-1];
  reg [31:0] unit;
  reg step, first;
  wire signed [OUT_BITS-1:0] largest;
  integer number, channel, y, x, i, j;

  maximum #(.OUT_BITS(OUT_BITS), .RELU(RELU)) pool (
    .clk(clk), .step(step), .first(first), .sum(read_sum), .largest(largest)
  );
  scale #(.OUT_BITS(OUT_BITS)) to_number (.sum(largest), .unit(unit), .value(value));

  initial begin
    {done, valid, step} = 0;
    $readmemh({FOLDER, "/unit.hex"}, units);
    wait (start);
    for (number = 0; number < POINTS; number = number + 1)
      for (channel = 0; channel < OUTPUTS; channel = channel + 1)
        for (y = 0; y + POOL_H <= OUT_H; y = y + STEP_H)
          for (x = 0; x + POOL_W <= OUT_W; x = x + STEP_W) begin
            unit = units[channel];
            step = 1;
            for (i = 0; i < POOL_H; i = i + 1)
              for (j = 0; j < POOL_W; j = j + 1) begin
                first = i == 0 && j == 0;
                read_at = ((number * OUTPUTS + channel) * OUT_H + y + i) * OUT_W + x + j;
                @(negedge clk);
              end
            step = 0;
            valid = 1;
            @(negedge clk);
            while (ready !== 1) @(negedge clk);
            valid = 0;
          end
    @(negedge clk) done = 1;
  end
endmodule
