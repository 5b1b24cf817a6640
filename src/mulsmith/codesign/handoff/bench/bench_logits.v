// Compares the numbers that leave the network with those of the emulation.
module bench_logits #(
  parameter NAME = "network",
  parameter FOLDER = "layers/network",
  parameter CHECKS = 1
) (
  input clk,
  input valid,
  output ready,
  input [31:0] value,
  input finish,
  output reg done
);
  localparam CHECK_BITS = 32;
  `include "checks.vh"

  assign ready = 1;

  always @(posedge clk) if (valid) check(value);

  initial begin
    done = 0;
    open_checks;
    wait (finish);
    close_checks;
    done = 1;
  end
endmodule
