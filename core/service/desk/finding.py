"""Finding a voter as one types: by names in any order, by address, by case number."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.answers import masked
from core.names import readings, words_of
from core.ports import Listed, Recovery, Sought, Transaction
from core.service.desk.proofs import Duty, Proofs
from core.service.tools import Tools
from core.text import Text
from core.tokens import read_case_number
from core.words import finding as words

SHORTEST = 2
"""Signs to type before anything is looked for."""
NOBODY = Sought((), more=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A line of the list. Without a voter it is a case of an address that is not on the roll, or not yet decided."""

    voter: int | None
    case: str | None
    name: str
    academie: str | None
    address: str
    """Masked."""
    frozen: datetime | None
    apart: tuple[Text, ...] = ()
    """What tells those of one name apart, where there are several."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The list, and what is to be said under it: that nobody was found, that there are more, what to type."""

    found: tuple[Found, ...]
    notice: Text | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The search."""

    tools: Tools
    proofs: Proofs

    def find(self, duty: Duty, typed: str, limit: int) -> Findings:
        """At most `limit` persons, the best first. Raises DutyOver."""
        self.proofs.require_duty(duty)
        typed = typed.strip()
        if sum(character.isalnum() for character in typed) < SHORTEST:
            return Findings((), words.TYPE_SOMETHING)
        with self.tools.store.read() as transaction:
            cases = tuple(self._by_case(transaction, typed))
            sought = _sought(transaction, typed, limit)
        found = (*cases, *map(_told_apart(sought.found), sought.found))[:limit]
        return Findings(found, _notice(found, more=sought.more or len(sought.found) + len(cases) > limit))

    def _by_case(self, transaction: Transaction, typed: str) -> Iterable[Found]:
        number = read_case_number(typed)
        case = None if number is None else transaction.recoveries.by_number(number)
        if case is None:
            return
        voter = transaction.recoveries.voter_of(case.number)
        listed = None if voter is None else transaction.directory.listed(voter)
        yield _of_case(case, voter) if listed is None else _found(listed, case=case.number)


def _sought(transaction: Transaction, typed: str, limit: int) -> Sought:
    if "@" in typed:
        return transaction.directory.addressed(typed.lower(), limit=limit)
    for beginnings in readings(typed):
        sought = transaction.directory.named(beginnings, limit=limit)
        if sought.found or sought.more:
            return sought
    one_word = len(typed.split()) == 1
    return transaction.directory.addressed(typed.lower(), limit=limit) if one_word else NOBODY


def _notice(found: tuple[Found, ...], *, more: bool) -> Text | None:
    if more:
        return words.MORE if found else words.TOO_WIDE
    return None if found else words.NOBODY


def _of_case(case: Recovery, voter: int | None) -> Found:
    return Found(
        voter=voter, case=case.number, name="", academie=None, address="", frozen=None, apart=(words.CASE_ONLY,)
    )


def _found(listed: Listed, *, case: str | None = None, apart: tuple[Text, ...] = ()) -> Found:
    return Found(
        voter=listed.voter,
        case=case,
        name=f"{listed.first_name} {listed.last_name}",
        academie=listed.academie,
        address=masked(listed.email),
        frozen=listed.frozen,
        apart=apart,
    )


def _told_apart(several: tuple[Listed, ...]) -> Callable[[Listed], Found]:
    """Lines of the list; those who share their whole name say what else is known of them."""
    namesakes = Counter(map(_whole_name, several))
    return lambda listed: _found(listed, apart=_apart(listed) if namesakes[_whole_name(listed)] > 1 else ())


def _whole_name(listed: Listed) -> tuple[str, ...]:
    return tuple(sorted((*words_of(listed.first_name), *words_of(listed.last_name))))


def _apart(listed: Listed) -> tuple[Text, ...]:
    local = listed.email.partition("@")[0]
    ending = words.ADDRESS_ENDING.fill({"ending": local[-2:]})
    phone = listed.phone_ending
    return (ending,) if phone is None else (ending, words.PHONE_ENDING.fill({"ending": phone}))
