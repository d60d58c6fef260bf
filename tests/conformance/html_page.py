"""A response of the site, with its forms, links and text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser

CHOICE = "choice"
"""Name of the buttons with which a voter chooses an action."""


class HtmlForm:
    """A form on a page, with its action, inputs and buttons."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.inputs: dict[str, str] = {}
        self.buttons: set[tuple[str, str]] = set()

    def accepts_input(self, typed: Mapping[str, str]) -> bool:
        """Return whether the form has all given inputs and buttons."""
        return all(each in self.buttons or (each[0] in self.inputs and each[0] != CHOICE) for each in typed.items())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.forms: list[HtmlForm] = []
        self.links: dict[str, str] = {}
        self.language = ""
        self.words: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "html":
                self.language = given.get("lang", "")
            case "meta":
                self.meta[given.get("name", "")] = given.get("content", "")
            case "form":
                self.forms.append(HtmlForm(given.get("action", "")))
            case "input" | "select" | "button" if self.forms and "name" in given:
                left_open = given.get("type") == "checkbox" and "checked" not in given
                name, value = given["name"], "" if left_open else given.get("value", "")
                if tag == "button":
                    self.forms[-1].buttons.add((name, value))
                else:
                    self.forms[-1].inputs[name] = value
            case "a" | "link":
                self.links[given.get("hreflang") or given.get("rel", "")] = given.get("href", "")
            case "script" | "style":
                self._unread += 1
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._unread -= 1

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.words.append(data)


@dataclass(frozen=True)
class HtmlPage:
    """A response of the site. `url` is the address of the page."""

    status: int
    headers: list[tuple[str, str]]
    body: str
    url: str = ""

    def header(self, name: str) -> str | None:
        """Return the first header with the given name, if any."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.body)
        return reader

    @property
    def step(self) -> str | None:
        """Code of the step that the page shows, if any."""
        return self._read.meta.get("step")

    @property
    def case(self) -> str | None:
        """Case number on the page, if any."""
        return self._read.meta.get("case")

    @property
    def refusal(self) -> str | None:
        """Id of the refusal that the page shows, if any."""
        return self._read.meta.get("refusal")

    @property
    def language(self) -> str:
        return self._read.language

    @property
    def links_by_language_or_relation(self) -> Mapping[str, str]:
        """The targets of the page's links, by the values of `hreflang` or `rel`."""
        return self._read.links

    @property
    def forms(self) -> list[HtmlForm]:
        """The forms of the page. The form of the step comes first."""
        return self._read.forms

    def find_form(self, typed: Mapping[str, str]) -> HtmlForm | None:
        """Return the first form that accepts the given values, or None."""
        return next((form for form in self.forms if form.accepts_input(typed)), None)

    def form(self, typed: Mapping[str, str]) -> HtmlForm:
        """Return the first form that accepts the given values. There must be one."""
        found = self.find_form(typed)
        assert found is not None, f"{self.url} ({self.status}, {self.step}) has no form for {dict(typed)}"
        return found

    @cached_property
    def text(self) -> str:
        """Text of the page, with each run of white space replaced by one space."""
        return re.sub(r"\s+", " ", " ".join(self._read.words))
