"""Small graphs that conform to the ontology and are as awkward as it allows.

`partitions` is a hypothesis strategy: a list of editions whose tables hold every kind of value that
a column may have (missing, empty, quotes, line breaks, Unicode, formulas, what XML cannot hold),
with parallel relationships, several sources of one statement, and statements that ended.
`snapshot_of` builds a store of them. Like every module of tests, imported by its bare name.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from icsgraph.graph.assemble import assemble
from icsgraph.graph.files import fresh_folder
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.snapshot import Snapshot
from icsgraph.graph.store import Store
from icsgraph.ontology.dates import COLUMNS as DATES
from icsgraph.ontology.model import NODE_KINDS
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS
from icsgraph.ontology.tables import columns, schema
from icsgraph.ontology.terms import Form, properties
from icsgraph.ontology.vocabularies import scheme

AWKWARD = (
    "",
    " ",
    "Nottingham & Nottinghamshire",
    'the "front door"',
    "<b>&amp;</b>]]>",
    "one\ntwo\r\nthree\rfour\tfive",
    "=SUM(A1)",
    "+44",
    "-1",
    "@cell",
    "a|b;c,d",
    "back\\slash \\n \\t \\\\",
    "['a', \"b\"]",
    "null",
    "NaN",
    "true",
    "012",
    "Ynys Môn, Łódź, 東京, 👩‍⚕️, e\u0301",
    "\x07 bell, _x0007_ \x1f",
    "\u2028\u2029\ufeff\ufffe\uffff\x85\xa0",
    "source",
    "title",
)
"""Texts that some format writes in a way of its own."""

EDITIONS = ("made@2020-01", "made@2021-01", "other@2020-06")
TEXTS = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
DAYS = st.dates().map(lambda day: day.isoformat())
IDENTIFIERS = ("ods:R1H", "ons:E54000029", "icsg:topic/older-people", "cqc:1-101658918")
VALUES: dict[Form, st.SearchStrategy[Any]] = {
    Form.TEXT: TEXTS,
    Form.DATE: DAYS,
    Form.INTEGER: st.integers(-(2**63), 2**63 - 1),
    # No format need tell -0.0 from 0.0, which are one number.
    Form.NUMBER: st.floats(allow_nan=False, allow_infinity=False).map(lambda n: n + 0.0),
    Form.BOOLEAN: st.booleans(),
    Form.ADDRESS: TEXTS.map("https://example.org/{}".format),
    Form.IDENTIFIER: st.sampled_from(IDENTIFIERS),
}
SERIES_GIVEN = {
    **dict.fromkeys(("thing", "measure", "group", "value"), pl.String()),
    "number": pl.Float64(),
    "date": pl.String(),
}
"""Columns of a series that a source gives."""
BUILT = {"id", "codes", "sources", "org_types", "subject", "object", "source"}
"""Columns that the build fills, or on which it joins records."""


@st.composite
def dates(draw: st.DrawFn) -> dict[str, str | None]:
    """Bounds in their order, each missing now and then, and a text."""
    first, *others = sorted(draw(st.lists(DAYS, min_size=4, max_size=4, unique=True)))
    bounds = [first, others[0], others[1], others[2]]
    told = [day if draw(st.booleans()) else None for day in bounds]
    return dict(zip(DATES, [*told, draw(st.none() | TEXTS)], strict=True))


@st.composite
def attributes(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A value, or none, for each column of a kind that a source may fill."""
    row: dict[str, Any] = dict(draw(dates())) if set(DATES) <= set(columns(kind)) else {}
    for column in properties(kind):
        if column.name in BUILT or column.name in row:
            continue
        if column.form is Form.CONCEPT:
            value = st.sampled_from(list(scheme(column.vocabulary or "")))
        else:
            value = VALUES[column.form]
        if column.many:
            value = st.lists(value, max_size=3)
        elif not column.required:
            value = st.none() | value
        row[column.name] = draw(value)
    return row


@st.composite
def _nodes(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    others = draw(st.sets(st.sampled_from(list(NODE_KINDS)), max_size=3))
    return {
        kind: [
            {"id": f"icsg:{kind.lower()}/{number}", **draw(attributes(kind))}
            for number in range(draw(st.integers(1, 3)))
        ]
        for kind in sorted({"Organisation", "System", *others})
    }


@st.composite
def _relationships(
    draw: st.DrawFn, nodes: dict[str, list[dict[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """Relationships between nodes of the kinds that theirs joins, some with the same ends."""
    pairs = {
        name: [
            (one["id"], other["id"])
            for start, end in itertools.product(kind.domain, kind.range)
            for one, other in itertools.product(nodes.get(start, ()), nodes.get(end, ()))
        ]
        for name, kind in RELATIONSHIP_KINDS.items()
    }
    fit = [name for name, ends in pairs.items() if ends]
    rows: dict[str, list[dict[str, Any]]] = {}
    for key in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(fit))
        subject, object_ = draw(st.sampled_from(pairs[kind]))
        ends = {"subject": subject, "object": object_, "key": str(key)}
        rows.setdefault(kind, []).append({**ends, **draw(attributes(kind))})
    return rows


@st.composite
def _series(draw: st.DrawFn, things: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "thing": draw(st.sampled_from(things)),
            "measure": draw(TEXTS),
            "group": draw(st.none() | TEXTS),
            "value": draw(st.none() | TEXTS),
            "number": draw(st.none() | VALUES[Form.NUMBER]),
            "date": draw(st.none() | DAYS),
        }
        for _ in range(draw(st.integers(0, 3)))
    ]


def facts(source: str) -> dict[str, Any]:
    """What is known of a made-up edition."""
    data_set, _, day = source.partition("@")
    return {
        "id": source,
        "data_set": data_set,
        "kind": "made-up",
        "title": f"Made up: {source}",
        "publisher": "Nobody",
        "licence": "CC0-1.0",
        "url": None,
        "as_of": day,
        "retrieved": day,
        "scope": "",
        "complete": data_set == "made",
        "official": True,
        "files": [],
        "accounting": [],
    }


def _frame(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    wanted = {**schema(kind), "key": pl.String()}
    given = {name: wanted[name] for name in rows[0]}
    return pl.DataFrame(rows, schema=given)


@st.composite
def partitions(draw: st.DrawFn) -> list[Partition]:
    """One to three editions of two sources that describe the same few things, each its own part of
    the relationships."""
    nodes = draw(_nodes())
    ties = draw(_relationships(nodes))
    made = []
    for source in EDITIONS[: draw(st.integers(1, len(EDITIONS)))]:
        kept = {kind: [row for row in rows if draw(st.booleans())] for kind, rows in ties.items()}
        series = draw(_series([row["id"] for rows in nodes.values() for row in rows]))
        made.append(
            Partition(
                facts(source),
                {kind: _frame(kind, rows) for kind, rows in nodes.items()},
                {kind: _frame(kind, rows) for kind, rows in kept.items() if rows},
                {"made-up": pl.DataFrame(series, schema=SERIES_GIVEN)} if series else {},
            )
        )
    return made


def awkward(texts: Sequence[str] = AWKWARD) -> Partition:
    """One edition: a body for each awkward text, which holds it alone and in a list, and two
    statements of the same ends."""
    numbers = range(len(texts))
    bodies = pl.DataFrame(
        {
            "id": [f"icsg:body/{number}" for number in numbers],
            "note": texts,
            "other_names": [[text, "another"] for text in texts],
            "is_provider": [(None, True, False)[number % 3] for number in numbers],
            "lon": [(None, 0.1, -1e-9)[number % 3] for number in numbers],
            "start_earliest": [("2020-01-01", None)[number % 2] for number in numbers],
            "start_latest": ["2020-12-31" for _ in numbers],
            "end_latest": [(None, "2022-01-01")[number % 2] for number in numbers],
            "date_text": ["2020" for _ in numbers],
        }
    )
    treats = pl.DataFrame(
        {
            "subject": ["icsg:body/0"] * 2,
            "object": ["icsg:body/1"] * 2,
            "key": ["one", "other"],
            "knowledge_level": ["register"] * 2,
            "count": [2**63 - 1, None],
            "share": [0.25, None],
            "measure": ["", None],
        }
    )
    tables = {"Organisation": bodies}, {"TREATS_RESIDENTS_OF": treats}
    return Partition(facts("made@2020-01"), *tables)


UNUSUAL = (float("nan"), float("inf"), float("-inf"), 5e-324, -1.7e308, 1e22, 1 / 3, 0.0, None)
"""Numbers that some format has no word for, or would round."""


def unusual(numbers: Sequence[float | None] = UNUSUAL) -> Partition:
    """One edition: a statement for each number, all of the same two bodies, with whole numbers that
    are no float, dates of each precision, and lists that hold what separates lists."""
    rows = len(numbers)
    bodies = pl.DataFrame(
        {
            "id": ["icsg:body/0", "icsg:body/1"],
            "name": ["e\u0301", "\u202eé"],
            "other_names": [["", "|", ";", '"', "\n", "\x1f", "b", "a", "a"], [""]],
        }
    )
    whole = [2**63 - 1, -(2**63), 2**53 + 1, 0, None]
    bounds = [("2020-01-01", "2020-12-31", "2020"), (None, "2020-06-30", "by June 2020")]
    bounds += [("2019-01-01", "2021-12-31", "2019 to 2021"), (None, None, "")]
    treats = pl.DataFrame(
        {
            "subject": ["icsg:body/0"] * rows,
            "object": ["icsg:body/1"] * rows,
            "key": [f"{number} a/b#%41é" for number in range(rows)],
            "knowledge_level": ["register"] * rows,
            "share": pl.Series(numbers, dtype=pl.Float64),
            "count": [whole[number % len(whole)] for number in range(rows)],
            "start_earliest": [bounds[number % len(bounds)][0] for number in range(rows)],
            "start_latest": [bounds[number % len(bounds)][1] for number in range(rows)],
            "date_text": [bounds[number % len(bounds)][2] for number in range(rows)],
        }
    )
    tables = {"Organisation": bodies}, {"TREATS_RESIDENTS_OF": treats}
    return Partition(facts("made@2020-01"), *tables)


def snapshot_of(folder: Path, made: list[Partition]) -> Snapshot:
    """The snapshot of a new store, at a path that does not exist yet, built from partitions."""
    store = Store(folder)
    with store.writing():
        for part in made:
            with fresh_folder(store.partitions) as place:
                write_partition(place, part)
                store.put_partition(part.facts["id"], place)
        store.switch(assemble(store))
    return store.current()
