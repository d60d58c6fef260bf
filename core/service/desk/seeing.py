"""A step as the desk sees it: what the agent says, and beside it what the voter has before their eyes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter

from core.steps import Channel, Field, Message, Step, Tell, Wait
from core.text import Moment, Text, TimeOfDay
from core.words.guiding import UNKNOWN_FACT, UNKNOWN_SENTENCES

FORMATTER = Formatter()


@dataclass(frozen=True, slots=True)
class SeenTrouble:
    """What usually goes wrong, and what is said of it."""

    sign: Text
    say: Text


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message, as its reader has it; `action` is the words of its one link."""

    subject: Text
    body: tuple[Text, ...]
    action: Text | None
    after: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class SeenByVoter:
    """The voter's side: words, fields, buttons, and the message that arrives there."""

    title: Text
    body: tuple[Text, ...]
    fields: tuple[Field[object], ...]
    buttons: tuple[Text, ...]
    message: SeenMessage | None
    troubles: tuple[SeenTrouble, ...]


@dataclass(frozen=True, slots=True)
class SeenStep:
    """A step, in both voices, with its facts filled in."""

    step: Step
    code: str
    title: Text
    say: tuple[Text, ...]
    troubles: tuple[SeenTrouble, ...]
    voter: SeenByVoter


def seen(step: Step, facts: Mapping[str, object]) -> SeenStep:
    """That step under these facts. What is not known yet reads "…", so that every step can be shown at any time."""
    fill = filled(facts)
    copy = step.copy
    voter = SeenByVoter(
        title=fill(copy.title),
        body=tuple(map(fill, copy.voter)),
        fields=tuple(field for act in step.acts for field in act.fields),
        buttons=tuple(fill(act.label) for act in step.acts),
        message=_message(step.message, facts) if isinstance(step, Wait | Tell) and step.message else None,
        troubles=tuple(SeenTrouble(fill(each.sign), fill(each.voter)) for each in copy.troubles),
    )
    troubles = tuple(SeenTrouble(fill(each.sign), fill(each.agent)) for each in copy.troubles)
    return SeenStep(step, step.code, fill(copy.title), tuple(map(fill, copy.agent)), troubles, voter)


def _message(message: Message, facts: Mapping[str, object]) -> SeenMessage:
    """A mail is read on another day perhaps, so it names the day of each time in it."""
    dated = {name: Moment(value.at) if isinstance(value, TimeOfDay) else value for name, value in facts.items()}
    fill = filled(dated if message.channel is Channel.MAIL else facts)
    action = None if message.action is None else fill(message.action)
    return SeenMessage(fill(message.subject), tuple(map(fill, message.body)), action, tuple(map(fill, message.after)))


def filled(facts: Mapping[str, object]) -> Callable[[Text], Text]:
    """Puts these facts into sentences; what is not known yet reads "…"."""

    def fill(text: Text) -> Text:
        known = text.fill(facts)
        return known.fill({name: UNKNOWN_SENTENCES.get(name, UNKNOWN_FACT) for name in _names(known)})

    return fill


def _names(text: Text) -> set[str]:
    sentences = (text.msgid, text.plural or "")
    return {name for sentence in sentences for _, name, _, _ in FORMATTER.parse(sentence) if name}
