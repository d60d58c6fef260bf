"""Handouts are made when something they say has changed, and keep their day otherwise."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from cli.handouts import MADE, brought_up_to_date
from guides.handouts import Kind
from guides.leaflets import Leaflet
from tests.support.guides import EDITION


@pytest.fixture
def leaflet(leaflets: list[Leaflet]) -> Leaflet:
    """A short one."""
    return replace(leaflets[3], entries=())


def test_what_has_not_changed_keeps_its_day(leaflet: Leaflet, tmp_path: Path) -> None:
    """The next day nothing is made; a sentence that changes is in both at once, with the day it changed on."""
    made, count = brought_up_to_date([leaflet], tmp_path)
    before = {each.path: (tmp_path / each.path).read_bytes() for each in made}
    later = replace(leaflet, edition=structs.replace(EDITION, day=date(2018, 11, 6)), dated="…")

    assert count == len(Kind) == len(made)
    assert [each.weight for each in made] == [len(content) for content in before.values()]
    assert brought_up_to_date([later], tmp_path) == (made, 0)
    assert {path: (tmp_path / path).read_bytes() for path in before} == before

    reworded = replace(later, chapter=replace(later.chapter, lets_you="Autrement."))
    assert brought_up_to_date([reworded], tmp_path)[1] == len(Kind)
    assert all((tmp_path / path).read_bytes() != content for path, content in before.items())


def test_what_is_missing_or_unreadable_is_made_again(leaflet: Leaflet, tmp_path: Path) -> None:
    """Whatever an earlier version left there."""
    (tmp_path / MADE).write_text('[{"made": "otherwise"}]', encoding="utf-8")

    assert brought_up_to_date([leaflet], tmp_path)[1] == len(Kind)
