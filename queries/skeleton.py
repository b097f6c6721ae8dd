"""The beginning of a new question: a file with gaps, which says what belongs into each."""

from __future__ import annotations

import re
from pathlib import Path

from ..ontology.errors import UsageError
from .catalogue import read_catalogue

__all__ = ["skeleton"]

TEMPLATE = """\
# The question NAME. Fill in what is empty ("") and change the rest to what you ask; the command
# icsgraph schema lists the kinds and columns. Then see it explained, or what is wrong with it and
# on which line, and ask it:
#
#     icsgraph questions NAME --catalogue FOLDER
#     icsgraph ask NAME --catalogue FOLDER

question = ""                   # in one sentence, as an analyst would ask it
group = ""                      # the heading under which it is listed
behind = "evidence"             # what is counted behind the answer: evidence, or registers
caveats = []                    # what must be said beside the answer, each a sentence

[parameters.region]             # one table for each; a text uses it as $region
definition = ""                 # what it restricts the answer to
values = "System.region"        # the values of that column; or node = ["System"] for a thing,
                                # vocabulary = "topic", choices = ["a", "b"], type = "integer"
default = ""                    # '' is any; without a default it must be given

[columns.system]                # one table for each, in the order of the texts
definition = ""                 # what it holds
type = "text"                   # text, texts (a list), integer, number, boolean, date
unit = ""

# A text for each language that says it well; they must give the same rows. Each ends in ORDER BY,
# and what it sorts by must tell all rows apart.
[texts]
cypher = '''
MATCH (s:System)
WHERE $region = '' OR s.region = $region
RETURN s.name AS system
ORDER BY system
'''
"""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def skeleton(name: str, folder: Path) -> str:
    """The text of a file for a question called `name` in a folder: what is empty is to be filled
    in, and until it is, the file is refused with the line.

    `UsageError` for a name that is not in small letters and hyphens, or that is taken.

    >>> print(skeleton("partners-nearby", Path("mine")).splitlines()[5])
    #     icsgraph ask partners-nearby --catalogue mine
    """
    if not _NAME.fullmatch(name) or name == "new":
        raise UsageError(
            f'"{name}" cannot be the name of a question.',
            "Small letters and hyphens: near-by-trusts",
        )
    if name in read_catalogue():
        raise UsageError(f"There is a bundled question {name}.", "Give it another name.")
    return TEMPLATE.replace("NAME", name).replace("FOLDER", folder.as_posix())
