"""A voter's file: what is set and since when, never a secret; the live timeline; the agent's acts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget

from core.service.desk.acts import DeskAct, Offer
from core.service.desk.files import TimelineLine, VoterFile
from core.service.desk.guiding import Guide
from core.service.desk.proofs import Caller
from core.text import Moment, Text
from core.words import desk as words
from core.words import guiding as offered
from tui import keys
from tui.confirm import Confirm
from tui.deeds import Deed
from tui.frame import Notice
from tui.line import Line
from tui.messages import GuideWanted
from tui.on_call import OnCall
from tui.signature import Countersign
from tui.sitting import Call, Sitting
from tui.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands, read in one go."""

    file: VoterFile
    lines: tuple[TimelineLine, ...]
    guide: Guide
    freezing: Offer


class VoterFileScreen(OnCall):
    """The file; it follows by itself."""

    CSS_PATH = "voter_file.tcss"
    explained: ClassVar[Text] = words.FILE_EXPLAINED
    AUTO_FOCUS = "ActButton"
    BINDINGS: ClassVar[list[BindingType]] = [keys.GUIDE, keys.FREEZE]

    def __init__(self, sitting: Sitting, call: Call, file: VoterFile) -> None:
        super().__init__(sitting, call)
        self.file = file
        self.lines: tuple[TimelineLine, ...] = ()
        self.freezing: Offer | None = None

    def inside(self) -> ComposeResult:
        """On the left what stands and what one may do; on the right what happened."""
        voice = self.sitting.voice
        with Horizontal(id="file"):
            with VerticalScroll(id="left", can_focus=False):
                with Vertical(id="facts"):
                    yield from self._facts()
                yield Line(self.say(words.DEEDS), "heading")
                for binding in (keys.VERIFY, keys.MAIL, keys.GUIDE, keys.FREEZE):
                    yield Deed(voice, binding)
            with Vertical(id="right"):
                yield Line(self.say(words.TIMELINE), "heading")
                yield Timeline(voice, self.lines)

    def _facts(self) -> Iterator[Line]:
        file, voice = self.file, self.sitting.voice
        yield Line(file.name, "name")
        for fact in (file.academie, file.address):
            if fact:
                yield Line(fact, "soft")
        for alarm in self._alarms(file):
            yield Line(voice.say(alarm), "alarm")
        yield Line(voice.say(words.PASSWORD), "label")
        yield Line(voice.tell(words.password_set(file.password_set)))
        if file.links_alive:
            yield Line(voice.tell(words.links_alive(file.links_alive)))
        if file.phone_ending:
            yield Line(voice.tell(words.PHONE_ENDING.fill({"ending": file.phone_ending})))
        if file.cases:
            case = file.cases[0]
            yield Line(voice.tell(words.CASE_AT_STEP.fill({"case": case.number, "step": case.step.code})))

    def _alarms(self, file: VoterFile) -> Iterator[Text]:
        if file.frozen is not None:
            yield words.FROZEN_SINCE.fill({"at": Moment(file.frozen)})
        if file.removed is not None:
            yield words.REMOVED_SINCE.fill({"at": Moment(file.removed)})

    async def look(self) -> None:
        """File, timeline and acts, in one go."""
        standing = await self.ask(self._read)
        if standing is None:
            return
        redrawn = standing.file != self.file
        self.file, self.lines, self.guide, self.freezing = (
            standing.file,
            standing.lines,
            standing.guide,
            standing.freezing,
        )
        self.show_deeds()
        facts, timeline = self.query_one("#facts"), self.query_one(Timeline)
        if redrawn:  # what takes its time comes last: meanwhile someone may have left this screen
            await self._redraw(facts)
        await timeline.show(standing.lines)

    def _read(self) -> Standing:
        desk, duty, call = self.sitting.house.desk, self.sitting.on_duty, self.call
        file = desk.files.look(duty, call.voter)
        freeze, unfreeze = desk.freezing.offers(duty, call.voter, call.caller)
        return Standing(
            file,
            desk.files.timeline(duty, call.voter),
            desk.guiding.follow(duty, call.voter, desk.guiding.flows[0].slug, call.caller),
            freeze if file.frozen is None else unfreeze,
        )

    async def _redraw(self, facts: Widget) -> None:
        await facts.remove_children()
        await facts.mount_all(self._facts())

    def show_deeds(self) -> None:
        """And the two of this screen."""
        super().show_deeds()
        self._show(keys.GUIDE.action, words.KEY_GUIDE, None, possible=True)
        offer = self.freezing
        if offer is not None:
            self._show(keys.FREEZE.action, offer.label, offer.why_not, possible=offer.why_not is None)

    def action_guide(self) -> None:
        """Step by step."""
        self.query_one(Notice).show("")
        flow = self.file.cases[0].flow if self.file.cases else self.sitting.house.desk.guiding.flows[0].slug
        self.post_message(GuideWanted(self.call, flow))

    @work(exclusive=True, group="act")
    async def action_freeze(self) -> None:
        """Freezes, after a question; opens again, with a supervisor's signature."""
        offer, caller = self.freezing, self.call.caller
        if offer is None:
            return
        if offer.why_not is not None or caller is None:
            self.tell(offer.why_not or offered.VERIFY_FIRST, wrong=True)
        elif offer.act is DeskAct.FREEZE:
            await self._freeze(caller)
        else:
            await self._unfreeze(caller)
        await self.look()

    async def _freeze(self, caller: Caller) -> None:
        question = self.say(words.FREEZE_QUESTION, name=self.call.name)
        if not await self.app.push_screen_wait(Confirm(self.sitting, question, offered.FREEZE)):
            return
        freezing, duty = self.sitting.house.desk.freezing, self.sitting.on_duty
        if await self.done(lambda: freezing.freeze(duty, caller)):
            self.tell(words.FROZEN_NOW)

    async def _unfreeze(self, caller: Caller) -> None:
        signature = await self.app.push_screen_wait(Countersign(self.sitting, self.call))
        if signature is None:
            return
        freezing, duty = self.sitting.house.desk.freezing, self.sitting.on_duty
        if await self.done(lambda: freezing.unfreeze(duty, caller, signature)):
            self.tell(words.REOPENED_NOW)
