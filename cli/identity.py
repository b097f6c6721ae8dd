"""Commands by which a person judges what is one thing: identity candidates, review, decide, undo,
decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import StoreMissing, UnknownName, UsageError
from .options import (
    DEFAULT_STORE,
    Amount,
    Count,
    format_options,
    progress,
    reading,
    store_option,
    today,
)
from .output import deliver

if TYPE_CHECKING:
    from ..graph.decisions import Decision
    from ..graph.snapshot import Snapshot
    from ..graph.store import Store
    from ..queries.matching import Candidate

__all__ = ["IdentityCommands", "identity_command"]

FEW = 20
"""Candidates that are listed unless all are asked for."""

AT_LEAST, MOST = 80.0, 3
"""As `queries.matching` has them, named here so that help need not load it."""


class IdentityCommands(click.Group):
    """`icsgraph identity`: a command that there is none of is said with the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise UnknownName("command of identity", args[0], self.commands)
        return super().resolve_command(ctx, args)


@click.group("identity", cls=IdentityCommands)
def identity_command() -> None:
    """Judge which records are one thing.

    Codes join what they can. What they cannot is a candidate, with a score that explains itself;
    a person decides. Decisions stand in decisions.csv in the store, survive every build, and can be
    taken back: the records come apart exactly as they were.

    \b
    icsgraph identity candidates "Newham Council"
    icsgraph identity review --who "A. Analyst"
    icsgraph identity decide "Newham Council" cqc:1-101667948 same --who "A. Analyst" --why "..."
    icsgraph identity undo "Newham Council"
    icsgraph identity decisions --format csv -o decisions.csv
    """


at_least_option = click.option(
    "--at-least",
    type=Amount(0, 100),
    metavar="NUMBER",
    default=AT_LEAST,
    show_default=True,
    help="Score of a candidate at least.",
)


@identity_command.command("candidates")
@click.argument("thing", required=False)
@at_least_option
@click.option(
    "--most",
    type=Count(1),
    metavar="NUMBER",
    default=MOST,
    show_default=True,
    help="Candidates of a thing.",
)
@click.option("--all", "everything", is_flag=True, help=f"More than {FEW} in a table.")
@store_option
@format_options
def _candidates(
    thing: str | None, at_least: float, most: int, everything: bool, store: Path | None, **out: Any
) -> None:
    """What may be one thing although no code says so, best first.

    THING is an id, a code or a name; without it, all things are compared whose id was made from
    their name. The score is 0 to 100; each part says what it rests on.

    \b
    icsgraph identity candidates
    icsgraph identity candidates "Kernow Health CIC" --at-least 60
    """
    from ..queries.matching import frame

    found = _found(reading(store).current(), thing, at_least, most)
    shown = found if everything else found[:FEW]
    text = "\n\n".join([*map(_explained, shown), _more(found, len(shown))])
    deliver(frame(found), text=text, whole=[each.as_dict() for each in found], **out)


def _found(
    snapshot: Snapshot, thing: str | None, at_least: float, most: int = MOST
) -> list[Candidate]:
    from ..queries.judged import things_meant
    from ..queries.matching import candidates

    things = None if thing is None else things_meant(snapshot, thing)
    return candidates(snapshot, things, at_least=at_least, most=most)


def _explained(candidate: Candidate) -> str:
    """A candidate with its score, part by part."""
    from .tables import listed, printable, wrapped

    ends = ((candidate.other, candidate.other_name), (candidate.one, candidate.one_name))
    score = f"{candidate.score:.0f}".rjust(3)
    lines = [
        wrapped(f"{printable(name or '')}  {end}".strip(), first, "     ")
        for first, (end, name) in zip((f"{score}  ", "     "), ends, strict=True)
    ]
    known = [
        (f"{p.part} {p.score:.0f}", printable(p.found))
        for p in candidate.parts
        if p.score is not None
    ]
    unknown = ", ".join(part.part for part in candidate.parts if part.score is None)
    rest = [f"{' ' * 9}not known of both: {unknown}"] if unknown else []
    return "\n".join([*lines, listed(known, indent=9), *rest])


def _more(found: Sequence[Candidate], shown: int) -> str:
    if not found:
        return "No candidate."
    more = f" {len(found) - shown:,} more: --all." if shown < len(found) else ""
    count = "1 candidate" if len(found) == 1 else f"{len(found):,} candidates"
    return f"{count}.{more} To judge one after the other: icsgraph identity review"


@identity_command.command("decide")
@click.argument("one")
@click.argument("other")
@click.argument("judgement", type=click.Choice(["same", "different"]))
@click.option("--who", required=True, help="Who decides.")
@click.option("--why", required=True, help="What the decision rests on.")
@click.option("--when", help="The day of the decision: 2026-11-22; otherwise today.")
@store_option
def _decide(
    one: str, other: str, judgement: str, who: str, why: str, when: str | None, store: Path | None
) -> None:
    """Say that two records are the same, or different.

    ONE and OTHER are ids, codes or names. If they are the same, the thing keeps the better of the
    two ids (ODS before CQC before ONS before ours), of equal ones that of ONE. Different ones stay
    apart although they share a code. The store is joined again.

    \b
    icsgraph identity decide cqc:1-101667948 "Newham Council" same --who "A. Analyst" \\
        --why "the council as a provider of care"
    """
    from ..graph.decisions import Decision
    from ..graph.judging import decide
    from ..queries.judged import pair_meant

    target = _built(store)
    pair = pair_meant(target.current(), one, other)
    decision = Decision(*pair, judgement, *_tidy(who, when or today(), why))
    with progress() as tell:
        snapshot = decide(target, decision, tell)
    click.echo(_outcome(target, decision))
    click.echo(f"Snapshot {snapshot}. To take it back: {_back(target, decision)}")


def _tidy(*texts: str) -> list[str]:
    """Texts on one line each."""
    return [" ".join(text.split()) for text in texts]


def _built(path: Path | None) -> Store:
    """The store to judge in, which must be there; said on stderr if it was not named."""
    from ..graph.store import Store

    store = Store(path or DEFAULT_STORE)
    if not (store.path / "CURRENT").is_file():
        raise StoreMissing(store.path)
    if path is None:
        click.echo(f"The store {store.path}.", err=True)
    return store


def _outcome(store: Store, decision: Decision) -> str:
    """What a decision made of two records."""
    import polars as pl

    from ..graph.identity import known_records
    from .tables import printable

    both = known_records(store.current()).filter(pl.col("id").is_in(sorted(decision.pair)))
    names = " and ".join(
        f"{name} ({one})" if name else one for one, name in both.select("id", "name").iter_rows()
    )
    if decision.judgement == "same":
        return printable(f"{names} are one thing: {both['canonical'][0]}.")
    return printable(f"{names} are two things.")


def _back(store: Store, decision: Decision) -> str:
    """The command that takes a decision back."""
    from shlex import join

    asked = ["icsgraph", "identity", "undo", decision.one, decision.other]
    return join([*asked, "--store", str(store.path)])


@identity_command.command("undo")
@click.argument("one")
@click.argument("other", required=False)
@store_option
def _undo(one: str, other: str | None, store: Path | None) -> None:
    """Take a decision back.

    ONE and OTHER are what it is about: ids, codes or names; OTHER may be left out if there is one
    decision about ONE. The records come apart, or together, exactly as they were before.

    \b
    icsgraph identity undo "Bart's Health"
    """
    from ..graph.decisions import read_decisions
    from ..graph.judging import undo
    from ..queries.judged import decided

    target = _built(store)
    decision = decided(target.current(), read_decisions(target.decisions), one, other)
    with progress() as tell:
        gone, snapshot = undo(target, decision.one, decision.other, tell)
    click.echo(f"Taken back: {_said(gone, {})}")
    click.echo(f"Snapshot {snapshot}. To have it again: {_again(target, gone)}")


def _again(store: Store, decision: Decision) -> str:
    """The command that makes a decision again."""
    from shlex import join

    asked = ["icsgraph", "identity", "decide", decision.one, decision.other, decision.judgement]
    told = ["--who", decision.who, "--when", decision.when, "--why", decision.why]
    return join([*asked, *told, "--store", str(store.path)])


@identity_command.command("decisions")
@click.option(
    "--load",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add the decisions of a file, all of them or none.",
)
@store_option
@format_options
def _decisions(file: Path | None, store: Path | None, **out: Any) -> None:
    """What was decided: by whom, when and why.

    What the evidence itself says of names is among it. CSV is what --load reads again.

    \b
    icsgraph identity decisions
    icsgraph identity decisions --format csv -o decisions.csv
    icsgraph identity decisions --load decisions.csv --store another
    """
    import polars as pl

    from ..graph.decisions import COLUMNS, read_decisions
    from ..graph.judging import load_decisions
    from ..queries.judged import names_of

    if file is not None:
        if any(out.values()):
            raise UsageError("--load reads; --format and --output do not go with it.")
        with progress() as tell:
            new, snapshot = load_decisions(target := _built(store), file, tell)
        total = len(read_decisions(target.decisions))
        click.echo(f"New: {len(new)}; decisions in all: {total}. Snapshot {snapshot}.")
        return
    held = reading(store)
    known = read_decisions(held.decisions)
    names = names_of(held.current(), known)
    rows = pl.DataFrame([each.as_dict() for each in known], dict.fromkeys(COLUMNS, pl.String))
    text = "\n\n".join([*(_said(each, names) for each in known), f"Decisions: {len(known)}."])
    deliver(rows, text=text, **out)


def _said(decision: Decision, names: dict[str, str]) -> str:
    """A decision in words."""
    from ..ontology.dates import BoundedDate
    from .tables import printable, wrapped

    ends = [
        printable(f"{names[one]}  {one}" if one in names else one)
        for one in (decision.one, decision.other)
    ]
    when = BoundedDate.parse(decision.when).plain()
    said = printable(f"{decision.who}, {when}: {decision.why}")
    lines = (wrapped(text, "  ", "    ") for text in (*ends, said))
    return "\n".join([decision.judgement, *lines])


@identity_command.command("review")
@click.argument("thing", required=False)
@click.option("--who", help="Who decides; otherwise it is asked.")
@at_least_option
@store_option
def _review(thing: str | None, who: str | None, at_least: float, store: Path | None) -> None:
    """Judge one candidate after the other at the terminal.

    Both records are shown side by side, with the score. Answer same, different, next or quit, by
    the first letter. Each decision is kept at once; the store is joined when you leave.

    \b
    icsgraph identity review --who "A. Analyst"
    icsgraph identity review "Newham Council"
    """
    from ..graph.judging import join_again

    target = _built(store)
    snapshot = target.current()
    found = _found(snapshot, thing, at_least)
    if not found:
        click.echo("No candidate.")
        return
    click.echo(f"{len(found):,} candidates. s same, d different, n next, q quit.\n")
    counts = {"same": 0, "different": 0}
    try:
        for decision in _judged(target, snapshot, found, who):
            counts[decision.judgement] += 1
    finally:
        if sum(counts.values()):
            with progress() as tell:
                name = join_again(target, tell)
            said = ", ".join(f"{judgement} {count}" for judgement, count in counts.items())
            click.echo(f"Decided: {said}. Snapshot {name}.")


def _judged(
    store: Store, snapshot: Snapshot, found: Sequence[Candidate], who: str | None
) -> Iterator[Decision]:
    """Ask about each candidate and write down what is decided; what is settled is not asked
    about again."""
    from ..graph.decisions import Decision
    from ..graph.judging import note_decision

    settled: set[str] = set()
    for number, candidate in enumerate(found, start=1):
        if candidate.other in settled:
            continue
        click.echo(_beside(snapshot, candidate, f"{number} of {len(found)}"))
        try:
            answer = _answer()
            if answer == "quit":
                return
            if answer == "next":
                continue
            who = who or click.prompt("Who decides")
            why = click.prompt("Why", default=f"reviewed; {candidate.why}", show_default=False)
        except click.Abort:  # the end of the input, or Ctrl-C
            click.echo()
            return
        told = _tidy(who, today(), why)
        decision = Decision(candidate.one, candidate.other, answer, *told)
        try:
            note_decision(store, decision)
        except UsageError as wrong:
            click.echo(f"Not decided: {wrong}\n")
            continue
        if answer == "same":
            settled.add(candidate.other)
        yield decision


ANSWERS = {"s": "same", "d": "different", "n": "next", "q": "quit"}


def _answer() -> str:
    choice = click.Choice([*ANSWERS, *ANSWERS.values()], case_sensitive=False)
    given: str = click.prompt("same, different, next, quit", type=choice, show_choices=False)
    return ANSWERS.get(given, given)


def _beside(snapshot: Snapshot, candidate: Candidate, number: str) -> str:
    """Both records side by side, and the score below."""
    from ..queries.judged import beside
    from .tables import table

    both = beside(snapshot, candidate.other, candidate.one)
    titles = {"what": number, "one": "this", "other": "is it this?"}
    return f"{table(both.rename(titles))}\n\n{_explained(candidate)}\n"
