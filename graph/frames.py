"""The tables of a snapshot by name, read when first asked for, and SQL over them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from ..ontology.errors import QueryError, UnknownName
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .snapshot import Snapshot

__all__ = ["Tables"]


class Tables(Mapping[str, pl.DataFrame]):
    """Each node kind, relationship kind and series of a snapshot as a polars frame, by its name.

    A table is read when it is first asked for. `UnknownName` with the nearest for a name that there
    is none of.

    >>> from icsgraph.session import sample_store
    >>> tables = Tables(sample_store().current())
    >>> tables["Review"].height, "PART_OF" in tables
    (5, True)
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._names = (*NODE_KINDS, *RELATIONSHIP_KINDS, *snapshot.series_names)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name in NODE_KINDS:
            return self._snapshot.nodes(name)
        if name in RELATIONSHIP_KINDS:
            return self._snapshot.relationships(name)
        if name not in self._names:
            raise UnknownName("table", name, self._names)
        return self._snapshot.series(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __repr__(self) -> str:
        return f"<tables {', '.join(self._names)}>"

    def sql(self, text: str) -> pl.DataFrame:
        """The rows of an SQL query (SELECT, as polars reads it) over the tables by their names.

        `QueryError` with polars' message for a text that it refuses.

        >>> from icsgraph.session import sample_store
        >>> tables = Tables(sample_store().current())
        >>> tables.sql("SELECT name, phase FROM Review WHERE phase = 3").rows()
        [('Cancer care services and pathways', 3)]
        """
        words = set(re.findall(r"\w+", text))
        named = {name: self[name] for name in self._names if name in words}
        with pl.SQLContext(named, eager=True) as context:
            try:
                rows: pl.DataFrame = context.execute(text)
            except pl.exceptions.PolarsError as error:
                reason = " ".join(str(error).partition("Resolved plan until")[0].split())
                raise QueryError("SQL", reason) from None
        return rows
