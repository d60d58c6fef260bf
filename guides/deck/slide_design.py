"""Applies our design to a slide deck. Lengths are in inches."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import namespaces, qn
from pptx.presentation import Presentation
from pptx.shapes.placeholder import LayoutPlaceholder, MasterPlaceholder
from pptx.slide import SlideLayout, SlideMaster
from pptx.util import Emu, Inches, Length

from guides.design_tokens import token_values

NAMESPACES = namespaces("a", "p")
SIZE = (Emu(12_192_000), Emu(6_858_000))
"""Width and height of a slide in PowerPoint's 16:9 format."""
COVER, STEP = 0, 1
LEAD, ACTION, HINT, RULE, SAYING = range(5)
HEADINGS, TEXT = "Georgia", "Arial"
SCHEME: Mapping[str, str] = {
    "dk1": "ink",
    "lt1": "sheet",
    "dk2": "petrol",
    "lt2": "wash",
    "accent1": "petrol",
    "accent2": "rust",
    "accent3": "link",
    "accent4": "soft",
    "accent5": "line",
    "accent6": "right",
    "hlink": "link",
    "folHlink": "soft",
}
"""Maps each PowerPoint theme colour to the name of a colour in our design."""


@dataclass(frozen=True, slots=True)
class SlideShapePlace:
    left: float
    top: float
    width: float
    height: float

    def place(self, shape: Any) -> None:  # noqa: ANN401  # python-pptx has no common type for shapes
        shape.left, shape.top, shape.width, shape.height = self.lengths()

    def lengths(self) -> tuple[Length, Length, Length, Length]:
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


ACTIONS = SlideShapePlace(0.6, 1.35, 5.6, 5.15)
WHOLE = SlideShapePlace(0.6, 1.35, 12.1, 5.15)
PICTURE = SlideShapePlace(6.4, 1.4, 6.32, 5.15)
INCHES_PER_PIXEL = 18 / 16 / 72
"""Inches per CSS pixel of a picture: 16 pixels become a quarter of an inch."""
PICTURE_PIXELS = int(PICTURE.height / INCHES_PER_PIXEL)
"""Maximum height of a picture on a slide, in CSS pixels."""
PLACES: Mapping[PP_PLACEHOLDER, SlideShapePlace] = {
    PP_PLACEHOLDER.TITLE: SlideShapePlace(0.6, 0.4, 12.1, 0.85),
    PP_PLACEHOLDER.BODY: ACTIONS,
    PP_PLACEHOLDER.OBJECT: ACTIONS,
    PP_PLACEHOLDER.CENTER_TITLE: SlideShapePlace(0.9, 1.7, 11.5, 1.8),
    PP_PLACEHOLDER.SUBTITLE: SlideShapePlace(0.9, 3.7, 11.5, 1.8),
    PP_PLACEHOLDER.FOOTER: SlideShapePlace(0.6, 6.6, 12.1, 0.4),
    PP_PLACEHOLDER.DATE: SlideShapePlace(0.6, 7.0, 10.0, 0.4),
    PP_PLACEHOLDER.SLIDE_NUMBER: SlideShapePlace(11.3, 7.0, 1.4, 0.4),
}


AROUND: Mapping[PP_PLACEHOLDER, str] = {
    PP_PLACEHOLDER.FOOTER: "l",
    PP_PLACEHOLDER.DATE: "l",
    PP_PLACEHOLDER.SLIDE_NUMBER: "r",
}
COVER_SIZES: Mapping[PP_PLACEHOLDER, str] = {PP_PLACEHOLDER.CENTER_TITLE: "4400", PP_PLACEHOLDER.SUBTITLE: "2000"}
"""Font sizes on the cover slide, in hundredths of a point."""


def elements_at(element: Any, path: str) -> list[Any]:  # noqa: ANN401  # lxml ships no types
    found: list[Any] = etree.XPath(path, namespaces=NAMESPACES)(element)
    return found


def _template_element(name: str) -> Any:  # noqa: ANN401  # likewise
    element = parse_xml((files("templates") / "deck" / name).read_bytes())
    for comment in elements_at(element, "//comment()"):
        comment.getparent().remove(comment)
    return element


def apply_design(deck: Presentation) -> Presentation:
    deck.slide_width, deck.slide_height = SIZE
    for layout in list(deck.slide_layouts)[STEP + 1 :]:
        deck.slide_layouts.remove(layout)
    master = deck.slide_master
    _set_theme_colours_and_fonts(master)
    _style_title_and_body(master)
    _style_footer(master)
    _draw_bars(master)
    for part in (master, *deck.slide_layouts):
        for each in part.placeholders:
            PLACES[each.placeholder_format.type].place(each)
    _style_cover(deck.slide_layouts[COVER])
    return deck


def _set_theme_colours_and_fonts(master: SlideMaster) -> None:
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme = etree.fromstring(part.blob)
    for name, token in SCHEME.items():
        for colour in theme.iter(qn(f"a:{name}")):
            colour[:] = [etree.Element(qn("a:srgbClr"), val=token_values()[token].lstrip("#").upper())]
    for tag, typeface in (("a:majorFont", HEADINGS), ("a:minorFont", TEXT)):
        for font in theme.iter(qn(tag)):
            font.find(qn("a:latin")).set("typeface", typeface)
    part.blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _style_title_and_body(master: SlideMaster) -> None:
    (title,) = elements_at(master.element, "p:txStyles/p:titleStyle/a:lvl1pPr")
    title.set("algn", "l")
    (letters,) = elements_at(title, "a:defRPr")
    letters.set("sz", "2600")  # two lines fit even in a wider font
    letters.set("b", "1")
    (body,) = elements_at(master.element, "p:txStyles/p:bodyStyle")
    for level in _template_element("body.xml"):
        body.replace(body.find(level.tag), level)


def _draw_bars(master: SlideMaster) -> None:
    (tree,) = elements_at(master.element, "p:cSld/p:spTree")
    for index, bar in enumerate(list(_template_element("bars.xml")), start=2):
        tree.insert(index, bar)


def _style_footer(master: SlideMaster) -> None:
    for each in master.placeholders:  # type: ignore[misc]  # python-pptx types its own iterator wrongly
        if each.placeholder_format.type in AROUND:
            style = _replace_text_style(each, "around_text.xml")
            style[0].set("algn", AROUND[each.placeholder_format.type])


def _replace_text_style(shape: MasterPlaceholder | LayoutPlaceholder, name: str) -> Any:  # noqa: ANN401  # lxml ships no types
    (style,) = elements_at(shape.element, "p:txBody/a:lstStyle")
    made = _template_element(name)
    style.getparent().replace(style, made)
    return made


def _style_cover(layout: SlideLayout) -> None:
    (slide,) = elements_at(layout.element, "p:cSld")
    slide.insert(0, _template_element("cover.xml"))
    for each in layout.placeholders:  # type: ignore[misc]  # likewise
        style = _replace_text_style(each, "cover_text.xml")
        kind = each.placeholder_format.type
        if kind in AROUND:
            style[0].set("algn", AROUND[kind])
        letters = style[0].find(qn("a:defRPr"))
        letters.set("sz", COVER_SIZES.get(kind, "1800"))
        letters.set("b", "1" if kind == PP_PLACEHOLDER.CENTER_TITLE else "0")
