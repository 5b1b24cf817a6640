// Runs outputs of one layer through the vector unit and checks every one, at every operating point in turn.
module bench_vector #(
  parameter LANES = 8,
  `include "bench_parameters.vh"
) (
  `include "bench_ports.vh"
);
  `include "feeder.vh"

  // What the initial block sets is given to the unit by the next clock edge.
  reg step_next = 0, first_next = 0;
  reg [POINT_BITS-1:0] point_next = 0;
  reg [LANES-1:0] lane_next = 0;
  reg [LANES*A_BITS-1:0] x_next = 0;
  reg [LANES*B_BITS-1:0] w_next = 0;
  reg [ZERO_BITS-1:0] w_zero_next = 0;
  reg [OUT_BITS-1:0] offset_next = 0;
  reg step, first;
  reg [POINT_BITS-1:0] point;
  reg [LANES-1:0] lane;
  reg [LANES*A_BITS-1:0] x;
  reg [LANES*B_BITS-1:0] w;
  reg [ZERO_BITS-1:0] w_zero;
  reg [OUT_BITS-1:0] offset;
  wire [OUT_BITS-1:0] y;
  integer tile, number, k, n, pixel, channel;

  vector_unit #(
    .UNIT(UNIT), .LANES(LANES), .A_BITS(A_BITS), .A_SIGNED(A_SIGNED), .B_BITS(B_BITS), .P_BITS(P_BITS),
    .ACC_BITS(ACC_BITS), .XSUM_BITS(XSUM_BITS), .ZERO_BITS(ZERO_BITS), .OUT_BITS(OUT_BITS),
    .POINT_BITS(POINT_BITS)
  ) unit (
    .clk(running), .point(point), .step(step), .first(first), .lane(lane), .x(x), .w(w), .w_zero(w_zero),
    .offset(offset), .y(y)
  );

  always @(posedge running) begin
    {step, first, lane, point} <= {step_next, first_next, lane_next, point_next};
    {x, w, w_zero, offset} <= {x_next, w_next, w_zero_next, offset_next};
  end

  initial begin
    done = 0;
    load;
    wait (start);
    @(negedge clk);
    for (tile = 0; tile < TILES; tile = tile + 1)
      for (number = 0; number < POINTS; number = number + 1) begin
        pixel = tile_memory[2*tile];
        channel = tile_memory[2*tile+1];
        point_next = number;
        w_zero_next = zero_memory[channel];
        offset_next = offset_memory[channel];
        step_next = 1;
        for (k = 0; k < TERMS; k = k + LANES) begin
          first_next = k == 0;
          for (n = 0; n < LANES; n = n + 1) begin
            lane_next[n] = k + n < TERMS;
            if (k + n < TERMS) begin
              x_next[n*A_BITS +: A_BITS] = x_at(number, pixel, channel / (OUTPUTS / GROUPS), k + n);
              w_next[n*B_BITS +: B_BITS] = w_memory[channel*TERMS+k+n];
            end
          end
          @(negedge clk);
        end
        step_next = 0;
        @(negedge clk);
        keep(number, channel, pixel, y);
      end
    close_checks;
    done = 1;
  end
endmodule
