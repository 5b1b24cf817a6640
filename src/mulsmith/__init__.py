"""mulsmith: co-design of neural networks and approximate multipliers."""

__version__ = "0.1.0"
