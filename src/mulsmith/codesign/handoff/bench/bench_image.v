// Hands out the numbers of the recorded image, once for every operating point.
module bench_image #(
  parameter FOLDER = "layers/network",
  parameter POINTS = 1,
  parameter SIZE = 1
) (
  input clk,
  input start,
  output reg done,
  output reg valid,
  input ready,
  output reg [31:0] value
);
  reg [31:0] image [0:SIZE-1];
  integer number, k;

  initial begin
    done = 0;
    valid = 0;
    $readmemh({FOLDER, "/image.hex"}, image);
    wait (start);
    for (number = 0; number < POINTS; number = number + 1)
      for (k = 0; k < SIZE; k = k + 1) begin
        value = image[k];
        valid = 1;
        @(negedge clk);
        while (ready !== 1) @(negedge clk);
        valid = 0;
      end
    @(negedge clk) done = 1;
  end
endmodule
