module m(input [3:0] a, input [3:0] b, output [7:0] z);
  reg [7:0] rom [0:255];
  initial $readmemh("/etc/passwd", rom);
  assign z = rom[{a, b}];
endmodule
