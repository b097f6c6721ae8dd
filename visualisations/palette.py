"""The one visual language of all maps: what a colour, a shape, a line and a fill mean.

Kinds of thing are told apart by colour *and* shape, knowledge levels by line style, certainty by
fill. Every colour has a tone for light and for dark surroundings. Text stands out 4.5 to 1 and
marks 3 to 1 against every surface they may lie on (WCAG 2.2, success criteria 1.4.3 and 1.4.11); a
test computes it, and also how far apart the kinds stay for the three common colour-vision
deficiencies.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CERTAINTY",
    "INKS",
    "KINDS",
    "KNOWLEDGE",
    "MISSING",
    "MODES",
    "SEQUENCE",
    "SURFACES",
    "Fill",
    "Line",
    "Mark",
    "Tone",
    "contrast",
    "css_variables",
    "mixed",
    "tones",
]

MODES = ("light", "dark")


@dataclass(frozen=True)
class Tone:
    """One meaning's colour in light and in dark surroundings, as `#rrggbb`."""

    light: str
    dark: str

    def of(self, mode: str) -> str:
        """The colour for `light` or `dark`.

        >>> Tone("#ffffff", "#000000").of("dark")
        '#000000'
        """
        return self.dark if mode == "dark" else self.light


@dataclass(frozen=True)
class Mark:
    """How one kind of thing is drawn: its shape (a vis-network name), colour and names."""

    label: str
    plural: str
    shape: str
    tone: Tone
    outlined: bool = False


@dataclass(frozen=True)
class Line:
    """How a knowledge level is drawn: lengths of dash and gap in pixels, none for a solid line."""

    label: str
    dashes: tuple[int, ...]
    width: float


@dataclass(frozen=True)
class Fill:
    """How certainty is drawn: how much of the kind's colour fills the mark, 0 to 1."""

    label: str
    strength: float


SURFACES: dict[str, Tone] = {
    "page": Tone("#ffffff", "#10181f"),
    "panel": Tone("#f0f4f5", "#1a252e"),
}

INKS: dict[str, Tone] = {
    "text": Tone("#212b32", "#f0f4f5"),
    "muted": Tone("#4c6272", "#b3c1cc"),
    "link": Tone("#005eb8", "#7fc0ff"),
}

LINES: dict[str, Tone] = {
    "edge": Tone("#768692", "#768692"),  # borders of controls: a mark, so 3 to 1
    "rule": Tone("#d8dde0", "#33424e"),  # separates, says nothing: no contrast demanded
    "ring": Tone("#b86e00", "#ffc24d"),  # what was chosen, and where it was found
}

KINDS: dict[str, Mark] = {
    "system": Mark("System", "Systems", "dot", Tone("#22335c", "#c3d2f0")),
    "organisation": Mark("Organisation", "Organisations", "square", Tone("#00705a", "#4cc3a6")),
    "innovation": Mark("Innovation", "Innovations", "square", Tone("#005eb8", "#4d9ff0")),
    "barrier": Mark(
        "Barrier or challenge", "Barriers and challenges", "diamond", Tone("#8a4b14", "#e39a55")
    ),
    "review": Mark("Review", "Reviews", "triangle", Tone("#6b3fa0", "#c3a1ea")),
    "area": Mark("Area", "Areas", "hexagon", Tone("#48635a", "#a5c4b8"), outlined=True),
    "location": Mark("Location", "Locations", "triangleDown", Tone("#2f6f8f", "#7fc4e0")),
    "concept": Mark("Term", "Terms", "star", Tone("#8a2f6a", "#e79acb")),
    "finding": Mark("Finding", "Findings", "dot", Tone("#5b6b00", "#c3d36a")),
    "source": Mark("Source", "Sources", "square", Tone("#6b5a4a", "#c9b8a6")),
}

KNOWLEDGE: dict[str, Line] = {
    "register": Line("From a register", (), 2.5),
    "finding": Line("Found by a review or report", (), 1.25),
    "survey": Line("From a survey", (6, 4), 1.25),
    "inference": Line("Our own inference", (1, 4), 1.25),
}

CERTAINTY: dict[str, Fill] = {
    "certain": Fill("Certain by the date", 1.0),
    "possible": Fill("Possible by the date", 0.3),
}

SEQUENCE: tuple[Tone, ...] = (
    Tone("#dfeaf5", "#213a50"),
    Tone("#abcbe8", "#275377"),
    Tone("#70a7d6", "#2f6d9f"),
    Tone("#2368a8", "#74b4e8"),
    Tone("#0b3763", "#c0dff8"),
)
"""Five classes from few to many, of one hue, so that nobody has to tell hues apart. On the first
three stands text of the ink, on the last two text of the page."""

MISSING = Tone("#7d8b95", "#7a8894")
"""The lines of a hatched area: nothing is known of it, which is not zero."""


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, ground: str, strength: float) -> str:
    """`colour` laid over `ground` with the given strength, 0 to 1: an opaque, lighter colour.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(a * strength + b * (1 - strength)):02x}" for a, b in pairs)


def tones(mode: str) -> dict[str, str]:
    """Every colour of one mode by its name: surfaces, inks, lines, kinds, and kinds where only
    possible.

    >>> tones("light")["innovation"]
    '#005eb8'
    """
    page = SURFACES["page"].of(mode)
    plain = {name: tone.of(mode) for name, tone in {**SURFACES, **INKS, **LINES}.items()}
    kinds = {name: mark.tone.of(mode) for name, mark in KINDS.items()}
    light = CERTAINTY["possible"].strength
    possible = {f"{name}-possible": mixed(tone, page, light) for name, tone in kinds.items()}
    return {**plain, **kinds, **possible}


def css_variables() -> str:
    """The palette as CSS custom properties, dark where the reader prefers it, light on paper.

    >>> "--innovation: #005eb8;" in css_variables()
    True
    """
    light, dark = (
        "".join(f"  --{name}: {colour};\n" for name, colour in tones(mode).items())
        for mode in MODES
    )
    return (
        f":root {{\n  color-scheme: light dark;\n{light}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n:root {{\n{dark}}}\n}}\n"
    )
