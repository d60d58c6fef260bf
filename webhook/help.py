"""The help beside the forms: serves the site that `retrouve guides build` made, and says where each thing is in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from core.places import HELP_FRONT, HELP_MESSAGES, HELP_PATH, field_anchor, help_page, step_anchor
from core.text import Language

KEPT_SECONDS = 300
TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".webp": "image/webp",
}
"""What not every system's list of types knows: a browser is told to guess nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """The help in one language; `flow` is the chapter that a page belongs to, if it is a step's."""

    language: Language
    flow: str | None = None

    def page(self, name: str) -> str:
        """The address of one of its pages."""
        return HELP_PATH + help_page(name, self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointers:
    """From one page to where things are explained; without a `step` only errors are."""

    help: Help
    step: str = ""

    @property
    def here(self) -> str:
        """This step."""
        return f"{self.help.page(self.help.flow or HELP_FRONT)}#{step_anchor(self.step)}"

    def field(self, name: str) -> str:
        """How to fill in that field."""
        return f"{self.help.page(self.help.flow or HELP_FRONT)}#{field_anchor(self.step, name)}"

    def error(self, error_id: str) -> str:
        """Why that error comes, and what to do."""
        return f"{self.help.page(HELP_MESSAGES)}#{error_id}"


def stands(folder: Path) -> bool:
    """Whether a help was built there."""
    return os.path.exists(_front_of(folder))  # noqa: PTH110  # for every page: a Path takes five times as long


@cache
def _front_of(folder: Path) -> str:
    return str(folder / help_page(HELP_FRONT, Language.FRENCH))


def help_pages(folder: Path) -> Blueprint:
    """The site that stands in that folder, whenever it does."""
    pages = Blueprint("help", __name__)

    @pages.get(HELP_PATH)
    def front() -> Response:
        return _file(help_page(HELP_FRONT, Language.FRENCH))

    @pages.get(f"{HELP_PATH}<path:name>")
    def page(name: str) -> Response:
        return _file(name)

    def _file(name: str) -> Response:
        return send_from_directory(folder, name, max_age=KEPT_SECONDS, mimetype=TYPES.get(Path(name).suffix))

    return pages
