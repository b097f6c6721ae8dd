"""What the columns of somebody's own files mean: a mapping, written as TOML and checked whole.

`loaders/templates/own-data.toml` is one with all its keys explained (`icsgraph template own-data`
writes it). It is checked against the ontology before the first row of a file is read, and every
fault is said with its line and the nearest names.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..ontology.errors import FileFault, MappingFault, UnknownName
from .mapping_checks import Fault, list_faults, tie_faults
from .mapping_lines import Lines
from .mapping_parts import End, NodeList, OwnMapping, Part, TieList

__all__ = ["read_mapping"]


# How the parts of the TOML file are called, for messages.
_PARTS: Mapping[str, type[Part]] = {
    "": OwnMapping,
    "nodes": NodeList,
    "ties": TieList,
    "subject": End,
    "object": End,
}


def read_mapping(path: Path) -> OwnMapping:
    """The mapping of a file, checked whole; `MappingFault` with every fault and its line.

    `FileFault` if the file is missing or no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        listed = tomllib.loads(text)
    except FileNotFoundError:
        raise FileFault(path, reason="there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileFault(path, reason=f"it is no TOML: {error}") from None
    lines = Lines(text)
    try:
        mapping = OwnMapping.model_validate(_plain(listed))
    except ValidationError as error:
        faults = [_shape(fault) for fault in error.errors(include_url=False)]
        raise _said(path, lines, faults) from None
    if faults := list(_meaning(mapping)):
        raise _said(path, lines, faults)
    return mapping


def _plain(listed: Mapping[str, Any]) -> Any:
    """The same with dates as texts, as every other value that is a date."""
    return json.loads(json.dumps(listed, default=str))


def _meaning(mapping: OwnMapping) -> Iterator[Fault]:
    """What the ontology says against it."""
    if not mapping.nodes and not mapping.ties:
        yield Fault((), "it maps nothing", "A node list begins with [[nodes]], ties with [[ties]].")
    for number, nodes in enumerate(mapping.nodes):
        yield from (fault.under("nodes", number) for fault in list_faults(nodes))
    for number, ties in enumerate(mapping.ties):
        faults = tie_faults(ties, has_nodes=bool(mapping.nodes))
        yield from (fault.under("ties", number) for fault in faults)


def _shape(fault: Any) -> Fault:
    """A fault as pydantic tells it, in our words."""
    where = tuple(fault["loc"])
    keys = [part for part in where if isinstance(part, str)]
    if fault["type"] == "extra_forbidden":
        owner = next((key for key in reversed(keys[:-1]) if key in _PARTS), "")
        unknown = UnknownName("key of a mapping", keys[-1], _PARTS[owner].model_fields)
        return Fault(where, unknown.message, unknown.hint)
    if fault["type"] == "missing":
        return Fault(where[:-1], f"the key {keys[-1]} is missing")
    return Fault(where, f"{keys[-1] if keys else 'it'}: {fault['msg'].lower()}")


def _said(path: Path, lines: Lines, faults: list[Fault]) -> MappingFault:
    told = [(lines.of(fault.where), fault.reason, fault.hint) for fault in faults]
    return MappingFault(path.name, sorted(set(told), key=lambda fault: fault[0] or 0))
