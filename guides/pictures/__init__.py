"""Take the help's pictures: walk the real site in Chromium, photograph it, number it in a gutter."""

from core.text.text import Language, Text
from core.text.translation import translate

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without its windows."""


class PictureRefused(Exception):
    """A picture cannot be taken or would be untrue, so the help is not built. The message is for the operator."""


class ChromiumFailed(PictureRefused):
    """Chromium did not start, stopped, or could not do what it was asked; `cause` says why."""

    def __init__(self, cause: Text) -> None:
        super().__init__(translate(cause, Language.ENGLISH))
        self.cause = cause
