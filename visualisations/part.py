"""Which part of a graph a page shows, in words: every page says what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..ontology.dates import BoundedDate
from .wording import listed

if TYPE_CHECKING:  # a page is also made of tables alone, without any store
    from ..graph.snapshot import Snapshot

__all__ = ["part_of", "snapshot_in_words"]


def part_of(snapshot: Snapshot | Any) -> Iterator[tuple[str, str]]:
    """What of a snapshot is shown, each as a label and a value: as known by a day, within systems,
    what may be published. Nothing for a whole one, and nothing about the day in the world.

    >>> import icsgraph
    >>> list(part_of(icsgraph.open().public().within("Frimley").snapshot))
    [('Only', 'Frimley and its ties'), ('Shown', 'what may be published')]
    """
    from ..graph.public import Public
    from ..graph.views import KnownBy, View
    from ..graph.within import Within

    view = snapshot
    while isinstance(view, View):
        match view:
            case Within():
                named = dict(snapshot.whole.nodes("System").select("id", "name").iter_rows())
                systems = sorted(str(named[i] or i) for i in view.systems)
                yield (
                    "Only",
                    f"{listed(systems)} and {'its' if len(systems) == 1 else 'their'} ties",
                )
            case KnownBy():
                yield "As known by", BoundedDate.parse(view.day).plain()
            case Public():
                yield "Shown", "what may be published"
        view = view.base


def snapshot_in_words(snapshot: Snapshot | Any) -> str:
    """Which snapshot is drawn, and which part of it: the beginning of a sentence.

    >>> import icsgraph
    >>> snapshot_in_words(icsgraph.open().within("Frimley").known("2021-06-30").snapshot)[-53:]
    ', only Frimley and its ties, as known by 30 June 2021'
    """
    said = [f"Snapshot {snapshot.id[:12]}", *(f"{a.lower()} {b}" for a, b in part_of(snapshot))]
    return ", ".join(said)
