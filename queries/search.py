"""Which things a text means, or may mean: by identifier, code, name, other name, or a misspelt one.

`resolve` finds the one thing that is meant and refuses the rest; this shows all that come near,
best first, and says why each is among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import polars as pl
from rapidfuzz import fuzz, process

from ..graph.snapshot import Snapshot
from ..ontology.errors import ArgumentFault, UsageError
from ..ontology.model import NODE_KINDS, node_kind
from .names import spelled

__all__ = ["AT_LEAST", "MOST", "search"]

MOST = 20
"""How many things are given unless another number is asked for."""

SAME = 100.0
HOLDING = 90.0
"""Score of a name that holds each word, or its beginning; up to 99 the more of it the words are."""

AT_LEAST = 75.0
"""Score of a name that reads like the text, at least; 89 at most."""

ALMOST = 89.0
INSIDE = 0.9
"""What it counts that the text reads like a part of a longer name."""

_CODE = r"^[a-z]+:"
# A system goes before its board, which may have the same names.
_FIRST = sorted(NODE_KINDS, key=lambda kind: kind != "System")
_COLUMNS = ("name", "kind", "why", "score", "id")


def search(
    snapshot: Snapshot, text: str, kinds: Sequence[str] | None = None, limit: int = MOST
) -> pl.DataFrame:
    """The things that `text` may mean, best first: `name`, `kind`, `why`, `score` (0 to 100), `id`.

    An id or code scores 100 and so does a name, whatever its letters, accents and legal form; a
    name that holds all the words (or words that begin so) 90 to 99; one that reads like the text 75
    to 89. Each thing is there once, for its best wording. `UsageError` for a text without letters
    or digits, `UnknownName` for a kind that there is none of.

    >>> from icsgraph.session import sample_store
    >>> found = search(sample_store().current(), "oximetery at home", limit=1)
    >>> found.select("name", "kind", "why").rows()
    [('Oximetry at home', 'Innovation', 'its name reads like it')]
    """
    wanted = pl.select(spelled(pl.lit(text, pl.String))).item()
    if not wanted:
        raise UsageError("There is nothing to search for.", "Give a name, or a part of one.")
    if not (type(limit) is int and limit > 0):
        raise ArgumentFault("limit", f"{limit!r} is no number of things", "Give one or more.")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    chosen = [node_kind(kind).__name__ for kind in kinds] if kinds else list(NODE_KINDS)
    wordings = _wordings(snapshot).filter(pl.col("kind").is_in(chosen))
    found = pl.concat([_by_code(snapshot, chosen, text), _by_name(wordings, wanted)])
    order = pl.col("kind").replace_strict({kind: n for n, kind in enumerate(_FIRST)})
    best = found.sort(-pl.col("score"), "rank", order, "name", "id", nulls_last=True)
    best = best.unique("id", keep="first", maintain_order=True).head(limit)
    return best.select(_COLUMNS).with_columns(pl.col("score").round(1))


@lru_cache(maxsize=4)
def _wordings(snapshot: Snapshot) -> pl.DataFrame:
    """Each name of each thing with its spelling: `id`, `kind`, `name`, `wording`, `rank` (0 for
    the name itself), `spelling`, `length`."""
    parts = []
    for kind in NODE_KINDS:
        nodes = snapshot.nodes(kind).select("id", "kind", "name", "other_names")
        for rank, names in enumerate((pl.concat_list("name"), pl.col("other_names"))):
            told = nodes.select("id", "kind", "name", names.alias("wording"), rank=pl.lit(rank))
            parts.append(told.explode("wording", empty_as_null=False))
    every = pl.concat(parts).drop_nulls("wording")
    known = every.select("wording").unique(maintain_order=True)
    known = known.with_columns(spelling=spelled(pl.col("wording")))
    known = known.with_columns(length=pl.col("spelling").str.len_chars())
    return every.join(known, on="wording", maintain_order="left")


def _by_code(snapshot: Snapshot, kinds: Sequence[str], text: str) -> pl.DataFrame:
    """The things of which the text is the id or a code, with prefix or without."""
    wanted = text.strip().lower()
    codes = pl.concat_list(pl.concat_list("id"), "codes").alias("code")
    parts = []
    for kind in kinds:
        nodes = snapshot.nodes(kind).select("id", "kind", "name", codes)
        parts.append(nodes.explode("code", empty_as_null=False))
    plain = pl.col("code").str.to_lowercase()
    alike = (plain == wanted) | (plain.str.replace(_CODE, "") == wanted)
    return pl.concat(parts).filter(alike).select(
        "name",
        "kind",
        pl.when(pl.col("code") == pl.col("id"))
        .then(pl.lit("its id"))
        .otherwise(pl.format("its code {}", "code"))
        .alias("why"),
        pl.lit(SAME).alias("score"),
        "id",
        pl.lit(-1).alias("rank"),
    )  # fmt: skip


def _by_name(wordings: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """The things of which a name is the text, holds its words, or reads like it."""
    holds = pl.all_horizontal(
        pl.col("spelling").str.contains(rf"\b{re.escape(word)}") for word in wanted.split()
    )
    share = (len(wanted) / pl.col("length")).clip(upper_bound=1.0)
    told = wordings.with_columns(pl.Series("like", _likeness(wordings, wanted)))
    same, near = pl.col("spelling") == wanted, pl.col("like") >= AT_LEAST
    cases = (
        (same, pl.lit(SAME), ""),
        (holds, HOLDING + 9 * share, " holds it"),
        (near, pl.col("like").clip(upper_bound=ALMOST), " reads like it"),
    )
    parts, left = [], told
    for condition, score, how in cases:
        rows, left = left.filter(condition), left.filter(~condition)
        parts.append(rows.select("name", "kind", _why(how), score.alias("score"), "id", "rank"))
    return pl.concat(parts)


def _why(how: str) -> pl.Expr:
    own = pl.lit(f"its name{how}")
    other = pl.format(f"its other name {{}}{how}", pl.col("wording"))
    return pl.when(pl.col("rank") == 0).then(own).otherwise(other).alias("why")


def _likeness(wordings: pl.DataFrame, wanted: str) -> list[float]:
    """How much each name reads like the text, 0 to 100: in whole, whatever the order of the words,
    or where it is longer, in part."""
    known = wordings.select("spelling", "length").unique("spelling", maintain_order=True)
    names = known["spelling"].to_list()
    whole = _scores(fuzz.token_sort_ratio, wanted, names)
    longer = known.filter(pl.col("length") > len(wanted))["spelling"].to_list()
    part = _scores(fuzz.partial_ratio, wanted, longer)
    scores = {
        name: max(whole.get(name, 0.0), INSIDE * part.get(name, 0.0)) for name in {*whole, *part}
    }
    return [scores.get(name, 0.0) for name in wordings["spelling"]]


def _scores(scorer: object, wanted: str, names: Sequence[str]) -> dict[str, float]:
    """The score of each name that comes near at all."""
    near = process.extract(wanted, names, scorer=scorer, score_cutoff=AT_LEAST, limit=None)  # type: ignore[arg-type]
    return {name: score for name, score, _ in near}
