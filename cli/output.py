"""Rows and what belongs to them, to standard output or a file, in the format asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import UsageError
from .options import chosen_format

if TYPE_CHECKING:
    import polars as pl

__all__ = ["deliver", "send"]


def deliver(
    rows: pl.DataFrame,
    *,
    format_name: str | None,
    output: Path | None,
    notes: Sequence[str] = (),
    whole: Any = None,
    years: Collection[str] = (),
    text: str | None = None,
) -> None:
    """Write `rows` as a table, CSV, JSON or Parquet.

    `notes` stand below a table, and on stderr beside CSV and Parquet; JSON is written of `whole`,
    which holds them. `text` is what a person reads instead of a table of the rows.
    """
    from ..queries import formats
    from .tables import table, wrapped

    chosen = chosen_format(format_name, output)
    said = "\n".join(wrapped(note, then="  ") for note in notes)
    if chosen == "json":
        content = formats.as_json(formats.plain_rows(rows) if whole is None else whole)
    elif chosen == "table":
        drawn = text or table(rows, years=years, terminal=False if output else None)
        content = (f"{drawn}\n\n{said}" if said else drawn).rstrip("\n").encode() + b"\n"
    else:
        content = formats.as_csv(rows) if chosen == "csv" else formats.as_parquet(rows)
        if said:
            click.echo(said, err=True)
    send(content, output)


def send(content: str | bytes, output: Path | None) -> None:
    """Write to a file, whole or not at all, and say so on stderr; without one to standard
    output. `UsageError` if the file cannot be written."""
    from ..graph.files import write_whole

    if output is None:
        click.echo(content, nl=False)
        return
    try:
        write_whole(output, content)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}.") from None
    click.echo(f"Wrote {output}.", err=True)
