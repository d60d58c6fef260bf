"""Builds the help of the tests' election: its content without a database, a site with grey pictures, and handouts."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

from PIL import Image

from core.app.services import Services
from core.forms.flow_model import Flow, Step
from core.text.text import Language
from guides.handout_content import HandoutContent, handout_contents
from guides.handout_files import POSTER, EditionStamp, Handout, HandoutFormat
from guides.help_site_builder import HelpSiteBuildInputs, build_site
from guides.help_source import HelpSource, help_source_of
from guides.picture_manifest import CalloutMark, Picture, PictureRequest, ScreenWidth, picture_requests, write_manifest
from guides.step_element_numbers import numbered_elements_of_step
from tests.support.stores import until_exit
from tests.support.worlds import world

HOUSE: Services = world(until_exit()).services
BOOK: HelpSource = help_source_of(HOUSE)
SIZES = {ScreenWidth.PHONE: (404, 1104), ScreenWidth.DESKTOP: (744, 896)}
"""Sizes of the tallest real pictures, in CSS pixels."""
EDITION = EditionStamp(version="1.2.3", day=date(2018, 11, 5))


def pictures_in(folder: Path, book: HelpSource = BOOK) -> dict[PictureRequest, Picture]:
    """Write a grey file for each picture of the help into a new folder."""
    folder.mkdir(parents=True)
    taken = {shot: _taken(shot, book) for shot in picture_requests(book.flows)}
    for width, size in SIZES.items():
        Image.new("L", size, 200).save(folder / f"{width}.webp", lossless=True)
    write_manifest(folder, taken.values())
    return taken


def handouts_in(folder: Path, book: HelpSource = BOOK) -> list[HandoutContent]:
    """Return the content of every handout, with grey pictures."""
    return list(handout_contents(book, pictures_in(folder, book), folder, EDITION))


def site_in(folder: Path, book: HelpSource = BOOK) -> Path:
    """Build the help site with grey pictures and empty handout files."""
    pictures, handouts_folder = folder / "pictures", folder / "handouts"
    taken = pictures_in(pictures, book)
    handouts = [
        Handout(flow=flow.slug, language=language, kind=kind, weight=123_456)
        for flow, language, kind in product(book.flows, Language, HandoutFormat)
    ]
    handouts += [
        Handout(flow=POSTER, language=language, kind=HandoutFormat.PRINT, weight=123_456) for language in Language
    ]
    for handout in handouts:
        (handouts_folder / handout.path).parent.mkdir(parents=True, exist_ok=True)
        (handouts_folder / handout.path).write_bytes(b"")
    build_site(HelpSiteBuildInputs(book, taken, pictures, handouts, handouts_folder), folder / "site")
    return folder / "site"


def _taken(shot: PictureRequest, book: HelpSource) -> Picture:
    """Return the picture for a request. All pictures of one width use the same file."""
    step = next(step for flow in book.flows for step in flow.steps if step.code == shot.step)
    width, height = SIZES[shot.width]
    marks = tuple(
        CalloutMark(
            mark.number, book.fill_and_translate(mark.label, shot.language), 150 * mark.number, 150 * mark.number + 48
        )
        for mark in numbered_elements_of_step(step)
    )
    return Picture(shot=shot, path=f"{shot.width}.webp", alt=shot.name, width=width, height=height, marks=marks)


def shorter_flow(flow: Flow, refusals: Collection[str], *, mistakes: int = 0) -> Flow:
    """Return a flow with fewer pictures. It has only the given refusals, and only the last `mistakes` of each field."""

    def shorter(step: Step) -> Step:
        copy = replace(step.copy, refusals=tuple(each for each in step.copy.refusals if each in refusals))
        actions = tuple(
            replace(
                action,
                fields=tuple(replace(each, mistakes=each.mistakes[::-1][:mistakes]) for each in action.fields),
            )
            for action in step.actions
        )
        return replace(step, copy=copy, actions=actions)

    return replace(flow, steps=tuple(map(shorter, flow.steps)))
