"""The activity of every net and cell of a circuit under any activity model."""

from __future__ import annotations

from mulsmith.characterize.activity import Activity, Glitch, Operands, Uniform
from mulsmith.characterize.glitch import glitch_activity
from mulsmith.characterize.instances import n_inputs
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.net_table import net_table
from mulsmith.characterize.switching import NetActivity, toggling_activity
from mulsmith.characterize.timing import Timing
from mulsmith.errors import NetlistError

MAX_INPUT_BITS = 24


def net_activity(mapped: MappedNetlist, liberty: Liberty, timing: Timing, activity: Activity) -> NetActivity:
    """Return the activity of every net and cell.

    ``timing`` matters to ``Glitch`` alone. For ``Operands`` the states of a cell are taken from the
    probabilities of its pins as if these were independent; the toggles are exact.

    Raises:
        LibertyError: a cell that the library lacks.
        NetlistError: too many input bits, or, for histograms, other than two operands.
        ConfigError: a histogram that does not fit its operand.
    """
    if n_inputs(mapped) > MAX_INPUT_BITS:
        raise NetlistError(
            f"the circuit has {n_inputs(mapped)} input bits, but power takes at most {MAX_INPUT_BITS}"
        )
    if isinstance(activity, Glitch):
        return glitch_activity(mapped, liberty, timing, activity)
    if isinstance(activity, Operands):
        return net_table(mapped, liberty).activity(activity)
    probability = 0.5 if isinstance(activity, Uniform) else activity.probability
    return toggling_activity(mapped, liberty, probability)
