"""Compiles the Triton kernels for one GPU generation without a GPU and prints what the PTX holds, as JSON."""

import json
import re
import sys

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from mulsmith.emulate import triton_source

POINTERS = {
    "codes": "*u8", "term": "*i32", "sums": "*i32", "digits": "*i8", "planes": "*i8", "weights": "*i8",
    "pixel_sums": "*i32", "weight_sums": "*i32", "segments": "*i32", "out": "*i32",
}  # fmt: skip
CONSTANTS = {
    "channel_sums": {"ROWS": 32, "DEPTH": 64},
    "expand_weights": {"BLOCK": 1024},
    "convolve": {"ROWS": 128, "COLUMNS": 64, "TERMS": 64},
}


def compile_kernel(name: str, capability: int, digits: int = 0) -> str:
    """Return the PTX of a kernel."""
    function = getattr(triton_source, name)
    constants = CONSTANTS[name] | ({"DIGITS": digits} if digits else {})
    words = {1: "*i8", 2: "*i16", 3: "*i32", 4: "*i32"}.get(digits, "")
    signature = {
        argument: "constexpr" if argument in constants else (POINTERS | {"words": words}).get(argument, "i32")
        for argument in function.arg_names
    }
    source = ASTSource(function, signature, constants)
    compiled = triton.compile(source, target=GPUTarget("cuda", capability, 32), options={"num_warps": 4})
    return str(compiled.asm["ptx"])


if __name__ == "__main__":
    capability = int(sys.argv[1])
    for helper in ("channel_sums", "expand_weights"):
        compile_kernel(helper, capability)
    pattern = re.compile(r"(?:mma\.sync|wgmma\.mma_async)\S*\.s32\.s8\.s8\S*")
    found = {
        digits: sorted(set(pattern.findall(compile_kernel("convolve", capability, digits))))
        for digits in (1, 4)
    }
    sys.stdout.write(json.dumps(found))
