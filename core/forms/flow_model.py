"""Describes a recovery flow as data. A flow is a list of steps, which the site, the terminal and the help pages show.

All three handle every kind of step with `match` and `assert_never`, so the type checker finds a forgotten kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text

T = TypeVar("T")
A = TypeVar("A")

Form = Mapping[str, str]
"""The values of a submitted form, by input name. Parsers treat a missing input as an empty string."""


class FieldRejected(Exception):
    """Raised when the value of a field is invalid.

    The sentence says what to type instead. The `id` must never change.
    """

    id: ClassVar[str]
    sentence: ClassVar[Text]
    cause: ClassVar[Text | None] = None

    def __init__(self, **params: object) -> None:
        super().__init__(self.id)
        self.reason = self.sentence.fill(params)


class FormErrors(Exception):
    """Raised when a form is refused. Contains the error of each invalid field, and a sentence about attempts left."""

    def __init__(self, by_field: Mapping[str, FieldRejected], *, tries: Text | None = None) -> None:
        super().__init__(", ".join(f"{name}: {rejected.id}" for name, rejected in by_field.items()))
        self.by_field = by_field
        self.tries = tries


class FieldKind(StrEnum):
    ADDRESS = "address"
    SECRET = "secret"
    NEW_SECRET = "new_secret"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    NUMEN = "numen"
    CODE = "code"
    CHECK = "check"
    CHOICE = "choice"
    CASE_NUMBER = "case_number"

    @property
    def is_optional(self) -> bool:
        return self in {FieldKind.CHECK, FieldKind.CASE_NUMBER}


class CharacterClass(StrEnum):
    ANY = "any"
    LOWER = "lower"
    UPPER = "upper"
    DIGIT = "digit"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCriterion:
    """A rule about how many characters of one class a new password must contain.

    The server and a script on the page both check this rule. Both count Unicode code points in NFC.
    """

    name: str
    sentence: Text
    counts: CharacterClass
    minimum: int
    maximum: int | None = None
    unicode_letters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMistakeExample:
    """A wrong value for a field, and the error that it causes. The help pages show it as an example."""

    typed: Form
    error: type[FieldRejected]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    value: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T]):
    """A form field. `parse` returns the valid value or raises FieldRejected."""

    name: str
    label: Text
    hint: Text
    example: Form
    parse: Callable[[Form], T]
    kind: FieldKind
    autocomplete: str
    criteria: tuple[PasswordCriterion, ...] = ()
    again: Text | None = None
    options: tuple[FieldOption, ...] = ()
    mistakes: tuple[FieldMistakeExample, ...] = ()
    """Examples of wrong values, at least one for each error that the field can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonProblem:
    symptom: Text
    voter: Text
    agent: Text
    sought: Text | None = None
    """Words by which the search in the help finds this problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterAndAgentWords:
    title: Text
    voter: tuple[Text, ...]
    agent: tuple[Text, ...]
    common_problems: tuple[CommonProblem, ...] = ()
    refusals: tuple[str, ...] = ()


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MailOrSmsText:
    """The text of an email or an SMS. `action` is the label of the main link in an email.

    An SMS uses only the GSM-7 alphabet. The subject of an SMS is shown on pages but not sent.
    """

    code: str
    """The public code of the message, such as MP-5. It is empty if the message is not sent to a voter."""
    subject: Text
    body: tuple[Text, ...]
    action: Text | None = None
    stop: Text | None = None
    """Label of a second link, for freezing the account."""
    exact: tuple[str, ...] = ()
    after: tuple[Text, ...] = ()
    repeated_in: Language | None = None
    """A second language for the email, which repeats its text if the reader's language is unknown."""
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[A]):
    """An action that a step offers: a button label, form fields, and the class for the parsed form."""

    name: str
    label: Text
    answers: type[A]
    fields: tuple[Field[object], ...] = ()
    when: Text | None = None
    """Advice on when to choose this action, if the step offers several actions."""

    def read(self, form: Form) -> A:
        """Parse a form. Raises FormErrors with an error for each invalid field."""
        parsed: dict[str, object] = {}
        problems: dict[str, FieldRejected] = {}
        for each in self.fields:
            try:
                parsed[each.name] = each.parse(form)
            except FieldRejected as rejected:
                problems[each.name] = rejected
        if problems:
            raise FormErrors(problems)
        return self.answers(**parsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStep:
    """A step at which the voter types or confirms something. Its first action is the main one and may have fields."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]
    message: MailOrSmsText | None = None
    """The message that contains the value to type, such as a security code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStep:
    """A step at which the voter chooses between several actions. Only one of them may have fields."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitMessageStep:
    """A step at which the voter waits for `message`, an email or an SMS."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    message: MailOrSmsText
    actions: tuple[Action[object], ...] = ()
    elsewhere: bool = False
    """True if the step is the message itself and not a page of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalStep:
    """The last step of a flow. It tells the voter what to do next.

    `message` is the email or SMS that confirms the result. `answer` is an email that the helpdesk may send afterwards.
    """

    code: str
    slug: str
    copy: VoterAndAgentWords
    message: MailOrSmsText | None = None
    actions: tuple[Action[object], ...] = ()
    answer: MailOrSmsText | None = None


Step = AskStep | ChooseStep | AwaitMessageStep | FinalStep


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOverview:
    lets_you: Text
    minutes: Text
    needs: tuple[Text, ...]
    tries: Text
    begins: tuple[Text, ...]
    """Instructions for reaching the first step from a printed guide, which has no links."""
    sought: Text
    """Search words for this flow in the help pages, separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A recovery flow: a title and an ordered list of steps. `slug` identifies the flow in the site's URLs."""

    slug: str
    title: Text
    steps: tuple[Step, ...]
    overview: FlowOverview | None = None
    reached: Mapping[str, Step] = field(default_factory=dict)
    """The step that a case reaches with each type of journal event (`core.ports.EventType`)."""
    beside: tuple[Step, ...] = ()
    """Steps outside the main sequence, such as failures, and pages that the voter opens on another device."""
    happens_at: Mapping[str, Step] = field(default_factory=dict)
    """The step at which other types of journal events happen. They do not show how far the case has come."""

    @property
    def sends_sms(self) -> bool:
        messages = (step.message for step in self.steps if not isinstance(step, ChooseStep))
        return any(message is not None and message.channel is Channel.SMS for message in messages)


class FlowSteps:
    """Base class for the steps of a flow. Each flow has a subclass with one attribute for each step."""

    flow: Flow


LOOK_SOON = timedelta(seconds=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step to show now. `facts` contains the values for its sentences, such as a time, a count or an address."""

    step: Step
    facts: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    notices: tuple[Text, ...] = ()
    carried: Mapping[str, str] = field(default_factory=dict)
    """Hidden inputs of the page's forms, by name. They show that a form comes from an outdated page."""
    moving: timedelta | None = None
    """The time after which the page refreshes itself if the step can change by itself.

    Afterwards the page does this less often.
    """
    message_language: Language | None = None
    """The language of the message that is being sent, if it can differ from the page's language."""


def find_action(act_name: str, step: Step) -> Action[object] | None:
    """Return the action with this name, or None. An empty name selects the main or only action of the step."""
    if not act_name and (len(step.actions) == 1 or isinstance(step, AskStep)):
        return step.actions[0]
    return next((act for act in step.actions if act.name == act_name), None)


AGAIN, CALL, REQUEST, NEW_IDENTIFIER = "again", "call", "request", "new-identifier"


def actions_not_possible_yet(shown: ShownStep) -> tuple[Action[object], ...]:
    facts = {AGAIN: "may_ask_again", CALL: "may_call", REQUEST: "may_request", NEW_IDENTIFIER: "may_request"}
    possible = {name: shown.facts.get(fact, True) for name, fact in facts.items()}
    return tuple(act for act in shown.step.actions if not possible.get(act.name, True))


def later_action_sentences(shown: ShownStep) -> tuple[Text, ...]:
    """Return when each action that is not possible yet will be possible. Some never will be, such as a fourth request."""
    times = {AGAIN: "again_from", CALL: "call_from"}
    later = [action for action in actions_not_possible_yet(shown) if times.get(action.name) in shown.facts]
    return tuple(later_action_sentence(action) for action in later)


def later_action_sentence(action: Action[object]) -> Text:
    return (words.CALL_FROM if action.name == CALL else words.AGAIN_FROM).fill({"act": action.label})


def input_names(field: Field[object]) -> tuple[str, ...]:
    """Return the names of a field's inputs, in order. A birth date has three inputs.

    A value that is typed twice has two.
    """
    match field.kind:
        case FieldKind.BIRTH_DATE:
            return tuple(f"{field.name}-{part}" for part in ("day", "month", "year"))
        case FieldKind.NEW_SECRET:
            return (field.name, f"{field.name}_again")
        case _:
            return (field.name,)
