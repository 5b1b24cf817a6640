"""Programs as networks: a hot region is replaced by a small MLP, chosen for quality, time and energy."""
