  input clk,
  input start,                        // run now, with the codes that are there
  output reg done,                    // all tiles were computed
  input write,                        // take the code of input number `write_at`
  input [31:0] write_at,
  input [A_BITS-1:0] write_code,
  input [31:0] read_at,               // number of a sum: point, then channel, then pixel
  output [OUT_BITS-1:0] read_sum
