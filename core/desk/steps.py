"""A step of a flow: what the agent says and what the voter sees."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter

from msgspec import Struct

from core.forms.errors import REMAINING_REQUESTS_KEPT
from core.forms.flow_model import (
    AwaitMessageStep,
    Channel,
    ChooseStep,
    Flow,
    MailOrSmsText,
    ShownStep,
    Step,
    actions_not_possible_yet,
    later_action_sentences,
    problems_to_show,
)
from core.forms.step_position import step_position
from core.text.faces import page_frame_texts
from core.text.text import N_, Language, Moment, Text, TimeOfDay
from core.text.translation import translate

SUBJECT_FACT = "subject"
UNKNOWN_FACT = "…"
UNKNOWN_SENTENCES: Mapping[str, Text] = {
    "first_name": N_("(prénom)"),
    "last_name": N_("(nom)"),
    "identifier": N_("… (si un nouvel identifiant a été envoyé)"),
    "reissues": N_("… (combien de demandes restent)"),
    "outcome": N_("… (ce qui est arrivé à l'envoi)"),
    "kept": REMAINING_REQUESTS_KEPT,
    "counted": N_("… (si cette demande est décomptée)"),
    "link_until": N_("… (jusqu'à quand le lien est valable)"),
    "asked": N_("… (si un message part)"),
    "what_happened": N_("… (ce qui a été changé, et quand)"),
    "doubt": N_("… (si le mot de passe peut encore être changé)"),
    "vote_while_blocked": N_("… (si vous pourrez voter)"),
    "vote_dates": N_("… (quand le vote ouvre et se termine)"),
}
"""For each value's name, the text shown when the value is unknown."""


class StepTitle(Struct, frozen=True, tag=True):
    code: str
    title: Text


@dataclass(frozen=True, slots=True)
class CommonProblemView:
    symptom: Text
    advice: Text


@dataclass(frozen=True, slots=True)
class MessageContent:
    """The content of an email or SMS. `action` and `stop` are link texts."""

    code: str
    subject: Text
    label: Text
    body: tuple[Text, ...]
    action: Text | None
    stop: Text | None
    after: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterPageView:
    language: Language | None
    position: Text | None
    """Position of the step, such as "step 2 of 4", or None."""
    title: Text
    notices: tuple[Text, ...]
    body: tuple[Text, ...]
    delay: Text | None
    """Sentence that says how late messages currently are, or None."""
    actions: tuple[str, ...]
    not_yet: tuple[Text, ...]
    links: tuple[Text, ...]
    case: str | None
    message: MessageContent | None
    problems: tuple[CommonProblemView, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    code: str
    agent_text: tuple[Text, ...]
    problems: tuple[CommonProblemView, ...]
    page: VoterPageView


def view_step(shown: ShownStep, flow: Flow, language: Language | None = None) -> StepView:
    """Return a step as an agent sees it."""
    step, copy = shown.step, shown.step.copy
    fill, quote = (
        sentence_filler(shown.facts),
        sentence_filler(shown.facts, quoted_in=shown.message_language or language),
    )
    problems = tuple(CommonProblemView(quote(each.symptom), quote(each.agent)) for each in problems_to_show(shown))
    return StepView(step.code, tuple(map(quote, copy.agent)), problems, _page(shown, flow, language, fill))


def _page(shown: ShownStep, flow: Flow, language: Language | None, fill: Callable[[Text], Text]) -> VoterPageView:
    step, closed, delay = shown.step, actions_not_possible_yet(shown), shown.facts.get("queue_delay")
    message = None if isinstance(step, ChooseStep) else step.message
    names_address = any("{address}" in sentence.msgid for sentence in step.copy.voter)
    changes_address = (page_frame_texts.CHANGE_ADDRESS,) if names_address and step.actions else ()
    refreshes = (page_frame_texts.REFRESH,) if shown.refresh_after else ()
    position = step_position(step, flow)
    return VoterPageView(
        language=language,
        position=None if position is None else position.sentence,
        title=fill(step.copy.title),
        notices=tuple(map(fill, shown.notices)),
        body=tuple(map(fill, step.copy.voter)),
        delay=fill(delay) if isinstance(delay, Text) and isinstance(step, AwaitMessageStep) else None,
        actions=tuple(action.name for action in step.actions if action not in closed),
        not_yet=tuple(map(fill, later_action_sentences(shown))),
        links=changes_address + refreshes,
        case=shown.case,
        message=None
        if message is None
        else message_content(message, shown.facts, shown.message_language, short_times=True),
        problems=tuple(CommonProblemView(fill(each.symptom), fill(each.voter)) for each in problems_to_show(shown)),
    )


def is_message(step: Step) -> bool:
    return isinstance(step, AwaitMessageStep) and step.elsewhere


def message_content(
    message: MailOrSmsText, facts: Mapping[str, object], language: Language | None, *, short_times: bool = False
) -> MessageContent:
    """Return the content of a message. Times in emails include the date."""
    dated = {name: Moment(value.at) if isinstance(value, TimeOfDay) else value for name, value in facts.items()}
    filled = sentence_filler(dated if message.channel is Channel.MAIL else facts)

    def fill(text: Text) -> Text:
        if language is None:
            return filled(text)
        return Text("{said}", None, {"said": translate(filled(text), language, short_times=short_times)})

    action, stop = (None if words is None else fill(words) for words in (message.action, message.stop))
    body, after = tuple(map(fill, message.body)), tuple(map(fill, message.after))
    label = page_frame_texts.MESSAGE_SUBJECT if message.channel is Channel.MAIL else page_frame_texts.SMS_TO_COME
    return MessageContent(message.code, fill(message.subject), label, body, action, stop, after)


def sentence_filler(facts: Mapping[str, object], *, quoted_in: Language | None = None) -> Callable[[Text], Text]:
    """Return a function that fills values into sentences. Unknown values become "…", except the names of keys."""

    def fill(text: Text) -> Text:
        known = text.fill(facts)
        if quoted_in is not None and isinstance(subject := known.params.get(SUBJECT_FACT), Text):
            known = Text(known.msgid, known.plural, {**known.params, SUBJECT_FACT: translate(subject, quoted_in)})
        parsed = (part for sentence in (known.msgid, known.plural or "") for part in Formatter().parse(sentence))
        return known.fill(
            {
                name: UNKNOWN_SENTENCES.get(name, UNKNOWN_FACT)
                for _, name, _, _ in parsed
                if name and not name.endswith("_key")
            }
        )

    return fill


@dataclass(frozen=True, slots=True)
class StepCodeLookup:
    flows: tuple[Flow, ...]
    facts: Mapping[str, object]

    def find_step(self, code: str) -> StepView | None:
        """Return the step with this code, or None. Accepts variants such as `mp4`."""
        wanted = _bare(code)
        for flow in self.flows:
            for step in flow.steps:
                if _bare(step.code) == wanted:
                    return view_step(ShownStep(step=step, facts=self.facts), flow)
        return None

    def definition(self, code: str) -> Step:
        return next(step for flow in self.flows for step in flow.steps if step.code == code)

    def flow_of_step(self, code: str) -> str | None:
        return next((flow.slug for flow in self.flows if code in {step.code for step in flow.steps}), None)


def _bare(code: str) -> str:
    return re.sub(r"[\W_]", "", code).upper()
