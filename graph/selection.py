"""The graph of some kinds only."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ..ontology.errors import UnknownName
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .snapshot import Snapshot
from .views import View

__all__ = ["OfKinds", "of_kinds"]


def of_kinds(snapshot: Snapshot, kinds: Iterable[str]) -> OfKinds:
    """The graph of the named kinds: their things, and the named kinds of relationship among them.

    Where only kinds of thing are named, every relationship among these things is there; where only
    kinds of relationship are, every thing at an end of one. `UnknownName` for a kind that there is
    none of.
    """
    wanted = sorted(set(kinds))
    for kind in wanted:
        if kind not in NODE_KINDS and kind not in RELATIONSHIP_KINDS:
            raise UnknownName("kind", kind, [*NODE_KINDS, *RELATIONSHIP_KINDS])
    return OfKinds(snapshot, wanted)


class OfKinds(View):
    """The graph of some kinds; see `of_kinds`."""

    def __init__(self, base: Snapshot, kinds: Iterable[str]) -> None:
        wanted = list(kinds)
        super().__init__(base, f"only-{'-'.join(kind.lower() for kind in wanted)}")
        self.things = [kind for kind in NODE_KINDS if kind in wanted]
        self.ties = [kind for kind in RELATIONSHIP_KINDS if kind in wanted]

    def _nodes(self, kind: str) -> pl.DataFrame:
        table = self.base.nodes(kind)
        if self.things:
            return table if kind in self.things else table.clear()
        ends = pl.concat(
            self.base.relationships(tie).select(pl.col(end).alias("id"))
            for tie in self.ties
            for end in ("subject", "object")
        )
        return table.join(ends, on="id", how="semi", maintain_order="left")

    def _relationships(self, kind: str) -> pl.DataFrame:
        table = self.base.relationships(kind)
        if self.ties and kind not in self.ties:
            return table.clear()
        return self._between_ends(table)

    def series(self, name: str) -> pl.DataFrame:
        """The measurements of the things that are in the view."""
        there = self.ids.rename({"id": "thing"})
        return self.base.series(name).join(there, on="thing", how="semi", maintain_order="left")
