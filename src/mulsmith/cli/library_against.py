"""``mulsmith library against``: how many multipliers of another library an own one beats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mulsmith.cli import print_json
from mulsmith.cli.library_options import filter_options, json_option, library_option

if TYPE_CHECKING:
    from mulsmith.characterize.dominance import Contest


@click.command()
@library_option
@click.argument("reference", metavar="REFERENCE", type=click.Path(path_type=Path))
@filter_options
@json_option
def against(
    folder: Path, reference: Path, widths: tuple[str, ...], signed: bool | None, as_json: bool
) -> None:
    """Compare a library with the library REFERENCE, each width and signedness of it.

    A multiplier of REFERENCE is beaten where an own one is no worse in MAE, WCE, area and power and better
    in one of them. Both libraries have to be synthesised alike.
    """
    from mulsmith.characterize.dominance import contest
    from mulsmith.characterize.figures import select
    from mulsmith.characterize.library import Library

    documents = []
    for place in (folder, reference):
        with Library.open(place) as opened:
            documents.append(select(opened.documents(), widths=widths, signed=signed))
    contests = contest(documents[0], documents[1])
    if as_json:
        print_json({"contests": [found.to_json() for found in contests]})
        return
    for found in contests:
        _print_contest(found)


def _print_contest(found: Contest) -> None:
    share = 100 * found.beaten / len(found.matches)
    click.echo(f"{found.kind}: {found.beaten} of {len(found.matches)} beaten ({share:.0f} %)")
    width = max(len(match.name) for match in found.matches)
    for match in found.matches:
        ratios = [match.area_ratio, match.power_ratio, match.delay_ratio]
        texts = ["-" if ratio is None else f"{ratio:.3f}" for ratio in ratios]
        by = match.beaten_by or "not beaten"
        click.echo(
            f"  {match.name:{width}}  area {texts[0]:>6}  power {texts[1]:>6}  delay {texts[2]:>6}  {by}"
        )
    for volume in found.volumes:
        gain = 100 * (volume.own / volume.reference - 1) if volume.reference else 0.0
        click.echo(
            f"  hypervolume {volume.x} ({volume.scale}) - {volume.y}: {volume.own:.4f}, "
            f"reference {volume.reference:.4f} ({gain:+.1f} %)"
        )
