"""The way of a report: document -> proposals -> sheet, and from quotes back to their document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .graph.partitions import StoredPartition
from .graph.snapshot import Snapshot
from .graph.store import Store
from .loaders.coding_sheet import JOINT, blank_sheet, named, parted
from .loaders.documents import read_document
from .ontology.errors import DataError
from .queries.coding import PARTS, Proposal, propose, wordings

__all__ = ["Coded", "Quotes", "code", "quotes"]

_CELLS = {
    **{"system": "systems", "organisation": "organisations", "innovation": "cluster"},
    **{"barrier": "cluster", "population-group": "population_group", "sector": "sectors"},
}
"""The columns that proposals are filled into, where they have another name."""

_ONE = ("cluster", "topic", "challenge")
"""Columns that hold one value: the first proposal is filled in."""

_WITH_ID = ("systems", "organisations", "cluster")


@dataclass(frozen=True, slots=True)
class Coded:
    """A sheet to be filled in: its bytes, how many passages it has, and how many proposals of each
    part."""

    sheet: bytes
    passages: int
    proposed: dict[str, int]


def code(path: Path, snapshot: Snapshot) -> Coded:
    """The sheet of a report, with what its passages may speak of as proposals.

    Names and terms are those of the snapshot and the vocabularies. Errors as in `read_document`.
    """
    document = read_document(path)
    found = propose(wordings(snapshot), {p.number: p.text for p in document.passages})
    by_passage: dict[int, list[Proposal]] = {}
    for proposal in found:
        by_passage.setdefault(proposal.passage, []).append(proposal)
    cells = {number: _cells(proposals) for number, proposals in by_passage.items()}
    counts = {part: sum(p.part == part for p in found) for part in PARTS}
    return Coded(blank_sheet(document, cells), len(document.passages), counts)


def _cells(proposals: Iterable[Proposal]) -> dict[str, str]:
    """What stands in the row of a passage. A name of several things, and what a passage only reads
    like, stand under `proposed` alone."""
    cells: dict[str, list[str]] = {}
    for proposal in proposals:
        column = _CELLS.get(proposal.part, proposal.part)
        shown = named(proposal.name, " or ".join(proposal.ids))
        how = "" if proposal.named else "reads like it: "
        said = f"{proposal.part}: {shown} ({how}“{proposal.words}”)"
        cells.setdefault("proposed", []).append(said)
        if proposal.named and len(proposal.ids) == 1:
            value = shown if column in _WITH_ID else proposal.name
            filled = cells.setdefault(column, [])
            if value not in filled and not (filled and column in _ONE):
                filled.append(value)
    return {column: JOINT.join(values) for column, values in cells.items()}


@dataclass(frozen=True, slots=True)
class Quotes:
    """What became of the quotes of one source: how many there are, which do not stand in the
    document (finding and quote), or why that could not be seen."""

    source: str
    document: str
    count: int
    gone: tuple[tuple[str, str], ...] = ()
    unseen: str = ""


def quotes(store: Store) -> Iterator[Quotes]:
    """Whether the quotes of each source stand in its document, read again from where it was.

    The path of a document is kept in `source.json`, as seen from the store.
    """
    for source in store.sources():
        partition = StoredPartition(store.partitions / source)
        paths = [store.path / file["path"] for file in partition.facts["files"] if "path" in file]
        for path in parted(paths)[1]:
            found = partition.nodes("Finding")
            stated = found.select("id", "quote").drop_nulls().rows() if found is not None else []
            yield _quotes(source, path, stated)


def _quotes(source: str, path: Path, stated: list[tuple[str, str]]) -> Quotes:
    try:
        document = read_document(path)
    except DataError as error:
        return Quotes(source, path.name, len(stated), unseen=error.message)
    gone = tuple((finding, quote) for finding, quote in stated if not document.holds(quote))
    return Quotes(source, path.name, len(stated), gone)
