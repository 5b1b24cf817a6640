"""docs/circuits.md shows the families and circuits of today."""

import importlib.util
import shlex
import tomllib
from pathlib import Path

from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.generators import families
from mulsmith.cli import run
from mulsmith.codesign.evolution_config import EvolutionConfig
from mulsmith.errors import ToolError

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_circuit_docs.py"
specification = importlib.util.spec_from_file_location("make_circuit_docs", TOOL)
assert specification is not None
assert specification.loader is not None
tool = importlib.util.module_from_spec(specification)
specification.loader.exec_module(tool)


def test_the_generated_parts_are_current():
    page = tool.PAGE.read_text(encoding="utf-8")
    assert tool.updated(page) == page, "run python tools/make_circuit_docs.py"


def test_every_family_has_its_formula():
    prose = tool.PAGE.read_text(encoding="utf-8").split("<!-- end families -->")[1]
    for name in set(families()) - {"array", "wallace", "dadda"}:
        assert f"**{name}**" in prose, name


def test_the_commands_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = tool.PAGE.read_text(encoding="utf-8").split("```")[1::2]
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("mulsmith ")]
    assert len(lines) == 5
    campaign, for_a_network = [block.removeprefix("toml\n") for block in blocks if block.startswith("toml\n")]
    EvolutionConfig.model_validate(tomllib.loads(for_a_network))
    (tmp_path / "campaign.toml").write_text(campaign.replace("1_000_000", "100").replace("[1, 2, 3]", "[1]"))
    if not engine_is_here():
        lines = [line for line in lines if " evolve" not in line]
    for line in lines:
        assert run(shlex.split(line)[1:]) == 0
    assert (tmp_path / "mul8x4u_trunc4_cc.v").exists()


def engine_is_here():
    try:
        cgp_library()
    except ToolError:
        return False
    return True
