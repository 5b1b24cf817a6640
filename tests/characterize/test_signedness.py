"""The order in which the sources of signedness count, and the error when none answers."""

import numpy as np
import pytest

from mulsmith.characterize.header import Printed
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.signedness import decide, interpret
from mulsmith.errors import NetlistError


def _raw(signed: bool) -> Lut:
    exact = Lut.exact(4, 4, signed)
    return Lut(exact.table & 0xFF, 4, 4, False)


def _decide(raw: Lut, **given: object):  # type: ignore[no-untyped-def]
    arguments = {"option": None, "declared": None, "notes": {}, "printed": {}} | given
    return decide(raw, 8, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("signed", [False, True])
def test_the_function_answers_when_nothing_else_does(signed: bool) -> None:
    choice = _decide(_raw(signed))
    assert choice.lut == Lut.exact(4, 4, signed)
    assert choice.errors.mae == 0
    assert "its MAE is 0" in choice.reason


def test_the_first_source_that_answers_counts() -> None:
    raw = _raw(False)
    everything = {"option": True, "declared": False, "notes": {"signed": "false"}}
    assert _decide(raw, **everything).reason == "asked for by option"
    assert _decide(raw, **everything).lut.signed
    everything["option"] = None
    everything["notes"] = {"signed": "true"}
    assert _decide(raw, **everything).reason == "declared by the ports"
    everything["declared"] = None
    assert _decide(raw, **everything).reason == "stated by the file's header"
    assert _decide(raw, **everything).lut.signed


def test_header_figures_decide_before_the_function() -> None:
    raw = _raw(False)
    wrong_way = interpret(raw, 8, True)
    errors = np.abs(wrong_way.table.astype(int) - Lut.exact(4, 4, True).table)
    printed = {"mae": Printed(f"{errors.mean():.4f}"), "wce": Printed(str(errors.max()))}
    choice = _decide(raw, printed=printed)
    assert choice.lut.signed
    assert choice.reason == "reproduces the error figures of the file's header"


def test_figures_that_neither_reproduces_do_not_decide() -> None:
    assert _decide(_raw(False), printed={"mae": Printed("99")}).reason.startswith("as unsigned")


def test_an_undecidable_circuit_is_refused() -> None:
    table = np.random.default_rng(1).integers(0, 256, (16, 16), dtype=np.int32)
    with pytest.raises(NetlistError, match="cannot tell whether the operands are signed") as caught:
        _decide(Lut(table, 4, 4, False))
    assert "--signed" in str(caught.value)


def test_a_note_that_is_no_truth_value_is_refused() -> None:
    with pytest.raises(NetlistError, match="neither true nor false"):
        _decide(_raw(False), notes={"signed": "yes"})
