// Output-stationary systolic array: ROWS output pixels by COLS output channels, one input of each per cycle.
//
// While `step` is high, every cycle takes one activation code per row and one weight code per column; `first`
// marks the first pair of a sum. ROWS + COLS - 1 cycles after the last pair, `drain` shifts the rows out at
// the top, row 0 first: while it is high, `y` holds one corrected sum per column in every cycle.
module systolic #(
  parameter UNIT = 0,
  parameter ROWS = 4,
  parameter COLS = 4,
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
  input reset,
  input [POINT_BITS-1:0] point,
  input step,
  input first,
  input drain,
  input [ROWS*A_BITS-1:0] x,
  input [COLS*B_BITS-1:0] w,
  input [COLS*ZERO_BITS-1:0] w_zero,
  input [COLS*OUT_BITS-1:0] offset,
  output [COLS*OUT_BITS-1:0] y
);
  genvar i, j;
  generate
    for (j = 0; j < COLS; j = j + 1) begin : feed
      wire [B_BITS-1:0] w_in;
      delay #(.WIDTH(B_BITS), .DEPTH(j)) skew (.clk(clk), .value(w[j*B_BITS +: B_BITS]), .later(w_in));
    end

    for (i = 0; i < ROWS; i = i + 1) begin : row
      wire [A_BITS-1:0] x_in;
      wire step_in, first_in;
      wire signed [XSUM_BITS-1:0] x_below, x_sum;
      delay #(.WIDTH(A_BITS + 2), .DEPTH(i)) skew (
        .clk(clk), .value({step & ~reset, first, x[i*A_BITS +: A_BITS]}), .later({step_in, first_in, x_in})
      );
      if (i + 1 < ROWS) begin : inner
        assign x_below = row[i+1].x_sum;
      end else begin : last
        assign x_below = 0;
      end
      code_sum #(.A_BITS(A_BITS), .A_SIGNED(A_SIGNED), .XSUM_BITS(XSUM_BITS)) codes (
        .clk(clk), .step(step_in), .first(first_in), .drain(drain), .x(x_in),
        .neighbour(x_below), .sum(x_sum)
      );

      for (j = 0; j < COLS; j = j + 1) begin : col
        wire step_here, first_here, step_right, first_right;
        wire [A_BITS-1:0] x_here, x_right;
        wire [B_BITS-1:0] w_here, w_down;
        wire signed [ACC_BITS-1:0] below, sum;
        if (j == 0) begin : from_edge
          assign {step_here, first_here, x_here} = {step_in, first_in, x_in};
        end else begin : from_left
          assign {step_here, first_here, x_here} = {col[j-1].step_right, col[j-1].first_right, col[j-1].x_right};
        end
        if (i == 0) begin : from_feed
          assign w_here = feed[j].w_in;
        end else begin : from_above
          assign w_here = row[i-1].col[j].w_down;
        end
        if (i + 1 < ROWS) begin : to_below
          assign below = row[i+1].col[j].sum;
        end else begin : at_bottom
          assign below = 0;
        end
        pe #(
          .UNIT(UNIT), .A_BITS(A_BITS), .B_BITS(B_BITS), .P_BITS(P_BITS), .ACC_BITS(ACC_BITS),
          .POINT_BITS(POINT_BITS)
        ) element (
          .clk(clk), .reset(reset), .point(point), .step(step_here), .first(first_here), .drain(drain),
          .x(x_here), .w(w_here), .below(below), .step_right(step_right), .first_right(first_right),
          .x_right(x_right), .w_down(w_down), .sum(sum)
        );
      end
    end

    for (j = 0; j < COLS; j = j + 1) begin : out
      zero_point #(
        .ACC_BITS(ACC_BITS), .XSUM_BITS(XSUM_BITS), .ZERO_BITS(ZERO_BITS), .OUT_BITS(OUT_BITS)
      ) correct (
        .sum(row[0].col[j].sum), .x_sum(row[0].x_sum), .w_zero(w_zero[j*ZERO_BITS +: ZERO_BITS]),
        .offset(offset[j*OUT_BITS +: OUT_BITS]), .y(y[j*OUT_BITS +: OUT_BITS])
      );
    end
  endgenerate
endmodule
