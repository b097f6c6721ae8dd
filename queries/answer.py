"""What a question gives back: rows, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

__all__ = ["Answer", "Unanswerable"]


class Answer(pl.DataFrame):
    """The rows of an answer as a polars frame that carries its caveats.

    `answerable` is False where the evidence cannot say: the frame is then empty, `reason` says why
    and `counts` what there is. `counts` always holds how many records, sources and reviewed
    systems stand behind it. Filtering or selecting gives a plain frame: caveats belong to the
    answer as asked.

    >>> rows = pl.DataFrame({"systems": [3]})
    >>> Answer(rows, question="barriers", caveats=["Counted once."]).caveats
    ('Counted once.',)
    """

    question: str
    parameters: dict[str, Any]
    caveats: tuple[str, ...]
    counts: dict[str, int]
    answerable: bool
    reason: str
    snapshot: str

    def __init__(
        self,
        rows: pl.DataFrame,
        *,
        question: str,
        parameters: Mapping[str, Any] | None = None,
        caveats: Sequence[str] = (),
        counts: Mapping[str, int] | None = None,
        reason: str = "",
        snapshot: str = "",
    ) -> None:
        super().__init__(rows)
        self.question = question
        self.parameters = dict(parameters or {})
        self.caveats = tuple(caveats)
        self.counts = dict(counts or {})
        self.answerable = not reason
        self.reason = reason
        self.snapshot = snapshot

    @classmethod
    def _from_pydf(cls, py_df: Any) -> pl.DataFrame:
        """What polars makes from an answer is a plain frame."""
        return pl.DataFrame._from_pydf(py_df)

    def as_dict(self) -> dict[str, Any]:
        """Rows and all that belongs to them, ready for JSON."""
        return {
            "question": self.question,
            "parameters": self.parameters,
            "snapshot": self.snapshot,
            "answerable": self.answerable,
            **({} if self.answerable else {"reason": self.reason}),
            "rows": self.to_dicts(),
            "counts": self.counts,
            "caveats": list(self.caveats),
        }

    def _repr_html_(self, **options: Any) -> str:
        table: str = super()._repr_html_(**options)
        notes = [f"Not answerable: {self.reason}"] if self.reason else []
        items = "".join(f"<li>{escape(note)}</li>" for note in [*notes, *self.caveats])
        return f"{table}<ul>{items}</ul>" if items else table


class Unanswerable(Exception):
    """What a function that answers a question raises where the data cannot say: `reason` says why,
    and what to do. The answer is then empty and carries it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
