"""What several questions take and give in the same words, written once in `shared.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..ontology.errors import UnknownName

__all__ = ["with_shared"]

_FILE = Path(__file__).with_name("shared.toml")
BANDS = ("band_low", "band_high")


@cache
def _shared() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def with_shared(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A question as its file says it, with the parameters of its list `shared` before its own.

    What the file says of a shared parameter goes before what is said of it for all. Columns that
    belong to a shared parameter come with it, behind all others: those of a band only where `band`
    names the column of which it is. `UnknownName` for a parameter that is not shared.

    >>> asked = {"shared": ["every"], "parameters": {"every": {"default": "year"}}}
    >>> with_shared(asked)["parameters"]["every"]["default"]
    'year'
    """
    names, own = entry.get("shared", ()), entry.get("parameters", {})
    known = _shared()["parameters"]
    for name in names:
        if name not in known:
            raise UnknownName("shared parameter", str(name), known)
    given = {name: {**known[name], **own.get(name, {})} for name in names}
    if not given:
        return dict(entry)
    of = entry.get("band", {}).get("of", "")
    columns = {
        name: {**column, "definition": column["definition"].format(of=of.replace("_", " "))}
        for name, column in _shared()["columns"].items()
        if column["only_with"] in given and (of or name not in BANDS)
    }
    return {
        **entry,
        "parameters": {**given, **{n: p for n, p in own.items() if n not in given}},
        "columns": {**entry.get("columns", {}), **columns},
    }
