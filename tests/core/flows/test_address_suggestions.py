from threading import Event

import pytest

from core.adapters.sql import voter_search
from core.flows.address_suggestions import FEWEST_VOTERS
from core.flows.password.plugin import PasswordFlowPlugin
from tests.support.election import entry
from tests.support.stores import statements
from tests.support.worlds import World, world

ROLL = [f"voter{number}@ac-lumiere.example" for number in range(FEWEST_VOTERS)]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("ac-lumire.example", "ac-lumiere.example"),
        ("AC-LUMEIRE.exmple", "ac-lumiere.example"),
        ("ac-lumiere.example", None),
        ("ac-rare.exmple", None),
        ("ac-lille.exmple", "ac-lille.example"),
        ("ac-lumières.exm", None),
    ],
)
def test_a_mistyped_domain_gets_a_suggestion(
    any_world: World, monkeypatch: pytest.MonkeyPatch, typed: str, suggested: str | None
) -> None:
    """Domains of the settings and of at least fifty voters are suggested, for known and unknown names alike."""
    monkeypatch.setattr(voter_search, "COUNTED_AT_ONCE", FEWEST_VOTERS // 3)
    world_with_domains = world(any_world.kept, address_domains=("ac-lille.example",))
    world_with_domains.add(*map(entry, ROLL), entry("one@ac-rare.example"))
    suggestions = world_with_domains.services.flows[PasswordFlowPlugin].address_suggestions
    suggestions.load_domains()
    with statements(any_world.kept.engine) as seen:
        addresses = [suggestions.suggested_address(f"{name}@{typed}") for name in ("voter1", "Nobody")]

    assert addresses == [None if suggested is None else f"{name}@{suggested}" for name in ("voter1", "Nobody")]
    assert seen == []


def test_the_site_starts_before_the_domains_are_counted(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = any_world.services.flows[PasswordFlowPlugin]
    started, counted = Event(), Event()

    def count_after_the_start() -> None:
        if started.wait(timeout=30):
            counted.set()

    monkeypatch.setattr(plugin.address_suggestions, "load_domains", count_after_the_start)
    plugin.on_site_start()
    started.set()

    assert counted.wait(timeout=30)
