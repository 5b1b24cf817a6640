// Makes a layer's input codes of the numbers that come in.
module bench_codes #(
  parameter FOLDER = "layers/layer",
  parameter A_BITS = 8,
  parameter A_SIGNED = 1
) (
  input clk,
  input valid,
  output ready,
  input [31:0] value,
  output write,
  output reg [31:0] write_at,
  output [A_BITS-1:0] write_code
);
  reg [31:0] limits [0:(1<<A_BITS)-1];
  reg reset, load;
  reg [A_BITS-1:0] load_at;
  reg [31:0] load_limit;
  integer k;

  quantise #(.A_BITS(A_BITS), .A_SIGNED(A_SIGNED)) to_code (
    .clk(clk), .reset(reset), .load(load), .load_at(load_at), .load_limit(load_limit), .valid(valid),
    .value(value), .ready(ready), .code(write_code)
  );
  assign write = ready;

  initial begin
    {reset, load} = 2'b11;
    $readmemh({FOLDER, "/limits.hex"}, limits);
    for (k = 0; k < 1 << A_BITS; k = k + 1) begin
      load_at = k;
      load_limit = limits[k];
      @(negedge clk);
    end
    {reset, load} = 0;
  end

  always @(posedge clk)
    if (reset) write_at <= 0;
    else if (ready) write_at <= write_at + 1;
endmodule
