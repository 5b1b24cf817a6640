"""Cartesian genetic programming of networks (Pinos, Mrazek, Sekanina, EuroGP 2021)."""
