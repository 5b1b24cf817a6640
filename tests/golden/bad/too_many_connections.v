module fa(input a, input b, input c, output s, output co);
  assign {co, s} = a + b + c;
endmodule
module m(input [3:0] a, input [3:0] b, output [7:0] z);
  wire co;
  fa u(a[0], b[0], 1'b0, z[0], co, z[1]);
endmodule
