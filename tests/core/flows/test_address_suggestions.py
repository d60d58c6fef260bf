import pytest

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
def test_a_mistyped_domain_gets_a_suggestion(any_world: World, typed: str, suggested: str | None) -> None:
    """Domains of the settings and of at least fifty voters are suggested, for known and unknown names alike."""
    world_with_domains = world(any_world.kept, address_domains=("ac-lille.example",))
    world_with_domains.add(*map(entry, ROLL), entry("one@ac-rare.example"))
    suggestions = world_with_domains.services.flows[PasswordFlowPlugin].address_suggestions
    suggestions.load_domains()
    with statements(any_world.kept.engine) as seen:
        addresses = [suggestions.suggested_address(f"{name}@{typed}") for name in ("voter1", "Nobody")]

    assert addresses == [None if suggested is None else f"{name}@{suggested}" for name in ("voter1", "Nobody")]
    assert seen == []
