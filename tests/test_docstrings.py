"""A docstring is a sentence of its own, which can be read without the name above it (CONTRIBUTING.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("cli", "core", "demo", "guides", "templates", "tests", "tui", "webhook")
FROZEN = ROOT / "core/adapters/sql/migrations/versions"
"""Released migrations, whose bytes never change."""
CONTINUING_WORDS = re.compile(
    r"(?:Afterwards|Again|Also|And|As|Because|But|Even|Here|Its?|Likewise|Meanwhile|Neither|Nor|Not|Once|Or|Otherwise|Perhaps"
    r"|Rather|So|Such|That|Theirs?|Them|Then|These|They|This|Those|Though|Too|Until)\b"
)
"""First words that continue the name or the docstring before, so that a reader has to go back."""
QUESTION_WORDS = re.compile(
    r"(?:CASES? [\d, and]+: )?"
    r"(?:how(?:ever)?|what(?:ever)?|when(?:ever)?|where(?:ver)?|whether|which(?:ever)?|who(?:ever|m|se)?|why)\b",
    re.IGNORECASE,
)
"""First words of a clause that paraphrases a thing instead of naming it, or that stands before the main clause."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_docstring_begins_with_what_it_is_about(folder: str) -> None:
    """No docstring of a module, class, function or value opens with a word that points back, or with a question word."""
    paths = [path for path in sorted((ROOT / folder).rglob("*.py")) if path.parent != FROZEN]

    refused = [
        f"{path.relative_to(ROOT)}:{line} {said.splitlines()[0]}"
        for path in paths
        for line, said in docstrings(path.read_text("utf-8"))
        if CONTINUING_WORDS.match(said) or QUESTION_WORDS.match(said)
    ]

    assert paths
    assert refused == []


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Return the lines and texts of all strings that stand alone as statements."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value.strip()
