"""Builds the plain text of the help in one language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from core.forms.flow_model import Action, Channel, Flow, FlowOverview, Step, input_names
from core.forms.step_position import step_position
from core.text.faces import help_page_texts as words
from core.text.text import Language, Text
from core.text.urls import field_anchor, help_messages_page_name, step_anchor, tel_link
from guides.help_source import HelpSource
from guides.picture_manifest import ANSWER, MESSAGE, pictured_messages
from guides.step_element_numbers import NumberedStepElement, numbered_elements_of_step

NOTICES = {MESSAGE: words.NOTICE_COMES, ANSWER: words.ANSWER_COMES}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedInstruction:
    number: int
    anchor: str | None
    sentence: str
    hint: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionInstructions:
    """Instructions for an action. `lead` says when to choose this action."""

    lead: str | None
    actions: tuple[NumberedInstruction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSection:
    """The help about one step. `says` is the text of the step's page."""

    code: str
    position: str | None
    """Position of the step in the flow, such as "step 4 of 7". None for side steps."""
    anchor: str
    title: str
    name: str
    """The title in lists of steps."""
    says: tuple[str, ...]
    ways: tuple[ActionInstructions, ...]
    troubles: tuple[tuple[str, str], ...]
    """Common problems, as (symptom, remedy) pairs."""
    mishaps: Mapping[str, str]
    notices: Mapping[str, str]

    @property
    def numbered_code(self) -> str:
        """Step code and position, such as "MP-4, step 4 of 7"."""
        return ", ".join(filter(None, (self.code, self.position)))

    @property
    def messages_page(self) -> str:
        return help_messages_page_name(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOverviewLine:
    label: str
    values: tuple[str, ...]
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChapter:
    slug: str
    language: Language
    title: str
    lets_you: str | None
    start: str | None
    overview: tuple[FlowOverviewLine, ...]
    contact: tuple[FlowOverviewLine, ...]
    """Lines for the printed guides. Pages have a button and a footer instead."""
    sought: str
    sections: tuple[StepSection, ...]

    @property
    def facts(self) -> tuple[FlowOverviewLine, ...]:
        return self.overview + self.contact


@dataclass(frozen=True, slots=True)
class ChapterBuilder:
    book: HelpSource
    language: Language

    def chapters(self) -> tuple[FlowChapter, ...]:
        return tuple(self.chapter_of(flow) for flow in self.book.flows)

    def chapter_of(self, flow: Flow) -> FlowChapter:
        brief = flow.overview
        return FlowChapter(
            slug=flow.slug,
            language=self.language,
            title=self._translate(flow.title),
            lets_you=None if brief is None else self._translate(brief.lets_you),
            start=None if brief is None or brief.start is None else self.book.election.site + brief.start,
            overview=tuple(self._overview(brief)),
            contact=self.contact_facts(),
            sought="" if brief is None else self._translate(brief.sought),
            sections=tuple(self._section(step, flow) for step in flow.steps),
        )

    def front_facts(self) -> tuple[FlowOverviewLine, ...]:
        dates = tuple(map(self._translate, (words.OPENS, words.CLOSES)))
        return (FlowOverviewLine(label=self._translate(words.KEPT_DATES), values=dates), *self.contact_facts()[:1])

    def contact_facts(self) -> tuple[FlowOverviewLine, ...]:
        election = self.book.election
        hours = self._translate(Text("{desk_hours}"))
        return (
            FlowOverviewLine(label=self._translate(words.SITE), values=(election.site,), link=f"{election.site}/"),
            FlowOverviewLine(
                label=self._translate(words.DESK),
                values=(election.desk_phone, hours, *map(self._translate, election.contact_ways_without_telephone)),
                link=tel_link(election.desk_phone),
            ),
        )

    def _overview(self, brief: FlowOverview | None) -> Iterator[FlowOverviewLine]:
        if brief is not None:
            yield FlowOverviewLine(label=self._translate(words.MINUTES), values=(self._translate(brief.minutes),))
            yield FlowOverviewLine(label=self._translate(words.NEEDS), values=tuple(map(self._translate, brief.needs)))
            yield FlowOverviewLine(label=self._translate(words.TRIES), values=(self._translate(brief.tries),))
            yield FlowOverviewLine(label=self._translate(words.BEGIN), values=tuple(map(self._translate, brief.begins)))

    def _section(self, step: Step, flow: Flow) -> StepSection:
        position = step_position(step, flow)
        return StepSection(
            code=step.code,
            position=None if position is None else self._translate(position.sentence),
            anchor=step_anchor(step.code),
            title=self._translate(step.copy.title, step.code),
            name=self._translate(flow.name_of(step), step.code),
            says=tuple(self._translate(text, step.code) for text in step.copy.voter),
            ways=tuple(self._ways(step)),
            troubles=tuple(
                (self._translate(each.symptom), self._translate(each.voter)) for each in step.copy.common_problems
            ),
            mishaps={
                each: self._translate(self.book.catalogue_entry(each).sentence, each) for each in _errors_at(step)
            },
            notices={
                state: self._translate(
                    words.SMS_COMES
                    if message.channel is Channel.SMS
                    else NOTICES[state].fill({"subject": message.subject})
                )
                for state, message in pictured_messages(step)
            },
        )

    def _ways(self, step: Step) -> Iterator[ActionInstructions]:
        acts = {act.name: act for act in step.actions}
        for name, marks in groupby(numbered_elements_of_step(step), key=lambda mark: mark.act):
            act = acts.get(name)
            lead = None if act is None or act.when is None else self._translate(act.when)
            yield ActionInstructions(
                lead=lead,
                actions=tuple(self._action(mark, step, act) for mark in marks),
            )

    def _action(self, mark: NumberedStepElement, step: Step, act: Action[object] | None) -> NumberedInstruction:
        fields = () if act is None else act.fields
        field = next((each for each in fields if mark.name in {each.name, input_names(each)[0]}), None)
        return NumberedInstruction(
            number=mark.number,
            anchor=None if field is None else field_anchor(step.code, field.name),
            sentence=self._translate(mark.instruction),
            hint=None if field is None else self._translate(field.hint),
            rules=() if field is None else tuple(self._translate(rule.sentence) for rule in field.criteria),
        )

    def _translate(self, text: Text, at: str = "") -> str:
        return self.book.fill_and_translate(text, self.language, at)


def _errors_at(step: Step) -> list[str]:
    slips = [slip for act in step.actions for field in act.fields for slip in field.mistakes]
    return [*(slip.error.id for slip in slips), *step.copy.refusals]
