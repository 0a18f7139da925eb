"""The operator's brand: which colours and pictures are taken, and what is made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.channels.web.face import DARK_RAISED, DARK_SURFACE, FACE, STATIC, dark_style, face_of, first_face, light_style
from bot.content.agency import Brand
from bot.content.colour import READABLE, WHITE, contrast, mix, readable
from bot.content.picture import picture_problem

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.01)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


def value(style: str, name: str) -> str:
    return style.partition(f"--{name}: ")[2].partition(";")[0]


@given(COLOURS.map(lambda colour: readable(colour, WHITE, "#000000")))
def test_each_allowed_colour_is_readable_in_both_themes(colour: str) -> None:
    light, dark = light_style(colour), dark_style(colour)
    for style, surfaces in (
        (light, (WHITE, value(light, "tint"))),
        (dark, (DARK_SURFACE, DARK_RAISED, value(dark, "tint"))),
    ):
        assert all(contrast(value(style, "accent"), surface) >= READABLE for surface in surfaces)
        assert contrast(value(style, "on-accent"), value(style, "accent")) >= READABLE
        assert contrast(value(style, "on-mine"), value(style, "mine")) >= READABLE
    assert contrast(mix(colour, "#000000", 0.15), WHITE) >= READABLE  # the button under the pointer


def test_the_dark_surfaces_are_those_of_the_theme() -> None:
    text = (STATIC / "dark.css").read_text("utf-8")
    assert f"--surface: {DARK_SURFACE}; --raised: {DARK_RAISED};" in text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.svg", SVG.format("<script>alert(1)</script>"), "<script>"),
        ("a.svg", SVG.format('<path onload="alert(1)" d="M0 0"/>'), "onload"),
        ("a.svg", SVG.format('<a x:href="javascript:alert(1)"><path d="M0 0"/></a>'), "href"),
        ("a.svg", SVG.format('<image href="https://example.com/count.png"/>'), "href"),
        ("a.svg", SVG.format("<foreignObject/>"), "<foreignobject>"),
        ("a.svg", '<!DOCTYPE s [<!ENTITY a "b">]>' + SVG.format("&a;"), "no picture"),
        ("a.svg", "<html/>", "no picture"),
        ("a.png", "<html/>", "no picture"),
        ("a.png", "x" * 10_000_000, "10.0 MB"),
        ("a.svg", SVG.format("x" * 600_000), "0.6 MB"),
    ],
)
def test_a_picture_that_acts_or_is_too_large_is_refused_with_words(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    problem = picture_problem(name, str(tmp_path / name))
    assert problem is not None
    assert f"files/{name}" in str(problem)
    assert words in str(problem)


def test_plain_pictures_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG.format('<path id="a" d="M0 0h9"/><use href="#a"/>'), encoding="utf-8")
    for kind in ("png", "jpg", "webp"):
        Image.new("RGB", (64, 64), "teal").save(tmp_path / f"a.{kind}")
    for path in tmp_path.iterdir():
        assert picture_problem(path.name, str(path)) is None
    Image.new("RGB", (8, 8)).save(tmp_path / "small.png")
    assert "8 × 8" in str(picture_problem("small.png", str(tmp_path / "small.png")))


def test_before_the_content_is_open_the_brand_is_read_from_its_file_alone(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "files" / "logo.png")
    (tmp_path / "operator.yaml").write_text(
        'brand: {colour: "#7a1f5c", logo: logo.png, avatar: none.png}\n', encoding="utf-8"
    )
    brand, files = first_face([tmp_path])
    assert (brand.colour, [*files]) == ("#7a1f5c", ["logo.png"])
    assert face_of(brand, files).icon == "files/logo.png"
    (tmp_path / "operator.yaml").write_text("brand: {colour: teal}\n", encoding="utf-8")
    assert first_face([tmp_path]) == (Brand(), {})


def test_the_script_of_the_launcher_has_the_brands_line_and_is_itself_without_one() -> None:
    plain = face_of(Brand(), {}).assets["widget.js"].body.decode()
    assert FACE in (STATIC / "widget.js").read_text("utf-8")
    assert 'const face={"colour":"#0b6b63"};' in plain
    named = Brand.model_validate({"colour": "#7a1f5c", "name": {"en": "Straw Hat", "zh": "草帽"}})
    line = 'const face={"colour":"#7a1f5c","en":"Straw Hat","zh":"草帽"};'
    assert line in face_of(named, {}).assets["widget.js"].body.decode()
    assert len(face_of(named, {}).assets["widget.js"].zipped) < 4000
