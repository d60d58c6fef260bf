"""A handout is made again when its content changes, and otherwise keeps its date."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from guides.handout_content import HandoutContent
from guides.handout_files import MADE, HandoutFormat
from guides.handouts import update_handouts
from tests.support.guides import EDITION


@pytest.fixture
def handout(handouts: list[HandoutContent]) -> HandoutContent:
    """Return the content of a short handout."""
    return replace(handouts[3], entries=())


def test_unchanged_handouts_keep_their_date(handout: HandoutContent, tmp_path: Path) -> None:
    """The next day no handout is made again. A changed sentence makes both formats again, with the new date."""
    made, count = update_handouts([handout], tmp_path)
    before = {each.path: (tmp_path / each.path).read_bytes() for each in made}
    later = replace(handout, edition=structs.replace(EDITION, day=date(2018, 11, 6)), dated="…")

    assert count == len(HandoutFormat) == len(made)
    assert [each.weight for each in made] == [len(content) for content in before.values()]
    assert update_handouts([later], tmp_path) == (made, 0)
    assert {path: (tmp_path / path).read_bytes() for path in before} == before

    reworded = replace(later, chapter=replace(later.chapter, lets_you="Autrement."))
    assert update_handouts([reworded], tmp_path)[1] == len(HandoutFormat)
    assert all((tmp_path / path).read_bytes() != content for path, content in before.items())


def test_a_handout_says_only_what_concerns_its_flow(handouts: list[HandoutContent]) -> None:
    """The advice about a field names the button of the handout's flow, even if other flows have the same field."""
    advice = [entry.remedies for each in handouts for entry in each.entries if not entry.stops]

    assert {len(remedies) for remedies in advice} == {1}
    assert all(place.chapter == each.slug for each in handouts for entry in each.entries for place in entry.places)


def test_missing_or_unreadable_handouts_are_made_again(handout: HandoutContent, tmp_path: Path) -> None:
    """A handout is made again if it is missing or cut off, and all are made again if their list is unreadable."""
    for unreadable in ('[{"made": "otherwise"}]', '[{"han'):
        (tmp_path / MADE).write_text(unreadable, encoding="utf-8")

        assert update_handouts([handout], tmp_path)[1] == len(HandoutFormat)
