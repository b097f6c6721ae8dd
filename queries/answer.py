"""What a question gives back: rows, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.metadata import version
from typing import Any

import polars as pl

from ..graph.files import fingerprint
from .formats import plain_rows

__all__ = ["Answer", "Measured", "Unanswerable"]


class Answer(pl.DataFrame):
    """The rows of an answer as a polars frame that carries its caveats.

    `answerable` is False where the evidence cannot say: the frame is then empty, `reason` says why
    and `counts` what there is. `counts` always holds how many records, sources and reviewed
    systems stand behind it. `tests` holds, for each p among the rows, what it rests on: the value
    observed, the replicates, mean and sd of the null, what was shuffled, the seed. `view` names the
    filter under which it was asked, '' if none. Filtering or selecting gives a plain frame: caveats
    belong to the answer as asked.

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
    view: str
    tests: tuple[dict[str, Any], ...]

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
        view: str = "",
        tests: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(rows)
        self.question = question
        self.parameters = dict(parameters or {})
        self.caveats = tuple(caveats)
        self.counts = dict(counts or {})
        self.answerable = not reason
        self.reason = reason
        self.snapshot = snapshot
        self.view = view
        self.tests = tuple(_plain(test) for test in tests)

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
            "rows": plain_rows(self),
            "counts": self.counts,
            **({"tests": list(self.tests)} if self.tests else {}),
            "caveats": list(self.caveats),
        }

    def record(self) -> dict[str, Any]:
        """The answer as a record that can be kept and compared: all of `as_dict`, the view and the
        version of icsgraph. There is no clock in it: the same answer is the same record.

        >>> rows = pl.DataFrame({"systems": [3]})
        >>> record = Answer(rows, question="barriers").record()
        >>> record["rows"], record["view"]
        ([{'systems': 3}], '')
        """
        return {**self.as_dict(), "view": self.view, "icsgraph": version("icsgraph")}

    @property
    def key(self) -> str:
        """The name of the record: a hash of its content."""
        return fingerprint(self.record())[:16]

    def _repr_html_(self, **options: Any) -> str:
        table: str = super()._repr_html_(**options)
        notes = [f"Not answerable: {self.reason}"] if self.reason else []
        items = "".join(f"<li>{escape(note)}</li>" for note in [*notes, *self.caveats])
        return f"{table}<ul>{items}</ul>" if items else table


def _plain(test: Mapping[str, Any]) -> dict[str, Any]:
    """A test ready for JSON: what is no number becomes null."""
    return plain_rows(pl.DataFrame([dict(test)]))[0]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What a function that measures gives: the rows of the answer, and what belongs beside them.

    `counts` and `caveats` are added to those of the question; `tests` as in `Answer`.
    """

    rows: pl.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)
    caveats: Sequence[str] = ()
    tests: Sequence[Mapping[str, Any]] = ()


class Unanswerable(Exception):
    """What a function that answers a question raises where the data cannot say: `reason` says why,
    and what to do. The answer is then empty and carries it, with the counts and caveats that say
    what is known."""

    def __init__(
        self,
        reason: str,
        counts: Mapping[str, int] | None = None,
        caveats: Sequence[str] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.counts = dict(counts or {})
        self.caveats = tuple(caveats)
