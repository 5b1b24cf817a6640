  // The layer's memories, and the code that a kernel position of an output pixel meets.
  localparam TERMS = (CHANNELS / GROUPS) * KERNEL_H * KERNEL_W;
  localparam PIXELS = OUT_H * OUT_W;

  reg [A_BITS-1:0] x_memory [0:POINTS*CHANNELS*HEIGHT*WIDTH-1];
  reg [B_BITS-1:0] w_memory [0:OUTPUTS*TERMS-1];
  reg [ZERO_BITS-1:0] zero_memory [0:OUTPUTS-1];
  reg [OUT_BITS-1:0] offset_memory [0:OUTPUTS-1];
  reg [31:0] tile_memory [0:2*TILES-1];
  reg [OUT_BITS-1:0] expected [0:CHECKS-1];

  reg clk = 0;
  integer results, checked, wrong;

  task load;
    begin
      $readmemh({FOLDER, "/x.hex"}, x_memory);
      $readmemh({FOLDER, "/w.hex"}, w_memory);
      $readmemh({FOLDER, "/w_zero.hex"}, zero_memory);
      $readmemh({FOLDER, "/offset.hex"}, offset_memory);
      $readmemh({FOLDER, "/tiles.hex"}, tile_memory);
      $readmemh({FOLDER, "/expected.hex"}, expected);
      results = $fopen({"results_", NAME, ".hex"}, "w");
      checked = 0;
      wrong = 0;
    end
  endtask

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

  task check(input [OUT_BITS-1:0] y);
    begin
      $fdisplay(results, "%h", y);
      if (y !== expected[checked]) begin
        if (wrong == 0)
          $display("FAIL %0s: output %0d is %h instead of %h", NAME, checked, y, expected[checked]);
        wrong = wrong + 1;
      end
      checked = checked + 1;
    end
  endtask

  task finish;
    begin
      $fclose(results);
      if (wrong == 0 && checked == CHECKS) $display("PASS %0s: %0d outputs", NAME, checked);
      else $display("FAIL %0s: %0d of %0d outputs differ", NAME, wrong, checked);
      $finish;
    end
  endtask
