module m(input [3:0] a, input [3:0] b, output [7:0] z);
  m u(.a(b), .b(a), .z(z));
endmodule
module t(input [3:0] a, input [3:0] b, output [7:0] z);
  m u(.a(a), .b(b), .z(z));
endmodule
