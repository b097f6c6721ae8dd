"""The graph of one system, or of several: what is of it, and every tie among that and out of it.

Of a system are the system itself; the areas that lie wholly in it; the organisations, areas and
locations that are part of it, members of it, located in it or serve it, and the members of those
that are part of it (practices and networks of its commissioners); the locations in its areas; and
the findings that concern any of these. A tie is in the view if one end is of the system. Its other
end is there, too: who operates a location, which review found it, to which innovation a system
turned, with whom a trust beyond the border works. Of that neighbour only the ties into the system
are in the view, so a national provider does not bring its other thousand locations along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import polars as pl

from ..ontology.relationships import RELATIONSHIP_KINDS
from .snapshot import Snapshot
from .views import View

__all__ = ["Within", "seen", "within"]

BELONGING = ("PART_OF", "MEMBER_OF", "LOCATED_IN", "SERVES")
"""The ties by which something is of a system."""

INSIDE = ("PART_OF", "LOCATED_IN")
"""The ties by which something is of what is of a system."""


def within(snapshot: Snapshot, systems: Sequence[str]) -> Within:
    """The graph of these systems, by their ids."""
    return Within(snapshot, tuple(sorted(set(systems))))


def seen(snapshot: Snapshot, view: Callable[[Snapshot], Snapshot]) -> Snapshot:
    """Another view of a snapshot. One that is within systems stays so: what is of a system is found
    in what the other view has, so that the order of the two does not matter."""
    if isinstance(snapshot, Within):
        return within(seen(snapshot.base, view), snapshot.systems)
    return view(snapshot)


class Within(View):
    """The graph of some systems; see the module."""

    def __init__(self, base: Snapshot, systems: tuple[str, ...]) -> None:
        super().__init__(base, f"within-{re.sub('[^A-Za-z0-9]+', '-', '-'.join(systems))}")
        self.systems = systems

    @cached_property
    def own(self) -> pl.Series:
        """The ids of all that is of the systems, sorted."""
        own = self._grown(pl.Series(list(self.systems), dtype=pl.String), BELONGING)
        parts = self._joined(pl.Series(list(self.systems), dtype=pl.String), ("PART_OF",))
        own = _together(own, self._joined(parts, ("MEMBER_OF",)))
        return _together(own, self._joined(own, ("CONCERNS",)))

    def _grown(self, start: pl.Series, first: Sequence[str]) -> pl.Series:
        """What belongs to `start`, and, step by step, what is inside that: areas in areas, and
        locations in areas."""
        areas = self.base.nodes("Area")["id"]
        found, fresh = start, self._joined(start, first)
        while fresh.len():
            found = _together(found, fresh)
            fresh = self._joined(fresh.filter(fresh.is_in(areas.implode())), INSIDE)
            fresh = fresh.filter(~fresh.is_in(found.implode()))
        return found

    def _joined(self, objects: pl.Series, kinds: Sequence[str]) -> pl.Series:
        """The subjects of statements about `objects`; those that state a share less than the whole
        left out."""
        subjects = []
        for kind in kinds:
            rows = self.base.relationships(kind).filter(pl.col("object").is_in(objects.implode()))
            if "share" in rows.columns:
                rows = rows.filter(pl.col("share").fill_null(1.0) >= 1.0)
            subjects.append(rows["subject"])
        return pl.concat(subjects).unique().sort()

    @cached_property
    def _ends(self) -> pl.Series:
        """The ids of all nodes in the view: what is of the systems, and the other ends of its
        ties."""
        ties = [self.relationships(kind).select("subject", "object") for kind in RELATIONSHIP_KINDS]
        ends = pl.concat(ties).unpivot()["value"]
        return _together(self.own, ends)

    def _nodes(self, kind: str) -> pl.DataFrame:
        return self.base.nodes(kind).filter(pl.col("id").is_in(self._ends.implode()))

    def _relationships(self, kind: str) -> pl.DataFrame:
        own = self.own.implode()
        table = self.base.relationships(kind)
        return table.filter(pl.col("subject").is_in(own) | pl.col("object").is_in(own))

    def series(self, name: str) -> pl.DataFrame:
        """The measurements of things in the view."""
        table = self.base.series(name)
        return table.filter(pl.col("thing").is_in(self._ends.implode()))


def _together(one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.concat([one.alias("id"), other.alias("id")]).unique().sort()
