"""The guided flow: the steps on the left, what to say in the middle, what the voter sees on the right."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.service.desk.files import TimelineLine
from core.service.desk.guiding import Guide, GuidedStep, Progress
from core.service.desk.seeing import SeenStep
from core.text import Text, TimeOfDay
from core.words import desk as words
from tui import keys
from tui.deeds import Deed
from tui.line import Line
from tui.on_call import OnCall
from tui.script import Script
from tui.sitting import Call, Sitting
from tui.timeline import MARKS, written
from tui.voice import Voice
from tui.voter_page import StepPage

MARK_OF = {Progress.DONE: "✓", Progress.PRESENT: "▶", Progress.AHEAD: " "}
STYLE_OF = {Progress.DONE: "$success", Progress.PRESENT: "bold", Progress.AHEAD: "$soft"}


class Steps(OptionList):
    """Every step with its code; the one highlighted is shown beside."""

    explained = words.STEPS_EXPLAINED

    def __init__(self, voice: Voice) -> None:
        super().__init__(id="steps", markup=False)
        self.voice = voice

    def show(self, guide: Guide) -> None:
        """The ticks as they are now."""
        prompts = [self._prompt(step) for step in guide.steps]
        if self.option_count == len(prompts):
            for at, prompt in enumerate(prompts):
                self.replace_option_prompt_at_index(at, prompt)
        else:
            self.clear_options()
            self.add_options(map(Option, prompts))

    def _prompt(self, step: GuidedStep) -> Content:
        title = self.voice.say(step.seen.title)
        style = STYLE_OF[step.progress]
        return Content.assemble((f"{MARK_OF[step.progress]} {step.seen.code} ", style), (title, style))


class StepScreen(OnCall):
    """Follows the voter from step to step, until the agent looks at another."""

    CSS_PATH = "step_screen.tcss"
    explained: ClassVar[Text] = words.GUIDE_EXPLAINED
    AUTO_FOCUS = "#steps"
    BINDINGS: ClassVar[list[BindingType]] = [keys.NEXT_FLOW, keys.FOLLOW]

    def __init__(self, sitting: Sitting, call: Call, flow: str) -> None:
        super().__init__(sitting, call)
        self.flow = flow
        self.chosen: int | None = None
        """The step looked at in place of the voter's."""
        self.seen: SeenStep | None = None
        self.last: TimelineLine | None = None

    @property
    def where(self) -> str:
        """Whose call, and about what."""
        title = "" if self.guide is None else self.say(self.guide.title)
        return self.say(words.WHOSE_GUIDE, name=self.call.name, title=title)

    def inside(self) -> ComposeResult:
        """Three columns; two where it is narrow."""
        voice = self.sitting.voice
        with Horizontal(id="guide"):
            with Vertical(id="left"):
                yield Steps(voice)
                for binding in (keys.VERIFY, keys.MAIL, keys.FOLLOW, keys.NEXT_FLOW):
                    yield Deed(voice, binding)
            yield Horizontal(id="step")
        yield Line("", id="last")

    async def look(self) -> None:
        """Where the voter is, and the last thing that happened."""
        read = await self.ask(self._read)
        if read is None:
            return
        self.guide, lines = read
        self.last = lines[-1] if lines else None
        await self.show()

    def _read(self) -> tuple[Guide, tuple[TimelineLine, ...]]:
        desk, duty, call = self.sitting.house.desk, self.sitting.on_duty, self.call
        guide = desk.guiding.follow(duty, call.voter, self.flow, call.caller)
        return guide, desk.files.timeline(duty, call.voter)

    async def show(self) -> None:
        """Draws what was read; only what is another than before."""
        guide = self.guide
        if guide is None:
            return
        self.query_one("#where", Line).write(self.where)
        steps = self.query_one(Steps)
        steps.show(guide)
        if self.chosen is None:
            steps.highlighted = guide.present
        self.query_one("#last", Line).write(self._last())
        self.show_deeds()
        await self._show_step(guide)  # last: meanwhile someone may have left this screen

    async def _show_step(self, guide: Guide) -> None:
        seen = guide.steps[guide.present if self.chosen is None else self.chosen].seen
        pane = self.query_one("#step")
        if seen == self.seen and pane.children:
            return
        self.seen = seen
        async with pane.batch():
            await pane.remove_children()
            await pane.mount(Script(self.sitting.voice, seen), StepPage(self.sitting.voice, seen, guide.case))

    def _last(self) -> str:
        if self.last is None:
            return ""
        at, what = written(self.sitting.voice, TimeOfDay(self.last.at)), self.say(self.last.sentence)
        return f"{at}  {MARKS[self.last.mark]} {what}"

    def show_deeds(self) -> None:
        """And the two of this screen."""
        super().show_deeds()
        guide = self.guide
        if guide is None:
            return
        away = guide.elsewhere or (None if self.chosen is None else guide.steps[guide.present].seen.code)
        where = words.FOLLOWED_ALREADY if away is None else self._away(guide).fill({"step": away})
        self._show(keys.FOLLOW.action, words.KEY_FOLLOW, where, possible=away is not None)
        self._show(keys.NEXT_FLOW.action, words.KEY_NEXT_FLOW, None, possible=True)

    def _away(self, guide: Guide) -> Text:
        """Why one goes back."""
        begun = guide.case is not None or guide.elsewhere is not None
        return words.LOOKING_ELSEWHERE if begun else words.NOT_BEGUN

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another step than the voter's is looked at; theirs is followed."""
        if self.guide is not None:
            self.chosen = None if event.option_index == self.guide.present else event.option_index
            await self.show()

    async def action_follow_again(self) -> None:
        """Back to where the voter is, in whichever flow."""
        flows = self.sitting.house.desk.guiding.flows
        elsewhere = None if self.guide is None else self.guide.elsewhere
        theirs = (flow.slug for flow in flows if elsewhere in {step.code for step in flow.steps})
        await self._guide_through(next(theirs, self.flow))

    async def action_next_flow(self) -> None:
        """The next flow, from where the voter is in it."""
        slugs = [flow.slug for flow in self.sitting.house.desk.guiding.flows]
        await self._guide_through(slugs[(slugs.index(self.flow) + 1) % len(slugs)])

    async def _guide_through(self, flow: str) -> None:
        self.flow = flow
        self.chosen = None
        await self.look()
