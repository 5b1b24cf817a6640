"""Phoenix: networks as lists of blocks, grown from the best trials so far."""
