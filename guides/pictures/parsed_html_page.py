"""A page of the site as its markup tells it: its step, its buttons and what their forms send, without a browser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import html


@dataclass(frozen=True)
class ParsedHtmlPage:
    """The answer of the site at an address, after its redirections."""

    address: str
    markup: str

    @cached_property
    def _document(self) -> Any:  # noqa: ANN401  # lxml has no types
        return html.document_fromstring(self.markup)

    def meta(self, name: str) -> str:
        """Return the content of that meta element, or nothing."""
        return next(iter(self._document.xpath("//meta[@name=$name]/@content", name=name)), "")

    def heading_of(self, element_id: str) -> str | None:
        """Return the second-level heading in that element."""
        found = self._document.xpath("//*[@id=$id]//h2", id=element_id)
        return found[0].text_content() if found else None

    def last_text(self, path: str) -> str | None:
        """Return the words of the last element that an XPath finds."""
        found = self._document.xpath(path)
        return _folded(found[-1]) if found else None

    def first_address_by_xpath(self, path: str) -> str | None:
        """Return the whole address in the first attribute that an XPath finds."""
        found = self._document.xpath(path)
        return urljoin(self.address, found[0]) if found else None

    def missing_inputs(self, names: Iterable[str]) -> list[str]:
        """Return those of the names that no input on the page has."""
        there = set(self._document.xpath("//form//*[self::input or self::select][not(@type='hidden')]/@id"))
        return [name for name in names if name not in there]

    def submission(self, label: str, typed: Mapping[str, str]) -> tuple[str, Mapping[str, str]] | None:
        """Return the address and the values that the one button of that label sends, or None if there is not exactly one."""
        buttons = [each for each in self._document.xpath("//main//form//button") if _folded(each) == label]
        if len(buttons) != 1:
            return None
        (button,) = buttons
        form = next(button.iterancestors("form"))
        typed_here = {name: text for name, text in typed.items() if name in form.fields and not _is_box(form, name)}
        pressed = {button.get("name"): button.get("value", "")} if button.get("name") else {}
        values = dict(form.form_values()) | typed_here | pressed
        return urljoin(self.address, form.get("action", "")), values


def _folded(element: Any) -> str:  # noqa: ANN401  # as above
    return " ".join(element.text_content().split())


def _is_box(form: Any, name: str) -> bool:  # noqa: ANN401  # as above
    """Tell whether an input is ticked and not typed."""
    return bool(form.inputs[name].get("type") == "checkbox")
