// A multiplier whose first operand is rounded to a multiple of four.
module rounded (
    input  [7:0]  A,
    input  [7:0]  B,
    output [15:0] O
);
  // mulsmith: signed = false
  wire [6:0]  a = A[7:2] + A[1];
  wire [13:0] p = a * B;
  assign O = {p, 2'b00};
endmodule
