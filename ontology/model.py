"""The kinds of thing in the graph, declared once.

Ten node kinds, few on purpose. Table schemas, Cypher tables, OWL, SHACL, the JSON-LD context and
the documentation are derived from these classes (`tables`, `cypher`, `owl`, ...); nothing else
declares a column.

A field carries its meaning in three places: the annotation (its type and whether it may be
missing), the description (its definition, shown to analysts) and `iri` / `vocabulary` (the W3C
term it is, and the scheme its values come from). `x | None` means "may be unknown"; lists are
never missing, only empty.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from .errors import UnknownName
from .identifiers import Curie

__all__ = [
    "NODE_KINDS",
    "Area",
    "Barrier",
    "Concept",
    "Dated",
    "Finding",
    "Innovation",
    "Location",
    "Node",
    "Organisation",
    "Place",
    "Review",
    "Source",
    "System",
    "node_kind",
    "term",
]


def term(iri: str, definition: str, *, vocabulary: str | None = None) -> Any:
    """The metadata of one field: the IRI of the property it is, its definition, the scheme of its
    values.

    >>> term("dcterms:title", "The title as published.").description
    'The title as published.'
    """
    extra: dict[str, Any] = {"iri": iri}
    if vocabulary is not None:
        extra["vocabulary"] = vocabulary
    return Field(description=definition, json_schema_extra=extra)


Text = str | None
IsoDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None


class Node(BaseModel):
    """A thing in the graph: it has one canonical identifier and keeps all others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iri: ClassVar[str] = "icsgo:Node"
    label: ClassVar[str] = "Thing"
    plural: ClassVar[str] = "Things"
    happens: ClassVar[bool] = False
    """True for what happened and stays so; False for what is there from its start to its end."""

    id: Annotated[Curie, term("dcterms:identifier", "The one canonical identifier, a CURIE.")]
    name: Annotated[
        Text, term("rdfs:label", "The name to show; missing if only a code is known.")
    ] = None
    other_names: Annotated[
        list[str],
        term("skos:altLabel", "Other names as published, former and local ones among them."),
    ] = []
    codes: Annotated[
        list[str], term("icsgo:code", "Every other identifier of the same thing, as CURIEs.")
    ] = []
    note: Annotated[Text, term("skos:note", "A doubt or remark that belongs to the record.")] = None
    sources: Annotated[
        list[str],
        term(
            "dcterms:source",
            "The editions that describe it, as source ids; the build fills it.",
        ),
    ] = []


class Dated(BaseModel):
    """What has a beginning and an end, each known within bounds.

    Four ISO dates as text, missing where unknown: the start lies in [start_earliest,
    start_latest], both days included; the end is the first day on which the thing no longer holds,
    and lies in [end_earliest, end_latest]. `date_text` keeps the date as the source states it.
    """

    start_earliest: Annotated[
        IsoDate, term("icsgo:startEarliest", "First day on which it may have begun.")
    ] = None
    start_latest: Annotated[
        IsoDate, term("icsgo:startLatest", "Last day by which it had surely begun.")
    ] = None
    end_earliest: Annotated[
        IsoDate, term("icsgo:endEarliest", "First day on which it may no longer have held.")
    ] = None
    end_latest: Annotated[
        IsoDate, term("icsgo:endLatest", "First day on which it surely no longer held.")
    ] = None
    date_text: Annotated[Text, term("icsgo:dateText", "The date as the source states it.")] = None


class Place(BaseModel):
    """Where something stands, as the register gives it."""

    address: Annotated[Text, term("schema:streetAddress", "Address lines, comma-separated.")] = None
    town: Annotated[Text, term("schema:addressLocality", "Town or city of the address.")] = None
    postcode: Annotated[Text, term("schema:postalCode", "Postcode, upper case, one space.")] = None
    lon: Annotated[float | None, term("wgs:long", "Longitude, WGS84 degrees.")] = None
    lat: Annotated[float | None, term("wgs:lat", "Latitude, WGS84 degrees.")] = None


class Organisation(Dated, Place, Node):
    """A body: trust, practice, primary care network, care provider, brand, council, integrated
    care board, charity, alliance, regulator. What it is stands in `org_type`; bodies have several
    roles, so there is no subclass for each."""

    iri = "org:Organization"
    label = "Organisation"
    plural = "Organisations"

    org_type: Annotated[
        Text, term("org:classification", "What the body is.", vocabulary="organisation-type")
    ] = None
    org_types: Annotated[
        list[str],
        term(
            "icsgo:classificationOrBroader",
            "Its type and every broader one: a filter on a type includes what is narrower.",
            vocabulary="organisation-type",
        ),
    ] = []
    is_provider: Annotated[
        bool | None,
        term("icsgo:isProvider", "Whether it provides care itself, where a source says so."),
    ] = None
    type_as_published: Annotated[
        Text, term("icsgo:typeAsPublished", "Its type in the source's words.")
    ] = None
    is_sole_trader: Annotated[
        bool | None,
        term("icsgo:isSoleTrader", "Whether it is one person, whose name is then its name."),
    ] = None
    sole_trader_basis: Annotated[
        Text,
        term(
            "icsgo:soleTraderBasis",
            "How that is known: ownership type as published, or a guess from the name.",
        ),
    ] = None


class Location(Dated, Place, Node):
    """A place from which care is provided: a CQC location or an NHS site."""

    iri = "org:Site"
    label = "Location"
    plural = "Locations"

    location_type: Annotated[
        Text, term("dcterms:type", "Its type.", vocabulary="location-type")
    ] = None
    inspection_category: Annotated[
        Text, term("icsgo:inspectionCategory", "CQC's primary inspection category, as published.")
    ] = None
    is_care_home: Annotated[
        bool | None, term("icsgo:isCareHome", "Whether CQC counts it as a care home.")
    ] = None
    url: Annotated[Text, term("schema:url", "Its page at the publisher.")] = None


class System(Dated, Node):
    """An integrated care system: one thing through its time as a sustainability and transformation
    partnership (before July 2022) and after; systems that merged or split are linked by
    `SUCCEEDED_BY`."""

    iri = "org:OrganizationalCollaboration"
    label = "Integrated care system"
    plural = "Integrated care systems"

    name_before: Annotated[Text, term("icsgo:nameBefore", "Its name before July 2022.")] = None
    region: Annotated[Text, term("icsgo:region", "Name of its NHS England region.")] = None
    statutory_from: Annotated[
        IsoDate,
        term("icsgo:statutoryFrom", "Day on which its integrated care board was established."),
    ] = None
    lon: Annotated[
        float | None, term("wgs:long", "Longitude of a point inside, WGS84 degrees.")
    ] = None
    lat: Annotated[float | None, term("wgs:lat", "Latitude of a point inside, WGS84 degrees.")] = (
        None
    )
    boundary: Annotated[
        Text, term("icsgo:boundary", "Its boundary, a GeoJSON geometry in WGS84 degrees.")
    ] = None


class Area(Dated, Node):
    """A piece of geography: region, local authority, clinical commissioning group or sub-ICB area,
    place."""

    iri = "geosparql:Feature"
    label = "Area"
    plural = "Areas"

    area_type: Annotated[
        Text, term("dcterms:type", "What kind of area.", vocabulary="area-type")
    ] = None
    lon: Annotated[
        float | None, term("wgs:long", "Longitude of a point inside, WGS84 degrees.")
    ] = None
    lat: Annotated[float | None, term("wgs:lat", "Latitude of a point inside, WGS84 degrees.")] = (
        None
    )


class Review(Dated, Node):
    """One of CQC's provider collaboration reviews. Its dates are those of the fieldwork."""

    iri = "prov:Activity"
    label = "Review"
    plural = "Reviews"
    happens = True

    topic: Annotated[Text, term("icsgo:topic", "Its topic.", vocabulary="topic")] = None
    phase: Annotated[
        int | None, term("icsgo:phase", "Its place in the order of the programme.")
    ] = None
    published: Annotated[Text, term("dcterms:issued", "When which report came out, as stated.")] = (
        None
    )
    url: Annotated[Text, term("schema:url", "The report's page.")] = None


class Finding(Dated, Node):
    """One thing reported by one review or report about one place, or nationally. Its dates say
    when it was observed, which is often an upper bound of when it began."""

    iri = "prov:Entity"
    label = "Finding"
    plural = "Findings"
    happens = True

    finding_kind: Annotated[
        Text, term("dcterms:type", "What it is.", vocabulary="finding-kind")
    ] = None
    description: Annotated[
        Text, term("dcterms:description", "What was found, in our own words.")
    ] = None
    evidence_class: Annotated[
        Text, term("icsgo:evidenceClass", "What carried it.", vocabulary="evidence-class")
    ] = None
    from_reviews: Annotated[
        bool | None,
        term("icsgo:fromReviews", "True: from one of the five reviews. False: from context."),
    ] = None
    level: Annotated[
        Text,
        term(
            "icsgo:level",
            "Whether it speaks of one system, a region, or is national.",
            vocabulary="level",
        ),
    ] = None
    topic: Annotated[
        Text,
        term(
            "icsgo:topic",
            "Topic of its review, or of the review it bears on.",
            vocabulary="topic",
        ),
    ] = None
    theme: Annotated[Text, term("icsgo:theme", "Theme, in the report's words.")] = None
    cluster: Annotated[
        Text,
        term(
            "icsgo:cluster", "Our coding of the same innovation, barrier or subject across places."
        ),
    ] = None
    voice: Annotated[
        Text,
        term("icsgo:voice", "Who said it; missing unless the source says so.", vocabulary="voice"),
    ] = None
    uptake_stage: Annotated[
        Text,
        term(
            "icsgo:uptakeStage",
            "How far an innovation had got, where stated.",
            vocabulary="uptake-stage",
        ),
    ] = None
    novelty: Annotated[
        Text,
        term(
            "icsgo:novelty",
            "Confirmation of what was known, or news, where stated.",
            vocabulary="novelty",
        ),
    ] = None
    addressed_to: Annotated[Text, term("icsgo:addressedTo", "Whom a recommendation is for.")] = None
    serves: Annotated[
        Text, term("icsgo:servesTime", "Which winter or time it is meant to serve.")
    ] = None
    due: Annotated[Text, term("icsgo:due", "By when a recommendation is to be met, as stated.")] = (
        None
    )
    action: Annotated[Text, term("icsgo:action", "What is recorded as done about it.")] = None
    shared_with: Annotated[
        Text, term("icsgo:sharedWith", "With whom it was shared, where stated.")
    ] = None
    place: Annotated[
        Text, term("icsgo:place", "Place as stated, finer or wider than the system.")
    ] = None
    applies_to: Annotated[
        Text, term("icsgo:appliesTo", "Which reviews a statement about the programme covers.")
    ] = None
    text_cut: Annotated[
        bool | None, term("icsgo:textCut", "True where only the start of the page was held.")
    ] = None
    quote: Annotated[
        Text, term("icsgo:quote", "The words of the document that it rests on, word for word.")
    ] = None
    coding: Annotated[
        list[str],
        term(
            "icsgo:coding",
            "What our own coding adds: field, value, how it is known, and the words it rests on.",
        ),
    ] = []


class Innovation(Node):
    """A new or changed way of working, the same across places, so that its spread can be seen."""

    iri = "icsgo:Innovation"
    label = "Innovation"
    plural = "Innovations"

    definition: Annotated[Text, term("skos:definition", "What it is.")] = None


class Barrier(Node):
    """A barrier or challenge, the same across places."""

    iri = "icsgo:Barrier"
    label = "Barrier"
    plural = "Barriers and challenges"

    definition: Annotated[Text, term("skos:definition", "What it is.")] = None


class Concept(Dated, Node):
    """A term of a vocabulary: topic, theme, technology, population group, sector, stage of the
    pandemic."""

    iri = "skos:Concept"
    label = "Concept"
    plural = "Concepts"

    concept_type: Annotated[
        Text, term("dcterms:type", "Which vocabulary it belongs to.", vocabulary="concept-type")
    ] = None
    definition: Annotated[Text, term("skos:definition", "What it means.")] = None
    broader: Annotated[
        list[str],
        term("skos:broaderTransitive", "Every broader concept, nearest first, as CURIEs."),
    ] = []
    topic: Annotated[Text, term("icsgo:publishedUnder", "Review topic it was published under.")] = (
        None
    )
    level: Annotated[Text, term("icsgo:themeLevel", "Level of a theme in its report.")] = None
    status: Annotated[
        Text, term("icsgo:status", "Whether the label is published or derived, in plain words.")
    ] = None


class Source(Dated, Node):
    """A document, page, or one edition of a data set: what a statement rests on."""

    iri = "prov:Entity"
    label = "Source"
    plural = "Sources"
    happens = True

    source_type: Annotated[Text, term("dcterms:type", "What it is.", vocabulary="source-type")] = (
        None
    )
    publisher: Annotated[Text, term("dc:publisher", "Who published it.")] = None
    licence: Annotated[Text, term("dc:rights", "Licence, as stated.")] = None
    url: Annotated[Text, term("schema:url", "Address.")] = None
    as_of: Annotated[Text, term("dcterms:valid", "The day whose state it gives, as stated.")] = None
    retrieved: Annotated[Text, term("icsgo:retrieved", "When it was fetched, as stated.")] = None
    sha256: Annotated[
        Text, term("icsgo:sha256", "SHA-256 of the document that was read, in hexadecimal.")
    ] = None
    is_review: Annotated[
        bool | None,
        term("icsgo:isReview", "False for a report that is not one of the five reviews."),
    ] = None
    text_cut: Annotated[
        bool | None, term("icsgo:textCut", "True where only the start of the page was held.")
    ] = None


NODE_KINDS: dict[str, type[Node]] = {
    kind.__name__: kind
    for kind in (
        Organisation,
        Location,
        System,
        Area,
        Review,
        Finding,
        Innovation,
        Barrier,
        Concept,
        Source,
    )
}


def node_kind(name: str) -> type[Node]:
    """The class of a node kind; `UnknownName` with the nearest kinds if there is none.

    >>> node_kind("System").label
    'Integrated care system'
    """
    if name not in NODE_KINDS:
        raise UnknownName("node kind", name, NODE_KINDS)
    return NODE_KINDS[name]
