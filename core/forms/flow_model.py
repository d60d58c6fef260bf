"""The vocabulary of a recovery flow, as data: a flow is a list of steps, which the faces draw.

The union `Step` is closed: each face matches on it with `assert_never`, so a new kind breaks every renderer's type check.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from core.text.text import Language, Text

T = TypeVar("T")
A = TypeVar("A")

Form = Mapping[str, str]
"""A submitted form by input name; a missing input reads as the empty string."""


class FieldRejected(Exception):
    """The input of one field cannot be taken; the sentence says what to type instead.

    There is one subclass a sentence, in `core.forms.errors`. `id` is stable, and the help pages are ordered by it.
    """

    id: ClassVar[str]
    sentence: ClassVar[Text]
    cause: ClassVar[Text | None] = None
    """The cause of the trouble, for the help."""

    def __init__(self, **params: object) -> None:
        super().__init__(self.id)
        self.reason = self.sentence.fill(params)


class FormErrors(Exception):
    """The errors of a refused form by field, and the tries left. Nothing has happened."""

    def __init__(self, by_field: Mapping[str, FieldRejected], *, tries: Text | None = None) -> None:
        super().__init__(", ".join(f"{name}: {rejected.id}" for name, rejected in by_field.items()))
        self.by_field = by_field
        self.tries = tries


class FieldKind(StrEnum):
    """The kind of a field, by which faces choose how to draw it."""

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
        """True if fields of that kind need not be filled in."""
        return self in {FieldKind.CHECK, FieldKind.CASE_NUMBER}


class CharacterClass(StrEnum):
    """The characters that a criterion counts. `LOWER` and `UPPER` are ASCII letters unless the criterion says Unicode."""

    ANY = "any"
    LOWER = "lower"
    UPPER = "upper"
    DIGIT = "digit"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCriterion:
    """A rule that a script can tick during typing: at least `minimum`, at most `maximum` NFC code points of a class."""

    name: str
    sentence: Text
    counts: CharacterClass
    minimum: int
    maximum: int | None = None
    unicode_letters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMistakeExample:
    """A mistake in a field, for the help: what is typed, and which error that raises.

    `parse` or a use case raises the error; the fictional voter of the help is Camille Martin.
    """

    typed: Form
    error: type[FieldRejected]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    """One option of a choice: the value that is sent, and the words that are read."""

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
    """The label of the second input, where a value is typed twice."""
    options: tuple[FieldOption, ...] = ()
    """The options of a choice."""
    mistakes: tuple[FieldMistakeExample, ...] = ()
    """The mistakes that lead to every error sentence of this field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonProblem:
    """A common problem at a step: the symptom, and what to do, in both voices."""

    symptom: Text
    voter: Text
    agent: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterAndAgentWords:
    """The words of a step in two voices: to the voter, and to the agent who guides a caller."""

    title: Text
    voter: tuple[Text, ...]
    agent: tuple[Text, ...]
    common_problems: tuple[CommonProblem, ...] = ()
    refusals: tuple[str, ...] = ()
    """Ids of the refusals of `core.forms.errors` that may be met here, for the help."""


class Channel(StrEnum):
    """The channel of a message."""

    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MailOrSmsText:
    """The words of a message, hashed by identity. `action` labels its main link; a message to no voter has no code.

    An SMS has no subject and no link: faces name it by its `subject`, and its `body` are its lines, all GSM-7.
    """

    code: str
    subject: Text
    body: tuple[Text, ...]
    action: Text | None = None
    stop: Text | None = None
    """The words of a second link, which freezes the account of a voter who did not ask for the message."""
    exact: tuple[str, ...] = ()
    """Lines that are no sentences, to be copied unchanged."""
    after: tuple[Text, ...] = ()
    repeated_in: Language | None = None
    """The language in which a mail says all of it once more, below, to readers whose language nobody knows."""
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[A]):
    """An action at a step: the label of its button, its fields, and the frozen answer type that it makes.

    The answer's type names the command; the flow's handler acts on each.
    """

    name: str
    label: Text
    answers: type[A]
    fields: tuple[Field[object], ...] = ()
    when: Text | None = None
    """The reader's situation in which this action is right, where a step offers several."""

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
    """A step with something to type or confirm. The first action is the main one; the others have nothing to type."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]
    message: MailOrSmsText | None = None
    """The message that arrives meanwhile and holds what is to be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStep:
    """A step with several actions to choose from; one of them may have fields."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    actions: tuple[Action[object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitMessageStep:
    """A step at which someone must act in a mailbox or on a telephone. `message` is what will arrive there."""

    code: str
    slug: str
    copy: VoterAndAgentWords
    message: MailOrSmsText
    actions: tuple[Action[object], ...] = ()
    elsewhere: bool = False
    """True if the step is the message itself, read in a mailbox or on a telephone, instead of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalStep:
    """A step that ends or stops the flow and says what to do next. `message` is its notice, if any.

    `answer` is the mail that the desk may write to it later; its words are the desk's choice.
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
    """The overview of a flow: its purpose, its duration, what it needs, and how many tries there are."""

    lets_you: Text
    minutes: Text
    needs: tuple[Text, ...]
    tries: Text
    begins: tuple[Text, ...]
    """The way to the first step without a link, for readers of a printed guide."""
    sought: Text
    """The words under which people look for the flow, separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """An ordered list of steps under one title. `slug` is its part of the site's addresses."""

    slug: str
    title: Text
    steps: tuple[Step, ...]
    overview: FlowOverview | None = None
    reached: Mapping[str, Step] = field(default_factory=dict)
    """The step at which a case stands after an event, by its `core.ports.EventType`; other events change nothing."""
    beside: tuple[Step, ...] = ()
    """The steps that the way through does not lead to: a failure, and what another device shows."""
    happens_at: Mapping[str, Step] = field(default_factory=dict)
    """The step at which any other event of the flow happens, where the states alone say at which step a case stands."""

    @property
    def sends_sms(self) -> bool:
        """True if a message of the flow comes by SMS."""
        messages = (step.message for step in self.steps if not isinstance(step, ChooseStep))
        return any(message is not None and message.channel is Channel.SMS for message in messages)


class FlowSteps:
    """A flow. The class of each flow adds its steps by their purposes, so that rules name them without a code."""

    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """A step to show now, with all values that may be printed beside its words: HH:MM, "2 of 3", an address."""

    step: Step
    facts: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    notices: tuple[Text, ...] = ()
    """Sentences about this visit, above the step: "You are signed in as someone else"."""
    carried: Mapping[str, str] = field(default_factory=dict)
    """Hidden inputs of each form of the page, by name, so that a stale page is recognised."""
    moving: bool = False
    """True if the page may change without the reader's doing, so that a face refreshes it."""
    message_language: Language | None = None
    """The language of the message on its way, where it may be another than the page's."""


def find_action(act_name: str, step: Step) -> Action[object] | None:
    """Return the action of a button; an Ask's main action and a step's only action need no name."""
    if not act_name and (len(step.actions) == 1 or isinstance(step, AskStep)):
        return step.actions[0]
    return next((act for act in step.actions if act.name == act_name), None)


AGAIN = "again"
"""The name of the action that sends again, and is closed during a cool-down."""


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
