"""Paths of the reference data that some tests compare with; without it those tests are skipped."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def _shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"reference data {name} is not beside the checkout")
    return path


@pytest.fixture(scope="session")
def evoapproxlib() -> Path:
    """Folder of EvoApproxLib's 239 Verilog files."""
    return _shared("evoapproxlib")


@pytest.fixture(scope="session")
def gscl45nm() -> Path:
    """The full FreePDK45 Liberty file."""
    return _shared("liberty/gscl45nm.lib")


@pytest.fixture(scope="session")
def timeloop_reference() -> Path:
    """Specifications, mappings and statistics of three Timeloop example designs."""
    return _shared("reference/timeloop")
