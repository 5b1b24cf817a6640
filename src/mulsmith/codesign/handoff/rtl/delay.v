// A value DEPTH cycles later; DEPTH 0 is a wire.
module delay #(
  parameter WIDTH = 1,
  parameter DEPTH = 0
) (
  input clk,
  input [WIDTH-1:0] value,
  output [WIDTH-1:0] later
);
  generate
    if (DEPTH == 0) begin : none
      assign later = value;
    end else begin : some
      reg [WIDTH*DEPTH-1:0] kept;
      always @(posedge clk) kept <= {kept, value};
      assign later = kept[WIDTH*DEPTH-1 -: WIDTH];
    end
  endgenerate
endmodule
