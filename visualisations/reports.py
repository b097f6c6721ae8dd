"""Which reports there are. A new kind is one module with one function, and one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ..ontology.errors import UnknownName, UsageError

if TYPE_CHECKING:  # the list alone is shown by --help, which should not wait for polars
    from ..graph.snapshot import Snapshot
    from .report_page import Report

__all__ = ["REPORTS", "ReportKind", "gathered", "report", "report_named"]


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One row of the registry: what the report is about, what must be named for it ('' if
    nothing), and where the function is that gathers it."""

    name: str
    what: str
    wants: str
    module: str
    function: str

    @property
    def gather(self) -> Callable[..., Report]:
        """The report's function; its module is imported now."""
        function: Callable[..., Report] = getattr(
            import_module(self.module, __package__), self.function
        )
        return function


REPORTS: dict[str, ReportKind] = {
    row.name: row
    for row in (
        ReportKind(
            "system",
            "one system: who works here, what was found, similar systems, what is not known",
            "SYSTEM",
            ".report_system",
            "system_report",
        ),
        ReportKind(
            "topic",
            "one topic of the reviews: what was looked at and found",
            "NAME",
            ".report_topic",
            "topic_report",
        ),
        ReportKind(
            "innovation",
            "one innovation: where it is on record, since when, what was found",
            "NAME",
            ".report_innovation",
            "innovation_report",
        ),
        ReportKind(
            "programme",
            "all reviews side by side, and what came up in several systems",
            "",
            ".report_programme",
            "programme_report",
        ),
    )
}


def report_named(kind: str) -> ReportKind:
    """The kind of report of this name; `UnknownName`, with the nearest, if there is none.

    >>> report_named("topic").wants
    'NAME'
    """
    if kind not in REPORTS:
        raise UnknownName("kind of report", kind, REPORTS)
    return REPORTS[kind]


def report(snapshot: Snapshot, kind: str, name: str = "", *, on: str = "") -> str:
    """A report as one HTML page that asks nothing of any network and has no script.

    `name` is what it is about, `on` an ISO day. The same snapshot gives the same bytes. Errors as
    the kind's own function, and `UsageError` for a name that is missing or too much.

    >>> import icsgraph
    >>> "<h1>Dorset</h1>" in report(icsgraph.open().snapshot, "system", "Dorset")
    True
    """
    from .report_page import render_report

    return render_report(gathered(snapshot, kind, name, on=on))


def gathered(snapshot: Snapshot, kind: str, name: str = "", *, on: str = "") -> Report:
    """A report before it is a page; arguments and errors as `report`."""
    row = report_named(kind)
    if row.wants and not name.strip():
        raise UsageError(f"A {kind} report needs a name.", f"icsgraph report {kind} {row.wants}")
    if name and not row.wants:
        raise UsageError(f"A {kind} report takes no name.", f"icsgraph report {kind}")
    return row.gather(snapshot, *([name] if row.wants else []), on=on)
