"""The colours can be read and told apart, by whoever looks at them."""

from itertools import combinations

import pytest

from icsgraph.visualisations.palette import (
    INKS,
    KINDS,
    LINES,
    MODES,
    SURFACES,
    contrast,
    mixed,
    tones,
)

TEXT, MARK = 4.5, 3.0  # WCAG 2.2, success criteria 1.4.3 and 1.4.11

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
DEFICIENCIES = {
    "protanopia": [
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ],
    "deuteranopia": [
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ],
    "tritanopia": [
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ],
}
PLAIN = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
ON_ONE_MAP = ("system", "innovation", "barrier")


def linear(colour: str) -> list[float]:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIE L*a*b* of linear sRGB, white point D65."""
    to_xyz = [
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    ]
    xyz = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in to_xyz]
    x, y, z = (v / white for v, white in zip(xyz, (0.95047, 1.0, 1.08883), strict=True))
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def seen(colour: str, matrix) -> tuple[float, float, float]:
    rgb = linear(colour)
    changed = [sum(a * b for a, b in zip(row, rgb, strict=True)) for row in matrix]
    return lab([min(1.0, max(0.0, v)) for v in changed])


def apart(one: str, other: str, matrix) -> float:
    pairs = zip(seen(one, matrix), seen(other, matrix), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def test_the_definition_of_contrast():
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the known grey


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("surface", SURFACES)
def test_text_and_marks_stand_out(mode, surface):
    ground = SURFACES[surface].of(mode)
    weak_text = {n for n, ink in INKS.items() if contrast(ink.of(mode), ground) < TEXT}
    weak_marks = {n for n, mark in KINDS.items() if contrast(mark.tone.of(mode), ground) < MARK}
    weak_lines = {n for n in ("edge", "ring") if contrast(LINES[n].of(mode), ground) < MARK}
    assert (weak_text, weak_marks, weak_lines) == (set(), set(), set())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sight", [PLAIN, *DEFICIENCIES.values()], ids=["plain", *DEFICIENCIES])
def test_kinds_on_one_map_stay_apart_for_every_sight(mode, sight):
    """20 is about ten times a difference that is just seen (CIE76)."""
    near = {
        pair
        for pair in combinations(ON_ONE_MAP, 2)
        if apart(KINDS[pair[0]].tone.of(mode), KINDS[pair[1]].tone.of(mode), sight) < 20
    }
    assert near == set()


def test_kinds_on_one_map_also_differ_in_shape():
    """In black and white the shape alone must tell."""
    assert len({KINDS[kind].shape for kind in ON_ONE_MAP}) == len(ON_ONE_MAP)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_only_possible_is_paler_than_what_is_certain(mode):
    colours = tones(mode)
    for kind in KINDS:
        pale = contrast(colours[f"{kind}-possible"], colours["page"])
        assert pale < contrast(colours[kind], colours["page"]) / 2


def test_mixing_goes_from_the_ground_to_the_colour():
    assert (mixed("#102030", "#ffffff", 0), mixed("#102030", "#ffffff", 1)) == (
        "#ffffff",
        "#102030",
    )
