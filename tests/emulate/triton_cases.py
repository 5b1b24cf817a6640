"""Runs backend ``triton`` in Triton's interpreter against numpy gathers and prints the wrong cases."""

import json
import sys

import gather_oracle as oracle
import numpy as np
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Table, lut_conv2d, lut_matmul
from mulsmith.emulate.factorise import Factors


def random_factors(planes: int, scales: list[int], b_bits: int = 8) -> Factors:
    """Return factors with large terms and digits up to the limits."""
    rng = np.random.default_rng(planes)
    a_digits, b_digits = (rng.integers(-128, 128, (planes, 1 << bits)) for bits in (8, b_bits))
    return Factors(
        a_digits.astype(np.int8),
        b_digits.astype(np.int8),
        np.array(scales, dtype=np.int32),
        rng.integers(-70000, 70000, 256).astype(np.int32),
        rng.integers(-70000, 70000, 1 << b_bits).astype(np.int32),
    )


def known(factors: Factors, signed: bool = False) -> Lut:
    """Return the table of some factors, which need not be computed then."""
    lut = Lut(factors.product(), 8, len(factors.b_term).bit_length() - 1, signed)
    Table.of(lut).derived["factors"] = factors
    return lut


def truncated() -> Lut:
    """Return the exact product without its four lowest partial-product columns."""
    a, b = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    table = np.zeros((256, 256), dtype=np.int32)
    for i in range(8):
        for j in range(max(0, 4 - i), 8):
            table += ((a >> i & 1) * (b >> j & 1) << (i + j)).astype(np.int32)
    return Lut(table, 8, 8, False)


TABLES = {
    "exact": Lut.exact(8, 8, False),
    "exact signed": Lut.exact(8, 8, True),
    "truncated": truncated(),
    "no planes": known(random_factors(0, [])),
    "8x4 asymmetric": known(random_factors(3, [1, 1, 4], 4)),
    "8x8 asymmetric": known(random_factors(5, [-5, 256, 3, 256, 3])),
    "8x8 asymmetric signed": known(random_factors(7, [32] * 7), signed=True),
}
LAYERS = {
    "3x3": ((1, 3, 5, 4), (5, 3, 3, 3), {"padding": (1, 1)}),
    "1x1 stride 2": ((2, 40, 4, 5), (18, 40, 1, 1), {"stride": (2, 2)}),
    "groups, dilation": (
        (1, 4, 7, 6), (6, 2, 2, 3), {"padding": (2, 1), "dilation": (2, 1), "stride": (1, 2), "groups": 2},
    ),
    "depthwise": ((1, 3, 5, 4), (3, 1, 3, 3), {"padding": (1, 1), "groups": 3}),
}  # fmt: skip


def wrong_cases() -> list[str]:
    """Return the cases whose integers differ."""
    wrong = []
    rng = np.random.default_rng(0)
    for name, lut in TABLES.items():
        for layer, (x_shape, w_shape, options) in LAYERS.items():
            x = oracle.codes(rng, x_shape, 8, lut.signed)
            w = oracle.codes(rng, w_shape, lut.b_bits, lut.signed)
            pad_code = -17 if lut.signed else 131
            out = lut_conv2d(
                torch.from_numpy(x), torch.from_numpy(w), lut, pad_code=pad_code, backend="triton", **options
            )
            if not np.array_equal(out.numpy(), oracle.conv2d(x, w, lut, pad_code=pad_code, **options)):
                wrong.append(f"{name}, {layer}")
        for m, k, n in ((1, 1, 1), (17, 33, 5), (3, 2500, 2)):
            x, w = oracle.codes(rng, (m, k), 8, lut.signed), oracle.codes(rng, (k, n), lut.b_bits, lut.signed)
            out = lut_matmul(torch.from_numpy(x), torch.from_numpy(w), lut, backend="triton")
            if not np.array_equal(out.numpy(), oracle.matmul(x, w, lut)):
                wrong.append(f"{name}, matmul {m}x{k}x{n}")
    return wrong


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"cases": len(TABLES) * (len(LAYERS) + 3), "wrong": wrong_cases()}))
