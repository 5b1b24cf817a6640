module fa(input a, input b, input c, output s, output co);
  assign {co, s} = a + b + c;
endmodule
module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire co;
  assign z = a * b;
  fa u(.a(a[0]), .b(b[0]), .c(1'b0), .s(z[0]), .co(co));
endmodule
