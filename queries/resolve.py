"""From what an analyst types to the thing meant: identifier, code, or name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from shlex import quote

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import IdentifierFault, UnknownName, UsageError
from ..ontology.identifiers import slug

__all__ = ["resolve"]

MANY = 60
"""Names that are too many to be shown: `search` says more."""

ID, CODE, NAME, OTHER = 0, 1, 2, 3
"""How a wording means a thing; the lower goes first."""


def resolve(snapshot: Snapshot, text: str, kinds: Sequence[str]) -> str:
    """The id of the one node of `kinds` that `text` means.

    Tried in this order, upper and lower case alike: its id; that without its prefix, or another
    code of it, with prefix or without; its name; its other names, or the last part of an id of
    ours. A thing goes before a word of a vocabulary that is named like it. `UnknownName` with the
    nearest names if there is none, `UsageError` with the candidates if there are several.
    """
    text = str(text)  # also what is none, which is then said to be unknown
    wanted = [text.strip().lower(), *_last_part(text)]
    known = pl.concat([_wordings(snapshot, kind) for kind in kinds])
    found = known.filter(pl.col("wording").is_in(wanted))
    found = found.filter(pl.col("rank") == pl.col("rank").min()).unique("id").sort("id")
    # A word of a vocabulary that an innovation or barrier bears too is said of that thing.
    things = found.filter(pl.col("kind") != "Concept")
    found = things if things.height else found
    if found.height == 1:
        return str(found["id"][0])
    if found.height:
        several = ", ".join(
            f"{row[0]} ({row[1]})" for row in found.head(8).select("id", "name").rows()
        )
        raise UsageError(f'"{text}" may mean {found.height} things: {several}.', "Give the id.")
    what = " or ".join(kind.lower() for kind in kinds) if len(kinds) < 4 else "thing"
    unknown = UnknownName(what, text, known["name"].drop_nulls().unique().to_list())
    if not unknown.nearest and len(unknown.choices) > MANY:
        unknown.hint = f"icsgraph search {quote(text)} looks for codes and names that are like it."
    raise unknown


def _last_part(text: str) -> list[str]:
    """The last part that an id of ours would have for a name; none for a text without letters."""
    try:
        return [f"/{slug(text)}"]
    except IdentifierFault:
        return []


@lru_cache(maxsize=32)
def _wordings(snapshot: Snapshot, kind: str) -> pl.DataFrame:
    """Every wording that means a node of a kind, in small letters, with its id, name and rank. The
    last part of an id of ours stands after a slash."""
    nodes = snapshot.nodes(kind)
    codes = pl.concat_list("id", "codes")
    wordings = {
        ID: (pl.concat_list("id"),),
        CODE: (codes, codes.list.eval(pl.element().str.replace(r"^[a-z]+:", ""))),
        NAME: (pl.concat_list("name"),),
        OTHER: (
            pl.col("other_names"),
            pl.concat_list("/" + pl.col("id").str.extract(r"^icsg:.*/([^/]+)$")),
        ),
    }
    return pl.concat(
        nodes.select("id", "name", kind=pl.lit(kind), wording=each, rank=pl.lit(rank))
        .explode("wording", empty_as_null=False)
        .with_columns(pl.col("wording").str.to_lowercase())
        for rank, several in wordings.items()
        for each in several
    ).drop_nulls("wording")
