"""Adds the slides of a deck: the cover, the overview and the steps."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from io import BytesIO

from PIL import Image
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.text.text import TextFrame

from core.text.language_facts import LANGUAGES
from guides.chapter_builder import ActionInstructions, StepSection
from guides.deck.slide_design import (
    ACTION,
    AROUND,
    COVER,
    HINT,
    INCHES_PER_PIXEL,
    LEAD,
    PICTURE,
    PICTURE_PIXELS,
    RULE,
    SAYING,
    STEP,
    WHOLE,
    SlideShapePlace,
    elements_at,
)
from guides.deck.slide_splitting import Line, SlidePart, cut_between_lines, lines_by_slide, slide_lines, slide_parts
from guides.handout_content import HandoutContent
from guides.picture_manifest import Picture, ScreenWidth


class HandoutSlides:
    def __init__(self, deck: Presentation, leaflet: HandoutContent) -> None:
        self._deck = deck
        self._leaflet = leaflet

    def add_slides(self) -> None:
        self._describe()
        self._cover()
        self._before()
        for section in self._leaflet.chapter.sections:
            self._step(section)
        self._problems()

    def _describe(self) -> None:
        about, leaflet = self._deck.core_properties, self._leaflet
        day = datetime.combine(leaflet.edition.day, time())
        about.title, about.author, about.last_modified_by = leaflet.title, leaflet.election.name, leaflet.election.name
        about.subject, about.language, about.version = (
            leaflet.step_code_range,
            leaflet.language.value,
            leaflet.edition.version,
        )
        about.created, about.modified, about.revision, about.keywords = day, day, 1, ""

    def _cover(self) -> None:
        leaflet = self._leaflet
        slide = self._add_slide(COVER, leaflet.chapter.title)
        lines = [leaflet.chapter.lets_you or "", f"{leaflet.step_code_range} · {leaflet.election.name}"]
        self._write(slide.placeholders[1].text_frame, [(LEAD, line) for line in lines if line])
        self._note(slide, [leaflet.chapter.title, *lines, leaflet.shown, leaflet.words["never_asked"]])

    def _before(self) -> None:
        leaflet = self._leaflet
        facts = [[(LEAD, fact.label), *((HINT, value) for value in fact.values)] for fact in leaflet.chapter.facts]
        self._text_slides(leaflet.words["before_beginning"], facts)

    def _problems(self) -> None:
        leaflet = self._leaflet
        problems: list[list[Line]] = [
            [(LEAD, f"{section.code}  {symptom}"), (HINT, remedy)]
            for section in leaflet.chapter.sections
            for symptom, remedy in section.troubles
        ]
        if problems:
            self._text_slides(leaflet.words["if_it_goes_wrong"], problems)

    def _text_slides(self, title: str, paragraphs: list[list[Line]]) -> None:
        slides = list(lines_by_slide(paragraphs))
        for number, lines in enumerate(slides, start=1):
            slide = self._add_slide(STEP, title + _count_of(number, slides), self._leaflet.step_code_range)
            self._write(slide.placeholders[1].text_frame, lines)
            WHOLE.place(slide.placeholders[1])
            self._note(slide, [text for paragraph in paragraphs for _, text in paragraph])

    def _step(self, section: StepSection) -> None:
        criteria, picture = (
            self._leaflet.words["criteria"],
            self._leaflet.pictures.get((section.code, ScreenWidth.PHONE)),
        )
        parts = list(slide_parts(section, picture, PICTURE_PIXELS, criteria))
        for number, part in enumerate(parts, start=1):
            slide = self._add_slide(STEP, section.title + _count_of(number, parts), section.numbered_code)
            body = slide.placeholders[1]
            lines = list(slide_lines(part.ways, criteria)) or [(SAYING, sentence) for sentence in section.says]
            self._write(body.text_frame, lines)
            _number_actions(body, part.ways, lines)
            if picture is None:
                WHOLE.place(body)
            else:
                self._show(slide, picture, part)
            self._note(slide, list(_full_text(section, self._leaflet)))

    def _show(self, slide: Slide, picture: Picture, whole_part: SlidePart) -> None:
        file = _as_png((self._leaflet.folder / picture.path).read_bytes())
        part = cut_between_lines(Image.open(file), picture, whole_part)
        width, height = picture.width * INCHES_PER_PIXEL, (part.bottom - part.top) * INCHES_PER_PIXEL
        place = SlideShapePlace(PICTURE.left + PICTURE.width - width, PICTURE.top, width, height)
        shown = slide.shapes.add_picture(file, *place.lengths())
        shown.crop_top, shown.crop_bottom = part.top / picture.height, 1 - part.bottom / picture.height
        shown.name = picture.shot.name
        elements_at(shown.element, "p:nvPicPr/p:cNvPr")[0].set("descr", picture.alt)
        shown.line.color.theme_color = MSO_THEME_COLOR.ACCENT_5

    def _add_slide(self, layout: int, title: str, code: str = "") -> Slide:
        slide: Slide = self._deck.slides.add_slide(self._deck.slide_layouts[layout])
        for placeholder in slide.slide_layout.placeholders:  # type: ignore[misc]  # python-pptx types its own iterator wrongly
            if placeholder.placeholder_format.type in AROUND:
                slide.shapes.clone_placeholder(placeholder)
        by_kind = {each.placeholder_format.type: each for each in slide.placeholders}
        self._title(slide.placeholders[0].text_frame, title, code)
        leaflet = self._leaflet
        self._write(by_kind[PP_PLACEHOLDER.FOOTER].text_frame, [(LEAD, f"{leaflet.election.site} · {leaflet.desk}")])
        self._write(by_kind[PP_PLACEHOLDER.DATE].text_frame, [(LEAD, leaflet.dated)])
        _insert_slide_number(by_kind[PP_PLACEHOLDER.SLIDE_NUMBER])
        return slide

    def _title(self, frame: TextFrame, title: str, code: str) -> None:
        paragraph = frame.paragraphs[0]
        if code:
            stamp = paragraph.add_run()
            stamp.text = f"{code}  "
            stamp.font.color.theme_color = MSO_THEME_COLOR.ACCENT_2
        paragraph.add_run().text = title
        self._set_language(frame)

    def _write(self, frame: TextFrame, lines: list[Line]) -> None:
        for index, (level, text) in enumerate(lines):
            paragraph = frame.add_paragraph() if index else frame.paragraphs[0]  # type: ignore[no-untyped-call]
            paragraph.text, paragraph.level = text, level
        self._set_language(frame)

    def _note(self, slide: Slide, texts: list[str]) -> None:
        frame = slide.notes_slide.notes_text_frame
        if frame is not None:
            frame.text = "\n".join(text for text in texts if text)
            self._set_language(frame)

    def _set_language(self, frame: TextFrame) -> None:
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                run.font.language_id = MSO_LANGUAGE_ID.from_xml(LANGUAGES[self._leaflet.language].tag)


def _count_of(number: int, slides: Sequence[object]) -> str:
    """Return a suffix such as " (1/2)", or an empty string if there is only one slide."""
    return f" ({number}/{len(slides)})" if len(slides) > 1 else ""


def _number_actions(body: Shape, ways: Sequence[ActionInstructions], lines: Sequence[Line]) -> None:
    """Give the actions the same numbers as in the picture."""
    numbers = iter(action.number for way in ways for action in way.actions)
    for (level, _), paragraph in zip(lines, elements_at(body.element, "p:txBody/a:p"), strict=True):
        if level == ACTION:
            number = f'<a:buAutoNum {nsdecls("a")} type="arabicPeriod" startAt="{next(numbers)}"/>'
            paragraph.get_or_add_pPr().append(parse_xml(number))


def _full_text(section: StepSection, leaflet: HandoutContent) -> Iterator[str]:
    words = leaflet.words
    yield f"{section.numbered_code}  {section.title}"
    for level, text in slide_lines(section.ways, words["criteria"]):
        yield f"– {text}" if level == RULE else text
    if section.says:
        yield from ("", words["what_it_says"], *section.says)
    if section.troubles or section.mishaps:
        yield words["if_it_goes_wrong"]
        yield from (f"{sign} – {remedy}" for sign, remedy in section.troubles)
    if section.mishaps:
        yield words["site_may_say"]
        remedies = {entry.id: entry.remedies for entry in leaflet.entries}
        yield from (" ".join((f"– {said}", *remedies.get(error_id, ()))) for error_id, said in section.mishaps.items())


def _insert_slide_number(shape: Shape) -> None:
    field = f'<a:fld {nsdecls("a")} id="{{C1FF6DA9-008F-8B48-92A6-B652298478BF}}" type="slidenum"><a:rPr/><a:t>‹#›</a:t></a:fld>'
    shape.text_frame.clear()
    elements_at(shape.element, "p:txBody/a:p")[0].append(parse_xml(field))


def _as_png(picture: bytes) -> BytesIO:
    written = BytesIO()
    Image.open(BytesIO(picture)).save(written, "PNG")
    written.seek(0)
    return written
