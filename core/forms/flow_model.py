"""The model of a recovery flow as data: a flow is a list of steps, which the faces draw.

Each face matches on the union `Step` with `assert_never`, so its type check fails until it handles a new kind of step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from core.text.text import Language, Text

T = TypeVar("T")
A = TypeVar("A")

Form = Mapping[str, str]
"""A submitted form by input name. A missing input is read as the empty string."""


class FieldRejected(Exception):
    """The input of one field is invalid. The sentence says what to type instead.

    `core.forms.errors` has one subclass for each sentence. `id` is stable, and the help pages are ordered by it.
    """

    id: ClassVar[str]
    sentence: ClassVar[Text]
    cause: ClassVar[Text | None] = None
    """The cause of the error, for the help."""

    def __init__(self, **params: object) -> None:
        super().__init__(self.id)
        self.reason = self.sentence.fill(params)


class FormErrors(Exception):
    """The errors of a refused form by field, and the attempts left. Nothing was done."""

    def __init__(self, by_field: Mapping[str, FieldRejected], *, tries: Text | None = None) -> None:
        super().__init__(", ".join(f"{name}: {rejected.id}" for name, rejected in by_field.items()))
        self.by_field = by_field
        self.tries = tries


class FieldKind(StrEnum):
    """The kind of a field, which determines how faces draw it."""

    ADDRESS = "address"
    SECRET = "secret"
    NEW_SECRET = "new_secret"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    NUMEN = "numen"
    CODE = "code"
    CHECK = "check"
    """A box to tick."""
    CHOICE = "choice"
    """One of the field's options."""
    CASE_NUMBER = "case_number"

    @property
    def is_optional(self) -> bool:
        return self in {FieldKind.CHECK, FieldKind.CASE_NUMBER}


class CharacterClass(StrEnum):
    """The characters that a criterion counts. `LOWER` and `UPPER` are ASCII letters unless the criterion says Unicode."""

    ANY = "any"
    LOWER = "lower"
    UPPER = "upper"
    DIGIT = "digit"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCriterion:
    """A rule that a script checks during typing: at least `minimum`, at most `maximum` NFC code points of a class."""

    name: str
    sentence: Text
    counts: CharacterClass
    minimum: int
    maximum: int | None = None
    unicode_letters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMistakeExample:
    """A mistake in a field, for the help: what is typed, and the error that `parse` or a use case raises."""

    typed: Form
    error: type[FieldRejected]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    """One option of a choice: the value sent, and the words shown."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T]):
    """One field to fill in. `parse` is its only validation and raises FieldRejected."""

    name: str
    label: Text
    hint: Text
    example: Form
    parse: Callable[[Form], T]
    kind: FieldKind
    autocomplete: str
    criteria: tuple[PasswordCriterion, ...] = ()
    again: Text | None = None
    """The label of the second input, if a value is typed twice."""
    options: tuple[FieldOption, ...] = ()
    mistakes: tuple[FieldMistakeExample, ...] = ()
    """Mistakes that raise each error sentence of this field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonProblem:
    """A common problem at a step: the symptom, and advice for the voter and for the agent."""

    symptom: Text
    voter: Text
    agent: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterAndAgentWords:
    """The words of a step, for the voter and for the agent who guides a caller."""

    title: Text
    voter: tuple[Text, ...]
    agent: tuple[Text, ...]
    common_problems: tuple[CommonProblem, ...] = ()
    refusals: tuple[str, ...] = ()
    """Ids of the refusals in `core.forms.errors` that can occur here, for the help."""


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MailOrSmsText:
    """The words of a message. `action` labels its main link; a message that goes to no voter has no code.

    An SMS has no link. Only faces use its `subject`, and all lines of its `body` are GSM-7.
    """

    code: str
    subject: Text
    body: tuple[Text, ...]
    action: Text | None = None
    stop: Text | None = None
    """The label of a second link, which freezes the account of a voter who did not request the message."""
    exact: tuple[str, ...] = ()
    """Lines that are not sentences and are copied unchanged."""
    after: tuple[Text, ...] = ()
    repeated_in: Language | None = None
    """If set, the mail repeats its text in this language, because the reader's language is unknown."""
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[A]):
    """An action at a step: the label of its button, its fields, and the type of its answer.

    The flow's handler acts on the type of the answer.
    """

    name: str
    label: Text
    answers: type[A]
    fields: tuple[Field[object], ...] = ()
    when: Text | None = None
    """When to choose this action, if a step offers several."""

    def read(self, form: Form) -> A:
        """Parse a form into the answer. Raises FormErrors with an error for each field that cannot be parsed."""
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
    """A step with something to type or confirm. The first action is the main one; the others have no fields."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]
    message: MailOrSmsText | None = None
    """The message with the value to type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStep:
    """A step with several actions to choose from; one of them may have fields."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitMessageStep:
    """A step at which the voter acts in a mailbox or on a telephone. `message` is the message that arrives there."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    message: MailOrSmsText
    actions: tuple[Action[object], ...] = ()
    elsewhere: bool = False
    """True if the step is the message itself, which the voter reads in a mailbox or on a telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalStep:
    """A step that ends or stops the flow and says what to do next. `message` is its notice, if any.

    `answer` is the mail that the desk can send later. The desk chooses its words.
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
    """The overview of a flow: its purpose, duration, requirements and number of attempts."""

    lets_you: Text
    minutes: Text
    needs: tuple[Text, ...]
    tries: Text
    begins: tuple[Text, ...]
    """How to reach the first step without a link, for readers of a printed guide."""
    sought: Text
    """Search words for the flow, separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """An ordered list of steps under one title. `slug` is its part of the site's URLs."""

    slug: str
    title: Text
    steps: tuple[Step, ...]
    overview: FlowOverview | None = None
    reached: Mapping[str, Step] = field(default_factory=dict)
    """The step that a case reaches with an event, by its `core.ports.EventType`. Other events do not move it."""
    beside: tuple[Step, ...] = ()
    """Steps outside the main sequence: failures, and pages on another device."""
    happens_at: Mapping[str, Step] = field(default_factory=dict)
    """The step at which each other event happens, in a flow that derives a case's step from its state."""

    @property
    def sends_sms(self) -> bool:
        """True if the flow sends an SMS."""
        messages = (step.message for step in self.steps if not isinstance(step, ChooseStep))
        return any(message is not None and message.channel is Channel.SMS for message in messages)


class FlowSteps:
    """A flow and its steps. Each flow's subclass names the steps by their purpose."""

    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step to show now, and the values for its sentences: a time, a count, an address."""

    step: Step
    facts: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    notices: tuple[Text, ...] = ()
    """Sentences about this visit, above the step, such as "You are signed in as someone else"."""
    carried: Mapping[str, str] = field(default_factory=dict)
    """Hidden inputs of the page's forms, by name. They show whether a page is stale."""
    moving: bool = False
    """True if the page can change by itself, so that faces refresh it."""
    message_language: Language | None = None
    """The language of the message being sent, if it can differ from the page's."""


def find_action(act_name: str, step: Step) -> Action[object] | None:
    """Return the action of a button. The main action of an AskStep and the only action of a step need no name."""
    if not act_name and (len(step.actions) == 1 or isinstance(step, AskStep)):
        return step.actions[0]
    return next((act for act in step.actions if act.name == act_name), None)


AGAIN = "again"
"""Name of the action that sends a message again. It is unavailable during the pause."""


def actions_not_possible_yet(shown: ShownStep) -> tuple[Action[object], ...]:
    if shown.facts.get("may_ask_again", True):
        return ()
    return tuple(act for act in shown.step.actions if act.name == AGAIN)


def input_names(field: Field[object]) -> tuple[str, ...]:
    """Return the names of a field's inputs, in order: three for a birth date, two for a value typed twice."""
    match field.kind:
        case FieldKind.BIRTH_DATE:
            return tuple(f"{field.name}-{part}" for part in ("day", "month", "year"))
        case FieldKind.NEW_SECRET:
            return (field.name, f"{field.name}_again")
        case _:
            return (field.name,)
