"""The screen for guiding a caller through a flow."""

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.actions import AvailableAction
from core.desk.files import TimelineLine, VoterFiles
from core.desk.guide import CallGuide, GuidedStep, StepStatus, VoterFlowGuide
from core.forms.flow_model import Flow
from core.text.faces import desk_terminal_texts as words
from core.text.text import TimeOfDay
from tui import key_bindings
from tui.agent_script import AgentStepPanel, ShownGuideStep, open_numbered_problem
from tui.app_messages import ScreenReaderAnnouncement
from tui.base_screen import ACTION_GROUP
from tui.guided_step import GuidedStepPanes, present_step
from tui.plain_text_line import MUTED, PlainTextLine, pane, wrap_with_indent
from tui.status_line import VoterStatusLine
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession
from tui.timeline_widget import MARKS, Timeline
from tui.translator import Translator
from tui.voter_screen_base import VoterScreenBase

MARK_OF = {StepStatus.DONE: "✓", StepStatus.PRESENT: "▶", StepStatus.AWAITED: "…", StepStatus.AHEAD: " "}
STYLE_OF = {StepStatus.DONE: "", StepStatus.PRESENT: "bold", StepStatus.AWAITED: "", StepStatus.AHEAD: MUTED}


class StepList(OptionList):
    help_text = words.STEPS_EXPLAINED

    def __init__(self, translator: Translator) -> None:
        super().__init__(id="steps", markup=False)
        self.translator = translator

    def show(self, guide: VoterFlowGuide) -> None:
        prompts = [self._prompt(step) for step in guide.steps]
        if self.option_count == len(prompts):
            for position, prompt in enumerate(prompts):
                self.replace_option_prompt_at_index(position, prompt)
        else:
            self.clear_options()
            self.add_options(map(Option, prompts))

    def _prompt(self, step: GuidedStep) -> Content:
        line = f"{MARK_OF[step.status]} {step.view.code} {self.translator.say(step.view.page.title)}"
        line = wrap_with_indent(line, len(step.view.code) + 3, self.scrollable_content_region.width - 1)
        return Content.styled(line, STYLE_OF[step.status])


class VoterStepGuideScreen(VoterScreenBase):
    """Shows the voter's current step, or another step that the agent chooses."""

    CSS_PATH = "step_screen.tcss"
    help_text = words.GUIDE_EXPLAINED
    AUTO_FOCUS = "#steps"
    next_binding: ClassVar[Binding] = key_bindings.FOLLOW
    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.FREEZE,
        key_bindings.NEXT_FLOW,
        key_bindings.FORMER_FLOW,
        key_bindings.FOLLOW,
        key_bindings.COPY_SCRIPT,
    ]

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile, flow: str) -> None:
        super().__init__(session, call)
        self.flow = flow
        self.chosen: int | None = None
        """Index of the step that the agent chose. If None, the voter's current step is shown."""
        self.stays = False
        """True if the screen stays in this flow when the voter starts another flow."""
        self.drawn: ShownGuideStep | None = None

    @property
    def top_title(self) -> str:
        if self.guide is None:
            return self.call.name
        return self.say(words.WHOSE_GUIDE, name=self.call.name, title=self.say(self.guide.title))

    def compose_body(self) -> ComposeResult:
        translator = self.session.translator
        yield VoterStatusLine(translator)
        with Horizontal(id="guide"):
            if self.session.linear:  # screen readers read first what the agent should say
                yield GuidedStepPanes(self.session)
            with Vertical(id="left"):
                yield pane(StepList(translator), self.say(words.STEPS, keys=words.UP_AND_DOWN_KEY))
                yield from self.action_buttons(
                    key_bindings.VERIFY, key_bindings.MAIL, key_bindings.FOLLOW, key_bindings.NEXT_FLOW
                )
            if not self.session.linear:
                yield GuidedStepPanes(self.session)
            with Vertical(id="history"):
                yield Timeline(translator, self.lines)
        yield PlainTextLine("", id="last")

    async def reload(self) -> None:
        while True:
            flow = self.flow
            read = await self.run_use_case(partial(self.read_guide, flow))
            if read is None:
                return
            if flow == self.flow:  # the agent may have changed the flow during the read
                break
        began = self.guide is not None and self.guide.case is None
        self.guide, self.lines, self.freezing = read
        if self.flow != self.guide.flow or (began and self.guide.case is not None):
            self.flow, self.chosen = self.guide.flow, None
        await self.show()
        for timeline in self.query(Timeline):  # there is none if the screen was closed
            await timeline.show(self.lines)

    def read_guide(self, flow: str) -> tuple[VoterFlowGuide, tuple[TimelineLine, ...], AvailableAction]:
        desk, agent, call, caller = self.session.desk, self.session.agent, self.call, self.valid_caller()
        # Read the timeline first, so that events during the other reads cause another update.
        lines = desk.call(VoterFiles.timeline, agent, call.voter)
        guide = desk.call(CallGuide.view, agent, call.voter, flow, caller, said=call.named_step)
        if guide.elsewhere is not None and not self.stays:
            guide = desk.call(CallGuide.view, agent, call.voter, guide.elsewhere.flow, caller, said=call.named_step)
        return guide, lines, self.read_freezing(caller)

    async def show(self) -> None:
        guide = self.guide
        if guide is None:
            return
        self.query_one("#title", PlainTextLine).write(self.top_title)
        steps = self.query_one(StepList)
        steps.show(guide)
        if self.chosen is None:
            steps.highlighted = guide.present
        for last in self.lines[-1:]:
            at, event = self.session.translator.format_value(TimeOfDay(last.at)), self.say(last.sentence)
            self.query_one("#last", PlainTextLine).write(f"{at}  {MARKS[last.mark]} {event}")
        self.show_actions()
        await self._show_step(guide)  # last, because the screen may be closed while it waits

    async def _show_step(self, guide: VoterFlowGuide) -> None:
        shown = present_step(guide) if self.chosen is None else self._chosen_step(guide, self.chosen)
        if shown != self.drawn:
            self._announce(shown)
            self.drawn = shown
        await self.query_one(GuidedStepPanes).show(shown)

    def _announce(self, shown: ShownGuideStep) -> None:
        view, message, former = shown.view, shown.message, self.drawn
        if former is None or former.view.code != view.code:
            step = words.STEP_NAMED.fill({"step": view.code, "title": view.page.title})
            self.post_message(ScreenReaderAnnouncement(self.say(step)))
        if message is not None and (former is None or former.message != message):
            self.post_message(ScreenReaderAnnouncement(self.say(message.labelled)))

    def _chosen_step(self, guide: VoterFlowGuide, chosen: int) -> ShownGuideStep:
        return ShownGuideStep(guide.steps[chosen].view, incidents=guide.incidents)

    @property
    def step_to_follow(self) -> str | None:
        """Code of the voter's current step. None if the screen already shows that step."""
        guide = self.guide
        if guide is None:
            return None
        if guide.elsewhere is not None:
            return guide.elsewhere.code
        return None if self.chosen is None else guide.steps[guide.present].view.code

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == key_bindings.FOLLOW.action:
            return self.step_to_follow is not None
        return super().check_action(action, parameters)

    def show_actions(self) -> None:
        super().show_actions()
        guide, away = self.guide, self.step_to_follow
        if guide is None:
            return
        begun = guide.case is not None or guide.elsewhere is not None
        reason = words.LOOKING_ELSEWHERE if begun else words.NOT_BEGUN
        self.query_one(f"#action-{key_bindings.FOLLOW.action}").display = away is not None
        self.show_action(key_bindings.FOLLOW, words.KEY_FOLLOW, reason.fill({"step": away or ""}))
        title = self._flow_at(1).title
        self.show_action(key_bindings.NEXT_FLOW, words.KEY_NEXT_FLOW, words.NEXT_FLOW_IS.fill({"title": title}))

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        position = event.option_list.highlighted  # `event.option_index` may refer to the list of the previous flow
        if self.guide is not None and position is not None and self.are_parts_present:
            self.chosen = None if position == self.guide.present else position
            await self.show()

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if self.guide is not None:
            await self.go_to(self.guide.steps[event.option_index].view.code)

    async def go_to(self, code: str) -> None:
        flow = self.session.desk.steps.flow_of_step(code)
        if flow is None:
            return
        self.call.named_step = code
        self.stays = self.stays or flow != self.flow
        await self._show_flow(flow)
        if self.guide is not None and self.guide.case is None:
            self.show_notice(words.SAYS_SHE_IS_AT.fill({"step": code}))
        elif self.guide is not None:
            codes = [step.view.code for step in self.guide.steps]
            self.query_one(StepList).highlighted = codes.index(code)

    def on_key(self, event: Key) -> None:
        open_numbered_problem(self, event)

    def action_copy_script(self) -> None:
        for script in self.query(AgentStepPanel):
            self.copy("\n".join(map(self.session.translator.say, script.script)))

    @work(group=ACTION_GROUP)
    async def action_follow_again(self) -> None:
        elsewhere = None if self.guide is None else self.guide.elsewhere
        self.stays = False
        await self._show_flow(self.flow if elsewhere is None else elsewhere.flow)

    @work(group=ACTION_GROUP)
    async def action_next_flow(self, distance: int = 1) -> None:
        self.stays = True
        await self._show_flow(self._flow_at(distance).slug)

    def _flow_at(self, distance: int) -> Flow:
        """Return the flow at this distance from the shown one. After the last flow comes the first."""
        flows = self.session.desk.steps.flows
        present = next(place for place, flow in enumerate(flows) if flow.slug == self.flow)
        return flows[(present + distance) % len(flows)]

    async def _show_flow(self, flow: str) -> None:
        self.flow = flow
        self.chosen = None
        await self.reload()
