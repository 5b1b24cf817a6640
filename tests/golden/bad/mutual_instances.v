module p(input a, input b, output z);
  q u(.a(a), .b(b), .z(z));
endmodule
module q(input a, input b, output z);
  p u(.a(a), .b(b), .z(z));
endmodule
