"""Which innovation or barrier a sentence reads like, by the words of its name and definition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log

__all__ = ["ENOUGH", "Like", "likenesses", "reads_like", "stems"]

ENOUGH = 0.6
"""Least likeness: how much of the weight of its name's words (1 would be all of them, or as much in
words of the definition). Of the 158 findings that we coded ourselves it proposes the thing that we
coded for 96; our definitions are near to their words, so a report by others fares worse."""

_STEM = 5
_PLURAL = re.compile(r"([^s]{3})s$")
_BY_DEFINITION = 0.5
_SAYS_NOTHING = frozenset(
    (
        "a an and are as at be been but by can for from had has have in into is it its kept many "
        "more new no not of on one or other others out own same so some such than that the their "
        "them there these they this those to too was were where which who will with without"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Like:
    """A thing by the weights of its stems, those of its name apart."""

    key: int
    weights: Mapping[str, float]
    name: frozenset[str]
    whole: float


def stems(words: Iterable[str]) -> frozenset[str]:
    """The first letters of words that say something, so that "ward" is like "wards".

    >>> sorted(stems(["the", "virtual", "wards"]))
    ['virtu', 'ward']
    """
    said = (word for word in words if len(word) > 2 and word not in _SAYS_NOTHING)
    return frozenset(_PLURAL.sub(r"\1", word)[:_STEM] for word in said)


def likenesses(things: Sequence[tuple[Iterable[str], Iterable[str]]]) -> list[Like]:
    """Things by the words of their names and of their definitions, ready for `reads_like`.

    A word counts the more, the fewer things have it. `key` is the place in the sequence.
    """
    read = [(stems(name), stems(definition)) for name, definition in things]
    common = Counter(stem for name, definition in read for stem in name | definition)
    weight = {stem: log((len(read) + 1) / (n + 1)) for stem, n in common.items()}
    return [
        Like(
            key,
            {s: weight[s] * (1 if s in name else _BY_DEFINITION) for s in name | definition},
            name,
            fsum(weight[s] for s in name),
        )
        for key, (name, definition) in enumerate(read)
    ]


def reads_like(known: Iterable[Like], words: Iterable[str]) -> Iterator[tuple[float, int]]:
    """How much a sentence of these words is like each thing (1 is the whole name), and its key.

    It must share two words with it, one of them of its name.

    >>> known = likenesses([(["virtual", "ward"], []), (["home", "oximetry"], ["oxygen"])])
    >>> [key for _, key in reads_like(known, "a ward that is virtual".split())]
    [0]
    """
    said = stems(words)
    for thing in known:
        shared = thing.weights.keys() & said
        if len(shared) > 1 and shared & thing.name and thing.whole:
            likeness = fsum(thing.weights[s] for s in shared) / thing.whole
            if likeness >= ENOUGH:
                yield likeness, thing.key
