"""Agents find a voter while they type, in any word order and spelling, and can tell namesakes apart."""

from itertools import product

import pytest

from core.desk import voter_search as words
from core.desk.authorisation import AgentSession
from core.desk.search_terms import query_interpretations
from core.desk.steps import StepTitle
from core.desk.voter_search import MOST_FOUND, MOST_UNWRITTEN, SearchResultLine, SearchResults
from core.forms.name_words import matching_parts, search_words, typed_name_interpretations
from core.policy.policy import Policy
from core.ports import AgentRole, EventType
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import NUMEN, add_known, signed_in_agent
from tests.support.election import CAMILLE, STRANGER, entry
from tests.support.stores import KeptStore
from tests.support.worlds import World, world

PEOPLE = (
    entry(CAMILLE, academie="Lumière"),
    entry("camille.martin2@ac-lumiere.example", academie="Lumière", phone_ending="78"),
    entry("sean@ac-lumiere.example", last_name="O’Connor", first_name="Seán"),
    entry("annick@ac-lumiere.example", last_name="Le Goff", first_name="Annick"),
    entry("yann@ac-lumiere.example", last_name="LEGOFF", first_name="Yann"),
    entry("jp@ac-lumiere.example", last_name="D'Almeida-Sánchez", first_name="Jean-Pierre"),
    entry("oe@ac-lumiere.example", last_name="Cœurderoy", first_name="Lætitia"),
    entry("nguyen@ac-lumiere.example", last_name="Nguyễn", first_name="Thị Hồng"),
)


@pytest.fixture
def session(world: World) -> AgentSession:
    world.add(*PEOPLE)
    return signed_in_agent(world)


def find(world: World, session: AgentSession, typed: str, limit: int = 10) -> SearchResults:
    return world.services.desk.search.find(session, typed, limit)


def names(world: World, session: AgentSession, typed: str) -> set[str]:
    return {found.name for found in find(world, session, typed).found}


SEAN, ANNICK, YANN = "Seán O’Connor", "Annick Le Goff", "Yann LEGOFF"
JEAN_PIERRE, LAETITIA, HONG = "Jean-Pierre D'Almeida-Sánchez", "Lætitia Cœurderoy", "Thị Hồng Nguyễn"


def test_people_are_found_as_they_are_typed(world: World, session: AgentSession) -> None:
    """A search ignores word order, accents, hyphens, apostrophes, ligatures, case and spaces inside names."""
    for typed, found in (
        ("o'connor", {SEAN}),
        ("O’CONNOR sean", {SEAN}),
        ("oconnor", {SEAN}),
        ("o connor", {SEAN}),
        ("connor", {SEAN}),
        ("sea conn", {SEAN}),
        ("le goff", {ANNICK}),  # separate words are tried before joined ones
        ("legoff", {ANNICK, YANN}),
        ("Le Goff Yann", {YANN}),
        ("goff annick", {ANNICK}),
        ("jean pierre", {JEAN_PIERRE}),
        ("jeanpierre", {JEAN_PIERRE}),
        ("Jean-Pierre d'almeida", {JEAN_PIERRE}),
        ("dalmeida sanchez", {JEAN_PIERRE}),
        ("sanchez jean", {JEAN_PIERRE}),
        ("almeidasanchez", {JEAN_PIERRE}),
        ("coeur laet", {LAETITIA}),
        ("cœurderoy", {LAETITIA}),
        ("nguyen", {HONG}),
        ("thihong nguyen", {HONG}),
        ("SEAN@ac-", {SEAN}),
        ("sean@ac-lumiere.example", {SEAN}),
        ("jp", {JEAN_PIERRE}),
        ("camille zzz", set()),
        ("%% __", set()),
        ("'; DROP TABLE voters; --", set()),
    ):
        assert names(world, session, typed) == found, typed


def test_people_are_found_though_misspelt_or_by_what_else_is_known(world: World, session: AgentSession) -> None:
    """A search tolerates typing errors and titles, and accepts the académie or the telephone's last digits."""
    for typed, wanted in (
        ("martni camille", "Camille Martin"),
        ("camile martin", "Camille Martin"),
        ("camile martni", "Camille Martin"),
        ("cammille", "Camille Martin"),
        ("nguyn", HONG),
        ("Mme Nguyen", HONG),
        ("monsieur le goff yann", YANN),
        ("dr. Martin Camille", "Camille Martin"),
        ("martin lumi", "Camille Martin"),
        ("lumiere martin", "Camille Martin"),
        ("martin 78", "Camille Martin"),
        ("martin 0612345678", "Camille Martin"),
    ):
        assert wanted in names(world, session, typed), typed


def test_what_narrows_a_search_excludes_the_others(world: World, session: AgentSession) -> None:
    """A search with a wrong académie or wrong last digits finds nobody."""
    assert names(world, session, "martin lumi") == names(world, session, "martin")
    for typed, count in (("martin", 2), ("martin 78", 1), ("martin 79", 0), ("martin paris", 0)):
        assert len(find(world, session, typed).found) == count, typed


def test_a_corrected_search_says_so(world: World, session: AgentSession) -> None:
    """A search that finds only similar names says that the results are approximate."""
    exact, near = find(world, session, "martin"), find(world, session, "martni")

    assert (exact.approximate, exact.notice) == (False, None)
    assert (near.approximate, near.notice) == (True, words.APPROXIMATE)
    assert find(world, session, "zzzzzz").notice is words.NOBODY


def test_an_address_that_nobody_has_says_so(world: World, session: AgentSession) -> None:
    """A search for an unknown address lists voters with similar names, and says that the results are approximate."""
    near, *_ = nearest = [find(world, session, "camille.martin@ac-nowhere.example", limit) for limit in (10, 1)]
    unlike = find(world, session, "c@ac-nowhere.example")

    assert {each.name for each in near.found} == {"Camille Martin"}
    assert [(each.approximate, each.notice) for each in nearest] == [(True, words.ADDRESS_APPROXIMATE)] * 2
    assert (unlike.found, unlike.notice) == ((), words.NOBODY)


def test_what_matches_is_lit() -> None:
    """The beginnings of words that match the search are highlighted, with or without accents."""
    for text, beginnings, lit in (
        ("Hélène d'Almeida", ("hele", "alm"), ["Hélè", "Alm"]),
        ("Annick Le Goff", ("legoff",), ["Le", "Goff"]),
        ("Cœurderoy", ("coeur",), ["Cœurd"]),
        ("Martin", ("zoe",), []),
    ):
        assert [text[start:end] for start, end in matching_parts(text, beginnings)] == lit, text


def test_results_are_masked(world: World, session: AgentSession) -> None:
    """Search results show the name, the académie and a masked mail address."""
    (found, *_) = find(world, session, "camille martin").found

    assert (found.name, found.academie, found.address) == ("Camille Martin", "Lumière", "c•••@ac-lumiere.example")
    assert CAMILLE not in repr(find(world, session, CAMILLE))


def test_namesakes_are_distinguished(world: World, session: AgentSession) -> None:
    """For voters with the same name, the results also show the ends of the local part and of the telephone number."""
    first, second = sorted(find(world, session, "martin").found, key=lambda found: found.voter or 0)

    def said(found: SearchResultLine) -> list[str]:
        return [translate(text, Language.FRENCH) for text in found.distinctions]

    assert said(first) == ["adresse : …in@"]
    assert said(second) == ["adresse : …n2@", "téléphone : …78"]
    assert find(world, session, "goff").found[0].distinctions == ()


def test_the_sentence_under_the_list(world: World, session: AgentSession) -> None:
    """The notice under the results says if there are more results, no results, or what to type."""
    assert find(world, session, "martin", limit=1).notice is words.MORE
    assert find(world, session, "zzzz").notice is words.NOBODY
    assert find(world, session, "martin", limit=2).notice is None
    for typed in ("", " ", "m", "'", "é "):
        assert find(world, session, typed) == SearchResults((), words.TYPE_SOMETHING), typed
    for typed in ("0612345678", "+33 6 12 34 56 78", "31/12/1970"):
        found = world.services.desk.quick_search.find(session, typed, 5)
        assert (found.found, found.notice) == ((), words.DIGITS_ALONE), typed


@pytest.mark.parametrize("typed", ["e", "EV", "EV-", "EV-1", "MP", "ID"])
def test_a_beginning_of_a_step_code_finds_steps_whose_titles_can_be_said(
    world: World, session: AgentSession, typed: str
) -> None:
    """The title of EV-1 contains the voter's name, which nobody knows here."""
    titles = [
        translate(each.title, language)
        for each in world.services.desk.quick_search.find(session, typed, 5).found
        if isinstance(each, StepTitle)
        for language in Language
    ]

    assert titles
    assert not [title for title in titles if "{" in title]


def test_a_case_number_leads_to_its_voter(world: World, session: AgentSession) -> None:
    """A case number finds its voter, in upper or lower case and with or without the hyphen."""
    known = world.number(world.ask(CAMILLE))
    world.courier().run_once()
    for typed in (known, known.lower(), known.replace("-", " "), known.replace("-", "")):
        assert [(each.case, each.name) for each in find(world, session, typed).found] == [(known, "Camille Martin")], (
            typed
        )


def test_a_case_without_a_known_voter_is_found_and_says_so(world: World, session: AgentSession) -> None:
    """A case of an unknown address is found by its number, and the result says that it has no voter."""
    unknown = world.number(world.ask(STRANGER))
    world.courier().run_once()

    (found,) = find(world, session, unknown).found
    assert (found.voter, found.case, found.distinctions) == (None, unknown, (words.CASE_ONLY,))


def test_a_name_of_eight_letters_is_no_case_number(world: World) -> None:
    """A name of eight letters is searched as a name, although it looks like a case number."""
    world.add(entry(last_name="Bernadet", first_name="Guy"))

    assert names(world, signed_in_agent(world), "bernadet") == {"Guy Bernadet"}


def test_a_number_of_no_case_is_told_as_that(world: World, session: AgentSession) -> None:
    """If a case number is unknown, the notice says so."""
    found = world.services.desk.quick_search.find(session, "7F3K-92OD", 5)

    assert (found.found, found.notice) == ((), words.NUMBER_UNKNOWN)
    assert find(world, session, "7F3K 9242").notice == words.NUMBER_UNKNOWN


def test_words_beside_digits_are_searched(world: World, session: AgentSession) -> None:
    """A name or word next to digits is searched and not taken for a case number."""
    assert find(world, session, "jean 1975").notice == words.NOBODY
    assert world.services.desk.quick_search.find(session, "lien 4321", 5).found


def test_a_numen_is_neither_searched_nor_kept(world: World, session: AgentSession) -> None:
    """A NUMEN typed into the search is not searched, and is stored neither in the journal nor in the database."""
    for typed in (NUMEN, f" {NUMEN.lower()} ", "12 A 1234567 BCD", f"martin {NUMEN}"):
        before = world.kept.lines()
        found = world.services.desk.quick_search.find(session, typed, 5)

        assert (found.found, found.notice) == ((), words.NUMEN_NOT_SEARCHED), typed
        assert world.kept.lines() == before, typed
        assert NUMEN not in world.kept.dump().upper(), typed


def test_every_reading_of_odd_words_has_a_name_to_search_for(world: World, session: AgentSession) -> None:
    """Every interpretation of a search with only titles, abbreviations and digits still has a name to search for."""
    for odd in product(("née", "M.", "st", "x", "75", "-"), repeat=4):
        assert all(all(reading.names) and reading.names for reading in query_interpretations(" ".join(odd))), odd
    for typed in ("nee nee", "née née dupont", "M. née née x"):
        find(world, session, typed)


def test_a_person_is_found_before_what_an_example_says(world: World, session: AgentSession) -> None:
    """A birth name, an abbreviation or a misspelt address still finds the person as the first result."""
    add_known(world, "m.sr@ac-guadeloupe.example", "12A1234567BCF", first_name="Maryse", last_name="Sainte-Rose")
    for typed in (
        "ste-rose maryse",
        "Maryse Sainte-Rose née Paul",
        "maryse,sainte-rose@ac-guadeloupe.exemple",
        "maryse saimte-rose",
    ):
        first, *_ = world.services.desk.quick_search.find(session, typed, 5).found

        assert isinstance(first, SearchResultLine), typed
        assert first.name == "Maryse Sainte-Rose", typed


def test_an_auditor_may_look(world: World) -> None:
    """An auditor may search for voters."""
    add_known(world)

    assert names(world, signed_in_agent(world, "claude", AgentRole.AUDITOR), "martin") == {"Camille Martin"}


def test_a_name_is_indexed_as_words_and_as_one() -> None:
    """A name is indexed by its words and by all joined forms of neighbouring words, each once."""
    assert search_words("D'Almeida-Sánchez", "Ana") == " d almeida sanchez dalmeida almeidasanchez dalmeidasanchez ana "
    assert search_words("-", "'") == ""


def test_what_is_typed_has_few_readings() -> None:
    """A typed name has only a few interpretations, however long it is."""
    assert typed_name_interpretations("le goff y") == (("le", "goff", "y"), ("legoff", "y"), ("le", "goffy"))
    assert typed_name_interpretations("''") == ()
    assert len(typed_name_interpretations("a " * 10_000)) <= 8


def test_searches_leave_their_number_and_few_events(world: World, session: AgentSession) -> None:
    """The journal records the first search, and then a total every fifty searches or every ten minutes.

    It never records what was typed.
    """

    def written() -> list[str | None]:
        return [reason for act, reason in world.kept.lines() if act == EventType.SEARCHED]

    for _ in range(1 + MOST_UNWRITTEN + 2):
        find(world, session, "connor")
    find(world, session, "x")
    assert written() == ["1 1", f"{MOST_UNWRITTEN} 1"]

    world.clock.move(minutes=10)
    find(world, session, "goff")
    assert written() == ["1 1", f"{MOST_UNWRITTEN} 1", "3 2"]


def test_no_search_shows_more_than_fifty_people(any_world: World) -> None:
    """A search shows at most fifty people, whatever limit the terminal requests."""
    any_world.add(
        *(entry(f"dupont{number}@ac-lumiere.example", last_name="Dupont") for number in range(MOST_FOUND + 5))
    )
    session = signed_in_agent(any_world)

    for limit in (10**9, MOST_FOUND + 1):
        found = find(any_world, session, "dupont", limit)
        assert (len(found.found), found.notice) == (MOST_FOUND, words.MORE)
    assert len(find(any_world, session, "dupont", -1).found) == 1


@pytest.mark.parametrize("reads", ["searches", "files"])
def test_reading_about_unusually_many_people_is_an_alarm(kept: KeptStore, reads: str) -> None:
    """An alarm is raised if an agent is shown more people within an hour than the policy allows."""
    election = world(kept, policy=Policy(people_seen_per_agent_per_hour=6))
    voters = election.add(*PEOPLE)
    session = signed_in_agent(election)

    def read(first: int, last: int) -> None:
        for number in range(first, last):
            if reads == "searches":
                find(election, session, PEOPLE[number].email)
            else:
                election.services.desk.files.open(session, voters[number].id)

    def alarms() -> list[str | None]:
        return [reason for act, reason in election.kept.lines() if act == EventType.ALARM]

    for _ in range(2):
        read(0, 6)
    assert alarms() == []
    election.clock.move(minutes=61)
    read(2, 8)
    assert alarms() == []
    read(0, 2)
    assert alarms() == ["unusual-reading camille"]
