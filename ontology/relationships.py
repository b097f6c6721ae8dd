"""The kinds of relationship in the graph, declared once.

A relationship is a statement by a source: it has an id of its own, a kind, a subject, an object, a
dated validity, a source with a locator, and a knowledge level. Two sources that say the same are
two statements.

Each kind declares which way information flows along it, because exposure and reach depend on it:
`FORWARD` from subject to object, `BACKWARD` from object to subject, `BOTH`, or `NONE` (a register's
ordering, along which nothing is taken to flow).
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, ClassVar

from pydantic import ConfigDict

from .errors import UnknownName
from .identifiers import Curie
from .model import Dated, Text, term

__all__ = [
    "ABOUT",
    "ACTED_ON",
    "ADDRESSES",
    "ADOPTED",
    "COLLABORATES_WITH",
    "COMMISSIONS",
    "CONCERNS",
    "FACED",
    "FOUND",
    "HOSTS",
    "LOCATED_IN",
    "MEMBER_OF",
    "OPERATES",
    "PART_OF",
    "PLANS_JOINTLY_WITH",
    "REFERS_TO",
    "RELATIONSHIP_KINDS",
    "REPORTS",
    "REVIEWED",
    "SERVES",
    "SHARES_INFORMATION_WITH",
    "SHARES_STAFF_WITH",
    "SUCCEEDED_BY",
    "SUPPORTS",
    "TIES",
    "TREATS_RESIDENTS_OF",
    "Flow",
    "Holds",
    "Relationship",
    "Tie",
    "relationship_kind",
]


class Flow(Enum):
    """Which way information flows along a kind of relationship."""

    FORWARD = "from subject to object"
    BACKWARD = "from object to subject"
    BOTH = "both ways"
    NONE = "not stated"


class Holds(Enum):
    """When a kind of relationship is true, given its dates."""

    WHILE = "from its start to its end"
    SINCE = "from its start on: it tells of something that happened"
    ALWAYS = "whenever both its ends are there: it orders what is known"


BODY = ("Organisation", "System")


class Relationship(Dated):
    """A dated statement by one source that one thing stands in a relation to another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iri: ClassVar[str] = "icsgo:Statement"
    label: ClassVar[str] = "is related to"
    domain: ClassVar[tuple[str, ...]] = ()
    range: ClassVar[tuple[str, ...]] = ()
    flow: ClassVar[Flow] = Flow.NONE
    holds: ClassVar[Holds] = Holds.WHILE

    id: Annotated[
        str, term("dcterms:identifier", "Hash of data set, kind and ends as the source names them.")
    ]
    subject: Annotated[Curie, term("icsgo:subject", "Where it starts.")]
    object: Annotated[Curie, term("icsgo:object", "Where it ends.")]
    source: Annotated[
        str, term("prov:wasDerivedFrom", "The edition that states it: `ods-etr@2026-01`.")
    ]
    locator: Annotated[Text, term("icsgo:locator", "Where in the source: page, row, section.")] = (
        None
    )
    document: Annotated[
        Curie | None,
        term("prov:hadPrimarySource", "The document that the source takes it from, if another."),
    ] = None
    knowledge_level: Annotated[
        str,
        term("icsgo:knowledgeLevel", "How it is known.", vocabulary="knowledge-level"),
    ]
    first_seen: Annotated[
        Text, term("icsgo:firstSeen", "As-of day of the first edition that makes it.")
    ] = None
    last_seen: Annotated[
        Text, term("icsgo:lastSeen", "As-of day of the last edition that makes it.")
    ] = None


class OPERATES(Relationship):
    """An organisation provides care from a location."""

    iri = "org:hasSite"
    label = "operates"
    domain = ("Organisation",)
    range = ("Location",)


class PART_OF(Relationship):
    """A part belongs to a whole: area to area or system, provider to brand, commissioner to
    system."""

    iri = "dcterms:isPartOf"
    label = "is part of"
    domain = ("Organisation", "Area", "System", "Location")
    range = ("Organisation", "Area", "System", "Location")
    share: Annotated[
        float | None, term("icsgo:share", "Share of the part that lies in this whole, 0 to 1.")
    ] = None


class MEMBER_OF(Relationship):
    """A body is a member of another, keeping its own standing."""

    iri = "org:memberOf"
    label = "is a member of"
    domain = BODY
    range = BODY
    flow = Flow.BOTH
    role: Annotated[Text, term("icsgo:role", "In what role, as stated.")] = None


class COMMISSIONS(Relationship):
    """A body pays for the services of another, or of a location."""

    iri = "icsgo:commissions"
    label = "commissions"
    domain = BODY
    range = ("Organisation", "System", "Location")
    finding: Annotated[Curie | None, term("icsgo:finding", "The finding it rests on.")] = None
    area: Annotated[
        Curie | None, term("icsgo:inSystem", "The system in which it holds, where stated.")
    ] = None


class LOCATED_IN(Relationship):
    """A body or location stands in an area or system."""

    iri = "geosparql:sfWithin"
    label = "is located in"
    domain = ("Organisation", "Location")
    range = ("Area", "System")


class SERVES(Relationship):
    """A body is responsible for, or works for, the people of an area or system."""

    iri = "schema:areaServed"
    label = "serves"
    domain = ("Organisation",)
    range = ("Area", "System")


class SUCCEEDED_BY(Relationship):
    """What a thing became; several successors are several statements."""

    iri = "dcterms:isReplacedBy"
    label = "was succeeded by"
    domain = ("Organisation", "System", "Area", "Location")
    range = ("Organisation", "System", "Area", "Location")
    holds = Holds.SINCE
    share: Annotated[
        float | None, term("icsgo:share", "Share of the former area that went there, 0 to 1.")
    ] = None
    reason: Annotated[Text, term("icsgo:reason", "Why, as stated.")] = None


class TREATS_RESIDENTS_OF(Relationship):
    """A provider begins pathways for the residents of a commissioner's area. Pathways, never
    patients."""

    iri = "icsgo:treatsResidentsOf"
    label = "treats residents of"
    domain = ("Organisation",)
    range = ("Organisation", "Area", "System")
    count: Annotated[int | None, term("icsgo:count", "Number of pathways.")] = None
    share: Annotated[
        float | None, term("icsgo:share", "Share of the provider's activity, 0 to 1.")
    ] = None
    period: Annotated[Text, term("schema:temporalCoverage", "Period counted, as stated.")] = None
    measure: Annotated[Text, term("icsgo:measure", "What was counted.")] = None
    treatment_function: Annotated[
        Text, term("icsgo:treatmentFunction", "Treatment function code.")
    ] = None


class Tie(Relationship):
    """A working tie between two bodies, as some report or survey states it.

    Scores are those of the body at its start, on the scale of the survey that asked for them."""

    domain = BODY
    range = BODY
    finding: Annotated[Curie | None, term("icsgo:finding", "The finding it rests on.")] = None
    area: Annotated[
        Curie | None, term("icsgo:inSystem", "The system in which it holds, where stated.")
    ] = None
    trust: Annotated[
        float | None, term("icsgo:trust", "How far it trusts the other, as a survey scored it.")
    ] = None
    value: Annotated[
        float | None, term("icsgo:value", "Of what value the tie is to it, as a survey scored it.")
    ] = None
    frequency: Annotated[
        float | None, term("icsgo:frequency", "How often the two meet, as a survey scored it.")
    ] = None


class COLLABORATES_WITH(Tie):
    """Two bodies work together."""

    iri = "icsgo:collaboratesWith"
    label = "collaborates with"
    flow = Flow.BOTH


class SHARES_INFORMATION_WITH(Tie):
    """One body gives information to another."""

    iri = "icsgo:sharesInformationWith"
    label = "shares information with"
    flow = Flow.FORWARD


class PLANS_JOINTLY_WITH(Tie):
    """Two bodies plan together."""

    iri = "icsgo:plansJointlyWith"
    label = "plans jointly with"
    flow = Flow.BOTH


class SHARES_STAFF_WITH(Tie):
    """Two bodies share staff."""

    iri = "icsgo:sharesStaffWith"
    label = "shares staff with"
    flow = Flow.BOTH


class REFERS_TO(Tie):
    """One body refers or hands over patients to another."""

    iri = "icsgo:refersTo"
    label = "refers to"
    flow = Flow.FORWARD


class SUPPORTS(Tie):
    """One body gives help, money or tools to another."""

    iri = "icsgo:supports"
    label = "supports"
    flow = Flow.FORWARD


class HOSTS(Tie):
    """One body is the home of a joint service."""

    iri = "icsgo:hosts"
    label = "hosts"
    flow = Flow.BOTH


class REVIEWED(Relationship):
    """A review, or an inspection programme that is not one of the five reviews, looked at an
    area."""

    iri = "icsgo:reviewed"
    label = "reviewed"
    domain = ("Review", "Source")
    range = ("System", "Area", "Organisation")
    holds = Holds.SINCE
    area_name: Annotated[
        Text, term("icsgo:areaName", "The area's name as the review gives it.")
    ] = None
    note: Annotated[Text, term("skos:note", "A doubt or remark.")] = None


class FOUND(Relationship):
    """A review found something."""

    iri = "prov:generated"
    label = "found"
    domain = ("Review",)
    range = ("Finding",)
    holds = Holds.ALWAYS


class REPORTS(Relationship):
    """A document or page carries a finding, names a body, or is where a review or a term was
    published."""

    iri = "icsgo:reports"
    label = "reports"
    domain = ("Source",)
    range = ("Finding", "Review", "Organisation", "System", "Concept")
    holds = Holds.ALWAYS


class CONCERNS(Relationship):
    """Whom or where a finding is about: system, area, organisation with its role, or the review it
    bears on."""

    iri = "icsgo:concerns"
    label = "concerns"
    domain = ("Finding",)
    range = ("Organisation", "Location", "System", "Area", "Review")
    holds = Holds.ALWAYS
    role: Annotated[Text, term("icsgo:role", "In what role, as stated.")] = None


class ABOUT(Relationship):
    """What a finding or a review is about: innovation, barrier, theme, technology, population
    group, stage."""

    iri = "dcterms:subject"
    label = "is about"
    domain = ("Finding", "Review")
    range = ("Innovation", "Barrier", "Concept")
    holds = Holds.ALWAYS
    certainty: Annotated[
        Text, term("icsgo:certainty", "CERTAIN or POSSIBLE, where it follows from imprecise dates.")
    ] = None


class ADOPTED(Relationship):
    """A body or system took up an innovation. Its dates bound when it was first in use there."""

    iri = "icsgo:adopted"
    label = "adopted"
    domain = BODY
    range = ("Innovation",)
    stage: Annotated[
        Text,
        term("icsgo:uptakeStage", "How far it had got, where stated.", vocabulary="uptake-stage"),
    ] = None
    finding: Annotated[Curie | None, term("icsgo:finding", "The finding it rests on.")] = None
    rule: Annotated[
        Text, term("icsgo:rule", "The declared rule that derives it from a series.")
    ] = None
    note: Annotated[
        Text,
        term(
            "skos:note", "Why the record may show more than happened, such as a gap in reporting."
        ),
    ] = None


class FACED(Relationship):
    """A body or system met a barrier or challenge."""

    iri = "icsgo:faced"
    label = "faced"
    domain = BODY
    range = ("Barrier",)
    finding: Annotated[Curie | None, term("icsgo:finding", "The finding it rests on.")] = None


class ADDRESSES(Relationship):
    """A finding or innovation bears on a challenge or barrier; most such links are our own
    coding."""

    iri = "icsgo:addresses"
    label = "addresses"
    domain = ("Finding", "Innovation")
    range = ("Concept", "Barrier")
    holds = Holds.ALWAYS
    words: Annotated[Text, term("icsgo:words", "The words that the coding rests on.")] = None


class ACTED_ON(Relationship):
    """A body or system did something about a finding."""

    iri = "icsgo:actedOn"
    label = "acted on"
    domain = BODY
    range = ("Finding",)
    holds = Holds.SINCE
    finding: Annotated[
        Curie | None, term("icsgo:finding", "The finding that records the action.")
    ] = None
    words: Annotated[Text, term("icsgo:words", "The words that record the action.")] = None


RELATIONSHIP_KINDS: dict[str, type[Relationship]] = {
    kind.__name__: kind
    for kind in (
        OPERATES,
        PART_OF,
        MEMBER_OF,
        COMMISSIONS,
        LOCATED_IN,
        SERVES,
        SUCCEEDED_BY,
        TREATS_RESIDENTS_OF,
        COLLABORATES_WITH,
        SHARES_INFORMATION_WITH,
        PLANS_JOINTLY_WITH,
        SHARES_STAFF_WITH,
        REFERS_TO,
        SUPPORTS,
        HOSTS,
        REVIEWED,
        FOUND,
        REPORTS,
        CONCERNS,
        ABOUT,
        ADOPTED,
        FACED,
        ADDRESSES,
        ACTED_ON,
    )
}

TIES: tuple[str, ...] = tuple(
    name for name, kind in RELATIONSHIP_KINDS.items() if issubclass(kind, Tie)
)
"""The kinds of working tie between bodies."""


def relationship_kind(name: str) -> type[Relationship]:
    """The class of a relationship kind; `UnknownName` with the nearest kinds if there is none.

    >>> relationship_kind("SHARES_INFORMATION_WITH").flow
    <Flow.FORWARD: 'from subject to object'>
    """
    if name not in RELATIONSHIP_KINDS:
        raise UnknownName("relationship kind", name, RELATIONSHIP_KINDS)
    return RELATIONSHIP_KINDS[name]
