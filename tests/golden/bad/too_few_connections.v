module fa(input a, input b, input c, output s, output co);
  assign {co, s} = a + b + c;
endmodule
module m(input [3:0] a, input [3:0] b, output [7:0] z);
  fa u(a[0], b[0], z[0]);
endmodule
