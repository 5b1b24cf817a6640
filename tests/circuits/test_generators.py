"""Every family equals its functional model for all operand pairs over a grid of parameters."""

from itertools import product

import numpy as np
import pytest
from generator_models import MODELS, operands, wrap

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.generators import Choice, Integer, families, generate
from mulsmith.circuits.generators.call import format_call, parse_call
from mulsmith.circuits.generators.registry import Shape, resolve

SHAPES = [(8, 8), (8, 7), (8, 6), (8, 5), (8, 4), (8, 3), (8, 2), (5, 7)]
GRID_SHAPES = [(8, 8), (8, 5), (5, 7), (8, 2)]


def signednesses(family):
    return [s for s in (False, True) if (family.unsigned or s) and (family.signed_by or not s)]


def samples(parameter, shape, steps):
    if isinstance(parameter, Choice):
        return list(parameter.words)
    assert isinstance(parameter, Integer)
    high = parameter.high if isinstance(parameter.high, int) else parameter.high.value(shape)
    step = max(1, (high - parameter.low) // steps)
    return sorted({*range(parameter.low, high + 1, step), high, parameter.default(shape)})


def compare(name, n, m, signed, own):
    table = simulate_lut(generate(name, a_bits=n, b_bits=m, signed=signed, **own)).table
    a, b = operands(n, m, signed)
    model = MODELS[name](a, b, n, m, signed, **own)
    width = n + m
    expected = wrap(model, width) if signed else model & ((1 << width) - 1)
    wrong = np.argwhere(table != expected)
    assert not len(wrong), f"{len(wrong)} differ, first at {wrong[0]} for {n}x{m} {signed=} {own}"


def test_every_family_has_a_model():
    assert set(families()) == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_defaults_equal_the_model(name):
    family = families()[name]
    for (n, m), signed in product(SHAPES, signednesses(family)):
        own = resolve(family, {"a_bits": n, "b_bits": m, "signed": signed})[1]
        compare(name, n, m, signed, own)


@pytest.mark.parametrize("shape", GRID_SHAPES, ids=str)
@pytest.mark.parametrize("name", [name for name in MODELS if families()[name].parameters])
def test_a_grid_of_parameters_equals_the_model(name, shape):
    family = families()[name]
    for signed in signednesses(family):
        varied = [p for p in family.parameters if p.name != "reduction"]
        steps = 4 if len(varied) < 3 else 2
        values = [samples(p, Shape(*shape, signed), steps) for p in varied]
        for combination in product(*values):
            compare(name, *shape, signed, {p.name: v for p, v in zip(varied, combination, strict=True)})


@pytest.mark.parametrize("name", ["booth", "broken_booth", "truncated", "broken_array"])
@pytest.mark.parametrize("reduction", ["dadda", "wallace", "array"])
def test_the_reduction_does_not_change_the_function(name, reduction):
    tables = {simulate_lut(generate(name, b_bits=5, signed=True, reduction=r)) for r in ("dadda", reduction)}
    assert len(tables) == 1


@pytest.mark.parametrize("name", MODELS)
def test_a_call_survives_its_text(name):
    family = families()[name]
    shape, own = resolve(family, {"b_bits": 6})
    text = format_call(family, shape, own)
    parsed_name, parsed = parse_call(text)
    first, second = generate(name, b_bits=6), generate(parsed_name, **parsed)
    assert (first, text) == (second, format_call(family, *resolve(family, parsed)))


def test_roba_never_exceeds_its_result_width():
    a, b = operands(8, 8, False)
    assert MODELS["roba"](a, b, 8, 8, False).max() < 1 << 16
