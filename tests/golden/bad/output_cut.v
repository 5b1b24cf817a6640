module n(input [3:0] x, output [3:0] y);
  assign y = ~x;
endmodule
module m(input [3:0] a, input [3:0] b, output [7:0] z);
  n u(.x(a), .y(z[1:0]));
  assign z[7:2] = b;
endmodule
