"""docs/roll-columns.md tells the columns as the code takes them."""

from pathlib import Path

from core.roll.roll_columns import COLUMNS, columns_as_markdown, find_column_by_heading
from core.text.text import Language
from core.text.translation import translate

DOCUMENT = Path(__file__).parents[3] / "docs/roll-columns.md"


def test_the_document_holds_the_table_of_the_code() -> None:
    """The document has the output of `RETROUVE_LANGUAGE=en retrouve roll columns`, to be copied after each change of columns."""
    table = columns_as_markdown(lambda text: translate(text, Language.ENGLISH))

    assert DOCUMENT.read_text("utf-8").endswith(table + "\n")


def test_every_heading_of_the_table_is_recognised() -> None:
    """A heading copied from the table is read as its column."""
    for column, each in COLUMNS.items():
        assert {find_column_by_heading(heading) for heading in each.headings.split()} == {column}
