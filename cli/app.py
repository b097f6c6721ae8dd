"""The commands by name, each loaded when it is called, and how errors reach the user."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import click

from ..ontology.errors import INTERRUPTED, IcsgraphError, UnknownName, UsageError, shown

__all__ = ["COMMANDS", "App", "Command", "app"]


class Command(NamedTuple):
    """Where a command lives, under which heading help lists it, and what it does in one line."""

    module: str
    heading: str
    summary: str


COMMANDS: dict[str, Command] = {
    "fetch": Command("fetching", "Build a store", "Download registers that have a stable service."),
    "build": Command("building", "Build a store", "Read every source listed and join them."),
    "add": Command("building", "Build a store", "Add one source without a SOURCES.toml."),
    "code": Command("coding", "Build a store", "A sheet to code a report in, with proposals."),
    "template": Command("templates", "Build a store", "Files to begin with, for data of your own."),
    "remove": Command("building", "Build a store", "Take one source out again."),
    "identity": Command("identity", "Build a store", "Judge which records are one thing."),
    "release": Command("releases", "Build a store", "Name the snapshot that readers see."),
    "prune": Command(
        "releases", "Build a store", "Remove snapshots that are neither current nor named."
    ),
    "sources": Command("holdings", "Look into it", "What a store was built from, row by row."),
    "show": Command("holdings", "Look into it", "What a store holds, or all about one thing."),
    "check": Command("holdings", "Look into it", "Whether every file and row is accounted for."),
    "search": Command("searching", "Look into it", "The things that a text may mean, best first."),
    "diff": Command("releases", "Look into it", "What changed between two snapshots."),
    "schema": Command("schema", "Look into it", "The kinds of thing and relationship."),
    "questions": Command("questions", "Ask it", "The catalogue, and each question explained."),
    "ask": Command("asking", "Ask it", "The answer to a question of the catalogue."),
    "measures": Command("measuring", "Ask it", "Answers that were kept with icsgraph ask --keep."),
    "cypher": Command("querying", "Ask it", "The rows of a query of your own in Cypher."),
    "sparql": Command("querying", "Ask it", "The rows of a query of your own in SPARQL."),
    "map": Command("maps", "Ask it", "An interactive map as one HTML file."),
    "chart": Command("charting", "Ask it", "A chart or map as SVG, PNG, PDF, a page or a table."),
    "report": Command(
        "reports",
        "Share it",
        "A report in plain English as one HTML file, to read on a screen or on paper.",
    ),
    "site": Command(
        "reports",
        "Share it",
        "All maps, reports and charts as a folder of linked pages with an index.",
    ),
    "export": Command(
        "exchange", "Share it", "The graph, or a part of it, in a format that other programs read."
    ),
    "import": Command(
        "exchange", "Share it", "A graph that was exported, back into a store of its own."
    ),
    "push": Command("server", "Share it", "Let a Neo4j server hold the graph."),
    "pull": Command("server", "Share it", "Bring a graph back from a Neo4j server."),
}
"""Every command. `icsgraph --help` reads this and imports no command; a command stands in its
module as `<name>_command`."""

EPILOG = """
A command works on the store of --store, else of $ICSGRAPH_STORE, else on ./icsgraph-store; with
none of them there, commands that only read use the bundled evidence.

\b
icsgraph COMMAND -h    explains a command
icsgraph ask voices    an answer, from the bundled evidence if you have built nothing yet
"""


class App(click.Group):
    """`icsgraph` itself: finds commands by name, and lets no error reach the user as a
    traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the command, which is hardly ever an option."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            said = UsageError(
                f"There is no option {shown(error.option_name)} before the command.",
                "Options follow the command they belong to: icsgraph show --store STORE",
            )
            raise _told(said) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, its module imported now; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{COMMANDS[cmd_name].module}", __package__)
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; `UnknownName` with the nearest if there is
        none."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownName("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands under their headings."""
        for heading in dict.fromkeys(command.heading for command in COMMANDS.values()):
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, c.summary) for name, c in COMMANDS.items() if c.heading == heading],
                    col_spacing=4,
                )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong and can be explained becomes a sentence and an exit
        code."""
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            raise _told(_unknown_option(error)) from None
        except IcsgraphError as error:
            raise _told(error) from None
        except BrokenPipeError:
            raise  # click leaves quietly: the reader of the pipe has seen enough
        except OSError as error:
            what = error.strerror or str(error)
            said = f"{error.filename}: {what}." if error.filename else f"{what}."
            refused = isinstance(error, PermissionError)
            hint = "Get the right to it, or name another place." if refused else ""
            raise _told(IcsgraphError(said, hint)) from None
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


def _told(error: IcsgraphError) -> click.exceptions.Exit:
    """Say an error on stderr; what leaves with its exit code."""
    click.echo(f"Error: {error}", err=True)
    return click.exceptions.Exit(error.exit_code)


def _unknown_option(error: click.NoSuchOption) -> UnknownName:
    """An option that a command does not have, said as any other unknown name."""
    context = error.ctx
    options = [o for p in context.command.get_params(context) for o in p.opts] if context else []
    return UnknownName("option", error.option_name, (o for o in options if o.startswith("--")))


@click.group(
    "icsgraph",
    cls=App,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)
@click.version_option(None, "--version", package_name="icsgraph", message="icsgraph %(version)s")
def app() -> None:
    """A dated, evidence-carrying knowledge graph of how health and care organisations in England
    work together."""
