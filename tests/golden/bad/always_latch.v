module m(input en, input [3:0] a, input [3:0] b, output logic [7:0] z);
  always_latch
    if (en) z = a * b;
endmodule
