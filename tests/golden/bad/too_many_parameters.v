module n #(parameter W = 4)(input [W-1:0] x, output [W-1:0] y);
  assign y = ~x;
endmodule
module m(input [3:0] a, input [3:0] b, output [7:0] z);
  n #(4, 5) u(.x(a), .y(z[3:0]));
  assign z[7:4] = b;
endmodule
