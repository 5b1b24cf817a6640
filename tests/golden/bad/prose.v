Dear reader,
this is no Verilog.
