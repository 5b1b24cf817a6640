module m(a, b, z);
  input [3:0] a, b;
  output [7:0] z;
  wire [8:0] z;
  assign z = a * b;
endmodule
