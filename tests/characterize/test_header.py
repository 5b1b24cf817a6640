"""Header figures and notes, and the precision that a printed number states."""

import pytest

from mulsmith.characterize.header import Printed, read_header, read_notes

HEADER = """/***
* A circuit
***/
// MAE% = 3.08 %
// MAE = 2016 \r
// WCE% = 12.30 %
// WCE = 8064
// WCRE% = 6300.00 %
// EP% = 98.05 %
// MRE% = 135.77 %
// MSE = 72829.102e2
// PDK45_PWR = 0.052 mW
// PDK45_AREA = 172.2 um2
// PDK45_DELAY = 0.89 ns
// mulsmith: signed = true
//mulsmith: made_by = generate("kulkarni", a_bits=8)
module m(A, B, O);
"""


def test_every_figure_is_read_under_its_own_name() -> None:
    assert read_header(HEADER) == {
        "mae_percent": 3.08,
        "mae": 2016,
        "wce_percent": 12.3,
        "wce": 8064,
        "wcre_percent": 6300,
        "ep_percent": 98.05,
        "mre_percent": 135.77,
        "mse": 7282910.2,
        "power_mw": 0.052,
        "area_um2": 172.2,
        "delay_ns": 0.89,
    }


def test_notes_are_kept_as_text() -> None:
    assert read_notes(HEADER) == {"signed": "true", "made_by": 'generate("kulkarni", a_bits=8)'}


@pytest.mark.parametrize(
    "line", ["// PDK45_PWR = 52 uW", "// MAE = about 3", "MAE = 3", "// MAE% = 3", "// FOO = 1"]
)
def test_other_lines_are_no_figures(line: str) -> None:
    assert read_header(line) == {}


@pytest.mark.parametrize(
    ("text", "half_step"),
    [
        ("0.0018", 0.00005),
        ("12.30", 0.005),
        ("2016", 0.5),
        ("5200", 0.5),
        ("10", 0.5),
        ("7", 0.5),
        ("7.28e2", 0.5),
        ("3e3", 500),
    ],
)
def test_precision_is_that_of_the_last_digit(text: str, half_step: float) -> None:
    assert Printed(text).half_step == pytest.approx(half_step)


def test_agreement_is_rounding_to_the_printed_digits() -> None:
    assert Printed("12.30").agrees(12.3049)
    assert Printed("12.30").agrees(12.305)
    assert not Printed("12.30").agrees(12.3051)
    assert not Printed("2016").agrees(2016.6)
