"""From what an analyst types to the thing meant: identifier, code, or name."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..graph.snapshot import Snapshot
from ..ontology.errors import UnknownName, UsageError
from ..ontology.identifiers import slug

__all__ = ["resolve"]


def resolve(snapshot: Snapshot, text: str, kinds: Sequence[str]) -> str:
    """The id of the one node of `kinds` that `text` means.

    Tried in this order, upper and lower case alike: its id or another code of it, with prefix or
    without; its name, other names, or the last part of an id of ours. `UnknownName` with the
    nearest names if there is none, `UsageError` with the candidates if there are several.
    """
    nodes = pl.concat(
        [
            snapshot.nodes(kind).select("id", "kind", "name", "other_names", "codes")
            for kind in kinds
        ]
    )
    wanted = text.strip().lower()
    codes = pl.concat_list("id", "codes").list.eval(pl.element().str.to_lowercase())
    bare = codes.list.eval(pl.element().str.replace(r"^[a-z]+:", ""))
    names = pl.concat_list(pl.col("name").fill_null(""), "other_names").list.eval(
        pl.element().str.to_lowercase()
    )
    last = pl.col("id").str.extract(r"^icsg:.*/([^/]+)$")
    for matches in (
        codes.list.contains(wanted) | bare.list.contains(wanted),
        pl.col("name").str.to_lowercase() == wanted,
        names.list.contains(wanted) | (last == slug(text)).fill_null(False),
    ):
        found = nodes.filter(matches).sort("id")
        if found.height == 1:
            return str(found["id"][0])
        if found.height:
            several = ", ".join(
                f"{row['id']} ({row['name']})" for row in found.head(8).iter_rows(named=True)
            )
            raise UsageError(f'"{text}" may mean {found.height} things: {several}.', "Give the id.")
    what = " or ".join(kind.lower() for kind in kinds)
    raise UnknownName(what, text, nodes["name"].drop_nulls().to_list())
