// Runs tiles of one layer through the systolic array and checks every output; each tile at every operating
// point, so that the point switches from tile to tile.
module bench_systolic #(
  parameter ROWS = 4,
  parameter COLS = 4,
  `include "bench_parameters.vh"
) (
  `include "bench_ports.vh"
);
  `include "feeder.vh"

  // What the initial block sets is given to the array by the next clock edge.
  reg reset_next = 1, step_next = 0, first_next = 0, drain_next = 0;
  reg [POINT_BITS-1:0] point_next = 0;
  reg [ROWS*A_BITS-1:0] x_next = 0;
  reg [COLS*B_BITS-1:0] w_next = 0;
  reg [COLS*ZERO_BITS-1:0] w_zero_next = 0;
  reg [COLS*OUT_BITS-1:0] offset_next = 0;
  reg reset, step, first, drain;
  reg [POINT_BITS-1:0] point;
  reg [ROWS*A_BITS-1:0] x;
  reg [COLS*B_BITS-1:0] w;
  reg [COLS*ZERO_BITS-1:0] w_zero;
  reg [COLS*OUT_BITS-1:0] offset;
  wire [COLS*OUT_BITS-1:0] y;
  integer tile, number, k, i, j, pixel, channel;

  systolic #(
    .UNIT(UNIT), .ROWS(ROWS), .COLS(COLS), .A_BITS(A_BITS), .A_SIGNED(A_SIGNED), .B_BITS(B_BITS),
    .P_BITS(P_BITS), .ACC_BITS(ACC_BITS), .XSUM_BITS(XSUM_BITS), .ZERO_BITS(ZERO_BITS),
    .OUT_BITS(OUT_BITS), .POINT_BITS(POINT_BITS)
  ) array (
    .clk(running), .reset(reset), .point(point), .step(step), .first(first), .drain(drain), .x(x), .w(w),
    .w_zero(w_zero), .offset(offset), .y(y)
  );

  always @(posedge running) begin
    {reset, step, first, drain, point} <= {reset_next, step_next, first_next, drain_next, point_next};
    {x, w, w_zero, offset} <= {x_next, w_next, w_zero_next, offset_next};
  end

  initial begin
    done = 0;
    load;
    wait (start);
    repeat (ROWS + COLS + 1) @(negedge clk);
    reset_next = 0;
    for (tile = 0; tile < TILES; tile = tile + 1)
      for (number = 0; number < POINTS; number = number + 1) begin
        pixel = tile_memory[2*tile];
        channel = tile_memory[2*tile+1];
        point_next = number;
        for (j = 0; j < COLS; j = j + 1)
          if (channel + j < OUTPUTS) begin
            w_zero_next[j*ZERO_BITS +: ZERO_BITS] = zero_memory[channel+j];
            offset_next[j*OUT_BITS +: OUT_BITS] = offset_memory[channel+j];
          end
        step_next = 1;
        for (k = 0; k < TERMS; k = k + 1) begin
          first_next = k == 0;
          for (i = 0; i < ROWS; i = i + 1) x_next[i*A_BITS +: A_BITS] = x_at(number, pixel + i, 0, k);
          for (j = 0; j < COLS; j = j + 1)
            if (channel + j < OUTPUTS) w_next[j*B_BITS +: B_BITS] = w_memory[(channel+j)*TERMS+k];
          @(negedge clk);
        end
        step_next = 0;
        repeat (ROWS + COLS - 2) @(negedge clk);
        drain_next = 1;
        for (i = 0; i < ROWS; i = i + 1) begin
          @(negedge clk);
          for (j = 0; j < COLS; j = j + 1)
            if (pixel + i < PIXELS && channel + j < OUTPUTS)
              keep(number, channel + j, pixel + i, y[j*OUT_BITS +: OUT_BITS]);
        end
        drain_next = 0;
      end
    close_checks;
    done = 1;
  end
endmodule
