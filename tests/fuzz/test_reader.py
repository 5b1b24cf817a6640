"""Mutated circuits: whatever the text, only a MulsmithError comes out of the readers."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzz.reader import attempt, attempt_formats, damage, format_seeds, golden, main, mutate, seeds

SEEDS = seeds()
ALL = SEEDS + golden()
FORMATS = format_seeds()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ALL), st.integers(0, 2**32))
def test_mutated_verilog(text: str, seed: int) -> None:
    attempt(mutate(text, random.Random(seed)), second_front_end=False)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_mutated_behavioural_verilog(seed: int) -> None:
    attempt(mutate(SEEDS[1], random.Random(seed)))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    attempt(text)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FORMATS), st.integers(0, 2**32))
def test_damaged_blif_and_aiger(data: bytes, seed: int) -> None:
    attempt_formats(damage(data, random.Random(seed)))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    attempt_formats(data)


def test_the_texts_to_start_from_are_read() -> None:
    assert {attempt(text) for text in SEEDS} == {"read"}


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(4))
def test_a_longer_run(seed: int) -> None:
    assert main(["--seconds", "300", "--seed", str(seed)]) == 0
