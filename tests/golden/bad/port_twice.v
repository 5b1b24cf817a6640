module m(a, a, z);
  input a;
  output z;
  assign z = a;
endmodule
