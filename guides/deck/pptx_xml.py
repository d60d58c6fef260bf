"""XML of a deck for which python-pptx has no functions."""

from importlib.resources import files
from typing import Any

from lxml import etree
from pptx.oxml import parse_xml
from pptx.oxml.ns import namespaces

NAMESPACES = namespaces("a", "p")


def only_element(element: Any, path: str) -> list[Any]:  # noqa: ANN401  # lxml ships no types
    """Return the only element at an XPath."""
    found: list[Any] = etree.XPath(path, namespaces=NAMESPACES)(element)
    return found


def template_element(name: str) -> Any:  # noqa: ANN401  # likewise
    """Return a file of `templates/deck/` as an element, without comments."""
    element = parse_xml((files("templates") / "deck" / name).read_bytes())
    for comment in only_element(element, "//comment()"):
        comment.getparent().remove(comment)
    return element
