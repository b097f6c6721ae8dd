"""Files to begin with: data of one's own, a survey, findings of a report. They lie in
`templates/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ..ontology.errors import UnknownName

__all__ = ["TEMPLATES", "Template", "template"]

_FOLDER = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Template:
    """What it is for, the names of its files, and the command that loads them."""

    name: str
    what: str
    files: tuple[str, ...]
    load: str

    @property
    def paths(self) -> list[Path]:
        """Where its files lie."""
        return [_FOLDER / file for file in self.files]


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        each.name: each
        for each in (
            Template(
                "own-data",
                "organisations and ties of your own, and a mapping that says what columns mean",
                (
                    "own-data.toml",
                    *("own-data-organisations.csv", "own-data-systems.csv", "own-data-ties.csv"),
                ),
                "icsgraph add own-data own-data.toml --as-of 2026-05",
            ),
            Template(
                "partner-survey",
                "who works with whom: trust, value and frequency, as each partner sees them",
                ("partner-survey.csv", "partner-survey.toml"),
                "icsgraph add partner-survey partner-survey.csv --as-of 2026-05",
            ),
            Template(
                "findings",
                "a made-up report, and the sheet of icsgraph code as an analyst filled it in",
                ("winter-in-anytown.md", "winter-in-anytown.csv"),
                "icsgraph add findings winter-in-anytown.csv --document winter-in-anytown.md"
                " --as-of 2026-03",
            ),
        )
    }
)
"""Every template by its name."""


def template(name: str) -> Template:
    """The template of a name; `UnknownName` with the nearest if there is none.

    >>> template("partner-survey").files
    ('partner-survey.csv', 'partner-survey.toml')
    """
    if name not in TEMPLATES:
        raise UnknownName("template", name, TEMPLATES)
    return TEMPLATES[name]
