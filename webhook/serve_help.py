"""Serves the help pages, and creates links to them."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from core.flows.help_situations import VoterSituation
from core.forms.errors import HelpNotReady
from core.text.text import Language
from core.text.urls import (
    FINGERPRINT,
    HELP_FRONT,
    HELP_MESSAGES,
    HELP_PATH,
    field_anchor,
    help_file_fingerprint,
    help_messages_page_name,
    help_page_file,
    step_anchor,
)

KEPT_SECONDS = 300
KEPT_FOR_GOOD_SECONDS = 31_536_000
COMPRESSED = (".css", ".html", ".js", ".svg")
TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".webp": "image/webp",
}
"""Media types that Python may not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpInOneLanguage:
    """URLs of the help pages in one language. `flow` is the slug of the voter's current flow."""

    language: Language
    flow: str | None = None

    def page(self, name: str) -> str:
        return HELP_PATH + help_page_file(name, self.language)

    def situation(self, situation: VoterSituation) -> str:
        return f"{self.page(situation.page)}#{situation.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpLinks:
    """Links from a page to the help. `step` is empty on error pages."""

    help: HelpInOneLanguage
    step: str = ""

    @property
    def this_step(self) -> str:
        return f"{self.help.page(self.help.flow or HELP_FRONT)}#{step_anchor(self.step)}"

    def field(self, name: str) -> str:
        return f"{self.help.page(self.help.flow or HELP_FRONT)}#{field_anchor(self.step, name)}"

    def error(self, error_id: str) -> str:
        page = help_messages_page_name(self.step) if self.step else HELP_MESSAGES
        return f"{self.help.page(page)}#{error_id}"


def help_exists(folder: Path) -> bool:
    return (folder / help_page_file(HELP_FRONT, Language.FRENCH)).exists()


def help_blueprint(folder: Path) -> Blueprint:
    """Serve the help from a folder. The help may be built later."""
    pages = Blueprint("help", __name__)

    @pages.get(HELP_PATH)
    def front() -> Response:
        return _file(help_page_file(HELP_FRONT, Language.FRENCH))

    @pages.get(f"{HELP_PATH}<path:name>")
    def page(name: str) -> Response:
        return _file(name)

    def _file(name: str) -> Response:
        if not help_exists(folder):
            raise HelpNotReady
        response = send_from_directory(folder, name, max_age=KEPT_SECONDS, mimetype=TYPES.get(Path(name).suffix))
        response.headers["X-Robots-Tag"] = "all"  # search engines may list the help, unlike the other pages
        fingerprint = request.args.get(FINGERPRINT)
        if fingerprint is None and Path(name).suffix not in COMPRESSED:
            return response
        content = _content(folder / name, response.headers["ETag"])
        if fingerprint == content.fingerprint:
            response.cache_control.max_age = KEPT_FOR_GOOD_SECONDS
            response.cache_control.immutable = True
        return _compressed(response, content) if Path(name).suffix in COMPRESSED else response

    return pages


@dataclass(frozen=True, slots=True)
class _Content:
    fingerprint: str
    compressed: bytes


@lru_cache(maxsize=256)
def _content(path: Path, version: str) -> _Content:  # noqa: ARG001  # only part of the cache key
    """Return a help file's digest and compressed content. `version` must change if the file changes."""
    plain = path.read_bytes()
    return _Content(help_file_fingerprint(plain), gzip.compress(plain, mtime=0) if path.suffix in COMPRESSED else b"")


def _compressed(response: Response, content: _Content) -> Response:
    response.vary.add("Accept-Encoding")
    if response.status_code != HTTPStatus.OK or request.accept_encodings["gzip"] <= 0:
        return response
    response.close()
    response.direct_passthrough = False
    response.set_etag(response.get_etag()[0] or "", weak=True)  # a weak tag, because the bytes differ
    response.set_data(content.compressed)
    response.content_encoding = "gzip"
    return response
