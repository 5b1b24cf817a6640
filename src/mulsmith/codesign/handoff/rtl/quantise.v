// The code of a float32 number at a layer's input, in A_BITS + 1 cycles.
//
// Dividing by the scale, rounding, adding the zero point and saturating never fall, so that the code is the
// number of limits that the number reaches. A limit is the order of the least float32 of a code: its bits with
// the sign flipped, all of them flipped for negative numbers.
module quantise #(
  parameter A_BITS = 8,
  parameter A_SIGNED = 1
) (
  input clk,
  input reset,
  input load,                    // take limit `load_at`, 1 .. 2**A_BITS - 1
  input [A_BITS-1:0] load_at,
  input [31:0] load_limit,
  input valid,                   // there is a number, which stays until `ready`
  input [31:0] value,
  output reg ready,              // high for one cycle: `code` is that of the number
  output [A_BITS-1:0] code
);
  reg [31:0] limits [0:(1<<A_BITS)-1];
  reg [A_BITS-1:0] reached, tried;
  wire [31:0] order = value[31] ? ~value : {1'b1, value[30:0]};
  wire [A_BITS-1:0] candidate = reached | tried;
  wire [A_BITS-1:0] lowest = A_SIGNED != 0 ? 1'b1 << (A_BITS - 1) : {A_BITS{1'b0}};

  always @(posedge clk) begin
    ready <= tried[0] & ~reset;
    if (load) limits[load_at] <= load_limit;
    if (reset) tried <= 0;
    else if (tried != 0) begin
      if (order >= limits[candidate]) reached <= candidate;
      tried <= tried >> 1;
    end else if (valid & ~ready & ~load) begin
      reached <= 0;
      tried <= 1'b1 << (A_BITS - 1);
    end
  end

  assign code = reached ^ lowest;
endmodule
