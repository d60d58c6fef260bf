"""Agents find an error message on the caller's screen by typing its words."""

import pytest

from core.desk.error_lookup import FoundCommonProblem, synonyms
from core.desk.steps import StepTitle
from core.flows.example_facts import fill_with_help_example_facts
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms.error_catalogue import catalogue_entries
from core.forms.errors import LinkExpired, TooManyIdentityAttempts, TooManySignIns, WrongPassword
from core.text.text import Language, Text
from core.text.translation import translate
from tests.support.worlds import World

ASKED = Text("Consultez votre messagerie")


def found(world: World, typed: str) -> list[str]:
    return [each.id for each in world.services.desk.messages.find_messages_and_problems(typed).messages]


def said(sentence: Text, language: Language) -> str:
    return translate(fill_with_help_example_facts(sentence, {}), language)


@pytest.mark.parametrize("language", Language)
def test_each_message_is_found_by_its_sentence(world: World, language: Language) -> None:
    """Every error message is found by its sentence in either language.

    The caller's page may not be in the agent's language.
    """
    messages = world.services.desk.messages
    flows = tuple(handler.steps.flow for handler in world.services.dispatcher.handlers)
    unfound = [
        entry.id
        for entry in catalogue_entries(flows)
        if entry.sentence.msgid
        not in {
            each.sentence.msgid for each in messages.find_messages_and_problems(said(entry.sentence, language)).messages
        }
    ]

    assert unfound == []


def test_a_few_of_its_words_are_enough(world: World) -> None:
    """A few words find an error message, without regard to accents and capitals.

    Filler words alone find nothing, and messages with the same words are all found.
    """
    for typed, wanted in (
        ("le lien a expiré", LinkExpired),
        ("LIEN EXPIRE", LinkExpired),
        ("link has expired", LinkExpired),
        ("mot de passe incorrect", WrongPassword),
    ):
        assert found(world, typed) == [wanted.id]
    for typed in ("", "  ", "de la", "zzz", "…"):
        assert found(world, typed) == []
    alike = set(found(world, translate(TooManySignIns.title, Language.FRENCH)))
    assert {TooManySignIns.id, TooManyIdentityAttempts.id} <= alike


def test_troubles_are_found_by_their_words(world: World) -> None:
    """A common problem is found by the caller's words, with the step at which it occurs."""
    found = world.services.desk.messages.find_messages_and_problems("boîte pleine")

    assert found.found == (FoundCommonProblem(StepTitle("MP-4", ASKED), Text("La boîte est pleine")),)
    assert found.certain


@pytest.mark.parametrize(
    "typed",
    [
        "mail pas reçu",
        "message pas arrivé",
        "spam",
        "indésirables",
        "rien dans ma boîte",
        "je n'ai rien reçu",
        "message",
    ],
)
def test_a_missing_mail_is_found_first_by_the_words_of_callers(world: World, typed: str) -> None:
    """Callers describe a missing mail in their own words. The first result is the problem of the step that waits."""
    first = world.services.desk.messages.find_messages_and_problems(typed).found[0]

    assert first == FoundCommonProblem(StepTitle("MP-4", ASKED), Text("Le message n'arrive pas"))


@pytest.mark.parametrize(
    "typed",
    ["quelqu'un d'autre a changé mon mot de passe", "quelqu'un a changé mon mot de passe", "piraté", "usurpation"],
)
def test_a_foreign_change_is_found_first_by_the_words_of_callers(world: World, typed: str) -> None:
    """A caller whose password someone else changed is found the problem that says to block the account."""
    first = world.services.desk.messages.find_messages_and_problems(typed).found[0]

    assert isinstance(first, FoundCommonProblem)
    assert first.symptom == Text("Quelqu'un d'autre a changé votre mot de passe")


def test_only_what_has_every_word_is_certain(world: World) -> None:
    """A message that contains only some of the typed words is found, but not marked as certain."""
    for typed, certain in (("lien expiré", True), ("lien expiré dragon", False), ("dragon", False)):
        assert world.services.desk.messages.find_messages_and_problems(typed).certain is certain


def test_a_message_is_a_page_or_a_line_beside_a_field(world: World) -> None:
    """The look-up says whether an error message is a whole page or a line beside an input, and lists its remedies."""
    (beside,) = world.services.desk.messages.find_messages_and_problems("mot de passe incorrect").messages
    (page,) = world.services.desk.messages.find_messages_and_problems("lien expiré").messages

    assert (beside.is_page, page.is_page) == (False, True)
    assert beside.remedies
    assert [place.code for place in page.steps] == [world.services.flows[PasswordFlowPlugin].steps.mail.code]


def test_a_word_of_both_languages_means_the_same_words_in_both() -> None:
    """Words that exist in both languages, such as "mail" and "login", have French and English synonyms."""
    assert {"courriel", "message", "email"} <= synonyms()["mail"]
    assert {"connexion", "connecter"} <= synonyms()["login"]
