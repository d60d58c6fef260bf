"""Draws the README's picture of three pages on a telephone: `python tests/page_pictures.py docs`."""

import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw

from cli.init import make_election_folder
from cli.picture_site import picture_site
from core.app.election_folder import open_services
from core.app.services import Services
from core.text.text import Language
from guides.help_source import help_source_of
from guides.picture_manifest import ScreenWidth
from guides.pictures.callouts import Box
from guides.pictures.camera import WINDOW_WIDTHS, PageCamera
from guides.pictures.chromium import open_page
from guides.pictures.flow_walk import FlowWalk

HEIGHT = 950
"""Height of each page in the picture, in CSS pixels. At this height, all three pages are between two lines."""
MARGIN, CORNER = 32, 12
DESK = (228, 220, 202)
SHOWN = (0, 3, 5)
"""Indexes, in the first flow, of the steps to show: the address, the requested mail, and the new password."""


def photographs(services: Services) -> list[Image.Image]:
    """Return screenshots of the pages, with the data of the help's fictional voter."""
    book = help_source_of(services)
    flow = book.flows[0]
    with picture_site(services, Language.FRENCH) as site, open_page(site) as page:
        walk = FlowWalk(site, page, book.flows, flow, book.scenarios)
        camera, taken = PageCamera(page), list[Image.Image]()
        for step in (flow.steps[place] for place in SHOWN):
            walk.begin_new_walk(step.code)
            walk.go_to_step(step)
            walk.fill_examples(step)
            camera.set_size(ScreenWidth.PHONE, 1, HEIGHT)
            camera.measure(())  # it scrolls up
            taken.append(camera.photograph(Box(0, 0, WINDOW_WIDTHS[ScreenWidth.PHONE], HEIGHT)))
        return taken


def side_by_side(pages: list[Image.Image]) -> Image.Image:
    """Return one picture that shows the pages side by side, with round corners."""
    across = WINDOW_WIDTHS[ScreenWidth.PHONE]
    whole = Image.new("RGB", (MARGIN + len(pages) * (across + MARGIN), HEIGHT + 2 * MARGIN), DESK)
    corners = Image.new("L", (across, HEIGHT))
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, across, HEIGHT), CORNER, fill=255)
    for place, page in enumerate(pages):
        whole.paste(page, (MARGIN + place * (across + MARGIN), MARGIN), corners)
    return whole


def main(folder: Path) -> None:
    """Draw the picture into a folder."""
    with TemporaryDirectory() as kept:
        make_election_folder(Path(kept) / "election")
        with closing(open_services(Path(kept) / "election")) as services:
            side_by_side(photographs(services)).save(folder / "pages.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
