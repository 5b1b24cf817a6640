library ieee;
entity m is port (a : in std_logic);
end m;
