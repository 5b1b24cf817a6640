  // The layer's memories, and the code that a kernel position of an output pixel meets.
  localparam TERMS = (CHANNELS / GROUPS) * KERNEL_H * KERNEL_W;
  localparam PIXELS = OUT_H * OUT_W;

  reg [A_BITS-1:0] x_memory [0:POINTS*CHANNELS*HEIGHT*WIDTH-1];
  reg [B_BITS-1:0] w_memory [0:OUTPUTS*TERMS-1];
  reg [ZERO_BITS-1:0] zero_memory [0:OUTPUTS-1];
  reg [OUT_BITS-1:0] offset_memory [0:OUTPUTS-1];
  reg [31:0] tile_memory [0:2*TILES-1];
  reg [OUT_BITS-1:0] sum_memory [0:POINTS*OUTPUTS*PIXELS-1];

  localparam CHECK_BITS = OUT_BITS;
  `include "checks.vh"

  task load;
    begin
      if (!CHAINED) $readmemh({FOLDER, "/x.hex"}, x_memory);
      $readmemh({FOLDER, "/w.hex"}, w_memory);
      $readmemh({FOLDER, "/w_zero.hex"}, zero_memory);
      $readmemh({FOLDER, "/offset.hex"}, offset_memory);
      $readmemh({FOLDER, "/tiles.hex"}, tile_memory);
      open_checks;
    end
  endtask

  // The layer's hardware rests while the others compute.
  wire running = clk & start & ~done;

  always @(posedge clk) if (write) x_memory[write_at] <= write_code;
  assign read_sum = sum_memory[read_at];

  // Input code of output `pixel` at kernel position `k`, counted within a group; padding holds the zero point.
  function [A_BITS-1:0] x_at(input integer number, input integer pixel, input integer group, input integer k);
    integer channel, line, column;
    begin
      channel = group * (CHANNELS / GROUPS) + k / (KERNEL_H * KERNEL_W);
      line = (pixel / OUT_W) * STRIDE_H - PAD_H + ((k / KERNEL_W) % KERNEL_H) * DILATION_H;
      column = (pixel % OUT_W) * STRIDE_W - PAD_W + (k % KERNEL_W) * DILATION_W;
      if (pixel >= PIXELS || line < 0 || line >= HEIGHT || column < 0 || column >= WIDTH)
        x_at = X_ZERO;
      else
        x_at = x_memory[((number * CHANNELS + channel) * HEIGHT + line) * WIDTH + column];
    end
  endfunction

  task keep(input integer number, input integer channel, input integer pixel, input [OUT_BITS-1:0] y);
    begin
      sum_memory[(number * OUTPUTS + channel) * PIXELS + pixel] = y;
      check(y);
    end
  endtask
