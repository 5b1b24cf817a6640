  // Every output is written to results_NAME.hex and compared with the next line of FOLDER/expected.hex.
  reg [CHECK_BITS-1:0] expected [0:CHECKS-1];
  integer results, checked, wrong;

  task open_checks;
    begin
      $readmemh({FOLDER, "/expected.hex"}, expected);
      results = $fopen({"results_", NAME, ".hex"}, "w");
      checked = 0;
      wrong = 0;
    end
  endtask

  task check(input [CHECK_BITS-1:0] y);
    begin
      $fdisplay(results, "%h", y);
      if (y !== expected[checked]) begin
        if (wrong == 0)
          $display("FAIL %0s: output %0d is %h instead of %h", NAME, checked, y, expected[checked]);
        wrong = wrong + 1;
      end
      checked = checked + 1;
    end
  endtask

  task close_checks;
    begin
      $fclose(results);
      if (wrong == 0 && checked == CHECKS) $display("PASS %0s: %0d outputs", NAME, checked);
      else $display("FAIL %0s: %0d of %0d outputs differ", NAME, wrong, checked);
    end
  endtask
