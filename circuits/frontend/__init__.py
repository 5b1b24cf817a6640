"""From Verilog text to a netlist: source text, syntax tree, expressions, modules, and the graph of nets."""
