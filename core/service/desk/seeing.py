"""A step as the desk sees it: what the agent says, and beside it what the voter has before their eyes."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from core.steps import Field, Message, Step, Tell, Wait
from core.text import Text
from core.words.guiding import UNKNOWN_FACT

FORMATTER = Formatter()


@dataclass(frozen=True, slots=True)
class SeenTrouble:
    """What usually goes wrong, and what the agent says then."""

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

    def fill(text: Text) -> Text:
        known = text.fill(facts)
        return known.fill(dict.fromkeys(_names(known), UNKNOWN_FACT))

    def all_of(texts: tuple[Text, ...]) -> tuple[Text, ...]:
        return tuple(map(fill, texts))

    def message_of(message: Message | None) -> SeenMessage | None:
        if message is None:
            return None
        action = None if message.action is None else fill(message.action)
        return SeenMessage(fill(message.subject), all_of(message.body), action, all_of(message.after))

    copy = step.copy
    voter = SeenByVoter(
        title=fill(copy.title),
        body=all_of(copy.voter),
        fields=tuple(field for act in step.acts for field in act.fields),
        buttons=tuple(fill(act.label) for act in step.acts),
        message=message_of(step.message) if isinstance(step, Wait | Tell) else None,
    )
    troubles = tuple(SeenTrouble(fill(each.sign), fill(each.agent)) for each in copy.troubles)
    return SeenStep(step, step.code, fill(copy.title), all_of(copy.agent), troubles, voter)


def _names(text: Text) -> set[str]:
    sentences = (text.msgid, text.plural or "")
    return {name for sentence in sentences for _, name, _, _ in FORMATTER.parse(sentence) if name}
