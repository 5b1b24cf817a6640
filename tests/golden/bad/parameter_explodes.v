module m(input [3:0] a, input [3:0] b, output [7:0] z);
  localparam P = 2 ** 65536;
  assign z = a * b;
endmodule
