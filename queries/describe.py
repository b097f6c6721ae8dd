"""What a snapshot holds, and all that it says about one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from ..graph.merging import as_of_day
from ..graph.snapshot import Snapshot
from ..ontology.model import NODE_KINDS, Dated, node_kind
from ..ontology.relationships import RELATIONSHIP_KINDS, relationship_kind
from .resolve import resolve
from .versions import Version, labelled, rating_versions, versions, when

__all__ = ["Description", "Holdings", "Judgement", "Statement", "Ties", "describe", "holdings"]

DATES = tuple(Dated.model_fields)
APART = {"id", "kind", "name", "other_names", "codes", "sources", *DATES}
"""Columns of a node that a description does not list among its attributes."""
FRAME = {"id", "kind", "subject", "object", "source", "locator", "document", *DATES}
"""Columns that every relationship has; the others say something of this kind."""
STATEMENT_COLUMNS = ("other", "other_kind", "other_name", "when", "source", "document", "locator")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a snapshot holds: rows of each kind that has any, its sources, and the as-of date of the
    newest of them as stated (None if no source is dated)."""

    snapshot: str
    newest: str | None
    nodes: dict[str, int]
    relationships: dict[str, int]
    series: dict[str, int]
    sources: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)

    def frame(self) -> pl.DataFrame:
        """Rows of each table: what it is a table of, the kind, its label, how many rows."""
        rows = [
            *(("node", k, NODE_KINDS[k].plural, n) for k, n in self.nodes.items()),
            *(
                ("relationship", k, RELATIONSHIP_KINDS[k].label, n)
                for k, n in self.relationships.items()
            ),
            *(("series", name, None, n) for name, n in self.series.items()),
        ]
        return pl.DataFrame(rows, schema=["table", "kind", "label", "rows"], orient="row")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision that made this thing what it is: with which other record it was judged the same,
    or different, by whom, when, and why."""

    judgement: str
    other: str
    other_name: str | None
    who: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One relationship of the thing described, seen from it: the other end, when it held in plain
    words, who says so, and what else the statement tells."""

    other: str
    other_kind: str
    other_name: str | None
    when: str
    source: str
    document: str | None
    locator: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ties:
    """The relationships of one kind in one direction: `outgoing` if the thing is their subject."""

    kind: str
    label: str
    outgoing: bool
    statements: tuple[Statement, ...]


FEW = 3
"""Other ends that a description names of each kind of tie when it is printed."""


@dataclass(frozen=True, slots=True, repr=False)
class Description:
    """All that a snapshot says about one thing. Coded values are given as their labels; `when` is
    in plain words, '' for a kind that has no dates or where none is stated; `ratings` are those
    shown, `versions` what each source says where they differ; `names` are those of every id that a
    statement mentions."""

    id: str
    kind: str
    label: str
    name: str | None
    other_names: tuple[str, ...]
    codes: tuple[str, ...]
    when: str
    attributes: dict[str, Any]
    sources: tuple[str, ...]
    ratings: tuple[Version, ...]
    versions: tuple[Version, ...]
    judgements: tuple[Judgement, ...]
    ties: tuple[Ties, ...]
    names: dict[str, str]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        """What it is, in words: the first few other ends of each kind of tie."""
        yield self.name or self.id
        yield " · ".join(part for part in (self.label, self.id, self.when) if part)
        told = {"other names": self.other_names, "codes": self.codes, **self.attributes}
        for name, value in told.items():
            if value not in (None, (), []):
                words = ", ".join(value) if isinstance(value, tuple | list) else value
                yield f"  {name.replace('_', ' ')}: {words}"
        for tie in self.ties:
            ends = list(dict.fromkeys(s.other_name or s.other for s in tie.statements))
            more = f" and {len(ends) - FEW} more" if len(ends) > FEW else ""
            yield f"  {tie.label}{'' if tie.outgoing else ' it'}: {', '.join(ends[:FEW])}{more}"

    def as_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)

    def frame(self) -> pl.DataFrame:
        """The statements as a table, one row each."""
        rows = [
            (tie.kind, tie.outgoing, *(getattr(s, c) for c in STATEMENT_COLUMNS))
            for tie in self.ties
            for s in tie.statements
        ]
        names = {"relationship": pl.String, "outgoing": pl.Boolean}
        text = dict.fromkeys(STATEMENT_COLUMNS, pl.String)
        return pl.DataFrame(rows, schema={**names, **text}, orient="row")


def holdings(snapshot: Snapshot) -> Holdings:
    """How much of each kind does the snapshot hold, from which sources, and of when?

    Reads the manifest only. Kinds are in the order of the ontology.
    """
    rows = {name: int(facts["rows"]) for name, facts in snapshot.manifest["tables"].items()}
    return Holdings(
        snapshot.id,
        max(snapshot.manifest["sources"], key=as_of_day)["as_of"] or None,
        {k: n for k in NODE_KINDS if (n := rows.get(f"nodes/{k}.parquet", 0))},
        {k: n for k in RELATIONSHIP_KINDS if (n := rows.get(f"relationships/{k}.parquet", 0))},
        {s: rows[f"series/{s}.parquet"] for s in snapshot.series_names},
        tuple(facts["id"] for facts in snapshot.manifest["sources"]),
    )


def describe(snapshot: Snapshot, text: str) -> Description:
    """What does the snapshot say about the thing that `text` (id, code or name) means?

    Raises as `resolve`: `UnknownName` with the nearest names, `UsageError` if several are meant.
    """
    wanted = resolve(snapshot, text, list(NODE_KINDS))
    kind, row = _row(snapshot, wanted)
    touching = list(_touching(snapshot, wanted))
    ends = _names(snapshot, _mentioned(rows for _, _, rows in touching))
    ratings = tuple(rating_versions(snapshot, wanted))
    return Description(
        id=wanted,
        kind=kind,
        label=node_kind(kind).label,
        name=row["name"],
        other_names=tuple(row["other_names"]),
        codes=tuple(row["codes"]),
        when=when(row),
        attributes=labelled(kind, {c: v for c, v in row.items() if c not in APART}),
        sources=tuple(row["sources"]),
        ratings=tuple(rating for rating in ratings if rating.shown),
        versions=(*versions(snapshot, kind, wanted), *_differing(ratings)),
        judgements=tuple(_judgements(snapshot, kind, wanted)),
        ties=tuple(_ties(touching, ends)),
        names={end: name for end, (_, name) in sorted(ends.items()) if name},
    )


def _row(snapshot: Snapshot, wanted: str) -> tuple[str, dict[str, Any]]:
    for kind in NODE_KINDS:
        found = snapshot.nodes(kind).filter(pl.col("id") == wanted)
        if found.height:
            return kind, found.row(0, named=True)
    raise KeyError(wanted)


def _judgements(snapshot: Snapshot, kind: str, wanted: str) -> Iterator[Judgement]:
    """The decisions about any record of a thing, from the thing's side."""
    records = snapshot.records(kind)
    own = {wanted, *records.filter(pl.col("id") == wanted)["own_id"]}
    names = dict(records.drop_nulls("name").select("own_id", "name").iter_rows())
    for each in snapshot.manifest["decisions"]:
        pair = (each["one"], each["other"])
        if not own.isdisjoint(pair):
            # Of two records of this thing the other one is that which does not name it.
            other = next((one for one in pair if one not in own), pair[pair[0] == wanted])
            said = {key: each[key] for key in ("judgement", "who", "when", "why")}
            yield Judgement(other=other, other_name=names.get(other), **said)


def _differing(ratings: Iterable[Version]) -> Iterator[Version]:
    """The ratings in which the sources differ."""
    by_attribute: dict[str, list[Version]] = {}
    for rating in ratings:
        by_attribute.setdefault(rating.attribute, []).append(rating)
    for told in by_attribute.values():
        if len({rating.value for rating in told}) > 1:
            yield from told


def _touching(snapshot: Snapshot, wanted: str) -> Iterator[tuple[str, bool, pl.DataFrame]]:
    """The relationships of a thing by kind and direction; one that runs to itself is outgoing."""
    for kind in RELATIONSHIP_KINDS:
        table = snapshot.relationships(kind)
        out = pl.col("subject") == wanted
        yield kind, True, table.filter(out)
        yield kind, False, table.filter((pl.col("object") == wanted) & ~out)


def _mentioned(tables: Iterable[pl.DataFrame]) -> set[str]:
    """Every id that some relationships name."""
    columns = ("subject", "object", "document", "finding", "area")
    return {
        value
        for rows in tables
        for column in columns
        if column in rows.columns
        for value in rows[column].drop_nulls()
    }


def _names(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """Kind and name of each id."""
    wanted = pl.Series(sorted(ids), dtype=pl.String).implode()
    return {
        row[0]: (kind, row[1])
        for kind in NODE_KINDS
        for row in snapshot.nodes(kind)
        .filter(pl.col("id").is_in(wanted))
        .select("id", "name")
        .iter_rows()
    }


def _ties(
    touching: Iterable[tuple[str, bool, pl.DataFrame]],
    ends: Mapping[str, tuple[str, str | None]],
) -> Iterator[Ties]:
    for kind, outgoing, rows in touching:
        if rows.height:
            end = "object" if outgoing else "subject"
            stated = [_statement(row, end, ends) for row in rows.iter_rows(named=True)]
            stated.sort(key=lambda s: (s.other_name or s.other, s.other, s.source, s.when))
            yield Ties(kind, relationship_kind(kind).label, outgoing, tuple(stated))


def _statement(
    row: Mapping[str, Any], end: str, ends: Mapping[str, tuple[str, str | None]]
) -> Statement:
    other_kind, other_name = ends[row[end]]
    return Statement(
        other=row[end],
        other_kind=other_kind,
        other_name=other_name,
        when=when(row),
        source=row["source"],
        document=row["document"],
        locator=row["locator"],
        details=labelled(row["kind"], {c: v for c, v in row.items() if c not in FRAME}),
    )
