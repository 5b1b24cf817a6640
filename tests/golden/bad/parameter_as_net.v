module m(input [3:0] a, input [3:0] b, output [7:0] z);
  localparam P = 3;
  assign P = a;
  assign z = a * b;
endmodule
