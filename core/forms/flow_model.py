"""Describes recovery flows as data. Code that handles steps must cover every kind of step."""

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
"""A submitted form. Maps input names to values. A missing input counts as an empty string."""


class FieldRejected(Exception):
    """Raised when a field has an invalid value. `sentence` says what to type instead. The `id` must never change."""

    id: ClassVar[str]
    sentence: ClassVar[Text]
    cause: ClassVar[Text | None] = None
    remedy: ClassVar[Text | None] = None
    """What the help advises. If it is None, the help says which field to correct."""

    def __init__(self, **params: object) -> None:
        super().__init__(self.id)
        self.reason = self.sentence.fill(params)


class FormErrors(Exception):
    """Raised when a form is refused. `tries` is a sentence about the attempts left."""

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
    """A rule for new passwords, such as a minimum number of digits."""

    name: str
    sentence: Text
    counts: CharacterClass
    minimum: int
    maximum: int | None = None
    unicode_letters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMistakeExample:
    """A wrong value for a field, and the error that it causes."""

    typed: Form
    error: type[FieldRejected]
    after: timedelta = timedelta(0)
    """Time that passes on the page before the value is sent."""


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
    """Examples of wrong values, at least one for each possible error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonProblem:
    symptom: Text
    voter: Text
    agent: Text
    sought: Text | None = None
    """Search words for this problem in the help."""
    needs: str = ""
    """Name of the action that the advice needs. The problem is shown only if this action is possible."""


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
    """The text of an email or SMS. The subject of an SMS is not sent."""

    code: str
    """Public code, such as MP-5. Empty if the message is not for voters."""
    subject: Text
    body: tuple[Text, ...]
    action: Text | None = None
    stop: Text | None = None
    """Label of a second link, which freezes the account."""
    exact: tuple[str, ...] = ()
    after: tuple[Text, ...] = ()
    repeated_in: Language | None = None
    """Second language of the email, if the reader's language is unknown."""
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[A]):
    """An action that a step offers: a button, and a form to fill in."""

    name: str
    label: Text
    answers: type[A]
    fields: tuple[Field[object], ...] = ()
    when: Text | None = None
    """Advice on when to choose this action."""
    is_irreversible: bool = False
    """True if the voter cannot undo this action. Its button is drawn as a warning."""

    def read(self, form: Form) -> A:
        """Parse a form. Raises FormErrors."""
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
    """A step at which the voter types or confirms something. Only the first action may have fields."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]
    message: MailOrSmsText | None = None
    """The message that contains the value to type, such as a security code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStep:
    """A step at which the voter chooses an action. Only one action may have fields."""

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
    """True if the step is the message itself, not a page of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalStep:
    """The last step of a flow. `message` confirms the result. `answer` is the helpdesk's later reply."""

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
    """Instructions to the voter for reaching the first step without a link."""
    start: str | None = "/"
    """Path of the page at which the voter begins. None if only a message leads to the first step."""
    sought: Text
    """Search words for this flow in the help, separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A recovery flow. `slug` is its name in URLs."""

    slug: str
    title: Text
    steps: tuple[Step, ...]
    overview: FlowOverview | None = None
    reached: Mapping[str, Step] = field(default_factory=dict)
    """Maps types of journal events (`core.ports.EventType`) to the steps that they lead to."""
    beside: tuple[Step, ...] = ()
    """Steps outside the main sequence, such as failures."""
    happens_at: Mapping[str, Step] = field(default_factory=dict)
    """Maps types of events to the step where they happen. Used if `reached` lacks the event."""
    is_always_open: bool = False
    """True if the flow also works before the service opens and after the vote."""

    def name_of(self, step: Step) -> Text:
        """Return the name of a step in lists. If its title greets the voter by name, this is the flow's title."""
        return self.title if "{" in step.copy.title.msgid else step.copy.title

    @property
    def sends_sms(self) -> bool:
        messages = (step.message for step in self.steps if not isinstance(step, ChooseStep))
        return any(message is not None and message.channel is Channel.SMS for message in messages)


class FlowSteps:
    """Base class for the steps of a flow. Each step is an attribute of a subclass."""

    flow: Flow


REFRESH_SOON = timedelta(seconds=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step to show now. `facts` contains the values for its sentences."""

    step: Step
    facts: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    notices: tuple[Text, ...] = ()
    carried: Mapping[str, str] = field(default_factory=dict)
    """Hidden inputs that let the server detect a form from an outdated page."""
    refresh_after: timedelta | None = None
    """Time after which the page refreshes itself, or None."""
    message_language: Language | None = None
    """Language of the message, if the page may be in another language."""


def find_action(act_name: str, step: Step) -> Action[object] | None:
    """Return the action with this name, or None. An empty name means the main action."""
    if not act_name and (len(step.actions) == 1 or isinstance(step, AskStep)):
        return step.actions[0]
    return next((act for act in step.actions if act.name == act_name), None)


AGAIN, CALL, REQUEST, NEW_IDENTIFIER, RESTART = "again", "call", "request", "new-identifier", "restart"
RESUME, NEW_PASSWORD = "resume", "new-password"


def actions_not_possible_yet(shown: ShownStep) -> tuple[Action[object], ...]:
    facts = {AGAIN: "may_ask_again", CALL: "may_call", RESUME: "may_resume"}
    facts |= dict.fromkeys((REQUEST, NEW_IDENTIFIER, RESTART), "may_request")
    possible = {name: shown.facts.get(fact, True) for name, fact in facts.items()}
    return tuple(act for act in shown.step.actions if not possible.get(act.name, True))


def problems_to_show(shown: ShownStep) -> tuple[CommonProblem, ...]:
    closed = {act.name for act in actions_not_possible_yet(shown)}
    return tuple(each for each in shown.step.copy.common_problems if each.needs not in closed)


def later_action_sentences(shown: ShownStep) -> tuple[Text, ...]:
    """Return sentences that say when actions will become possible."""
    times = {AGAIN: "again_from", CALL: "call_from"}
    later = [action for action in actions_not_possible_yet(shown) if times.get(action.name) in shown.facts]
    return tuple(later_action_sentence(action) for action in later)


def later_action_sentence(action: Action[object]) -> Text:
    return words.CALL_FROM if action.name == CALL else words.AGAIN_FROM


def input_names(field: Field[object]) -> tuple[str, ...]:
    """Return the names of a field's inputs. A birth date has three inputs."""
    match field.kind:
        case FieldKind.BIRTH_DATE:
            return tuple(f"{field.name}-{part}" for part in ("day", "month", "year"))
        case FieldKind.NEW_SECRET:
            return (field.name, f"{field.name}_again")
        case _:
            return (field.name,)
