"""Every embedded circuit is what its header says: call, signedness, metrics, byte for byte."""

import importlib.util
from pathlib import Path

import pytest

from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.generators.call import header_call, parse_call
from mulsmith.circuits.generators.registry import generate

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_embedded_rtl.py"
specification = importlib.util.spec_from_file_location("make_embedded_rtl", TOOL)
assert specification is not None
assert specification.loader is not None
tool = importlib.util.module_from_spec(specification)
specification.loader.exec_module(tool)

FILES = {path.stem: path for path in embedded_files()}


def test_the_folder_holds_the_set():
    assert sorted(FILES) == sorted(tool.SET)


@pytest.mark.parametrize("name", FILES)
def test_the_header_regenerates_the_file(name):
    text = FILES[name].read_text(encoding="utf-8")
    call = header_call(text)
    assert call is not None
    assert tool.source_of(name, call) == text
    assert tool.source_of(name, tool.SET[name]) == text


def test_no_function_stands_twice():
    from mulsmith.characterize.simulate import simulate_lut

    tables = {}
    for name, path in FILES.items():
        family, parameters = parse_call(header_call(path.read_text(encoding="utf-8")) or "")
        table = simulate_lut(generate(family, name=name, **parameters))
        assert tables.setdefault(table, name) == name
