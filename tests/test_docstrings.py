"""A docstring is a sentence of its own, which can be read without the name above it (CONTRIBUTING.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("bench", "cli", "conformance", "core", "demo", "guides", "templates", "tests", "tui", "webhook")
CONTINUING_WORDS = re.compile(
    r"(?:Again|Also|And|As|Because|But|Even|Here|Its?|Likewise|Neither|Nor|Not|Once|Or|Perhaps|So|Such|That"
    r"|Theirs?|Them|Then|These|They|Those|Until|Whatever)\b"
)
"""First words that continue the name or the docstring before, so that a reader has to go back."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_docstring_continues_what_stands_before_it(folder: str) -> None:
    """No docstring of a module, class, function or value opens with a word that points back."""
    paths = sorted((ROOT / folder).rglob("*.py"))

    continuing = [
        f"{path.relative_to(ROOT)}:{line} {said.splitlines()[0]}"
        for path in paths
        for line, said in docstrings(path.read_text("utf-8"))
        if CONTINUING_WORDS.match(said)
    ]

    assert paths
    assert continuing == []


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Return the lines and texts of all strings that stand alone as statements."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value.strip()
