"""What the tests of the hand-off share."""

import shutil
from collections.abc import Iterator

import pytest

from mulsmith import Library


@pytest.fixture(scope="session")
def library() -> Iterator[Library]:
    with Library.embedded() as opened:
        yield opened


@pytest.fixture
def icarus() -> None:
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not installed (apt install iverilog)")


@pytest.fixture
def verilator() -> None:
    if shutil.which("verilator") is None:
        pytest.skip("verilator is not installed (apt install verilator)")
