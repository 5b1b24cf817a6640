module m(input [3:0] a, input [3:0] b, output [7:0] z);
  assign {z[3:0], z[7:3]} = a * b;
endmodule
