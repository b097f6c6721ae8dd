"""The map of an answer: any question whose rows are things, or ties between two of them.

Which columns hold things the rows tell: those in which every value is the id of a node. With two
such columns a row is a tie; with one it is a mark, and the ties are those of the graph among the
marks and the things that the question was asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UsageError
from ..ontology.model import NODE_KINDS
from ..queries.answer import Answer
from ..queries.catalogue import Question
from .around_map import ring_places
from .evidence import Card, SourceLink
from .layout import Place
from .network_map import Plan, largest, network_page, thinned
from .network_words import fewer, left_out
from .palette import KNOWLEDGE
from .payload import Tie
from .statements import Evidence, between, evidence_of
from .things import Thing, things
from .wording import of_day

__all__ = ["question_map", "things_in"]

IDS = "id"
CITED = ("source", "publisher", "url", "locator")
NOT_SHOWN = (*CITED, "evidence")


def question_map(
    snapshot: Snapshot, answer: Answer, *, question: Question, on: str | None = None
) -> str:
    """The map of an answer to a question of the catalogue.

    `UsageError` if no column of the answer holds things; an empty answer gives an empty map that
    says so.

    >>> import icsgraph
    >>> g = icsgraph.open()
    >>> answer = g.ask("where-found", about="Oximetry at home")
    >>> html = question_map(g.snapshot, answer, question=g.questions["where-found"])
    >>> "Where was an innovation or a barrier found" in html
    True
    """
    columns = _columns(snapshot, answer, question)
    named = {v for v in answer.parameters.values() if isinstance(v, str) and v and ":" in v}
    ids = {i for column in columns for i in answer[column].drop_nulls()}
    degrees = Counter(i for column in columns for i in answer[column].drop_nulls())
    kept, left = largest(sorted(ids | named), degrees, keep=sorted(named))
    shown = things(snapshot, kept)
    stated = between(snapshot, shown)
    drawn = thinned(stated, {})
    evidence = evidence_of(snapshot, drawn, shown)
    if len(columns) > 1:
        evidence = _with_rows(answer, columns, evidence, shown)
    places = _places(shown, evidence, named)
    no_rows = answer.is_empty() and bool(shown)
    return network_page(
        snapshot,
        Plan(
            name=f"question-{question.name}",
            heading=question.question,
            reading=(
                "The marks are the things that the answer names; the ties are "
                + ("its rows, and what " if len(columns) > 1 else "what ")
                + "the graph states between them.",
            ),
            absent=[
                *([_silence(answer, "only what was asked about is drawn")] if no_rows else []),
                *left_out(len(kept), left),
                *fewer(len(drawn), len(stated)),
                *answer.caveats,
            ],
            things=shown,
            evidence=evidence,
            places=places,
            empty=_silence(answer, "there is nothing to draw"),
            day=of_day(on or ""),
            asked=_asked(answer, shown),
        ),
    )


def _columns(snapshot: Snapshot, answer: Answer, question: Question) -> list[str]:
    """The columns that hold things: at most two, those of the ends of a tie."""
    found = things_in(snapshot, answer)
    if found:
        return found[:2]
    if answer.is_empty() and any(_may_hold(name) for name in answer.columns):
        return []
    raise UsageError(
        f"The rows of {question.name} name no things, so there is nothing to draw.",
        f"icsgraph ask {question.name} gives them as a table.",
    )


def _may_hold(column: str) -> bool:
    return column == IDS or column.endswith(f"_{IDS}")


def things_in(snapshot: Snapshot, answer: pl.DataFrame) -> list[str]:
    """The columns of an answer in which every value is the id of a node, the first ends first."""
    texts = [name for name in answer.columns if answer[name].dtype == pl.String]
    known: pl.Series | None = None
    found = []
    for name in sorted(texts, key=lambda n: (not _may_hold(n), answer.columns.index(n))):
        values = answer[name].drop_nulls().unique()
        values = values.filter(values != "")
        if not values.len() or not values.str.contains(":").all():
            continue
        if known is None:
            known = pl.concat([snapshot.nodes(kind)["id"] for kind in NODE_KINDS])
        if values.is_in(known.implode()).all():
            found.append(name)
    return found


def _with_rows(
    answer: Answer,
    columns: Sequence[str],
    evidence: Evidence,
    shown: Mapping[str, Thing],
) -> Evidence:
    """The graph's own statements, and a tie for each row between two things."""
    start, end = columns
    cards, ties = list(evidence.cards), list(evidence.ties)
    for number, row in enumerate(answer.iter_rows(named=True)):
        one, other = row[start], row[end]
        if one not in shown or other not in shown or one == other:
            continue
        card = _row_card(f"row-{number}", row, (one, other), shown)
        cards.append(card)
        what = "stands in one row of the answer with"
        tie = Tie(f"r{number}", one, other, what, "", "inference", (card.id,), directed=True)
        ties.append(tie)
    return replace(evidence, ties=ties, cards=cards)


def _row_card(
    i: str,
    row: Mapping[str, Any],
    ends: tuple[str, str],
    shown: Mapping[str, Thing],
) -> Card:
    told = [f"{_plain(name).capitalize()}: {text}" for name, text in _cells(row)]
    both = [shown[end] for end in ends]
    day = row.get("since") or row.get("date") or ""
    iso = day if isinstance(day, str) and len(day) == 10 else ""
    found = {
        "relation": {"A row of the answer"},
        "sector": {end.what for end in both},
        "system": {end.system for end in both},
        "region": {end.region for end in both},
        "topic": {end.topic for end in both},
        "knowledge": {KNOWLEDGE["inference"].label},
    }
    return Card(
        id=i, name="", kind="a row of the answer", description=". ".join(told),
        badges=(), where="", when="", earliest=iso, latest=iso, remark="",
        sources=tuple(_row_sources(row)), things=ends, systems=(), placeless=False,
        facets={name: tuple(sorted(values - {""})) for name, values in found.items()},
        knowledge="A row of the answer",
    )  # fmt: skip


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _cells(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a row says beside its ends, in words."""
    for name, value in row.items():
        if value in (None, "", []) or _may_hold(name) or name in NOT_SHOWN:
            continue
        share = isinstance(value, float) and 0 <= value <= 1 and "share" in name
        text = f"{value:.0%}" if share else "; ".join(value) if isinstance(value, list) else value
        yield name, str(text)


def _row_sources(row: Mapping[str, Any]) -> Iterator[SourceLink]:
    if row.get("source") or row.get("url"):
        title, publisher, url, locator = (str(row.get(name) or "") for name in CITED)
        yield SourceLink(title, publisher, url, locator=locator)


def _places(shown: Mapping[str, Thing], evidence: Evidence, named: set[str]) -> dict[str, Place]:
    """What was asked about in the middle, the rest in rings around it; without that, in columns by
    what they are."""
    middle = [i for i in shown if i in named]
    rest = [i for i in shown if i not in named]
    if middle:
        parents = {i: middle[0] for i in rest}
        ordered = sorted(rest, key=lambda i: (shown[i].kind, shown[i].region, shown[i].name, i))
        return ring_places([middle[:1], [*middle[1:], *ordered]], parents)
    return _columns_of(shown, evidence)


def _columns_of(shown: Mapping[str, Thing], evidence: Evidence) -> dict[str, Place]:
    """Two columns where ties lead from some to others, else a field of rows."""
    starts = {tie.start for tie in evidence.ties}
    ends = {tie.end for tie in evidence.ties} - starts
    left = [i for i in shown if i in starts or i not in ends]
    right = [i for i in shown if i in ends]
    return {**_field(left, 0.0), **_field(right, 190.0 + 150.0 * _wide(len(left)))}


def _wide(number: int) -> int:
    return max(1, -(-number // 26))


def _field(ids: Sequence[str], x: float) -> dict[str, Place]:
    across = _wide(len(ids))
    return {
        i: Place(round(x + 150.0 * (n % across), 1), round(30.0 * (n // across), 1), 8.0)
        for n, i in enumerate(ids)
    }


def _silence(answer: Answer, so: str) -> str:
    if not answer.answerable:
        return f"This cannot be answered: {answer.reason}"
    return f"The answer has no rows: {so}."


def _asked(answer: Answer, shown: Mapping[str, Thing]) -> str:
    said = [
        f"{_plain(name)}: {shown[str(value)].name if str(value) in shown else value}"
        for name, value in sorted(answer.parameters.items())
        if isinstance(value, str | int | float) and value not in ("", "on") and name != "on"
    ]
    return f"Asked of {'; '.join(said)}" if said else ""
