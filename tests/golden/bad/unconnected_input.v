module n(input x, output y);
  assign y = ~x;
endmodule
module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire q;
  n u(.y(q));
  assign z = q;
endmodule
