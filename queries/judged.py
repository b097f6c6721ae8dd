"""From what a person types to the records that a judgement is about, and both beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from ..graph.decisions import Decision
from ..graph.identity import known_records
from ..graph.snapshot import Snapshot
from ..ontology.errors import UnknownName, UsageError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import relationship_kind
from .describe import Description, describe
from .matching import KINDS
from .resolve import resolve

__all__ = ["beside", "decided", "names_of", "pair_meant", "things_meant"]


def names_of(snapshot: Snapshot, decisions: Iterable[Decision]) -> dict[str, str]:
    """The name that each id of some decisions has in its own record; an id that no record has, or
    no name, is left out."""
    ids = pl.Series(sorted({one for each in decisions for one in each.pair}), dtype=pl.String)
    known = known_records(snapshot).filter(pl.col("id").is_in(ids.implode()))
    return dict(known.drop_nulls("name").select("id", "name").iter_rows())


def things_meant(snapshot: Snapshot, text: str) -> list[str]:
    """The things of `matching.KINDS` that a text means, at most one of each kind.

    `UnknownName` with the nearest names if there is none.
    """
    found = [one for kind in KINDS if (one := _meant(snapshot, text, [kind]))]
    return found or [resolve(snapshot, text, list(KINDS))]


def _meant(snapshot: Snapshot, text: str, kinds: Sequence[str]) -> str:
    try:
        return resolve(snapshot, text, kinds)
    except UsageError:
        return ""


def pair_meant(snapshot: Snapshot, one: str, other: str) -> tuple[str, str]:
    """The two records that are to be judged, of one kind: each an id as a source has it, or the
    name or a code of a thing.

    `UnknownName` with the nearest names, `UsageError` if a name may mean several.
    """
    known = known_records(snapshot)
    wanted = pl.Series([one.strip().lower(), other.strip().lower()])
    ids = known.filter(pl.col("id").str.to_lowercase().is_in(wanted.implode()))
    exact = {each.lower(): (kind, each) for kind, each in ids.select("kind", "id").iter_rows()}
    first, second = exact.get(wanted[0]), exact.get(wanted[1])
    # A name may mean things of several kinds: then that of the kind of the other one is meant.
    stated = {each[0] for each in (first, second) if each}
    for kinds in (list(NODE_KINDS), *([kind] for kind in KINDS if kind in (stated or KINDS))):
        mine = first[1] if first else _meant(snapshot, one, kinds)
        theirs = second[1] if second else _meant(snapshot, other, kinds)
        if mine and theirs:
            return mine, theirs
    mine = first[1] if first else resolve(snapshot, one, list(NODE_KINDS))
    return mine, second[1] if second else resolve(snapshot, other, list(NODE_KINDS))


def decided(
    snapshot: Snapshot, decisions: Sequence[Decision], one: str, other: str | None = None
) -> Decision:
    """The one decision about what these texts mean: ids, codes or names of the records judged.

    `UnknownName` with the nearest if there is none, `UsageError` with the pairs if there are
    several.
    """
    names = names_of(snapshot, decisions)
    wordings: dict[str, set[str]] = {}
    for each in {one for decision in decisions for one in decision.pair}:
        for wording in (each, each.partition(":")[2], names.get(each, each)):
            wordings.setdefault(wording.lower(), set()).add(each)
    meant = []
    for text in (one, *([other] if other else [])):
        if text.strip().lower() not in wordings:
            raise UnknownName("decision about", text, [*names.values(), *names])
        meant.append(wordings[text.strip().lower()])
    found = [each for each in decisions if all(ids & each.pair for ids in meant)]
    if len(found) == 1:
        return found[0]
    said = " and ".join(text for text in (one, other) if text)
    pairs = [f"{each.one} and {each.other}" for each in found or decisions]
    if found:
        hint = f"Name both: {'; '.join(pairs)}."
        raise UsageError(f'{len(found)} decisions are about "{said}".', hint)
    raise UnknownName("decision about", said, pairs)


def beside(snapshot: Snapshot, one: str, other: str) -> pl.DataFrame:
    """What is known of two things, side by side: `what`, `one`, `other`, a row for each fact that
    either has; relationships by kind, with the things at their other ends.
    """
    facts = [_facts(describe(snapshot, thing)) for thing in (one, other)]
    fewer, more = sorted(facts, key=len)
    order = {**more, **fewer}
    rows = [(what, *(fact.get(what) for fact in facts)) for what in order]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(("what", "one", "other"), pl.String), orient="row"
    )


def _facts(told: Description) -> dict[str, str]:
    facts: dict[str, object] = {"id": told.id, "name": told.name}
    facts |= {"other names": told.other_names, "codes": told.codes, "when": told.when}
    told_once = {k: v for k, v in told.attributes.items() if not isinstance(v, list | bool)}
    facts |= {name.replace("_", " "): value for name, value in told_once.items()}
    for tie in told.ties:
        label = relationship_kind(tie.kind).label
        ends = dict.fromkeys(s.other_name or s.other for s in tie.statements)
        more = len(ends) - MOST_ENDS
        shown = [*list(ends)[:MOST_ENDS], *([f"and {more} more"] if more > 0 else [])]
        facts[label if tie.outgoing else f"{label} this"] = shown
    facts["sources"] = told.sources
    return {what: _text(value) for what, value in facts.items() if value}


MOST_ENDS = 3
"""Things at the other ends of the relationships of a kind that are named."""


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
