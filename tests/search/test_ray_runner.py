"""A search on a Ray cluster of two nodes, one of which is lost on the way, gives the serial result."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="ray is not installed")

ROOT = Path(__file__).resolve().parent.parent.parent
# Ray keeps threads and sockets for the life of a process, so it gets one of its own.
ON_RAY = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
import ray
from ray.cluster_utils import Cluster
from mulsmith.search.ray_runner import RayRunner
from mulsmith.search.run import search
from mulsmith.search.store import Store
from tests.search.problem import OBJECTIVES, ToyEvaluator
from tests.search.test_machinery import CONFIGURATION, _genomes, _searcher

cluster = Cluster(initialize_head=True, head_node_args={{"num_cpus": 1, "include_dashboard": False}})
second = cluster.add_node(num_cpus=1)
environment = {{"env_vars": {{"PYTHONPATH": {str(ROOT)!r} + ":" + {str(ROOT / "src")!r}}}}}
ray.init(address=cluster.address, log_to_driver=False, runtime_env=environment)
assert ray.cluster_resources()["CPU"] == 2

removed = []
def lose_a_node(progress):
    if progress.finished >= 4 and not removed:
        removed.append(cluster.remove_node(second, allow_graceful=False))

with Store(Path(sys.argv[1]), CONFIGURATION) as store:
    archive = search(_searcher(2), ToyEvaluator(seconds=0.2), RayRunner(), store, OBJECTIVES, lose_a_node)
    assert removed and not any(evaluation.failed for evaluation in store)
print("RESULT", _genomes(archive))
"""


@pytest.mark.nightly  # Ray takes ten seconds to start a cluster and twenty to notice a lost node.
def test_a_lost_node_does_not_change_the_result(tmp_path: Path) -> None:
    from mulsmith.search.run import search
    from mulsmith.search.runner import SerialRunner
    from mulsmith.search.store import Store
    from tests.search.problem import OBJECTIVES, ToyEvaluator
    from tests.search.test_machinery import CONFIGURATION, _genomes, _searcher

    command = [sys.executable, "-c", ON_RAY, str(tmp_path / "ray")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    with Store(tmp_path / "serial", CONFIGURATION) as store:
        serial = search(_searcher(2), ToyEvaluator(), SerialRunner(), store, OBJECTIVES)
    result = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    assert result == f"RESULT {_genomes(serial)}"
