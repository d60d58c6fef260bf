"""A photograph waits until the mail in the page has been drawn."""

from collections.abc import Mapping
from typing import Any

import pytest

from guides.pictures.callouts import Box
from guides.pictures.camera import FRAMES_UNTIL_DRAWN, PageCamera
from guides.pictures.chromium_page import OPTIONS, ChromiumPage, launch_page

COUNT_FRAMES = """() => {
    window.frames_drawn = 0;
    const count = () => { window.frames_drawn++; requestAnimationFrame(count); };
    requestAnimationFrame(count);
}"""


def test_a_page_with_a_mail_is_photographed_some_frames_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several frames are drawn before a photograph: of a mail below the screen the first shows nothing, or a part."""
    send, drawn = ChromiumPage.send, list[int]()

    def count_before_photograph(page: ChromiumPage, command: str, **parameters: object) -> Mapping[str, Any]:
        if command == "Page.captureScreenshot":
            drawn.append(page.evaluate("() => window.frames_drawn"))
        return send(page, command, **parameters)

    monkeypatch.setattr(ChromiumPage, "send", count_before_photograph)
    with launch_page(OPTIONS) as page:
        page.open("data:text/html,<iframe srcdoc='a mail'></iframe>")
        page.evaluate(COUNT_FRAMES)

        PageCamera(page).photograph(Box(0, 0, 10, 10))

    assert drawn[0] >= FRAMES_UNTIL_DRAWN
