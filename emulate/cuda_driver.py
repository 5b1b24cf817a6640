"""Compiles CUDA C++ at run time (NVRTC), keeps the result in the user's cache, and launches it (driver API).

Both libraries are used through ctypes: NVRTC comes with torch's CUDA wheels, libcuda with the GPU's driver.
No nvcc is needed on the user's machine.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import torch

from mulsmith.characterize.cache import cache_folder
from mulsmith.errors import StoreError, ToolError
from mulsmith.storage import atomic_write

SOURCE = "row_table.cu"
HEADER = "row_table.cuh"
MAX_DYNAMIC_SHARED = 8
"""CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES of cuda.h."""

_log = logging.getLogger("mulsmith")


def compile_kernels(capability: tuple[int, int]) -> bytes:
    """Return the machine code (cubin) of the kernels for a compute capability, from the cache where it is.

    Raises:
        ToolError: NVRTC is missing, or rejects the source.
    """
    path = cached_path(capability)
    if path.is_file():
        return path.read_bytes()
    image = _compile(capability)
    try:
        atomic_write(path, image)
    except StoreError as error:
        _log.warning("the compiled CUDA kernels are not kept for the next time: %s", error)
    return image


def cached_path(capability: tuple[int, int]) -> Path:
    """Return where the machine code for a compute capability is kept, under the source's hash."""
    text = "\0".join([*_options(capability), _source(SOURCE), _source(HEADER)])
    return cache_folder() / "cuda" / f"{hashlib.sha256(text.encode()).hexdigest()}.cubin"


def _options(capability: tuple[int, int]) -> list[str]:
    return [f"--gpu-architecture=sm_{capability[0]}{capability[1]}", "--std=c++17"]


def _source(name: str) -> str:
    return files("mulsmith.emulate").joinpath("native", name).read_text(encoding="utf-8")


def _compile(capability: tuple[int, int]) -> bytes:
    library, reason = find_nvrtc()
    if library is None:
        raise ToolError(f"the CUDA kernels cannot be compiled: {reason}")
    program = ctypes.c_void_p()
    headers, names = (ctypes.c_char_p * 1)(_source(HEADER).encode()), (ctypes.c_char_p * 1)(HEADER.encode())
    source = _source(SOURCE).encode()
    _check(library.nvrtcCreateProgram(ctypes.byref(program), source, SOURCE.encode(), 1, headers, names))
    options = [option.encode() for option in _options(capability)]
    status = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    size = ctypes.c_size_t()
    if status != 0:
        library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(max(size.value, 1))
        library.nvrtcGetProgramLog(program, log)
        library.nvrtcDestroyProgram(ctypes.byref(program))
        raise ToolError(f"NVRTC rejects the CUDA kernels (status {status}): {log.value.decode()[:2000]}")
    _check(library.nvrtcGetCUBINSize(program, ctypes.byref(size)))
    image = ctypes.create_string_buffer(size.value)
    _check(library.nvrtcGetCUBIN(program, image))
    library.nvrtcDestroyProgram(ctypes.byref(program))
    return image.raw


def _check(status: int) -> None:
    if status != 0:
        raise ToolError(f"NVRTC failed with status {status}")


@cache
def find_nvrtc() -> tuple[ctypes.CDLL | None, str | None]:
    """Return NVRTC, or None and the reason why there is none."""
    reason = "libnvrtc was not found (it comes with torch's CUDA wheels: pip install nvidia-cuda-nvrtc)"
    for path in _nvrtc_files():
        try:
            return ctypes.CDLL(str(path)), None
        except OSError as error:
            reason = f"{path} cannot be loaded: {error}"
    return None, reason


def _nvrtc_files() -> Iterator[Path]:
    folders = [Path(torch.__file__).parent / "lib"]
    spec = find_spec("nvidia")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folders += sorted(Path(place).glob("*/lib"), reverse=True)
    for variable in ("CUDA_HOME", "CUDA_PATH"):
        if os.environ.get(variable):
            folders.append(Path(os.environ[variable]) / "lib64")
    for folder in folders:
        yield from sorted(path for path in folder.glob("libnvrtc*.so*") if "builtins" not in path.name)


class Kernels:
    """The kernels loaded on one device, whose context must be current (torch has it after an allocation)."""

    def __init__(self, device: torch.device) -> None:
        self._driver = ctypes.CDLL("libcuda.so.1")
        self._module = ctypes.c_void_p()
        self._functions: dict[str, ctypes.c_void_p] = {}
        image = compile_kernels(torch.cuda.get_device_capability(device))
        self._call("cuModuleLoadData", ctypes.byref(self._module), image)

    def launch(
        self, name: str, blocks: int, threads: int, shared_bytes: int, layer: ctypes.Structure
    ) -> None:
        """Launch a kernel with one structure as its argument on torch's current stream.

        Raises:
            ToolError: the driver refuses, with its status.
        """
        function = self._function(name, shared_bytes)
        arguments = (ctypes.c_void_p * 1)(ctypes.addressof(layer))
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        self._call(
            "cuLaunchKernel", function, blocks, 1, 1, threads, 1, 1, shared_bytes, stream, arguments, None
        )

    def _function(self, name: str, shared_bytes: int) -> ctypes.c_void_p:
        if name not in self._functions:
            function = ctypes.c_void_p()
            self._call("cuModuleGetFunction", ctypes.byref(function), self._module, name.encode())
            if shared_bytes:
                self._call("cuFuncSetAttribute", function, MAX_DYNAMIC_SHARED, shared_bytes)
            self._functions[name] = function
        return self._functions[name]

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(self._driver, name)(*arguments)
        if status != 0:
            raise ToolError(f"the CUDA driver's {name} failed with status {status}")
