"""Where the files come from: each data set with its publisher's page, licence, rhythm of editions,
and the loader that reads it.

`datasets.csv` is the one place; `python -m icsgraph.loaders.where_from` writes `docs/data.md` from
it, and a test compares.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

__all__ = ["DataSetPage", "data_page", "data_sets", "main"]

_FILE = Path(__file__).with_name("datasets.csv")
PAGE = "docs/data.md"

_BEFORE = """# Where the data come from

`icsgraph` downloads nothing while it builds: you fetch the files once, list them in a
`SOURCES.toml` ([an example](sources-england.toml)), and say of each the day whose state it gives.
This page names, for each data set, where it is published, under which licence, how often, and which
loader reads it. `icsgraph sources --where` prints the same; `icsgraph sources --kinds` describes
the loaders; `icsgraph fetch` downloads what has a stable service.

Written from loaders/datasets.csv by `make generate`.
"""

_AFTER = """
## Licences and attribution

- OGL-UK-3.0 is the Open Government Licence v3.0: "Contains public sector information licensed under
  the Open Government Licence v3.0" (Care Quality Commission; NHS England; NHS Business Services
  Authority; Department of Health and Social Care; Office for Health Improvement and Disparities).
- Geography: "Source: Office for National Statistics licensed under the Open Government Licence
  v3.0; contains OS data © Crown copyright and database right".
- CC-BY-4.0 asks to name mySociety as the source of the register of local authorities.
- What each loaded source was licensed under stays with it (`icsgraph sources SOURCE`).

## Names of persons

Names of registered managers and nominated individuals are never read into a table. Sole traders are
providers under their own names: these stay, and are marked.

## Your own data

Lists of your own, surveys and reports need no publisher: `icsgraph template` lists files to begin
with, and [Coding a report](coding-a-report.md) goes through one.
"""


@dataclass(frozen=True, slots=True)
class DataSetPage:
    """One data set: what it is, who publishes it where, under which licence, how often editions
    come out, which loader reads it ("" if none does), and what to know before fetching it."""

    data_set: str
    what: str
    publisher: str
    page: str
    licence: str
    editions: str
    loader: str
    note: str


@cache
def data_sets() -> tuple[DataSetPage, ...]:
    """Every data set, in the order of the file.

    >>> data_sets()[0].licence
    'OGL-UK-3.0'
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(DataSetPage(**row) for row in csv.DictReader(file))


def data_page() -> str:
    """The text of `docs/data.md`."""
    return "\n".join([_BEFORE, *_table(), _AFTER])


def _table() -> Iterator[str]:
    names = [field.name for field in fields(DataSetPage)]
    shown = ("data_set", "what", "publisher", "licence", "editions", "loader", "note")
    yield "| data set | what it holds | published by | licence | editions | loader | to know |"
    yield "|---|---|---|---|---|---|---|"
    for each in data_sets():
        cells = dict(zip(names, astuple(each), strict=True))
        cells["publisher"] = f"[{each.publisher}]({each.page})"
        cells["loader"] = f"`{each.loader}`" if each.loader else "–"
        cells["data_set"] = f"`{each.data_set}`"
        yield f"| {' | '.join(cells[name] for name in shown)} |"


def main() -> None:
    """Write the page in the checkout that this module belongs to, if it is not current."""
    root = Path(__file__).resolve().parents[1]
    if not (root / "pyproject.toml").is_file():
        sys.exit(f"{root} is no checkout of the repository: the page is written only there.")
    page = root / PAGE
    if not page.is_file() or page.read_bytes() != data_page().encode():
        page.write_text(data_page(), encoding="utf-8", newline="\n")
        print(f"Wrote {PAGE}", file=sys.stderr)


if __name__ == "__main__":
    main()
