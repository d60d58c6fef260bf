"""Takes the help's pictures: walks through the real site in Chromium, photographs it and adds numbers in a gutter."""

from core.text.text import Language, Text
from core.text.translation import translate

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Debian's headless Chromium."""


class PictureRefused(Exception):
    """A picture cannot be taken or would be wrong, so the help is not built. The message is for the operator."""


class ChromiumFailed(PictureRefused):
    """Chromium did not start, stopped or failed. `cause` says why."""

    def __init__(self, cause: Text) -> None:
        super().__init__(translate(cause, Language.ENGLISH))
        self.cause = cause
