"""The parts of a deck that python-pptx has no words for."""

from importlib.resources import files
from typing import Any

from lxml import etree
from pptx.oxml import parse_xml
from pptx.oxml.ns import namespaces

NAMESPACES = namespaces("a", "p")


def at(element: Any, path: str) -> list[Any]:  # noqa: ANN401  # lxml ships no types
    """What is found there, by XPath."""
    found: list[Any] = etree.XPath(path, namespaces=NAMESPACES)(element)
    return found


def drawn(name: str) -> Any:  # noqa: ANN401  # likewise
    """A file of `templates/deck/`, without its comments."""
    element = parse_xml((files("templates") / "deck" / name).read_bytes())
    for comment in at(element, "//comment()"):
        comment.getparent().remove(comment)
    return element
