module m(input [3:0] a, input [3:0] b, output [7:0] z);
  reg [7:0] rom [0:15];
  assign z = rom[a];
endmodule
