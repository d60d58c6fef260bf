"""What a message on the caller's screen means, found by its words."""

import pytest

from core.catalogue import entries_of
from core.errors import LinkExpired, TooManyMatchings, TooManySignIns, WrongPassword
from core.example import said_for_the_example
from core.i18n import say
from core.text import Language, Text
from tests.support.worlds import World


def found(world: World, typed: str) -> list[str]:
    """Their ids."""
    return [each.id for each in world.house.desk.explaining.find(typed)]


def said(sentence: Text, language: Language) -> str:
    """As a page reads it, where nothing is known of the case."""
    return say(said_for_the_example(sentence, {}), language)


@pytest.mark.parametrize("language", Language)
def test_each_message_is_found_by_its_sentence(world: World, language: Language) -> None:
    """Whatever the language of the agent: the caller's page may be in the other one."""
    explaining = world.house.desk.explaining
    flows = tuple(line.flow for line in world.house.reception.lines)
    unfound = [
        entry.id
        for entry in entries_of(flows)
        if entry.sentence.msgid not in {each.sentence.msgid for each in explaining.find(said(entry.sentence, language))}
    ]

    assert unfound == []


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("le lien a expiré", LinkExpired),
        ("LIEN EXPIRE", LinkExpired),
        ("link has expired", LinkExpired),
        ("mot de passe incorrect", WrongPassword),
    ],
)
def test_a_few_of_its_words_are_enough(world: World, typed: str, wanted: type[LinkExpired | WrongPassword]) -> None:
    """Without accents and capitals, and whatever small words are between."""
    assert found(world, typed) == [wanted.id]


@pytest.mark.parametrize("typed", ["", "  ", "de la", "zzz", "…"])
def test_words_that_say_nothing_find_nothing(world: World, typed: str) -> None:
    """And none is guessed."""
    assert found(world, typed) == []


def test_messages_of_the_same_words_come_together(world: World) -> None:
    """The agent chooses by the step."""
    assert {TooManySignIns.id, TooManyMatchings.id} <= set(found(world, say(TooManySignIns.title, Language.FRENCH)))


def test_what_one_does_beside_a_field_is_told_to_the_agent(world: World) -> None:
    """Its reader sees the sentence alone; of a page, all of it."""
    (beside,) = world.house.desk.explaining.find("mot de passe incorrect")
    (page,) = world.house.desk.explaining.find("lien expiré")

    assert (beside.on_its_page, page.on_its_page) == (False, True)
    assert beside.remedies
    assert [place.code for place in page.places] == [world.house.password.mail.code]
