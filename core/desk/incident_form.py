"""The form with which a supervisor announces an incident."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial
from typing import Any

from core.flows.incident_catalogue import LONGEST, MOST_MINUTES, SENTENCES, IncidentSentence
from core.forms.errors.supervisor_incident_input import (
    AcademiesAbsent,
    AcademieUnknown,
    EndOutOfReach,
    EndUnreadable,
    MailDomainUnreadable,
    MinutesUnreadable,
)
from core.forms.field_parsers import parse_address
from core.forms.flow_model import Action, Field, FieldKind, FieldRejected, Form
from core.forms.name_words import name_words
from core.ports import IncidentScope
from core.text.faces.incident_page_texts import WHERE
from core.text.text import N_, Text

USUAL_LENGTH = timedelta(hours=2)
NEAREST = 5
MOST_TYPED = 100
MINUTES = re.compile(r"([0-9]{1,5})\s*min(?:utes?)?\.?")
CLOCK = re.compile(r"(?:([0-9]{1,2})\s*/\s*([0-9]{1,2})\s+)?([0-9]{1,2})\s*[h:]\s*([0-9]{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    sentence: str
    scope: IncidentScope
    until: datetime = field(compare=False)  # the end of a proposed incident moves with the clock
    subject: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class IncidentSentenceAndScope:
    sentence: IncidentSentence
    scope: IncidentScope

    @property
    def concerned_people_words(self) -> Text:
        return WHERE[self.scope].fill({"subject": "…"})


def incident_sentence_choices() -> tuple[IncidentSentenceAndScope, ...]:
    return tuple(IncidentSentenceAndScope(sentence, scope) for sentence in SENTENCES for scope in sentence.scopes)


def incident_blanks_form(
    choice: IncidentSentenceAndScope, academies: Sequence[str], now: datetime
) -> Action[NewIncident]:
    """Return a form for an incident's details. `now` must be in the election's time zone."""
    fields = []
    if choice.scope is IncidentScope.ACADEMIE:
        hint = N_("Son nom sur la liste électorale ; le début suffit.")
        example = academies[0] if academies else "Lyon"
        fields.append(
            _typed_field("subject", N_("Académie"), hint, example, partial(parse_academie, academies=academies))
        )
    if choice.scope is IncidentScope.MAIL_DOMAIN:
        hint = N_("Ce qui suit le @, comme « ac-lyon.fr ».")
        fields.append(_typed_field("subject", N_("Domaine des adresses"), hint, "ac-lyon.fr", parse_mail_domain))
    if choice.sentence.counts_minutes:
        hint = N_("Le nombre que dira la phrase.")
        fields.append(_typed_field("minutes", N_("Minutes d'attente"), hint, "20", parse_minutes))
    hint = N_("Une heure (17:30), un jour et une heure (6/12 9:00) ou une durée (90 min). L'incident s'arrête alors.")
    fields.append(_typed_field("until", N_("Fin prévue"), hint, "90 min", partial(parse_end, now=now)))
    # `Action.read` calls this function with the values typed into the blanks.
    answers: Any = partial(NewIncident, sentence=choice.sentence.name, scope=choice.scope)
    return Action(name="announce", label=N_("Annoncer"), answers=answers, fields=tuple(fields))


def _typed_field(name: str, label: Text, hint: Text, example: str, parse: Callable[[str], object]) -> Field[object]:
    def parse_form(form: Form) -> object:
        return parse(form.get(name, "").strip()[:MOST_TYPED])

    kind = FieldKind.ADDRESS
    return Field(
        name=name, label=label, hint=hint, example={name: example}, parse=parse_form, kind=kind, autocomplete="off"
    )


def parse_mail_domain(typed: str) -> str:
    """Return the lower-case domain of a typed address or domain. Raises MailDomainUnreadable."""
    try:
        return parse_address(f"x@{typed.rpartition('@')[2]}", example="").key.partition("@")[2]
    except FieldRejected:
        raise MailDomainUnreadable from None


def parse_academie(typed: str, academies: Sequence[str]) -> str:
    """Find an académie by the beginning of its name. Raises AcademieUnknown, AcademiesAbsent."""
    if not academies:
        raise AcademiesAbsent
    words = {academie: " ".join(name_words(academie)) for academie in academies}
    wanted = " ".join(name_words(typed))
    exact = [academie for academie, name in words.items() if name == wanted]
    beginning = [academie for academie, name in words.items() if wanted and name.startswith(wanted)]
    found = exact[:1] or beginning
    if len(found) != 1:
        nearest = found or get_close_matches(typed, academies, NEAREST, cutoff=0.0)
        raise AcademieUnknown(nearest=", ".join(nearest[:NEAREST]))
    return found[0]


def parse_minutes(typed: str) -> int:
    found = re.fullmatch(r"([0-9]+)\s*(?:min)?", typed)
    if found is None or not 1 <= int(found[1]) <= MOST_MINUTES:
        raise MinutesUnreadable(most=MOST_MINUTES)
    return int(found[1])


def parse_end(typed: str, now: datetime) -> datetime:
    """Parse a duration, a time, or a date and a time. Raises EndUnreadable, EndOutOfReach."""
    found = _end(typed.lower(), now)
    if found is None:
        raise EndUnreadable
    if not now < found <= now + LONGEST:
        raise EndOutOfReach(days=LONGEST.days)
    return found


def _end(typed: str, now: datetime) -> datetime | None:
    length = MINUTES.fullmatch(typed)
    if length is not None:
        return now + timedelta(minutes=int(length[1]))
    clock = CLOCK.fullmatch(typed)
    if clock is None:
        return None
    day, month, hour, minute = (int(part or 0) for part in clock.groups())
    try:
        today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if clock[1] is None:
            return today if today > now else today + timedelta(days=1)
        this_year = today.replace(month=month, day=day)
        return this_year if this_year > now else this_year.replace(year=now.year + 1)
    except ValueError:
        return None
