"""Where the time of a candidate's evaluation goes, for the first trials of an architecture search's preset.

Training steps and evaluation passes are what a candidate is for; the rest is building, conversion, counting
of energy and storage. Processor time of one thread; what is loaded once per process is left out.
"""

import argparse
import functools
import math
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from mulsmith.codesign.nas_config import NasConfig
from mulsmith.codesign.nas_setting import nas_setting
from mulsmith.search.evaluator import run_trial
from mulsmith.search.nas import approxdarts, evoapproxnas, training
from mulsmith.search.nas.darts import cell_search
from mulsmith.search.nas.methods import NAS_METHODS, preset_path
from mulsmith.search.nas.phoenix import evaluator as phoenix
from mulsmith.search.nas.phoenix.weights import WeightStore
from mulsmith.search.nas.setting import NasSetting
from mulsmith.toml_file import read_toml

PARTS = (
    (training, "train", "training steps"),
    (training, "on_tables", "conversion and calibration"),
    (cell_search, "search_cells", "training steps"),
    (cell_search, "relative_deviations", "error model"),
    (cell_search, "edge_costs", "expected energy"),
    (cell_search, "accuracy", "evaluation passes"),
    (approxdarts, "accuracy", "evaluation passes"),
    (evoapproxnas, "accuracy", "evaluation passes"),
    (phoenix, "accuracy", "evaluation passes"),
    (NasSetting, "energy_count", "counting of multiplications"),
    (WeightStore, "put", "weights written"),
    (WeightStore, "get", "weights read"),
)
KERNELS = ("training steps", "evaluation passes")
seconds: defaultdict[str, float] = defaultdict(float)


def timed(call: Callable[..., Any], part: str) -> Callable[..., Any]:
    """Return the same function, whose time is added to a part."""

    @functools.wraps(call)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return call(*arguments, **options)
        finally:
            seconds[part] += time.process_time() - start

    return wrapped


def evaluate(method: str, preset: str, trials: int) -> float:
    """Evaluate the first trials of a search; return the processor seconds that it took."""
    config = read_toml(NasConfig, preset_path(method, preset))
    setting = nas_setting(config)
    data = setting.data
    setting.energy_count(nn.Sequential(nn.Flatten(), nn.Linear(math.prod(data.shape), data.classes)))
    for owner, name, part in PARTS:
        setattr(owner, name, timed(getattr(owner, name), part))
    whole = 0.0
    with tempfile.TemporaryDirectory() as folder:
        plan = NAS_METHODS[method].plan(setting, config.options(method), Path(folder))
        while trials > 0 and (batch := plan.searcher.ask()):
            start = time.process_time()
            outcomes = [run_trial(plan.evaluator, trial) for trial in batch[:trials]]
            whole += time.process_time() - start
            trials -= len(outcomes)
            if trials > 0:
                plan.searcher.tell(outcomes)
    return whole


def main() -> None:
    """Print each part's share of the evaluations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=sorted(NAS_METHODS))
    parser.add_argument("--preset", default="digits-minutes")
    parser.add_argument("--trials", type=int, default=12)
    options = parser.parse_args()
    whole = evaluate(options.method, options.preset, options.trials)
    print(f"{options.method}, {options.preset}: {whole:.1f} s of processor time")
    for part, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"{100 * spent / whole:5.1f} %  {part}")
    kernels = sum(seconds[part] for part in KERNELS)
    print(f"{100 * kernels / whole:5.1f} %  training and emulation together")


if __name__ == "__main__":
    main()
