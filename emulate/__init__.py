"""Approximate layers for PyTorch: kernels, quantisation, training and conversion."""
