"""The vocabulary of a recovery flow: data only. A flow is a list of steps; the faces look at it and draw.

The union `Step` is closed: each face matches on it with `assert_never`, so a new kind breaks every renderer's type check.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from core.text import Text

T = TypeVar("T")
A = TypeVar("A")

Form = Mapping[str, str]
"""What a person typed, by input name; an input left out reads as the empty string."""


class Rejected(Exception):
    """What was typed in one field cannot be taken; the sentence says what to type instead.

    One subclass a sentence, all in `core.errors`; `id` is stable and the help pages are ordered by it.
    """

    id: ClassVar[str]
    sentence: ClassVar[Text]
    cause: ClassVar[Text | None] = None
    """Why that happens, for the help."""

    def __init__(self, **params: object) -> None:
        super().__init__(self.id)
        self.reason = self.sentence.fill(params)


class Problems(Exception):
    """An act refused for what was typed: what to mend, by field, and how many tries are left. Nothing has happened."""

    def __init__(self, by_field: Mapping[str, Rejected], *, tries: Text | None = None) -> None:
        super().__init__(", ".join(f"{name}: {rejected.id}" for name, rejected in by_field.items()))
        self.by_field = by_field
        self.tries = tries


class FieldKind(StrEnum):
    """How a field is drawn; every face knows every kind."""

    ADDRESS = "address"
    SECRET = "secret"
    NEW_SECRET = "new_secret"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    NUMEN = "numen"
    CODE = "code"


class CharacterClass(StrEnum):
    """What a criterion counts. `LOWER` and `UPPER` are ASCII letters unless the criterion says Unicode."""

    ANY = "any"
    LOWER = "lower"
    UPPER = "upper"
    DIGIT = "digit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A rule that a script can tick while one types: at least `minimum`, at most `maximum` NFC code points of a class."""

    name: str
    sentence: Text
    counts: CharacterClass
    minimum: int
    maximum: int | None = None
    unicode_letters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One way to fill in a field wrong, for the help: what is typed, and what is said then.

    `parse` says it, or else the service that the answer reaches; the fictional voter of the help is Camille Martin.
    """

    typed: Form
    told: type[Rejected]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T]):
    """One thing to type. `parse` is the only validation there is and raises Rejected."""

    name: str
    label: Text
    hint: Text
    example: Form
    parse: Callable[[Form], T]
    kind: FieldKind
    autocomplete: str
    criteria: tuple[Criterion, ...] = ()
    again: Text | None = None
    """The label of the second input, where a thing is typed twice."""
    slips: tuple[Slip, ...] = ()
    """Every sentence of refusal one can meet here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What usually goes wrong at a step: what one notices, and what to do, in both voices."""

    sign: Text
    voter: Text
    agent: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A step's words in two voices: to the voter, and to the agent who guides a caller."""

    title: Text
    voter: tuple[Text, ...]
    agent: tuple[Text, ...]
    troubles: tuple[Trouble, ...] = ()
    refusals: tuple[str, ...] = ()
    """Ids of the refusals of `core.errors` that one can meet here, for the help."""


class Channel(StrEnum):
    """What carries a message."""

    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message's words. `action` is the words of its one link; one to no voter has no code.

    An SMS has no subject and no link: its `subject` is what faces call it by, its `body` are its lines, all GSM-7.
    """

    code: str
    subject: Text
    body: tuple[Text, ...]
    action: Text | None = None
    exact: tuple[str, ...] = ()
    """Lines that are no sentences, to be read and copied as they are."""
    after: tuple[Text, ...] = ()
    channel: Channel = Channel.MAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Generic[A]):
    """One thing a person may do at a step: the words of its button, what to type, the frozen answer it makes.

    The answer's type names the command: `core.service` has one handler for each.
    """

    name: str
    label: Text
    answers: type[A]
    fields: tuple[Field[object], ...] = ()
    when: Text | None = None
    """Who takes this way, where a step offers several."""

    def read(self, form: Form) -> A:
        """The answer typed. Raises Problems with a sentence for each field that cannot be read."""
        parsed: dict[str, object] = {}
        problems: dict[str, Rejected] = {}
        for each in self.fields:
            try:
                parsed[each.name] = each.parse(form)
            except Rejected as rejected:
                problems[each.name] = rejected
        if problems:
            raise Problems(problems)
        return self.answers(**parsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something to type or confirm, and one way on. `others` are what else one may do meanwhile, with nothing to type."""

    code: str
    slug: str
    copy: Copy
    act: Act[object]
    others: tuple[Act[object], ...] = ()
    message: Message | None = None
    """What arrives meanwhile, and holds what is to be typed."""

    @property
    def acts(self) -> tuple[Act[object], ...]:
        """What one may do here, the way on first."""
        return (self.act, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Several ways on; one of them may ask for something."""

    code: str
    slug: str
    copy: Copy
    acts: tuple[Act[object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Someone must act elsewhere: in a mailbox, on a telephone. `message` is what will arrive there."""

    code: str
    slug: str
    copy: Copy
    message: Message
    acts: tuple[Act[object], ...] = ()
    elsewhere: bool = False
    """Whether the step is no page of the site but the message itself, read in a mailbox or on a telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Over, or stopped, with what to do next. `message` is the notice that goes out with it, if any."""

    code: str
    slug: str
    copy: Copy
    message: Message | None = None
    acts: tuple[Act[object], ...] = ()


Step = Ask | Choose | Wait | Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What one wants to know before beginning: what it is for, how long it takes, what it needs, how many tries."""

    lets_you: Text
    minutes: Text
    needs: tuple[Text, ...]
    tries: Text
    begins: tuple[Text, ...]
    """How one comes to the first step: whoever holds a printed guide has no link to follow."""
    sought: Text
    """The words people look for it under, apart by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """An ordered list of steps under one title. `slug` is its place in the site's addresses."""

    slug: str
    title: Text
    steps: tuple[Step, ...]
    brief: Brief | None = None
    reached: Mapping[str, Step] = field(default_factory=dict)
    """Where a case stands once the journal says that (`core.ports.Act`); what it leaves out moves nothing."""

    def at(self, slug: str) -> Step | None:
        """The step at that place, if there is one."""
        return next((step for step in self.steps if step.slug == slug), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A step to show now, with all that may be printed beside its words: HH:MM, "2 of 3", an address."""

    step: Step
    facts: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    notices: tuple[Text, ...] = ()
    """Sentences about this visit, above the step: "You are signed in as someone else"."""
    stands: object = field(default=None, compare=False)
    """Not shown: what it was read from, for the act that follows at once: if it has moved by then, its version tells."""
    moving: bool = False
    """Whether where things stand may change without the reader: a face looks again by itself."""


def named(act_name: str, step: Step) -> Act[object] | None:
    """The act a button stands for; the way on of an Ask, and a step's single act, need no name."""
    if not act_name and (len(step.acts) == 1 or isinstance(step, Ask)):
        return step.acts[0]
    return next((act for act in step.acts if act.name == act_name), None)


AGAIN = "again"
"""The name of the act that sends the same once more, and is closed during a cool-down."""


def closed_acts(shown: Shown) -> tuple[Act[object], ...]:
    """The acts to show as not yet possible."""
    if shown.facts.get("may_ask_again", True):
        return ()
    return tuple(act for act in shown.step.acts if act.name == AGAIN)


def inputs_of(each: Field[object]) -> tuple[str, ...]:
    """The names of a field's inputs, in order: three for a birth date, two for a thing typed twice."""
    match each.kind:
        case FieldKind.BIRTH_DATE:
            return tuple(f"{each.name}-{part}" for part in ("day", "month", "year"))
        case FieldKind.NEW_SECRET:
            return (each.name, f"{each.name}_again")
        case _:
            return (each.name,)


def answer_names(answers: type[object]) -> tuple[str, ...]:
    """The names an answer type is built from; a test holds them against the fields of its act."""
    return tuple(each.name for each in fields(answers))  # type: ignore[arg-type]  # answers are dataclasses; mypy has no such bound
