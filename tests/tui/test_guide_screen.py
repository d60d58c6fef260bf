"""On a small terminal, the guide shows the common problems of every step, whatever the status of the message."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from textual.errors import NoWidget
from textual.widget import Widget
from textual.widgets._collapsible import CollapsibleTitle

from core.desk import message_status as status
from core.desk.authorisation import AgentSession
from core.desk.guide import StepStatus, _awaits_message
from core.desk.message_status import MessageStatusLine
from core.flows.incident_catalogue import IncidentInLocalTime
from core.ports import Incident, IncidentScope
from core.text.faces import awaited_message_sentences as words
from core.text.faces.bounce_sentences import BounceReason
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import TimeOfDay
from tests.support.election import NOON
from tests.support.terminal import SMALL, Terminal, terminal
from tests.support.worlds import World
from tui.agent_script import AgentStepPanel, CollapsedCommonProblem
from tui.guide_screen import VoterStepGuideScreen
from tui.page_preview import VoterPagePreview

LONGEST_SCRIPTS = 3
AT = {"at": TimeOfDay(NOON), "since": TimeOfDay(NOON)}
LATE_FOR_EVERYBODY = IncidentInLocalTime(
    incident=Incident(
        scope=IncidentScope.EVERYBODY,
        subject="",
        sentence="mail-late",
        minutes=90,
        began=NOON,
        until=NOON + timedelta(hours=3),
    ),
    since=TimeOfDay(NOON),
    until=TimeOfDay(NOON + timedelta(hours=3)),
    ended=None,
)


def message_states() -> Iterator[MessageStatusLine]:
    """Yield each status that a message can have."""
    late = words.NOT_LEFT_YET.for_count(120)
    yield MessageStatusLine(words.MAIL_ACCEPTED.fill(AT), TimelineLineTone.GOOD)
    yield MessageStatusLine(
        words.WAITING_IN_OUTAGE.fill({"waiting": late, **AT}), TimelineLineTone.BAD, words.SAY_OUTAGE
    )
    yield MessageStatusLine(words.POSTPONED.fill({"waiting": late, **AT}), TimelineLineTone.BAD, words.SAY_LATE)
    yield from (status.returned(reason) for reason in BounceReason)
    for line, tone, say in (*status.PLAIN.values(), *status.REPORTED.values()):
        yield MessageStatusLine(line.fill(AT), tone, say)
    yield from (MessageStatusLine(line, TimelineLineTone.BAD, say) for line, say in status.DROPPED.values())


def is_whole(at: Terminal, widget: Widget) -> bool:
    """Return whether the widget is drawn completely."""
    try:
        drawn = at.app.screen.find_widget(widget)
    except NoWidget:
        return False
    return bool(drawn.region.area) and drawn.visible_region == drawn.region


def is_first_trouble_whole(at: Terminal) -> bool:
    """Return whether the title of the first common problem is drawn completely."""
    return is_whole(at, at.app.screen.query_one(AgentStepPanel).query(CollapsibleTitle).first())


async def test_the_first_trouble_is_in_sight_at_every_step(world: World, session: AgentSession) -> None:
    """At 80×24, the title of the first common problem is visible at every step, even during an incident.

    Each step is drawn with its own text, and with the longest scripts that replace it.
    """
    by_script = sorted(message_states(), key=lambda message: sum(len(each.msgid) for each in message.script))
    states = (by_script[0], *by_script[-LONGEST_SCRIPTS:])  # the first has no script, so the step's own text is read
    desk = world.services.desk
    guides = [desk.guide.view(session, world.voter().id, flow.slug) for flow in desk.steps.flows]
    async with terminal(world, session, size=SMALL) as at:
        await at.open_file()
        await at.press("f4")
        await at.until(lambda: at.app.screen.query(AgentStepPanel), "the guide")
        screen = at.app.screen
        assert isinstance(screen, VoterStepGuideScreen)
        drawn = 0
        async with screen.redraw_lock:  # prevents the guide from reloading
            for guide in guides:
                for present, step in enumerate(guide.steps):
                    for message in states if _awaits_message(desk.steps.definition(step.view.code)) else (None,):
                        screen.guide = replace(guide, present=present, message=message, incidents=(LATE_FOR_EVERYBODY,))
                        await screen.show()
                        if step.view.problems:
                            drawn += 1
                            await at.until(lambda: is_first_trouble_whole(at), f"{step.view.code}: {message}")
        assert drawn > len(guides)


def cut_parts_of_script(at: Terminal) -> list[Widget]:
    """Return the sentences to say and the titles of common problems that are not drawn completely."""
    script = at.app.screen.query_one(AgentStepPanel)
    return [
        each for each in (*script.query(".sentence .say"), *script.query(CollapsibleTitle)) if not is_whole(at, each)
    ]


async def test_every_sentence_and_trouble_of_a_step_is_in_sight(world: World, session: AgentSession) -> None:
    """At 80×24, each step shows all that the agent says and the titles of all common problems.

    The picture of the voter's page gives up its lines for them.
    """
    desk = world.services.desk
    async with terminal(world, session, size=SMALL) as at:
        await at.open_file()
        await at.press("f4")
        await at.until(lambda: at.app.screen.query(AgentStepPanel), "the guide")
        screen = at.app.screen
        assert isinstance(screen, VoterStepGuideScreen)
        async with screen.redraw_lock:  # prevents the guide from reloading
            for flow in desk.steps.flows:
                guide = desk.guide.view(session, world.voter().id, flow.slug)
                sent = MessageStatusLine(words.MAIL_ACCEPTED.fill(AT), TimelineLineTone.GOOD)
                for present, step in enumerate(guide.steps):
                    awaits = _awaits_message(desk.steps.definition(step.view.code))
                    steps = list(guide.steps)
                    if awaits and present + 1 < len(steps):
                        steps[present + 1] = replace(steps[present + 1], status=StepStatus.AWAITED)
                    screen.guide = replace(guide, steps=tuple(steps), present=present, message=sent if awaits else None)
                    await screen.show()
                    await at.until(lambda: not cut_parts_of_script(at), step.view.code)


async def test_an_open_trouble_leaves_the_others_in_sight(world: World, session: AgentSession) -> None:
    """At 80×24, an expanded common problem leaves the titles of the others visible."""
    async with terminal(world, session, size=SMALL) as at:
        await at.open_file()
        await at.press("f4")
        await at.until(lambda: at.app.screen.query(AgentStepPanel), "the guide")
        await at.press("1")

        def are_all_whole() -> bool:
            script = at.app.screen.query_one(AgentStepPanel)
            titles, opened = script.query(CollapsibleTitle), script.query(CollapsedCommonProblem).first()
            return not opened.collapsed and all(is_whole(at, each) for each in (*titles, *opened.query(".say")))

        await at.until(are_all_whole, "the advice and every title")
        await at.pilot.resize_terminal(80, 50)
        next_flow = at.app.screen.query_one("#action-next_flow")
        await at.until(lambda: are_all_whole() and is_whole(at, next_flow), "the other flows too")


async def test_a_page_longer_than_its_pane_names_the_keys_that_show_the_rest(
    world: World, session: AgentSession
) -> None:
    """If the voter's page is longer than its pane, the pane's title names the keys that scroll, and they do."""
    async with terminal(world, session, size=SMALL) as at:
        await at.open_file()
        await at.press("f4")
        await at.sees("Sur l'écran de la personne ↓ (Maj+Tab)")
        await at.press("shift+tab", "down")
        await at.until(lambda: at.app.screen.query_one(VoterPagePreview).scroll_y > 0, "the rest of the page")
        await at.pilot.resize_terminal(80, 90)
        await at.until(lambda: "(Maj+Tab)" not in at.text, "the whole page")
