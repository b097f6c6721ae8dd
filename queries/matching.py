"""Which things may be the same although no code says so: candidates for a person's judgement.

A thing whose id was made from its name (the evidence's "Newham Council") is compared with all
others of its kind that share a block with it (`blocks`). Each part of the score says what it rests
on; what is not known of both does not count. Nothing is joined here: `graph.judging` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Any

import polars as pl
from rapidfuzz import fuzz

from ..graph.decisions import DIFFERENT
from ..graph.snapshot import Snapshot
from ..ontology.identifiers import canonical
from ..ontology.vocabularies import plain, scheme
from .blocks import pairs_in_blocks, places, wordings

__all__ = ["AT_LEAST", "KINDS", "MOST", "Candidate", "Part", "candidates", "frame"]

KINDS = {
    "Organisation": ("org_type", "organisation-type"),
    "Location": ("location_type", "location-type"),
    "System": None,
    "Area": ("area_type", "area-type"),
}
"""The kinds that sources may name differently, with the column of their type and its vocabulary."""

WEIGHTS = {"name": 50, "words": 25, "postcode": 15, "town": 5, "type": 5}
"""What each part counts in the score, of those that are known of both."""

AT_LEAST, MOST = 80.0, 3
"""Score of a candidate at least, and how many candidates a thing has at most."""

NAMED = r"^icsg:[a-z-]+/(?:[a-z0-9-]+/)*[a-z0-9-]+$"
"""An id that was made from a name: no code says which thing it is."""

INITIALS = 90.0
"""What it counts that one name is made of the initials of the other."""

SHORTEST = 3
"""Letters of a name made of initials, at least."""

FEW_WORDS = 20.0
"""Names that share less of their words by weight are not compared by spelling."""

POSTCODES = {"postcode": (0, 100.0), "sector": (2, 50.0), "district": (3, 25.0)}
"""What it counts that two postcodes are one (E1 4DG), or begin alike (E1 4, E1), with the letters
left out."""

UNKNOWN = "not known of both"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: what was compared, how alike it is (0 to 100; None if it is not known of
    both), what it counts, and what was found."""

    part: str
    score: float | None
    weight: int
    found: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two things of one kind that may be the same, with their score (0 to 100) and its parts.

    If they are judged the same, the thing keeps the id of `one`.
    """

    kind: str
    one: str
    one_name: str | None
    other: str
    other_name: str | None
    score: float
    parts: tuple[Part, ...]

    @property
    def why(self) -> str:
        """The score explained in a line.

        >>> parts = (Part("name", 97.0, 50, "both newham council"), Part("town", None, 5, ""))
        >>> Candidate("Organisation", "a", None, "b", None, 97.0, parts).why
        'name 97: both newham council'
        """
        known = (p for p in self.parts if p.score is not None)
        return "; ".join(f"{p.part} {p.score:.0f}: {p.found}" for p in known)

    def as_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)


def frame(found: Iterable[Candidate]) -> pl.DataFrame:
    """Candidates as a table, one a row, with `why` in the place of the parts."""
    columns = ("score", "kind", "one", "one_name", "other", "other_name", "why")
    text = dict.fromkeys(columns, pl.String)
    rows = [tuple(getattr(each, c) for c in columns) for each in found]
    return pl.DataFrame(rows, schema={**text, "score": pl.Float64}, orient="row")


def candidates(
    snapshot: Snapshot,
    things: Sequence[str] | None = None,
    *,
    at_least: float = AT_LEAST,
    most: int = MOST,
) -> list[Candidate]:
    """Which things may be the same as `things` (ids), or as those whose id was made from a name?

    At most so many for each thing, best first; pairs that were judged different are left out. The
    same snapshot gives the same list.
    """
    found = [
        each
        for kind in KINDS
        for each in _Matching(snapshot, kind, things).candidates(at_least, most)
    ]
    return sorted(found, key=lambda each: (-each.score, each.other, each.one))


class _Matching:
    """The things of one kind, and those among them that are compared with all others."""

    def __init__(self, snapshot: Snapshot, kind: str, things: Sequence[str] | None) -> None:
        self.kind = kind
        self.nodes = snapshot.nodes(kind)
        ids = self.nodes["id"]
        asked = ids.str.contains(NAMED) if things is None else ids.is_in(list(things))
        self.wanted = ids.filter(asked)
        self.different = _judged_different(snapshot, kind)
        if not self.wanted.is_empty():
            self.names = wordings(self.nodes)
            self.places = places(snapshot, kind)
            self.pairs = pairs_in_blocks(self.names, self.places, self.wanted)

    def candidates(self, at_least: float, most: int) -> list[Candidate]:
        """The best candidates of each thing wanted, each pair once."""
        if self.wanted.is_empty():
            return []
        facts = _Facts(self)
        wanted = set(self.wanted)
        by_thing: dict[str, list[Candidate]] = {}
        for thing, target in self.pairs.iter_rows():
            if frozenset((thing, target)) in self.different:
                continue
            if target in wanted and target < thing:
                continue  # the same pair, met from its other end
            if alike := facts.compared(thing, target, at_least):
                one = canonical([thing, target])
                other = thing if one == target else target
                names = facts.shown.get(one), facts.shown.get(other)
                found = Candidate(self.kind, one, names[0], other, names[1], *alike)
                by_thing.setdefault(thing, []).append(found)
        best = (
            sorted(several, key=lambda each: (-each.score, each.one, each.other))[:most]
            for several in by_thing.values()
        )
        return [each for several in best for each in several]


def _judged_different(snapshot: Snapshot, kind: str) -> set[frozenset[str]]:
    """The pairs of things that a decision keeps apart."""
    pairs = [
        (each["one"], each["other"])
        for each in snapshot.manifest["decisions"]
        if each["judgement"] == DIFFERENT
    ]
    records = snapshot.records(kind).select("own_id", "id")
    named = pl.Series([one for pair in pairs for one in pair], dtype=pl.String).implode()
    known = dict(records.filter(pl.col("own_id").is_in(named)).iter_rows())
    return {frozenset(known.get(one, one) for one in pair) for pair in pairs}


@dataclass(frozen=True, slots=True)
class _Name:
    """One name of a thing, taken apart: its words and what they weigh together."""

    wording: str
    core: str
    words: frozenset[str]
    weight: float
    shortened: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Alike:
    """How alike two names are: their spelling and their words, 0 to 100."""

    mine: _Name
    theirs: _Name
    spelling: float
    words: float
    short: bool = False

    @property
    def score(self) -> float:
        """What the two count together, as a sum that is to be divided by their weights."""
        return self.spelling * WEIGHTS["name"] + self.words * WEIGHTS["words"]


NAMES = WEIGHTS["name"] + WEIGHTS["words"]
OTHERS = sum(WEIGHTS.values()) - NAMES
_NOWHERE: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


class _Facts:
    """What is compared of each thing that is in some pair."""

    def __init__(self, matching: _Matching) -> None:
        pairs = matching.pairs
        ids = pl.concat([pairs["wanted"], pairs["other"]]).unique().implode()
        names = matching.names.filter(pl.col("id").is_in(ids))
        self.shown = dict(matching.nodes.select("id", "name").iter_rows())
        self.weights, self.counts = _word_weights(matching.names)
        self.names: dict[str, list[_Name]] = {}
        for one, *told in names.select("id", "wording", "core", "initials").iter_rows():
            self.names.setdefault(one, []).append(self._name(*told))
        self.sites = _sites(matching.places.filter(pl.col("id").is_in(ids)))
        typed = KINDS[matching.kind]
        self.vocabulary = typed[1] if typed else ""
        self.types = dict(matching.nodes.select("id", typed[0]).iter_rows()) if typed else {}

    def _name(self, wording: str, core: str, initials: str) -> _Name:
        words = frozenset(core.split())
        weight = sum(self.weights[word] for word in words)
        return _Name(wording, core, words, weight, _shortened(initials))

    def compared(
        self, thing: str, target: str, at_least: float
    ) -> tuple[float, tuple[Part, ...]] | None:
        """How alike two things are, and why; None if their score is less than `at_least`."""
        alike = self._best_name(thing, target)
        if alike is None or alike.score + OTHERS * 100 < at_least * (NAMES + OTHERS):
            return None
        parts = (
            *self._names(alike),
            self._postcode(thing, target),
            self._town(thing, target),
            self._type(thing, target),
        )
        known = [(p.score, p.weight) for p in parts if p.score is not None]
        total = sum(score * weight for score, weight in known) / sum(w for _, w in known)
        return (round(total, 1), parts) if total >= at_least else None

    def _best_name(self, thing: str, target: str) -> _Alike | None:
        """Of all pairs of their names the one that is most alike; None if none is alike."""
        mine, theirs = self.names[thing], self.names[target]
        pairs = [self._alike(a, b) for a in mine for b in theirs]
        # A name with others beside it is told by these; "LCC" alone may be initials.
        if len(mine) == 1:
            pairs += [_by_initials(mine[0], b) for b in theirs]
        if len(theirs) == 1:
            pairs += [_by_initials(theirs[0], a) for a in mine]
        return max((pair for pair in pairs if pair), key=lambda each: each.score, default=None)

    def _alike(self, mine: _Name, theirs: _Name) -> _Alike | None:
        weight = mine.weight + theirs.weight
        words = 200 * sum(self.weights[word] for word in mine.words & theirs.words) / weight
        if words < FEW_WORDS:
            return None
        one, other = mine.core, theirs.core
        spelling = (fuzz.token_sort_ratio(one, other) + fuzz.token_set_ratio(one, other)) / 2
        return _Alike(mine, theirs, spelling, words)

    def _names(self, alike: _Alike) -> tuple[Part, Part]:
        both = f'"{alike.mine.wording}" and "{alike.theirs.wording}"'
        shared = sorted(alike.mine.words & alike.theirs.words, key=lambda w: (self.counts[w], w))
        rare = ", ".join(f"{word} (in {self.counts[word]:,})" for word in shared) or "none"
        if alike.short:
            both, rare = f"{both}, by its initials", "initials only"
        return (
            Part("name", alike.spelling, WEIGHTS["name"], both),
            Part("words", alike.words, WEIGHTS["words"], rare),
        )

    def _postcode(self, thing: str, target: str) -> Part:
        mine, theirs = self.sites.get(thing, _NOWHERE)[0], self.sites.get(target, _NOWHERE)[0]
        weight = WEIGHTS["postcode"]
        if not mine or not theirs:
            return Part("postcode", None, weight, UNKNOWN)
        for name, (cut, score) in POSTCODES.items():
            both = {_cut(code, cut) for code in mine} & {_cut(code, cut) for code in theirs}
            if both:
                return Part("postcode", score, weight, f"the same {name}, {min(both)}")
        return Part("postcode", 0.0, weight, f"{min(mine)} and {min(theirs)}")

    def _town(self, thing: str, target: str) -> Part:
        mine, theirs = self.sites.get(thing, _NOWHERE)[1], self.sites.get(target, _NOWHERE)[1]
        if not mine or not theirs:
            return Part("town", None, WEIGHTS["town"], UNKNOWN)
        both = mine & theirs
        found = f"both {min(both)}" if both else f"{min(mine)} and {min(theirs)}"
        return Part("town", 100.0 if both else 0.0, WEIGHTS["town"], found)

    def _type(self, thing: str, target: str) -> Part:
        mine, theirs = self.types.get(thing), self.types.get(target)
        if mine is None or theirs is None:
            return Part("type", None, WEIGHTS["type"], UNKNOWN)
        terms = scheme(self.vocabulary)
        above, below = {mine, *terms.ancestors(mine)}, {theirs, *terms.ancestors(theirs)}
        score = 100.0 if mine in below or theirs in above else 50.0 if above & below else 0.0
        found = f"{plain(self.vocabulary, mine)} and {plain(self.vocabulary, theirs)}"
        return Part("type", score, WEIGHTS["type"], found)


def _by_initials(short: _Name, long: _Name) -> _Alike | None:
    """Two names of which the first is made of the other's initials."""
    if short.core in long.shortened:
        return _Alike(short, long, INITIALS, INITIALS, short=True)
    return None


def _shortened(initials: str) -> frozenset[str]:
    """How a name with these initials may be shortened: with the letters of its legal form or
    without."""
    several = (initials, initials.removesuffix("ft"), initials.removesuffix("t"))
    return frozenset(short for short in several if len(short) >= SHORTEST)


def _cut(postcode: str, letters: int) -> str:
    return postcode[: len(postcode) - letters].strip()


def _word_weights(names: pl.DataFrame) -> tuple[dict[str, float], dict[str, int]]:
    """How much a word tells things apart (the logarithm of one over the share of things that have
    it), and how many have it."""
    words = names.select("id", word=pl.col("core").str.split(" ")).explode("word").unique()
    counts = dict(words.group_by("word").len("count").iter_rows())
    things = names["id"].n_unique()
    return {word: log(1 + things / count) for word, count in counts.items()}, counts


def _sites(at: pl.DataFrame) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The postcodes and the towns of each thing."""
    lists = at.group_by("id").agg(pl.col("postcode").drop_nulls(), pl.col("town").drop_nulls())
    return {one: (frozenset(codes), frozenset(towns)) for one, codes, towns in lists.iter_rows()}
