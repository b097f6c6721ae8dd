"""The parts of a mapping, as it stands in a TOML file; `mapping` reads and checks one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["End", "FileList", "NodeList", "OwnMapping", "Part", "TieList"]


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Several = Annotated[tuple[str, ...], BeforeValidator(_several)]
"""One text or a list of them."""

Value = str | int | float | bool


class Part(BaseModel):
    """A table of the TOML file: no key but those declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class End(Part):
    """One end of a tie: `find` names the column that holds a name, code or identifier of the node
    lists, or else `id` gives templates of its identifier, and `name` the column of its name. Its
    `kind` is that of a thing that no node list has; without it, that of the node list of the same
    file with this `id`, otherwise the first that the tie can join."""

    find: str = ""
    id: Several = ()
    name: str = ""
    kind: str = ""


class FileList(Part):
    """One file, or sheet of a workbook, and what its columns mean.

    `columns` gives each field of the model the column, or for a list of texts the columns, that it
    is read from; `constants` gives it one value for all rows; `words` says which value each of
    their words means. `dates` is the form of all days (one of `cleaning.DAY_FORMS`); without it,
    dates are written as in `dates.ACCEPTED`. `optional` names columns that the file may lack.
    """

    file: str = Field(min_length=1)
    sheet: str = ""
    kind: str = ""
    columns: dict[str, Several] = {}
    constants: dict[str, Value] = {}
    words: dict[str, dict[str, Value]] = {}
    dates: str = ""
    optional: Several = ()


class NodeList(FileList):
    """A list of things of one kind. `id` and `codes` are templates of identifiers, such as
    `ods:{Code}` or `icsg:organisation/{slug}`; of several for the id the first whose columns are
    filled counts."""

    kind: str
    id: Several = Field(min_length=1)
    codes: Several = ()


class TieList(FileList):
    """A list of ties. Their kind is given, or stands in a column: `columns.kind`."""

    subject: End
    object: End
    knowledge_level: str


class OwnMapping(Part):
    """The whole mapping: node lists first, then lists of ties between things."""

    nodes: tuple[NodeList, ...] = ()
    ties: tuple[TieList, ...] = ()
