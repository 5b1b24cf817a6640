"""The seven regions of the AxBench suite, written afresh as numpy twins of the C sources in ``native/``."""

from __future__ import annotations

import difflib

from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import Kernel
from mulsmith.search.program.kernels.blackscholes import BLACKSCHOLES
from mulsmith.search.program.kernels.fft import FFT
from mulsmith.search.program.kernels.inversek2j import INVERSEK2J
from mulsmith.search.program.kernels.jmeint import JMEINT
from mulsmith.search.program.kernels.jpeg import JPEG
from mulsmith.search.program.kernels.kmeans import KMEANS
from mulsmith.search.program.kernels.sobel import SOBEL

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel for kernel in (BLACKSCHOLES, FFT, INVERSEK2J, JMEINT, JPEG, KMEANS, SOBEL)
}


def kernel_named(name: str) -> Kernel:
    """Return a kernel.

    Raises:
        ConfigError: unknown name.
    """
    if name not in KERNELS:
        near = difflib.get_close_matches(name, KERNELS, n=1)
        raise ConfigError(
            f"no kernel is named '{name}'",
            remedy=f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(KERNELS)}",
        )
    return KERNELS[name]
