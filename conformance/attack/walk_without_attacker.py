"""A voter's walk through the product without an attacker, for comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from conformance.attack.honest_voter import HonestVoter
from conformance.attack.simulated_voter import LAST
from conformance.html_page import HtmlPage
from conformance.raw_http import path_of


@dataclass(frozen=True)
class WalkWithoutAttacker:
    """The sentences and pages that a voter gets without an attacker."""

    tries: Mapping[str, str]
    """The sentence that counts the tries after a wrong one, by step."""
    pages: Mapping[str, HtmlPage]
    name: str
    """The name of that voter."""

    @property
    def form_action_by_step(self) -> dict[str, str]:
        """Return the path to which the form of each step is sent."""
        actions = {step: page.forms[0].action if page.forms else "" for step, page in self.pages.items()}
        return {step: path_of(urljoin(self.pages[step].url, action)) for step, action in actions.items()}


def walk_without_attacker(voter: HonestVoter) -> WalkWithoutAttacker:
    """Go the whole way with nobody attacking, and return what was told. Raises VoterDisturbed."""
    for _ in voter.planned_moves:
        voter.do_next_move()
    voter.check_at_the_end()
    return WalkWithoutAttacker(
        voter.tries, {step: page for step, page in voter.pages.items() if step != LAST}, voter.name
    )
