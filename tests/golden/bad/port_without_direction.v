module m(a, b, z);
  input [3:0] a;
  output [7:0] z;
  assign z = a * b;
endmodule
