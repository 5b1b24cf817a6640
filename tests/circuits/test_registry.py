"""The registry of generators: names, signatures, entry points and the text of calls."""

from importlib import metadata

import pytest

from mulsmith.circuits.generators import Choice, Integer, families, generate, register, registry
from mulsmith.circuits.generators.call import parse_call
from mulsmith.errors import ConfigError


def test_a_taken_name_is_an_error():
    families()
    with pytest.raises(ConfigError, match="generator 'array' is registered twice"):
        register("array", summary="s", source="p", signed_by=None)(lambda m: None)


def test_a_name_that_is_no_identifier_is_an_error():
    with pytest.raises(ConfigError, match="'No Name' is not lower_case_with_underscores"):
        register("No Name", summary="s", source="p", signed_by=None)(lambda m: None)


def test_the_order_is_not_that_of_registration(monkeypatch):
    known = families()
    monkeypatch.setattr(registry, "_FAMILIES", {"truncated": known["truncated"], **known})
    assert list(families()) == list(known)


def test_an_installed_package_adds_a_family(monkeypatch, tmp_path):
    (tmp_path / "plugin_of_test.py").write_text(
        "from mulsmith.circuits.generators import register\n"
        "@register('only_zero', summary='Always 0.', source='none', signed_by=None)\n"
        "def only_zero(m):\n"
        "    return m.product([])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    entry = metadata.EntryPoint("only_zero", "plugin_of_test:only_zero", registry.ENTRY_POINTS)
    families()
    monkeypatch.setattr(registry, "_FAMILIES", dict(registry._FAMILIES))
    monkeypatch.setattr(registry, "_entry_points", lambda: iter([entry]))
    registry._load.cache_clear()
    try:
        assert generate("only_zero", b_bits=3).output_nets == (0,) * 11
        with pytest.raises(ConfigError, match="only_zero is unsigned only"):
            generate("only_zero", signed=True)
    finally:
        registry._load.cache_clear()


def test_a_broken_package_is_named(monkeypatch):
    families()
    entry = metadata.EntryPoint("gone", "no_such_module_here:f", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "_entry_points", lambda: iter([entry]))
    registry._load.cache_clear()
    with pytest.raises(ConfigError, match="the generator package 'gone' cannot be loaded: No module named"):
        families()
    registry._load.cache_clear()


def test_parameters_say_their_domain():
    assert Integer("cut", "m", 0, registry.LAST_COLUMN, 0).domain() == "0..a_bits + b_bits - 1"
    assert Choice("c", "m", ("x", "y")).domain() == "x | y"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("truncated", "'truncated' is no generator call (write family(a_bits=8, b_bits=8, ...))"),
        ("truncated(cut)", "'cut' is no argument of a generator (write name=value)"),
        ("truncated(cut=1, cut=2)", "the parameter 'cut' is given twice"),
        ("truncated(cut=__import__('os'))", "'truncated(cut=__import__('os'))' is no generator call"),
    ],
)
def test_a_broken_call_is_refused(text, message):
    with pytest.raises(ConfigError) as error:
        parse_call(text)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("value", [True, 4.0, "4"])
def test_an_integer_is_an_integer(value):
    with pytest.raises(ConfigError, match=r"for 8 x 8 bits it is an integer in 0\.\.15"):
        generate("truncated", cut=value)
