"""Look-up tables between areas: who lies in what, and what became of what.

Tables of the Office for National Statistics (CCG to STP, sub-ICB location to integrated care board
to NHS England region), of local authorities (to region, to system), and the register of local
authorities by mySociety. Each is recognised by its header; most say in it the year whose state they
give, which then counts as their as-of day.

Publisher's page: https://geoportal.statistics.gov.uk/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from . import geography_authorities, geography_commissioners, geography_systems
from .delimited import Layout, Sheet, read_delimited
from .geography_boundaries import holds_boundaries, read_boundaries
from .geography_tables import Publication
from .records import Nodes, Relationships, Series, SourceEntry, Table
from .uniting import united

__all__ = ["PUBLICATIONS", "layouts", "read"]

PUBLICATIONS: tuple[Publication, ...] = (
    *geography_commissioners.PUBLICATIONS,
    *geography_systems.PUBLICATIONS,
    *geography_authorities.PUBLICATIONS,
)
"""Every table that is known here. A new one is one row in one of these modules."""


_ROW_NUMBERS = {"FID": "", "ObjectId": ""}


def read(entry: SourceEntry) -> Iterator[Table]:
    """The files of an edition as areas, systems and the relationships between them, and accounts.

    Where several files say the same, the newest is believed. Raises `LayoutError` or `FileFault`
    for a file that is none of `PUBLICATIONS`, nor boundaries that are known.
    """
    tables: list[tuple[str, Nodes | Relationships | Series]] = []
    for path in entry.files:
        publication, sheet = read_boundaries(path) if holds_boundaries(path) else _table(path)
        as_of = publication.as_of or entry.as_of
        sheet = publication.checked(sheet)
        tables += [(as_of, table) for table in publication.tables(sheet.rows, as_of)]
        yield sheet.account()
    newest_first = sorted(tables, key=lambda dated: dated[0], reverse=True)
    yield from united(table for _, table in newest_first)


def _table(path: Path) -> tuple[Publication, Sheet]:
    known = {publication.layout.name: publication for publication in PUBLICATIONS}
    sheet = read_delimited(path, layouts())
    return known[sheet.layout.name], sheet


@cache
def layouts() -> list[Layout]:
    """The layouts of all tables: the portal numbers rows under two names, or not at all, and an
    edition may have columns more. So the largest layout that fits is the one meant."""
    told = [
        replace(
            layout,
            columns={**layout.columns, **_ROW_NUMBERS},
            optional=layout.optional | {*_ROW_NUMBERS},
            more=not layout.others,
        )
        for layout in (publication.layout for publication in PUBLICATIONS)
    ]
    return sorted(told, key=lambda layout: len(layout.columns), reverse=True)
