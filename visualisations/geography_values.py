"""A number for each system: of any question whose rows name systems, or of what was found there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ..ontology.errors import ArgumentFault, UnknownName, UsageError
from ..queries.answer import Answer
from .chart_parts import Asks, Told, drawn_from, of_answer, spoken
from .licences import licences
from .systems_evidence import Found, gather
from .systems_words import states
from .tables import Row, SnapshotTables, by_id

__all__ = ["Values", "found_values", "question_values", "standing"]


@dataclass(frozen=True)
class Values:
    """A number for each system of a day.

    `systems` are those that stood on the day, by id; `numbers` has None for what is not known;
    `states` says in words what is to be said of a system beside its number. `share` numbers are
    written as percentages.
    """

    systems: Mapping[str, Row]
    numbers: Mapping[str, float | None]
    what: str
    title: str
    told: Told
    states: Mapping[str, str]
    rows_of: Mapping[str, int]
    share: bool = False
    reason: str = ""


def standing(snapshot: SnapshotTables, day: str) -> dict[str, Row]:
    """The systems that may have stood on an ISO day, by id."""
    return {
        i: row
        for i, row in by_id(snapshot.nodes("System")).items()
        if (row["start_earliest"] is None or row["start_earliest"] <= day)
        and (row["end_latest"] is None or day < row["end_latest"])
    }


def found_values(snapshot: SnapshotTables, on: str) -> Values:
    """How many findings name each system; not known of one that nobody reviewed or named."""
    found = gather(snapshot, on or None)
    named = Counter(system for card in found.cards for system in card.systems)
    said = states()
    day = found.day or snapshot.manifest.get("default_day", "")
    told = Told(
        drawn_from(snapshot, day),
        counts=f"Behind this: findings {len(found.cards):,}; that name a system "
        f"{sum(1 for card in found.cards if card.systems):,}.",
        caveats=(
            "Recorded findings are not all that happened: nothing recorded is not the same as "
            "nothing there.",
            "Hatched: in no review, and no finding names it.",
        ),
        licences=tuple(licences(found.editions)),
    )
    return Values(
        systems=found.systems,
        numbers={i: _number_found(found, i, named) for i in found.systems},
        what="Findings",
        title="What was found, and where",
        told=told,
        states={i: said[found.state(i)] for i in found.systems},
        rows_of={i: named[i] for i in found.systems},
        reason="" if found.systems else "No system is recorded, so there is nothing to draw.",
    )


def _number_found(found: Found, system: str, named: Counter[str]) -> float | None:
    return None if found.state(system) == "unreviewed" else named[system]


def question_values(
    graph: Asks, on: str, question: str, column: str, given: Sequence[str]
) -> Values:
    """A column of the answer to a question, by system: `given` are parameters as name=value.

    Rows of one system are added up where the column counts; of shares and the like each system may
    have one row only. `UnknownName` for a column that there is none of, `UsageError` where no
    column names systems or a system has several shares.
    """
    answer = graph.ask(question, on=on, **_parameters(given))
    rows = pl.DataFrame(answer)
    wanted = _column(rows, column)
    systems, ids, day = _systems(graph.snapshot, rows, on)
    values = pl.Series("value", rows[wanted], strict=False)
    placed = pl.DataFrame({"id": pl.Series(ids, dtype=pl.String), "value": values}).drop_nulls("id")
    counts = dict(placed.group_by("id").len().rows())
    if values.dtype.is_float() and max(counts.values(), default=0) > 1:
        raise UsageError(
            f"Some systems have several rows of {spoken(wanted)}, which cannot be added up.",
            "Choose by a parameter which row of each: --param name=value.",
        )
    numbers = dict(placed.group_by("id").agg(pl.col("value").sum()).rows())
    told = of_answer(graph, answer, _every_edition(graph.snapshot), day)
    values_known = [value for value in numbers.values() if value is not None]
    return Values(
        systems=systems,
        numbers={i: numbers.get(i) for i in systems},
        what=_first_upper(spoken(wanted)),
        title=_title(answer, question, wanted),
        told=told,
        states=dict.fromkeys(systems, ""),
        rows_of={i: counts.get(i, 0) for i in systems},
        share=bool(values.dtype.is_float() and values_known and max(map(abs, values_known)) <= 1),
        reason=answer.reason or ("" if counts else "No row of the answer names a system."),
    )


def _title(answer: Answer, question: str, column: str) -> str:
    return f"{_first_upper(spoken(question))}: {spoken(column)}"


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _parameters(given: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise ArgumentFault("param", f"{text} is not written as name=value")
        found[name.replace("-", "_")] = value
    return found


def _column(rows: pl.DataFrame, column: str) -> str:
    """The column of numbers that is meant; the only one, where none is named."""
    numeric = [name for name, kind in rows.schema.items() if kind.is_numeric()]
    if not column and len(numeric) == 1:
        return numeric[0]
    if not column and numeric:
        raise UsageError("Which column is to be drawn?", f"--column {' or '.join(numeric)}")
    if column not in numeric:
        raise UnknownName("column of numbers", column, numeric)
    return column


def _systems(
    snapshot: SnapshotTables, rows: pl.DataFrame, on: str
) -> tuple[dict[str, Row], list[str | None], str]:
    """The systems of the day, which of them each row names, and the day: without one, the newest,
    unless more rows name systems of the time of the reviews."""
    newest = snapshot.manifest.get("default_day", "9998")
    days = [on] if on else [newest, gather(snapshot, None).day or newest]
    tried = []
    for day in days:
        systems = standing(snapshot, day)
        tried.append((systems, _named(rows, systems), day))
    return max(tried, key=lambda one: len(set(one[1]) - {None}))


def _named(rows: pl.DataFrame, systems: Mapping[str, Row]) -> list[str | None]:
    """The id of the system that each row names, by the column that names the most."""
    meant = {row["name"]: i for i, row in systems.items() if row["name"]}
    meant |= {row["name_before"]: i for i, row in systems.items() if row["name_before"]} | meant
    meant |= {i: i for i in systems}
    texts = [name for name, kind in rows.schema.items() if kind == pl.String]
    found = [[meant.get(text) for text in rows[name]] for name in texts]
    best: list[str | None] = max(found, key=lambda ids: len(set(ids) - {None}), default=[])
    return best or [None] * rows.height


def _every_edition(snapshot: SnapshotTables) -> list[str]:
    """An answer does not say on which editions it rests, so all are named."""
    return [str(facts["id"]) for facts in snapshot.manifest.get("sources", ())]
