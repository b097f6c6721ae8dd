"""Which things of the graph the passages of a report may speak of: proposals, for a person to
judge.

Names of organisations and systems are found as whole words in the letters of a name, longest first;
terms of the vocabularies whatever their letters, singular or plural. An innovation or barrier is
also proposed where a sentence reads like it (`likeness`). Nothing here is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.vocabularies import scheme, schemes
from .likeness import Like, likenesses, reads_like

__all__ = ["PARTS", "Proposal", "Wordings", "propose", "wordings"]

TERMS = ("topic", "population-group", "technology", "sector", "challenge")
"""The kinds of concept that are looked for."""

PARTS = ("system", "organisation", "innovation", "barrier", *TERMS)
"""What a proposal may be, in the order in which proposals are listed."""

MOST_ALIKE = 2
"""Innovations and barriers at most that one passage is said to read like."""

MOST_MEANT = 4
"""Things that one name may stand for at most; one that stands for more says nothing."""

_NAMED = ("system", "organisation")
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|&")
_SENTENCE = re.compile(r"(?<=[.!?|:])\s+")
_SMALL = frozenset("a an and at by for from in of on or the to with".split())
_GENERIC = _SMALL | frozenset(
    (
        "acute adult adults agency ambulance area association board brand care carers centre "
        "centres charity child children clinic clinical collaborative college commissioning "
        "community company council dental discharge district education emergency england "
        "family foundation general gp group health healthcare home homes hospital hospitals "
        "house hub independent integrated international limited living local ltd medical "
        "mental national network new nhs north office partners partnership people place plc "
        "practice primary private project provider providers public rapid region residential "
        "response school service services site social south support surgery system team trust "
        "uk unit university urgent voluntary ward east west women young"
    ).split()
)
"""Words that alone make no name: "The Surgery" in a text is hardly the practice of that name."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one passage may speak of: `part` of `PARTS`, the ids that the words may mean (several
    where a name has several bearers), the name to show, and the words as they stand. Where it is
    `named`, they are its name; else they are a sentence that reads like it."""

    passage: int
    part: str
    ids: tuple[str, ...]
    name: str
    words: str
    named: bool = True


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a wording means: a part, its ids, the name to show, the wording as published."""

    part: str
    ids: tuple[str, ...]
    name: str
    published: str


@dataclass(frozen=True, slots=True)
class Wordings:
    """Every wording that is looked for, as folded words joined by blanks."""

    names: Mapping[str, Sequence[_Meaning]]
    terms: Mapping[str, Sequence[_Meaning]]
    lengths: Mapping[str, Sequence[int]]
    """By first word, how many words the wordings have that begin with it, longest first."""
    likes: Sequence[Like] = ()
    meant: Sequence[_Meaning] = ()
    """Innovations and barriers, and the words that a sentence on them has."""


def propose(known: Wordings, passages: Mapping[int, str]) -> list[Proposal]:
    """What may each passage (by its number) speak of? Sorted by passage, part and place.

    >>> meant = {"barts health": [_Meaning("organisation", ("ods:R1H",), "Barts", "Barts Health")]}
    >>> known = Wordings(meant, {}, {"barts": [2]})
    >>> [p.words for p in propose(known, {7: "At Barts Health, not at barts health."})]
    ['Barts Health']
    """
    return [
        proposal
        for number, text in passages.items()
        for proposal in _once(_proposals(known, number, text))
    ]


def _proposals(known: Wordings, number: int, text: str) -> list[Proposal]:
    named = list(_found(known, number, text))
    things = [p.words for p in named if p.part in ("innovation", "barrier")]
    return [*named, *_alike(known, number, text, things)]


def _once(proposals: Sequence[Proposal]) -> list[Proposal]:
    """One proposal for each meaning, in the order of the parts."""
    first: dict[tuple[str, tuple[str, ...]], Proposal] = {}
    for proposal in proposals:
        first.setdefault((proposal.part, proposal.ids), proposal)
    return sorted(first.values(), key=lambda proposal: PARTS.index(proposal.part))


# --- what is looked for ---------------------------------------------------------------------------


def wordings(snapshot: Snapshot) -> Wordings:
    """Every name of a system, organisation, innovation and barrier that the snapshot holds, and
    every term, with other names and those of the vocabularies."""
    rows = pl.concat([*_nodes(snapshot), _labels()]).drop_nulls("wording")
    rows = rows.filter(pl.col("wording").str.len_chars().is_between(2, 200))
    rows = rows.with_columns(_folded(pl.col("wording")).alias("folded"))
    named = pl.col("part").is_in(_NAMED)
    names = _meanings(rows.filter(named))
    terms = _meanings(rows.filter(~named).with_columns(_singular(pl.col("folded"))))
    names = {
        words: meant for words, meant in names.items() if not _GENERIC.issuperset(words.split())
    }
    terms = {words: meant for words, meant in terms.items() if not words.isdecimal()}
    lengths: dict[str, set[int]] = {}
    for words in (*names, *terms):
        parts = words.split()
        lengths.setdefault(parts[0], set()).add(len(parts))
    ordered = {first: sorted(some, reverse=True) for first, some in lengths.items()}
    return Wordings(names, terms, ordered, *_likely(snapshot))


def _nodes(snapshot: Snapshot) -> Iterator[pl.DataFrame]:
    """`part`, `id`, `name`, `wording` of each thing and each of its names."""
    for kind, part in (
        ("System", "system"),
        ("Organisation", "organisation"),
        ("Innovation", "innovation"),
        ("Barrier", "barrier"),
    ):
        yield _worded(snapshot.nodes(kind), pl.lit(part), kind == "System")
    concepts = snapshot.nodes("Concept").filter(pl.col("concept_type").is_in(TERMS))
    yield _worded(concepts, pl.col("concept_type"), False)


def _worded(nodes: pl.DataFrame, part: pl.Expr, before: bool) -> pl.DataFrame:
    said = ["name", *(["name_before"] if before else [])]
    return nodes.select(
        part.alias("part"),
        "id",
        pl.coalesce("name", "id").alias("name"),
        pl.concat_list(*said, "other_names").alias("wording"),
    ).explode("wording", empty_as_null=False)


def _labels() -> pl.DataFrame:
    """The same of the terms of the vocabularies, whether the graph has used them or not."""
    rows = [
        (name, f"icsg:{name}/{term.notation}", term.label, wording)
        for name in TERMS
        if name in schemes()
        for term in scheme(name).terms.values()
        for wording in (term.label, *term.alt_labels)
    ]
    columns = dict.fromkeys(("part", "id", "name", "wording"), pl.String)
    return pl.DataFrame(rows, schema=columns, orient="row")


def _folded(text: pl.Expr) -> pl.Expr:
    """Words in small letters joined by blanks, as `_fold` makes them of a text."""
    plain = text.str.to_lowercase().str.replace_all("['’]", "").str.replace_all("&", " and ")
    return plain.str.replace_all(r"[^\pL\pN_]+", " ").str.strip_chars()


def _singular(text: pl.Expr) -> pl.Expr:
    return text.str.replace(r"([^s\s]{3})s$", "$1")


def _meanings(rows: pl.DataFrame) -> dict[str, list[_Meaning]]:
    """What each folded wording means, a meaning for each part; one of too many is left out."""
    each = (
        rows.filter(pl.col("folded") != "")
        .group_by("folded", "part")
        .agg(
            pl.col("id").unique().sort(),
            pl.col("name").sort_by("id").first(),
            pl.col("wording").sort().first(),
        )
        .filter(pl.col("id").list.len() <= MOST_MEANT)
        .sort("folded", "part")
    )
    found: dict[str, list[_Meaning]] = {}
    for folded, part, ids, name, wording in each.iter_rows():
        found.setdefault(folded, []).append(_Meaning(part, tuple(ids), name, wording))
    return found


# --- finding --------------------------------------------------------------------------------------


def _found(known: Wordings, number: int, text: str) -> Iterator[Proposal]:
    """The wordings that stand in a text, from left to right, the longest at each place."""
    tokens = list(_TOKEN.finditer(text))
    folded = [_fold(token[0]) for token in tokens]
    at = 0
    while at < len(tokens):
        step = 1
        for length in known.lengths.get(folded[at], known.lengths.get(_one(folded[at]), ())):
            some = tokens[at : at + length]
            meant = list(_meant(known, folded[at : at + length], [t[0] for t in some], text, some))
            if len(some) == length and meant:
                words = text[some[0].start() : some[-1].end()]
                yield from (Proposal(number, m.part, m.ids, m.name, words) for m in meant)
                step = length
                break
        at += step


def _meant(
    known: Wordings,
    folded: Sequence[str],
    words: Sequence[str],
    text: str,
    tokens: Sequence[re.Match[str]],
) -> Iterator[_Meaning]:
    start = not tokens or _begins_sentence(text, tokens[0].start())
    for meaning in known.names.get(" ".join(folded), ()):
        if _is_a_name(words, meaning, start):
            yield meaning
    for meaning in known.terms.get(" ".join([*folded[:-1], _one(folded[-1])]), ()):
        if _is_a_term(words, meaning.published):
            yield meaning


def _fold(word: str) -> str:
    return "and" if word == "&" else re.sub("['’]", "", word).lower()


def _one(word: str) -> str:
    """A word in the singular, as far as an ending tells."""
    return word[:-1] if re.search(r"[^s\s]{3}s$", word) else word


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?|:•"


def _is_a_name(words: Sequence[str], meaning: _Meaning, start: bool) -> bool:
    """Whether words are written as a name is: with capitals, where it has them.

    One word alone is also the first word of many a sentence, so there only a system is named.
    """
    if len(words) > 1:
        return all(w[0].isupper() or w[0].isdecimal() for w in words if w not in _SMALL | {"&"})
    (word,) = words
    published = meaning.published
    if word.isupper() and len(word) > 1:
        return published.isupper()
    if published.isupper() and len(published) < 5:
        return False  # an abbreviation, which the text does not write as one
    return word[0].isupper() and len(word) > 3 and (meaning.part == "system" or not start)


def _is_a_term(words: Sequence[str], published: str) -> bool:
    """Whether words are a term: any letters will do, but for a short abbreviation."""
    short = len(words) == 1 and len(published) < 5 and published.isupper()
    return not short or words[0].rstrip("s") == published.rstrip("s")


# --- what a sentence reads like -------------------------------------------------------------------


def _likely(snapshot: Snapshot) -> tuple[list[Like], list[_Meaning]]:
    """Every innovation and barrier by the words of its name and definition."""
    rows = [
        (part, *row)
        for kind, part in (("Innovation", "innovation"), ("Barrier", "barrier"))
        for row in snapshot.nodes(kind).select("id", "name", "definition").iter_rows()
    ]
    meant = [_Meaning(part, (i,), name or i, name or i) for part, i, name, _ in rows]
    words = [(_words(name or ""), _words(definition or "")) for _, _, name, definition in rows]
    return likenesses(words), meant


def _words(text: str) -> list[str]:
    return [_fold(token) for token in _TOKEN.findall(text)]


def _alike(known: Wordings, number: int, text: str, named: Sequence[str]) -> list[Proposal]:
    """The innovations and barriers that a sentence of the text reads most like; a sentence that has
    one of the words that name one reads like that."""
    best: dict[int, tuple[float, str]] = {}
    for sentence in _SENTENCE.split(text):
        if any(words in sentence for words in named):
            continue
        for likeness, key in reads_like(known.likes, _words(sentence)):
            best[key] = max(best.get(key, (0.0, "")), (likeness, sentence))
    likeliest = sorted(best, key=lambda key: (-best[key][0], key))[:MOST_ALIKE]
    return [
        Proposal(number, meaning.part, meaning.ids, meaning.name, _in_short(best[key][1]), False)
        for key in likeliest
        for meaning in (known.meant[key],)
    ]


def _in_short(sentence: str) -> str:
    return sentence if len(sentence) <= 80 else f"{sentence[:77]}..."
