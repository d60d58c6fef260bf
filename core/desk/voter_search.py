"""Finds voters by name, address or case number, despite typing errors."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from msgspec import Struct

from core.desk.authorisation import AgentSession, Authorisation
from core.desk.search_terms import SearchTerms, query_interpretations, typo_corrected_interpretations
from core.flows.dependencies import Dependencies
from core.forms.field_parsers import clean_numen, mask_address
from core.forms.name_words import does_each_begin_word_of_name, name_words
from core.ports import EventType, Transaction, VoterDirectory, VoterListEntry, VotersFound
from core.security.tokens import parse_case_number
from core.text.text import N_, Text

TYPE_SOMETHING = N_(
    "Tapez un nom, une adresse, un numéro de dossier, un code d'étape ou les mots d'un message affiché."
)
NOBODY = N_("Personne. Essayez le nom seul, ou demandez comment il s'écrit.")
DIGITS_ALONE = N_(
    "Des chiffres seuls ne trouvent personne : tapez le nom, puis les deux derniers chiffres du téléphone, comme « martin 42 »."
)
NUMEN_NOT_SEARCHED = N_(
    "Un NUMEN ne se cherche pas, il prouve qui appelle : ouvrez la fiche par le nom, puis saisissez-le à la vérification de l'appelant."
)
NUMBER_UNKNOWN = N_("Aucun dossier n'a ce numéro : faites-le relire, signe par signe.")
APPROXIMATE = N_("Personne de ce nom exact. Voici qui s'en approche.")
ADDRESS_APPROXIMATE = N_("Personne n'a cette adresse. Voici qui s'en approche.")
MORE = N_("D'autres personnes répondent à ces lettres : précisez le nom, le prénom ou l'adresse.")
TOO_WIDE = N_("Trop de personnes répondent à ces lettres : précisez.")
CASE_ONLY = N_("Dossier sans personne connue : ouvrez-le pour lire son historique.")
ADDRESS_ENDING = N_("adresse : …{ending}@")
PHONE_ENDING = N_("téléphone : …{ending}")

CASE_NUMBER = re.compile(r"\s*(?!\D{4}\s\d{4}\s*$)\w{4}[-\s]?\w{4}\s*")
"""Matches a case number, but not a four-letter name followed by four digits."""
NONE = VotersFound((), more=False)
SHORTEST = 2
MOST_FOUND = 50
MOST_ACADEMIES = 500
INTERVAL = timedelta(minutes=10)
MOST_UNWRITTEN = 50
"""Number of searches after which an agent's count is written to the journal."""


class SearchResultLine(Struct, frozen=True, tag=True, kw_only=True):
    """A search result. `voter` is None for a case of an unknown voter."""

    voter: int | None
    case: str | None
    name: str
    academie: str | None
    address: str
    distinctions: tuple[Text, ...] = ()
    lit: tuple[str, ...] = ()
    """Beginnings of the matching words, for the terminal to highlight."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    found: tuple[SearchResultLine, ...]
    notice: Text | None = None
    approximate: bool = False
    """True if nothing matched exactly and the results are only similar."""


@dataclass(eq=False)
class VoterSearch:
    """Searches for voters. Counts each agent's searches, to detect copying of the roll."""

    dependencies: Dependencies
    authorisation: Authorisation
    _counts: dict[int, tuple[datetime, int, frozenset[int]]] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def find(self, session: AgentSession, typed: str, limit: int) -> SearchResults:
        """Return at most `limit` voters, and never more than `MOST_FOUND`. Raises AgentSessionOver."""
        self.authorisation.require_session(session)
        typed, limit = typed.strip(), max(1, min(limit, MOST_FOUND))
        if _is_too_short(typed):
            return SearchResults((), TYPE_SOMETHING)
        if any(map(clean_numen, (typed, *typed.split()))):
            return SearchResults((), NUMEN_NOT_SEARCHED)
        with self.dependencies.store.read() as transaction:
            cases = tuple(_find_case(transaction, typed))
            result = _find_voters(transaction, typed, limit)
        matches, approximate = result.found, result.approximate
        namesakes = Counter(map(_whole_name, matches.found))
        voters = (
            _result(voter, distinct=namesakes[_whole_name(voter)] > 1, lit=result.highlighted)
            for voter in matches.found
        )
        found = (*cases, *voters)[:limit]
        self._count_search(session, frozenset(line.voter for line in found if line.voter is not None))
        if found and approximate and "@" in typed:
            return SearchResults(found, ADDRESS_APPROXIMATE, approximate)
        if matches.more or len(matches.found) + len(cases) > limit:
            return SearchResults(found, MORE if found else TOO_WIDE, approximate)
        notice = None if found else _why_nobody(typed)
        return SearchResults(found, APPROXIMATE if approximate and matches.found else notice, approximate)

    def _count_search(self, session: AgentSession, shown: frozenset[int]) -> None:
        now = self.dependencies.clock.now()
        with self._lock:
            written, searches, people = self._counts.get(session.agent, (now - INTERVAL, 0, frozenset()))
            searches, people = searches + 1, people | shown
            is_due = now - written >= INTERVAL or searches >= MOST_UNWRITTEN
            self._counts[session.agent] = (now, 0, frozenset()) if is_due else (written, searches, people)
        if is_due:
            self.authorisation.record_agent_event(session, EventType.SEARCHED, reason=f"{searches} {len(people)}")
        self.authorisation.note_people_seen(session, shown)


def is_case_number(typed: str) -> bool:
    return CASE_NUMBER.fullmatch(typed) is not None and any(character.isdecimal() for character in typed)


def _why_nobody(typed: str) -> Text:
    if is_case_number(typed):
        return NUMBER_UNKNOWN
    return NOBODY if any(character.isalpha() for character in typed) else DIGITS_ALONE


def _is_too_short(typed: str) -> bool:
    return sum(character.isalnum() for character in typed) < SHORTEST


def _find_case(transaction: Transaction, typed: str) -> Iterable[SearchResultLine]:
    number = parse_case_number(typed)
    case = None if number is None else transaction.recoveries.by_number(number)
    if case is None:
        return
    voter = transaction.recoveries.voter_of(case.number)
    match = None if voter is None else transaction.directory.on_roll(voter)
    if match is not None:
        yield _result(match, case=case.number)
    else:
        yield SearchResultLine(
            voter=voter,
            case=case.number,
            name="",
            academie=None,
            address="",
            distinctions=(CASE_ONLY,),
        )


@dataclass(frozen=True, slots=True)
class _VoterMatches:
    found: VotersFound
    highlighted: tuple[str, ...] = ()
    approximate: bool = False


def _find_voters(transaction: Transaction, typed: str, limit: int) -> _VoterMatches:
    directory = transaction.directory
    if "@" not in typed:
        readings = tuple(query_interpretations(typed))
        for reading in readings:
            if reading.academie and not _is_academie(directory, reading.academie):
                continue  # otherwise the search would read every voter of that name in vain
            matches = _by_reading(directory, reading, limit)
            if matches.found or matches.more:
                return _VoterMatches(matches, reading.highlighted_beginnings)
        by_address = directory.by_email(typed.lower(), limit=limit) if len(typed.split()) == 1 else NONE
        if not by_address.found and readings:
            return _corrected(directory, readings[0], limit)
        return _VoterMatches(by_address)
    by_address = directory.by_email(typed.lower(), limit=limit)
    local_part, *_ = typed.split("@")
    if by_address.found or by_address.more or _is_too_short(local_part):
        return _VoterMatches(by_address)
    return replace(_find_voters(transaction, local_part, limit), approximate=True)  # addresses contain names


def _is_academie(directory: VoterDirectory, beginnings: Sequence[str]) -> bool:
    known = directory.academies(MOST_ACADEMIES)
    return len(known) == MOST_ACADEMIES or any(does_each_begin_word_of_name(beginnings, name) for name in known)


def _by_reading(directory: VoterDirectory, reading: SearchTerms, limit: int) -> VotersFound:
    return directory.by_name(reading.names, limit=limit, academie=reading.academie, phone_ending=reading.phone_ending)


def _corrected(directory: VoterDirectory, reading: SearchTerms, limit: int) -> _VoterMatches:
    found: dict[int, VoterListEntry] = {}
    highlighted: dict[str, None] = {}
    for corrected in typo_corrected_interpretations(reading, directory):
        for voter in _by_reading(directory, corrected, limit).found:
            found.setdefault(voter.voter, voter)
            highlighted.update(dict.fromkeys(corrected.highlighted_beginnings))
        if len(found) > limit:
            break
    voters = VotersFound(tuple(found.values())[:limit], more=len(found) > limit)
    return _VoterMatches(voters, tuple(highlighted), approximate=True)


def _result(
    match: VoterListEntry, *, case: str | None = None, distinct: bool = False, lit: tuple[str, ...] = ()
) -> SearchResultLine:
    return SearchResultLine(
        voter=match.voter,
        case=case,
        name=f"{match.first_name} {match.last_name}",
        academie=match.academie,
        address=mask_address(match.email),
        distinctions=_distinctions(match) if distinct else (),
        lit=lit,
    )


def _whole_name(match: VoterListEntry) -> tuple[str, ...]:
    return tuple(sorted((*name_words(match.first_name), *name_words(match.last_name))))


def _distinctions(match: VoterListEntry) -> tuple[Text, ...]:
    address = ADDRESS_ENDING.fill({"ending": match.email.partition("@")[0][-2:]})
    return (address, PHONE_ENDING.fill({"ending": match.phone_ending})) if match.phone_ending else (address,)
