"""How the slides look: the help's design system, in the deck's own theme, master and two layouts, so that it stays editable.

Lengths are inches on a slide of 16:9. Colours come from the tokens; faces of type are those of the tokens that
every office program knows. The rest is drawn in `templates/deck/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.presentation import Presentation
from pptx.shapes.placeholder import LayoutPlaceholder, MasterPlaceholder
from pptx.slide import SlideLayout, SlideMaster
from pptx.util import Emu, Inches, Length

from guides.deck.xml import at, drawn
from guides.tokens import tokens

SIZE = (Emu(12_192_000), Emu(6_858_000))
"""13⅓ by 7½ inches: PowerPoint's own 16:9."""
COVER, STEP = 0, 1
"""The layouts that are kept, by their place in the list."""
LEAD, ACTION, HINT, RULE, SAYING = range(5)
"""The levels of a slide's text."""
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
"""The theme's colours, by the token of each."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands."""

    left: float
    top: float
    width: float
    height: float

    def hold(self, shape: Any) -> None:  # noqa: ANN401  # python-pptx has no type for what can be moved
        """Moves that shape there."""
        shape.left, shape.top, shape.width, shape.height = self.lengths()

    def lengths(self) -> tuple[Length, Length, Length, Length]:
        """As python-pptx takes them."""
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


ACTIONS = Place(0.6, 1.45, 5.1, 5.3)
WHOLE = Place(0.6, 1.45, 12.1, 5.3)
PICTURE = Place(6.0, 1.5, 6.73, 5.2)
PLACES: Mapping[PP_PLACEHOLDER, Place] = {
    PP_PLACEHOLDER.TITLE: Place(0.6, 0.45, 12.1, 0.85),
    PP_PLACEHOLDER.BODY: ACTIONS,
    PP_PLACEHOLDER.OBJECT: ACTIONS,
    PP_PLACEHOLDER.CENTER_TITLE: Place(0.9, 1.7, 11.5, 1.8),
    PP_PLACEHOLDER.SUBTITLE: Place(0.9, 3.7, 11.5, 1.8),
    PP_PLACEHOLDER.FOOTER: Place(0.6, 6.92, 7.2, 0.4),
    PP_PLACEHOLDER.DATE: Place(7.9, 6.92, 3.9, 0.4),
    PP_PLACEHOLDER.SLIDE_NUMBER: Place(11.9, 6.92, 0.83, 0.4),
}


AROUND: Mapping[PP_PLACEHOLDER, str] = {
    PP_PLACEHOLDER.FOOTER: "l",
    PP_PLACEHOLDER.DATE: "r",
    PP_PLACEHOLDER.SLIDE_NUMBER: "r",
}
"""What stands below every slide, and on which side its text does."""
COVER_SIZES: Mapping[PP_PLACEHOLDER, str] = {PP_PLACEHOLDER.CENTER_TITLE: "4400", PP_PLACEHOLDER.SUBTITLE: "2000"}
"""Hundredths of a point."""


def designed(deck: Presentation) -> Presentation:
    """That empty deck, with the design in it."""
    deck.slide_width, deck.slide_height = SIZE
    for layout in list(deck.slide_layouts)[STEP + 1 :]:
        deck.slide_layouts.remove(layout)
    master = deck.slide_master
    _colour(master)
    _letter(master)
    _letter_around(master)
    _draw_bars(master)
    for each in (master, *deck.slide_layouts):
        _place(each)
    _cover(deck.slide_layouts[COVER])
    return deck


def _colour(master: SlideMaster) -> None:
    """The theme's palette and faces of type."""
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme = etree.fromstring(part.blob)
    for name, token in SCHEME.items():
        for colour in theme.iter(qn(f"a:{name}")):
            colour[:] = [etree.Element(qn("a:srgbClr"), val=tokens()[token].lstrip("#").upper())]
    for tag, typeface in (("a:majorFont", HEADINGS), ("a:minorFont", TEXT)):
        for font in theme.iter(qn(tag)):
            font.find(qn("a:latin")).set("typeface", typeface)
    part.blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _letter(master: SlideMaster) -> None:
    """The title's size, and the levels of the text."""
    (title,) = at(master.element, "p:txStyles/p:titleStyle/a:lvl1pPr")
    title.set("algn", "l")
    (letters,) = at(title, "a:defRPr")
    letters.set("sz", "3000")
    letters.set("b", "1")
    (body,) = at(master.element, "p:txStyles/p:bodyStyle")
    for level in drawn("body.xml"):
        body.replace(body.find(level.tag), level)


def _draw_bars(master: SlideMaster) -> None:
    """Behind all else."""
    (tree,) = at(master.element, "p:cSld/p:spTree")
    for index, bar in enumerate(list(drawn("bars.xml")), start=2):
        tree.insert(index, bar)


def _letter_around(master: SlideMaster) -> None:
    """The site and the desk on the left, the edition and the slide's number on the right."""
    for each in master.placeholders:  # type: ignore[misc]  # python-pptx types its own iterator wrongly
        if each.placeholder_format.type in AROUND:
            style = _lettered(each, "around_text.xml")
            style[0].set("algn", AROUND[each.placeholder_format.type])


def _lettered(shape: MasterPlaceholder | LayoutPlaceholder, name: str) -> Any:  # noqa: ANN401  # lxml ships no types
    """The shape's own text style, which is now that of a file."""
    (style,) = at(shape.element, "p:txBody/a:lstStyle")
    made = drawn(name)
    style.getparent().replace(style, made)
    return made


def _place(where: SlideMaster | SlideLayout) -> None:
    for each in where.placeholders:  # type: ignore[misc]  # likewise
        PLACES[each.placeholder_format.type].hold(each)


def _cover(layout: SlideLayout) -> None:
    """The first slide is of petrol, its letters of paper."""
    (slide,) = at(layout.element, "p:cSld")
    slide.insert(0, drawn("cover.xml"))
    for each in layout.placeholders:  # type: ignore[misc]  # likewise
        style = _lettered(each, "cover_text.xml")
        kind = each.placeholder_format.type
        if kind in AROUND:
            style[0].set("algn", AROUND[kind])
        letters = style[0].find(qn("a:defRPr"))
        letters.set("sz", COVER_SIZES.get(kind, "1200"))
        letters.set("b", "1" if kind == PP_PLACEHOLDER.CENTER_TITLE else "0")
