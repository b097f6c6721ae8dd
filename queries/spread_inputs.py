"""What every measure of spread is given, read and checked by one set of rules.

A frame (of polars or pandas, or anything that polars makes one of: columns by name, a list of rows)
of **ties** has the columns source and target, and may have start, end and weight. A frame of
**adoptions** has node and time, and may have end and innovation. The rules, the same in every
function:

* Times are whole or broken numbers (periods), or days: dates, or ISO texts 'YYYY-MM-DD'. A call
  uses one kind throughout. A month or year is no time: see `completion`. In an array, which has no
  null, not a number stands for it.
* Names of nodes are texts: a node named by a number is given back as a text, and where an order by
  name is meant, "10" comes before "2". Give `nodes` to have rows in another order.
* A tie holds at times t with start <= t < end. No columns start and end: it holds always. A null
  start: it held from before all times; a null end: it holds on. Neither start nor end in a frame
  that has the columns: refused, since it would be a guess.
* A null time of adoption, or a node without a row: not adopted, and at risk throughout. An adoption
  holds from its time on, or at times time <= t < end. It may lie before every tie.
* `nodes` is the universe, isolates included. Without it: the nodes that ties and adoptions name. A
  name outside of it is refused; so is an empty universe. One node is a universe.
* A tie of a node with itself says nothing about spread and is left out. A pair that is tied twice
  at a time is tied once; of two weights the larger holds.
* Weights are positive numbers; a tie without one weighs 1.

What breaks a rule raises ArgumentFault with the name of the argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from numbers import Real
from typing import Any, Literal

import numpy as np
import polars as pl

from ..ontology.errors import ArgumentFault, nearest_names, shown
from .wording import counted

__all__ = [
    "Adoptions",
    "Array",
    "Scale",
    "Table",
    "Ties",
    "column_of",
    "completion",
    "frame_of",
    "names_in",
    "per_node",
    "read_adoptions",
    "read_nodes",
    "read_ties",
    "refuse_undated",
    "spells_in",
    "times_of",
    "times_read",
    "whole_number",
]

Array = np.ndarray[Any, Any]
Table = pl.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A polars frame, columns by name (lists or arrays), or a list of rows."""

EPOCH = date(1970, 1, 1)
ALWAYS = "0001-01-01"


class Scale(StrEnum):
    """What the times of a call count."""

    PERIOD = "period"
    DAY = "day"


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Ties as arrays: numbers of nodes in the universe, times as floats (infinite: open).

    `scale` is None if no tie has a time. `row` is the row of the table each tie was read from, the
    first is 0. `self_ties` and `repeated` count what was left out.
    """

    nodes: tuple[str, ...]
    source: Array
    target: Array
    weight: Array
    start: Array
    end: Array
    row: Array
    scale: Scale | None
    self_ties: int = 0
    repeated: int = 0

    @property
    def dated(self) -> bool:
        """Does any tie begin or end?"""
        return bool(np.isfinite(self.start).any() or np.isfinite(self.end).any())


@dataclass(frozen=True, slots=True, eq=False)
class Adoptions:
    """Adoptions as arrays: for each node its first time (infinite: never), and every spell.

    `spell_node`, `spell_start` and `spell_end` list the times of use, one spell a row.
    """

    nodes: tuple[str, ...]
    first: Array
    spell_node: Array
    spell_start: Array
    spell_end: Array
    scale: Scale | None


def frame_of(table: Table, argument: str, needed: Sequence[str]) -> pl.DataFrame:
    """The table as a frame that has the needed columns, or ArgumentFault.

    >>> frame_of({"node": ["A"], "time": [1]}, "adoptions", ["node", "time"]).height
    1
    """
    try:
        rows = table if isinstance(table, pl.DataFrame) else pl.DataFrame(_columns(table))
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise ArgumentFault(argument, f"it is no table: {error}") from error
    if table is None:
        raise ArgumentFault(argument, "it is no table", "An empty list is a table of no rows.")
    if not rows.columns and not rows.height:
        return pl.DataFrame(schema=dict.fromkeys(needed, pl.String))
    missing = [name for name in needed if name not in rows.columns]
    if missing:
        raise ArgumentFault(
            argument,
            f"it has no column {', '.join(missing)}",
            f"Its columns: {', '.join(rows.columns) or 'none'}.",
        )
    return rows


def _columns(table: Any) -> Any:
    """Columns by name, from a list of rows too, in which every value of a column counts."""
    if hasattr(table, "notna"):  # a pandas frame, whose texts polars reads with pyarrow alone
        table = table.astype(object).where(table.notna(), None).to_dict("list")
    if isinstance(table, list | tuple) and all(isinstance(row, Mapping) for row in table):
        names = dict.fromkeys(name for row in table for name in row)
        table = {name: [row.get(name) for row in table] for name in names}
    if not isinstance(table, Mapping):
        return table
    listed = (list, tuple)
    return {k: column_of(v, k) if isinstance(v, listed) else v for k, v in table.items()}


def column_of(values: Iterable[Any], name: str = "") -> pl.Series:
    """Values as a column: whole and broken numbers are numbers, names and numbers names.

    polars takes the type from the first values and refuses the others, or cuts them off.

    >>> column_of([1, None, 2.5]).to_list(), column_of([7, "B"]).to_list()
    ([1.0, None, 2.5], ['7', 'B'])
    """
    try:
        return pl.Series(name, values)
    except TypeError:
        known = [value for value in values if value is not None]
        if all(isinstance(value, Real) for value in known):
            mixed: list[Any] = [None if value is None else float(value) for value in values]
        elif any(isinstance(value, str) for value in known):
            mixed = [None if value is None else str(value) for value in values]
        elif all(isinstance(value, date) for value in known):  # days, some with an hour
            mixed = [None if value is None else value.isoformat()[:10] for value in values]
        else:
            raise
        return pl.Series(name, mixed)


def whole_number(value: float, argument: str, least: int) -> int:
    """The value as a whole number from `least` on, or ArgumentFault.

    >>> whole_number(2.0, "lag", 0)
    2
    """
    if not isinstance(value, Real) or not float(value).is_integer() or value < least:
        raise ArgumentFault(argument, f"it is no whole number from {least} on")
    return int(value)


def read_nodes(
    nodes: Iterable[object] | pl.Series | None, *named: Iterable[str]
) -> tuple[str, ...]:
    """The universe of nodes: as given, in that order, or sorted from what the tables name.

    ArgumentFault if a node is given twice or there is none.

    >>> read_nodes(None, ["B"], ["A", "B"])
    ('A', 'B')
    """
    if nodes is None:
        universe = tuple(sorted({name for names in named for name in names}))
    else:
        universe = _named(nodes)
    if not universe:
        raise ArgumentFault("nodes", "there is no node", "Name the nodes that could be tied.")
    if len(set(universe)) < len(universe):
        twice = next(name for i, name in enumerate(universe) if name in universe[:i])
        raise ArgumentFault("nodes", f"{shown(twice)} is given twice")
    return universe


def _named(nodes: Iterable[object] | pl.Series) -> tuple[str, ...]:
    try:
        given = tuple(nodes)
    except TypeError as error:
        raise ArgumentFault("nodes", f"they are no names: {error}") from error
    if any(node is None for node in given):
        raise ArgumentFault("nodes", "one of them has no name")
    return tuple(str(node) for node in given)


def read_ties(
    ties: Table, nodes: Iterable[object] | pl.Series | None = None, *, argument: str = "ties"
) -> Ties:
    """Ties as arrays, by the rules at the head of this module; identical rows count once.

    >>> read = read_ties({"source": ["A", "A"], "target": ["B", "A"], "start": [1, 1]})
    >>> read.nodes, read.source.tolist(), read.end.tolist(), read.self_ties
    (('A', 'B'), [0], [inf], 1)
    """
    rows = frame_of(ties, argument, ["source", "target"])
    ends = {side: names_in(rows, side, argument) for side in ("source", "target")}
    universe = read_nodes(nodes, *(side.unique().to_list() for side in ends.values()))
    read = pl.DataFrame(
        {side: _numbers(names, universe, argument) for side, names in ends.items()}
    ).with_columns(_weights(rows, argument))
    scale, times = spells_in(rows, argument)
    refuse_undated(rows, times, argument)
    read = read.with_columns(times)
    alike = read.columns
    apart = read.with_row_index("row").filter(pl.col("source") != pl.col("target"))
    again = apart.select(alike).is_duplicated().any()
    once = apart.unique(alike, keep="first", maintain_order=True) if again else apart
    return Ties(
        universe,
        once["source"].to_numpy(),
        once["target"].to_numpy(),
        once["weight"].to_numpy(),
        once["start"].to_numpy(),
        once["end"].to_numpy(),
        once["row"].to_numpy(),
        scale,
        self_ties=read.height - apart.height,
        repeated=apart.height - once.height,
    )


def read_adoptions(
    adoptions: Table,
    nodes: Iterable[object] | pl.Series | None = None,
    *,
    argument: str = "adoptions",
) -> Adoptions:
    """Adoptions of one innovation as arrays, by the rules at the head of this module.

    ArgumentFault if a node adopted a second time before it had stopped.

    >>> read = read_adoptions({"node": ["A", "B"], "time": [3, None]}, ["A", "B", "C"])
    >>> read.first.tolist()
    [3.0, inf, inf]
    """
    rows = frame_of(adoptions, argument, ["node", "time"])
    names = names_in(rows, "node", argument)
    universe = read_nodes(nodes, names.unique().to_list())
    scale, times = spells_in(rows.drop("start", strict=False).rename({"time": "start"}), argument)
    spells = pl.DataFrame({"node": _numbers(names, universe, argument)}).with_columns(times)
    spells = spells.filter(pl.col("start") > -np.inf).unique()
    spells = spells.sort("node", "start")
    _refuse_second(spells, universe, argument)
    first = np.full(len(universe), np.inf)
    begun = spells.unique("node", keep="first", maintain_order=True)
    first[begun["node"].to_numpy()] = begun["start"].to_numpy()
    node, start, end = (spells[name].to_numpy() for name in ("node", "start", "end"))
    return Adoptions(universe, first, node, start, end, scale)


def _refuse_second(spells: pl.DataFrame, universe: Sequence[str], argument: str) -> None:
    before = pl.col("end").shift().over("node")
    again = spells.filter(before > pl.col("start"))
    if again.height:
        raise ArgumentFault(
            argument,
            f"{shown(universe[again['node'][0]])} adopts a second time before it has stopped",
            "Give one row for each innovation and node, or the end of the first use.",
        )


def names_in(rows: pl.DataFrame, column: str, argument: str) -> pl.Series:
    """A column of names as text; ArgumentFault if one is missing.

    >>> names_in(pl.DataFrame({"node": [7]}), "node", "adoptions").to_list()
    ['7']
    """
    names = rows[column].cast(pl.String, strict=False)
    if names.null_count():
        row = int(names.is_null().arg_max() or 0) + 1
        raise ArgumentFault(argument, f"row {row} has no {column}")
    return names


def _numbers(names: pl.Series, universe: Sequence[str], argument: str) -> pl.Series:
    places = pl.Series(range(len(universe)), dtype=pl.Int64)
    numbers = names.replace_strict(
        pl.Series(universe, dtype=pl.String), places, default=None, return_dtype=pl.Int64
    )
    if numbers.null_count():
        name = str(names.filter(numbers.is_null())[0])
        near = nearest_names(name, universe)
        raise ArgumentFault(
            argument,
            f"it names {shown(name)}, which is not among the nodes",
            f"The nearest names: {', '.join(near)}." if near else "Add it to `nodes`.",
        )
    return numbers


def _weights(rows: pl.DataFrame, argument: str) -> pl.Series:
    if "weight" not in rows.columns:
        return pl.repeat(1.0, rows.height, eager=True).alias("weight")
    weights = rows["weight"].cast(pl.Float64, strict=False)
    unknown = rows["weight"].is_null()
    wrong = ~(weights.is_finite() & (weights > 0)).fill_null(False) & ~unknown
    if wrong.any():
        row = int(wrong.arg_max() or 0) + 1
        raise ArgumentFault(argument, f"the weight of row {row} is no positive number")
    return weights.fill_null(1.0).alias("weight")


def spells_in(rows: pl.DataFrame, argument: str) -> tuple[Scale | None, list[pl.Series]]:
    """The scale, and the columns start and end of a frame as floats, infinite where open.

    >>> spells_in(pl.DataFrame({"start": [1], "end": [None]}), "ties")[1][1].to_list()
    [inf]
    """
    read = {
        side: times_read(rows[side], argument) if side in rows.columns else None
        for side in ("start", "end")
    }
    scales = {times[0] for times in read.values() if times and times[0]}
    if len(scales) > 1:
        raise ArgumentFault(argument, "its times are numbers and dates at once")
    open_times = pl.Series([None] * rows.height, dtype=pl.Float64)
    start = read["start"][1] if read["start"] else open_times
    end = read["end"][1] if read["end"] else open_times
    lower = start.fill_null(-np.inf).alias("start")
    upper = end.fill_null(np.inf).alias("end")
    if (lower >= upper).any():
        row = int((lower >= upper).arg_max() or 0) + 1
        raise ArgumentFault(argument, f"row {row} ends when it begins, or before")
    return (scales.pop() if scales else None), [lower, upper]


def refuse_undated(rows: pl.DataFrame, times: list[pl.Series], argument: str) -> None:
    """ArgumentFault if a tie has neither start nor end in a frame with such a column; `times` are
    what `spells_in` read."""
    if not {"start", "end"} & set(rows.columns):
        return
    undated = times[0].is_infinite() & times[1].is_infinite()
    if count := int(undated.sum()):
        row = int(undated.arg_max() or 0) + 1
        raise ArgumentFault(
            argument,
            f"of {counted(rows.height, 'tie')}, {counted(count, 'has', 'have')} no dates, the "
            f"first in row {row}",
            "Leave undated ties out, or state from when they held.",
        )


def times_read(times: pl.Series, argument: str) -> tuple[Scale | None, pl.Series]:
    """Which scale, and the times as floats: periods as they are, days counted from 1970.

    >>> times_read(pl.Series(["1970-01-03", None]), "ties")[1].to_list()
    [2.0, None]
    """
    if times.dtype == pl.Object:
        times = column_of(times.to_list())
    if times.dtype.is_float():  # an array has no null
        times = times.fill_nan(None)
    if times.null_count() == len(times):
        return None, times.cast(pl.Float64, strict=False)
    if times.dtype == pl.String:
        days = times.str.to_date("%Y-%m-%d", strict=False)
        if days.null_count() > times.null_count():
            wrong = times.filter(days.is_null() & times.is_not_null())[0]
            raise ArgumentFault(
                argument,
                f"{shown(wrong)} is no day",
                "Write days as YYYY-MM-DD; a month or a year has a first and a last day.",
            )
        times = days
    if times.dtype.base_type() in (pl.Date, pl.Datetime):
        return Scale.DAY, times.cast(pl.Date).to_physical().cast(pl.Float64)
    if not times.dtype.is_numeric():
        raise ArgumentFault(argument, f"a time is no number and no day ({times.dtype})")
    numbers = times.cast(pl.Float64)
    if not numbers.is_finite().fill_null(True).all():
        raise ArgumentFault(argument, "a time is not finite")
    return Scale.PERIOD, numbers


def times_of(values: Array, scale: Scale | None, name: str = "time") -> pl.Series:
    """Times as a column again: dates, or numbers (whole ones if all are); null where infinite.

    >>> times_of(np.array([2.0, np.inf]), Scale.DAY).to_list()
    [datetime.date(1970, 1, 3), None]
    """
    finite = np.isfinite(values)
    column = pl.Series(name, np.where(finite, values, 0.0)).set(pl.Series(~finite), None)
    if scale is Scale.DAY:
        return column.cast(pl.Int32).cast(pl.Date)
    whole = bool((values[finite] == np.floor(values[finite])).all())
    return column.cast(pl.Int64) if whole else column


def per_node(
    values: Table | Mapping[str, Any],
    nodes: Sequence[str],
    column: str,
    argument: str,
    missing: object = None,
) -> pl.Series:
    """One value a node, in the order of `nodes`: from a frame {node, column} or a plain mapping.

    >>> per_node({"A": 2.0}, ["A", "B"], "trait", "traits", missing=0.0).to_list()
    [2.0, 0.0]
    """
    if isinstance(values, Mapping) and "node" not in values:
        values = {"node": list(values), column: list(values.values())}
    rows = frame_of(values, argument, ["node", column])
    names = names_in(rows, "node", argument)
    _numbers(names, nodes, argument)
    if names.is_duplicated().any():
        raise ArgumentFault(
            argument, f"{shown(names.filter(names.is_duplicated())[0])} comes twice"
        )
    found = pl.DataFrame({"node": list(nodes)}, schema={"node": pl.String}).join(
        pl.DataFrame({"node": names, column: rows[column]}), on="node", how="left"
    )[column]
    return found if missing is None else found.fill_null(missing)


def completion(rows: Table, certainty: Literal["certain", "possible"]) -> pl.DataFrame:
    """What held for certain, or may have held: one start and one end from the four bounds.

    `rows` has start_earliest, start_latest, end_earliest and end_latest, ISO days. For certain a
    tie holds from its latest start to its earliest end; possibly from its earliest start to its
    latest end. An unknown end may be any day after the start: possibly the tie holds on, for
    certain it holds on its first day only, if that is known. Ties that hold on no day for certain
    drop out.

    >>> tie = {"source": ["A"], "target": ["B"], "start_earliest": ["2021-01-01"],
    ...        "start_latest": ["2021-12-31"], "end_earliest": [None], "end_latest": [None]}
    >>> completion(tie, "possible").select("start", "end").row(0)
    ('2021-01-01', None)
    >>> completion(tie, "certain").height
    0
    """
    bounds = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
    table = frame_of(rows, "rows", bounds).with_columns(pl.col(bounds).cast(pl.String))
    if certainty == "possible":
        began = pl.col("start_earliest").fill_null(ALWAYS)
        chosen = table.with_columns(start=began, end=pl.col("end_latest"))
    else:
        day = pl.col("start_earliest").str.to_date("%Y-%m-%d") + timedelta(days=1)
        ended = pl.col("end_earliest").fill_null(day.dt.to_string("%Y-%m-%d"))
        chosen = table.with_columns(start=pl.col("start_latest"), end=ended).filter(
            pl.col("start") < pl.col("end")
        )
    return chosen.drop(bounds)
