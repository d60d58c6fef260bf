"""docs/threats.md names a test for each line, and each of these tests exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = (ROOT / "docs" / "threats.md").read_text("utf-8").splitlines()
WHO = {
    "voter",
    "stranger",
    "botnet",
    "neighbour",
    "secretariat",
    "mailbox",
    "SIM swapper",
    "gateway",
    "agent",
    "operator",
    "database",
    "backup",
    "web worker",
    "platform",
}
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
COLUMNS = 4


def rows() -> list[list[str]]:
    """Return the cells of each line in the tables of the document, without the heads of the tables."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES if line.startswith("|")]
    return [each for each in cells if each[0] not in {"attempt", "---"}]


@cache
def names_of_tests(path: Path) -> set[str]:
    """Return the names of the tests in a file, including tests in classes."""
    tree = ast.parse(path.read_text("utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in found if node.name.startswith("test_")}


def test_every_line_names_a_test_that_exists() -> None:
    """Each line has four cells with content, and the last cell names tests that exist."""
    assert rows()
    for row in rows():
        named = NAMED.findall(row[-1])
        assert (len(row), all(row), bool(named)) == (COLUMNS, True, True), row
        for path, name in named:
            assert name in names_of_tests(ROOT / "tests" / path), f"{path}::{name}"


def test_everybody_has_a_section() -> None:
    """The document has a section for each kind of attacker."""
    headings = [line for line in LINES if line.startswith("## ")]

    assert {who for who in WHO if sum(who.lower() in each.lower() for each in headings) == 1} == WHO
