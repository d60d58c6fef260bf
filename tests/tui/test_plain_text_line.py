"""Text from outside cannot control the agents' terminal."""

import re

from core.desk.authorisation import AgentSession
from tests.support.desk import add_known
from tests.support.terminal import Terminal, terminal
from tests.support.worlds import World

ESCAPES = "\x1b]52;c;ZQ==\x07\x9b31m\u202e"
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def sent_to_terminal(at: Terminal) -> str:
    return "\n".join(segment.text for _, strip in at.strips for segment in strip)


async def test_nothing_from_the_roll_controls_the_terminal(world: World, session: AgentSession) -> None:
    """Escape sequences in names on the roll are shown as visible characters."""
    add_known(world, "zoe@ac-lumiere.example", "12A1234567BCE", first_name=f"Zoé{ESCAPES}", academie=f"Nuit{ESCAPES}")
    async with terminal(world, session) as at:
        await at.press("f2")
        await at.type("zoe")
        await at.sees("Zoé�]52", "Nuit�]52")
        assert not CONTROLS.search(sent_to_terminal(at))
        await at.press("enter")
        await at.sees("ouvre la fiche", "Nuit�]52")
        assert not CONTROLS.search(sent_to_terminal(at))
        await at.press("escape")
        await at.sees("Zoé�]52")
        assert not CONTROLS.search(sent_to_terminal(at))
