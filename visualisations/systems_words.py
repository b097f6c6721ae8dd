"""The words of the map of systems: headline, key, filters, and what is and is not on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..ontology.dates import BoundedDate
from ..ontology.vocabularies import plain
from .licences import licences
from .page import LegendEntry, LegendShape, Note
from .payload import Filter, Option
from .systems_evidence import Found
from .tables import Row
from .wording import counted, listed

__all__ = ["about", "filters", "headline", "legend", "notes", "states", "system_facts"]


def states(topic: str = "") -> dict[str, str]:
    """Whether a system was reviewed and whether a finding names it, in words; on a map of one topic
    what counts is its review alone.

    >>> states("Cancer care")["unreviewed"]
    'Not reviewed on this topic, nothing recorded'
    """
    looked, not_looked = _reviewed(topic)
    return {
        "found": f"{looked}, findings recorded",
        "quiet": f"{looked}, no finding names it",
        "elsewhere": f"{not_looked}, findings from other sources",
        "unreviewed": f"{not_looked}, nothing recorded",
    }


def _reviewed(topic: str) -> tuple[str, str]:
    if topic:
        return "Reviewed on this topic", "Not reviewed on this topic"
    return "Reviewed", "In no review"


def legend(topic: str = "") -> tuple[LegendEntry, ...]:
    """The key of the map of systems, or of that of one topic."""
    ring = (LegendShape("circle", "fill-system", 4.5), LegendShape("circle", "ring", 8))
    return (
        LegendEntry("System with findings", (LegendShape("circle", "fill-system", 7),)),
        LegendEntry("Reviewed, no finding names it", (LegendShape("circle", "hollow"),)),
        LegendEntry(_reviewed(topic)[1], (LegendShape("circle", "dashed", 7),)),
        LegendEntry("Barrier or challenge", (LegendShape("diamond", "fill-barrier", 7),)),
        LegendEntry("Innovation", (LegendShape("square", "fill-innovation"),)),
        LegendEntry("Pale: when is not certain", (LegendShape("circle", "fill-possible"),)),
        LegendEntry("A source reports it there", (LegendShape("line", "tie"),)),
        LegendEntry(
            "Bars: certainly observed then", (LegendShape("square", "fill-bar-certain", 5),)
        ),
        LegendEntry(
            "Bars: possibly observed then", (LegendShape("square", "fill-bar-possible", 5),)
        ),
        LegendEntry("Chosen, or where it was found", ring),
    )


_EVIDENCE = (Option("reviews", "From the reviews"), Option("context", "From context"))
_MORE = (
    ("system", "System", "All systems"),
    ("relation", "Relationship", "Adopted, faced or neither"),
    ("sector", "Sector", "All sectors"),
    ("barrier", "Barrier or challenge", "All barriers"),
)
_CERTAINTY = (Option("certain", "Certain only"), Option("possible", "Possible only"))


def headline(found: Found) -> str:
    """How much there is and of when, in one sentence.

    Counts of findings are of those that this map can show; `notes` says what was left out.
    """
    named = sum(found.state(system) in ("found", "elsewhere") for system in found.systems)
    urls = {source.url or source.title for card in found.cards for source in card.sources}
    parts = [
        counted(len(found.cards), "finding"),
        f"{named:,} of {counted(len(found.systems), 'integrated care system')} named",
        counted(len(urls), "source"),
        _dated(found),
    ]
    return " · ".join(part for part in parts if part)


def _dated(found: Found) -> str:
    days = sorted(day for card in found.cards for day in (card.earliest, card.latest) if day)
    undated = sum(1 for card in found.cards if not card.earliest and not card.latest)
    span = f"dated {days[0][:4]} to {days[-1][:4]}" if days else ""
    return ", ".join(
        part for part in (span, f"{undated:,} without a date" if undated else "") if part
    )


def filters(found: Found) -> list[Filter]:
    """The filters that have something to choose, in the order they are shown."""
    facets = [
        Filter("topic", "Topic", "All topics", _options(found, "topic")),
        Filter("region", "Region", "All regions", _options(found, "region")),
        Filter("evidence", "Evidence", "Any evidence", _EVIDENCE),
        Filter("voice", "Who said it", "Said by anyone", _options(found, "voice")),
        Filter("certainty", "Certainty", "Certain and possible", _CERTAINTY),
        *(Filter(*one, _options(found, one[0]), more=True) for one in _MORE),
    ]
    return [one for one in facets if one.options]


def _options(found: Found, facet: str) -> tuple[Option, ...]:
    values = {value for card in found.cards for value in card.facets[facet]}
    return tuple(Option(value, value) for value in sorted(values))


def system_facts(system: Row, found: Found) -> tuple[str, ...]:
    """What a reader should know of one system before its findings: name before, code, who
    looked."""
    code = system["id"].partition(":")[2]
    before = system["name_before"]
    facts = [
        f"Until July 2022: {before}." if before and before != system["name"] else "",
        f"ODS code {code}.",
        *(_visit("Reviewed", row) for row in found.looked.get(system["id"], ())),
        *(
            f"Also looked at, outside the reviews: {_unmarked(str(row['name']))}."
            for row in found.inspected.get(system["id"], ())
        ),
        _silence(found.state(system["id"]), found.topic),
    ]
    return tuple(fact for fact in facts if fact)


def _visit(verb: str, review: Row) -> str:
    when = BoundedDate.from_columns(review).plain()
    return f"{verb}: {_topic(review)} (fieldwork {when})."


def _topic(review: Row) -> str:
    return plain("topic", review["topic"]) or str(review["name"])


def _silence(state: str, topic: str) -> str:
    if state == "quiet":
        return (
            "The review's text was not held whole, so nothing recorded does not mean nothing found."
        )
    if state != "unreviewed":
        return ""
    if topic:
        return "The review on this topic did not go there, which says nothing about it."
    return "It was in none of the reviews, which says nothing about it."


def _unmarked(name: str) -> str:
    """The name of a collection without the evidence's own mark that it is none of the reviews.

    >>> _unmarked("FOLLOW-ON, not a PCR: inspections of local systems")
    'inspections of local systems'
    """
    return name.rpartition(", not a PCR: ")[2]


def notes(found: Found, drawn_from: str, asked: str = "") -> list[Note]:
    """The panel before anything is chosen: how to read the map, and what is not on it."""
    return [
        Note("What this map shows", _reading()),
        Note("What is not here", tuple(_absent(found))),
        Note("Drawn from", tuple(about(found, drawn_from, asked))),
    ]


def about(found: Found, drawn_from: str, asked: str = "") -> list[str]:
    """What stands on each picture that is taken from the map: of what it is, and whose data."""
    said = [asked] if asked else []
    return [*said, _drawn_from(found, drawn_from), *licences(found.editions)]


def _drawn_from(found: Found, drawn_from: str) -> str:
    day = f", systems as on {BoundedDate.parse(found.day).plain()}" if found.day else ""
    return f"{drawn_from}{day}."


def _reading() -> tuple[str, ...]:
    return (
        "Systems lie where they lie in England, moved apart just enough to be told apart. Barriers "
        "and challenges stand on the left, innovations on the right, those found in the most "
        "systems first.",
        "The number beside a name says in how many systems it was found; the number after the plus "
        "counts findings that name no system.",
        "Choose a name, a mark or a line to read the evidence for it, with its sources.",
    )


def _absent(found: Found) -> Iterable[str]:
    """One sentence for each thing left out; silent where nothing was."""
    states = [found.state(system) for system in found.systems]
    quiet, unreviewed = (
        states.count("quiet"),
        states.count("unreviewed") + states.count("elsewhere"),
    )
    yield (
        "Recorded findings are not all that happened: nothing recorded is not the same as nothing "
        "there."
    )
    if quiet:
        on = " on this topic" if found.topic else ""
        yield f"{counted(quiet, 'system')} reviewed{on}, but named by no finding: drawn hollow."
    if unreviewed:
        where = "not reviewed on this topic" if found.topic else "in none of the reviews"
        yield f"{counted(unreviewed, 'system')} {where}: drawn dashed."
    if found.unnamed:
        topics = listed([_topic(row) for row in found.unnamed])
        yield f"No source names the areas reviewed for: {topics}."
    yield from _left_out(found)


def _left_out(found: Found) -> Iterable[str]:
    nowhere = sum(1 for card in found.cards if card.placeless and not card.things)
    numbers: Mapping[str, int] = {
        "without a system and about no innovation or barrier: in the table only": nowhere,
        "in systems that did not stand on this day: in the table only": found.elsewhere,
        "observed only after this day: left out": found.later,
        "about the review programme itself: left out": found.programme,
        "of other topics: left out": found.other_topics,
    }
    for words, number in numbers.items():
        if number:
            yield f"{counted(number, 'finding')} {words}."
    if found.measured:
        yield f"{counted(found.measured, 'adoption')} known from measurements only: left out."
