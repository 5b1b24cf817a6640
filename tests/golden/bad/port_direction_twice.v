module m(a, z);
  input a;
  input a;
  output z;
  assign z = a;
endmodule
