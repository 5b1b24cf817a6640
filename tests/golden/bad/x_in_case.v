module m(input [1:0] a, input [1:0] b, output reg [3:0] z);
  always @*
    case ({a, b})
      4'b1111: z = 9;
      default: z = 4'bxxxx;
    endcase
endmodule
