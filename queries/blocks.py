"""Which things are worth comparing: those that share a rare word, the first word, the postcode, a
town and a word, or initials.

Comparing everything with everything would take hours; a block holds the few things that have one
key, and keys that too many have make no block.
"""

from __future__ import annotations

import polars as pl

from ..graph.snapshot import Snapshot
from .names import core, initials

__all__ = ["pairs_in_blocks", "places", "wordings"]

MOST_IN_A_BLOCK = {"word": 300, "first": 1000, "postcode": 300, "town": 300, "initials": 300}
"""How many things may share a key of a kind; one that more share tells nothing apart."""

SHORT = r"^[a-z]{3,6}$"
"""A name that may be made of initials."""


def wordings(nodes: pl.DataFrame) -> pl.DataFrame:
    """Every name of every thing with its core: `id`, `wording`, `core`, `initials`; sorted."""
    names = pl.concat_list(pl.concat_list("name"), "other_names")
    every = nodes.select("id", names.alias("wording")).explode("wording", empty_as_null=True)
    every = every.drop_nulls("wording").unique().sort("id", "wording")
    known = every.select("wording").unique(maintain_order=True)
    known = known.with_columns(
        core=core(pl.col("wording")), initials=initials(pl.col("wording"))
    ).filter(pl.col("core") != "")
    return every.join(known, on="wording", maintain_order="left")


def places(snapshot: Snapshot, kind: str) -> pl.DataFrame:
    """Where things of a kind are: `id`, `postcode`, `town` (small letters), a row for each place.

    An organisation is also where the locations are that it operates.
    """
    nodes = snapshot.nodes(kind)
    columns = [c if c in nodes.columns else pl.lit(None, pl.String).alias(c) for c in PLACE]
    found = [nodes.select("id", *columns)]
    if kind == "Organisation":
        sites = snapshot.nodes("Location").select(pl.col("id").alias("object"), *PLACE)
        operates = snapshot.relationships("OPERATES").select("subject", "object")
        found.append(
            operates.join(sites, on="object").select(pl.col("subject").alias("id"), *PLACE)
        )
    every = pl.concat(found).with_columns(pl.col("town").str.to_lowercase().str.strip_chars())
    return every.filter(pl.any_horizontal(pl.col(*PLACE).is_not_null())).unique().sort(pl.all())


PLACE = ("postcode", "town")


def pairs_in_blocks(names: pl.DataFrame, at: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
    """The pairs of things that share a block: `wanted`, `other`, each once; sorted.

    `names` is what `wordings` gives, `at` what `places` gives, `wanted` the ids of the things that
    are compared with all others.

    >>> nodes = pl.DataFrame({"id": ["a", "b", "c"], "name": ["Newham Council", "London Borough of "
    ...                       "Newham", "Kernow Health"], "other_names": [[], [], []]},
    ...                      schema_overrides={"other_names": pl.List(pl.String)})
    >>> nowhere = pl.DataFrame(schema=dict.fromkeys(("id", "postcode", "town"), pl.String))
    >>> pairs_in_blocks(wordings(nodes), nowhere, pl.Series(["a"])).rows()
    [('a', 'b')]
    """
    keys = _keys(names, at)
    mine = keys.filter(pl.col("id").is_in(wanted.implode()))
    shared = keys.join(mine.select("block", "key").unique(), on=["block", "key"], how="semi")
    sizes = shared.group_by("block", "key").len("size")
    most = pl.col("block").replace_strict(MOST_IN_A_BLOCK, return_dtype=pl.Int64)
    small = sizes.filter(pl.col("size") <= most).select("block", "key")
    pairs = mine.join(small, on=["block", "key"]).join(shared, on=["block", "key"], suffix="_other")
    return (
        pairs.select(wanted="id", other="id_other")
        .filter(pl.col("wanted") != pl.col("other"))
        .unique()
        .sort("wanted", "other")
    )


def _keys(names: pl.DataFrame, at: pl.DataFrame) -> pl.DataFrame:
    """Every key of every thing: `id`, `block`, `key`."""
    words = names.select("id", key=pl.col("core").str.split(" ")).explode("key").unique()
    towns = at.select("id", "town").drop_nulls().unique().join(words, on="id")
    short = names.filter(pl.col("core").str.contains(SHORT)).select("id", key="core")
    letters = names.filter(pl.col("initials").str.contains(SHORT))
    whole = letters.select("id", key="initials")
    legal = letters.select("id", key=pl.col("initials").str.replace("f?t$", ""))
    blocks = {
        "word": words,
        "first": names.select("id", key=pl.col("core").str.extract("^([^ ]+) ")),
        "postcode": at.select("id", key="postcode"),
        "town": towns.select("id", key=pl.concat_str("town", "key", separator=" ")),
        "initials": pl.concat([short, whole, legal]),
    }
    every = [
        rows.select("id", pl.lit(block).alias("block"), "key") for block, rows in blocks.items()
    ]
    return pl.concat(every).drop_nulls("key").unique()
