module m(input [3:0] a, input [3:0] b, output [7:0] z);
  function [7:0] f; input [3:0] x; f = x +; endfunction
  assign z = f(a);
endmodule
