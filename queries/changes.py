"""What changed since an earlier state of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.diff import diff
from ..graph.releases import releases, state_meant
from ..graph.snapshot import Snapshot
from ..graph.store import Store
from ..ontology.errors import UsageError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .answer import Unanswerable

__all__ = ["changed"]

MOST_SAID = 8
"""Names that the reason of an answer that cannot be given lists."""


def changed(snapshot: Snapshot, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """What changed from the state that `since` names to this snapshot, of one kind and change or
    of all.

    `Unanswerable` if `since` names none: a change is one from a state to another.
    """
    if not (since := parameters["since"]):
        raise Unanswerable(_what_to_name(snapshot))
    if snapshot.view.startswith("on-"):
        raise UsageError(
            "What changed is asked of what is recorded, not of one day in the world.",
            "Leave --on out; --since takes a day, too.",
        )
    kinds, changes = ([value] if value else [] for value in map(parameters.get, ("kind", "change")))
    rows = diff(state_meant(snapshot, since), snapshot).only(kinds, changes).rows
    labels = {name: model.label for name, model in (NODE_KINDS | RELATIONSHIP_KINDS).items()}
    return rows.with_columns(pl.col("kind").replace(labels))


def _what_to_name(snapshot: Snapshot) -> str:
    """Since when could be asked: the releases of the store, its snapshots, and any day."""
    store = Store.of(snapshot)
    known = [release.name for release in releases(store)]
    others = [i for i in store.snapshots() if i != snapshot.id]
    said = ", ".join([*known, *others][:MOST_SAID]) or "no release and no other snapshot"
    return (
        "It is not said since when. Name a release, a snapshot, or a day by which something was "
        f"known (since). This store has {said}; icsgraph release NAME keeps this snapshot to be "
        "compared with later."
    )
