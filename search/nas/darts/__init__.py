"""DARTS on approximate multipliers (ApproxDARTS, Pinos et al. 2024): cells, gradients, derived networks."""
