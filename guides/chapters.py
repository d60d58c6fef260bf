"""What the help says, in one language and without any markup: a site, a PDF and a deck are all made from these."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from core.places import field_anchor, step_anchor
from core.steps import Act, Brief, Field, Flow, Step, inputs_of
from core.text import Language, Text
from core.words import guides as words
from guides.book import Book
from guides.entries import title_of
from guides.marks import Marked, marks_of

NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do, numbered as in the picture."""

    number: int
    anchor: str | None
    sentence: str
    hint: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What to do in order; `lead` says who takes this way, where there are several."""

    lead: str | None
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What one notices, and what to do."""

    sign: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A sentence the site may answer with; the messages page has an entry of that id."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One step. `says` is what its page says, for the fictional voter."""

    code: str
    anchor: str
    title: str
    says: tuple[str, ...]
    ways: tuple[Way, ...]
    troubles: tuple[Trouble, ...]
    mishaps: tuple[Mishap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of what one wants to know before beginning."""

    label: str
    values: tuple[str, ...]
    link: str | None = None
    """Where its first value leads, if anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One flow."""

    slug: str
    language: Language
    title: str
    lets_you: str | None
    facts: tuple[Fact, ...]
    sought: str
    """The words people look for it under."""
    sections: tuple[Section, ...]


def calling(number: str) -> str:
    """The link that calls a number when touched."""
    return f"tel:{NOT_DIALLED.sub('', number)}"


@dataclass(frozen=True, slots=True)
class Chapters:
    """Makes them for one book and language."""

    book: Book
    language: Language

    def all(self) -> tuple[Chapter, ...]:
        """One a flow, in order."""
        return tuple(self.of(flow) for flow in self.book.flows)

    def of(self, flow: Flow) -> Chapter:
        """That flow's."""
        brief = flow.brief
        return Chapter(
            slug=flow.slug,
            language=self.language,
            title=self._said(flow.title),
            lets_you=None if brief is None else self._said(brief.lets_you),
            facts=(*self._facts(brief), *self.where()),
            sought="" if brief is None else self._said(brief.sought),
            sections=tuple(self._section(step) for step in flow.steps),
        )

    def where(self) -> tuple[Fact, ...]:
        """The site and the desk."""
        election = self.book.election
        hours = self._said(Text("{desk_hours}"))
        return (
            Fact(label=self._said(words.SITE), values=(election.site,), link=f"{election.site}/"),
            Fact(label=self._said(words.DESK), values=(election.desk_phone, hours), link=calling(election.desk_phone)),
        )

    def _facts(self, brief: Brief | None) -> Iterator[Fact]:
        if brief is not None:
            yield Fact(label=self._said(words.MINUTES), values=(self._said(brief.minutes),))
            yield Fact(label=self._said(words.NEEDS), values=tuple(map(self._said, brief.needs)))
            yield Fact(label=self._said(words.TRIES), values=(self._said(brief.tries),))
            yield Fact(label=self._said(words.BEGIN), values=tuple(map(self._said, brief.begins)))

    def _section(self, step: Step) -> Section:
        return Section(
            code=step.code,
            anchor=step_anchor(step.code),
            title=self._said(step.copy.title, step.code),
            says=tuple(self._said(text, step.code) for text in step.copy.voter),
            ways=tuple(self._ways(step)),
            troubles=tuple(
                Trouble(sign=self._said(each.sign), remedy=self._said(each.voter)) for each in step.copy.troubles
            ),
            mishaps=tuple(self._mishaps(step)),
        )

    def _ways(self, step: Step) -> Iterator[Way]:
        acts = {act.name: act for act in step.acts}
        for name, marks in groupby(marks_of(step), key=lambda mark: mark.act):
            act = acts.get(name)
            lead = None if act is None or act.when is None else self._said(act.when)
            yield Way(lead=lead, actions=tuple(self._action(mark, step, act) for mark in marks))

    def _action(self, mark: Marked, step: Step, act: Act[object] | None) -> Action:
        fields = () if act is None else act.fields
        field = next((each for each in fields if mark.name in {each.name, inputs_of(each)[0]}), None)
        return Action(
            number=mark.number,
            anchor=None if field is None else field_anchor(step.code, field.name),
            sentence=self._said(mark.instruction),
            hint=None if field is None else self._said(field.hint),
            rules=() if field is None else self._rules(field),
        )

    def _rules(self, field: Field[object]) -> tuple[str, ...]:
        return tuple(self._said(rule.sentence) for rule in field.criteria)

    def _mishaps(self, step: Step) -> Iterator[Mishap]:
        slips = [slip for act in step.acts for field in act.fields for slip in field.slips]
        ids = dict.fromkeys([*(slip.told.id for slip in slips), *step.copy.refusals])
        for each in ids:
            yield Mishap(id=each, sentence=self._said(title_of(each, self.book), each))

    def _said(self, text: Text, at: str = "") -> str:
        return self.book.said(text, self.language, at)
