"""Keeps what the backends cache between runs out of the user's home."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = pytest.MonkeyPatch()
    folder: Path = tmp_path_factory.mktemp("cache")
    patch.setenv("MULSMITH_CACHE", str(folder))
