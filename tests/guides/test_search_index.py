"""More than thirty phrases in each language, as people type them, find the right page, also from a file on a USB stick."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.flows.account.voter_space_and_stop_change_plugins import StopChangeFlowPlugin, VoterSpaceFlowPlugin
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.policy.help_search_index import index_file_name
from core.policy.urls import HELP_FRONT, HELP_MESSAGES, HELP_SEARCH, HELP_SITUATIONS, help_page_file
from core.text.faces import help_page_texts as words
from core.text.text import Language
from core.text.translation import translate
from tests.support.guides import HOUSE
from webhook.help_search import read_search, search_results_page

PASSWORD = HOUSE.flows[PasswordFlowPlugin].steps.flow.slug
SPACE = HOUSE.flows[VoterSpaceFlowPlugin].steps.flow.slug
STOP = HOUSE.flows[StopChangeFlowPlugin].steps.flow.slug
CONTACT = HOUSE.flows[ContactFlowPlugin].steps.flow.slug
IDENTIFIER = HOUSE.flows[IdentifierFlowPlugin].steps.flow.slug


def phrases(by_page: Mapping[str, str]) -> dict[str, str]:
    """Return the page to be found by each phrase; semicolons part phrases, which may go on in the next line."""
    return {" ".join(each.split()): page for page, told in by_page.items() for each in told.split(";")}


FRENCH = phrases(
    {
        PASSWORD: """
            mon mot de passe marche pas; le mot de passe ne fonctionne pas; le lien marche plus; combien de
            caracteres pour le mot de passe; caractères spéciaux; combien de demandes; deux heures que j attend;
            j'attends toujours le mail depuis ce matin; rien dans ma boite; jai rien recu; toujour rien; modot
            de pass; mot de passe oublier; jarrive pas a me connecter; jai pas recu le mail; je me suis trompé
            de mot de passe; le lien ne s'ouvre pas; combien de temps est valable le lien; numero de dossier;
            mdp; mdp perdu; mot de passe oublié; mot de passe oublie; MOT DE PASSE OUBLIÉ; mot de pase oublié;
            j'ai perdu mon mot de passe; je ne me souviens plus de mon mot de passe; changer de mot de passe;
            réinitialiser; reinitialisr mdp; premier mot de passe; jamais eu de mot de passe; courriel pas reçu;
            je n'ai pas reçu le mail; le message n'arrive pas; spam; indesirables; boite pleine; MP-4; mp6; lien
        """,
        IDENTIFIER: """
            je peux pas recevoir de sms; j attend le sms depuis 20 minutes; c'est quoi un numen; numen perdu; ou
            est ma notice de vote; j'ai jeté la lettre avec mon identifiant; identifient de vote perdut; code
            recu par sms faux; le code sms est expiré; combien de fois je peux redemander un identifiant; sms
            pas reçu; numen incorrect; nouvel identifiant; code sms; le code ne marche pas; mauvais numero;
            changer de numero de telephone; identifiant ne fonctionne pas; identifiant perdu; identifiant de
            vote jamais reçu; identifient; je n'ai pas reçu le sms; numen; où trouver mon numen; code de vote;
            id3
        """,
        SPACE: """
            me deconnecter; se déconnecter
        """,
        STOP: """
            mon compte est bloqué; debloquer mon compte; pirate; bloquer mon compte; ce n'était pas moi
        """,
        CONTACT: """
            c'est toujours occupé; on me rapelle quand; rappelez moi; je suis sourd
        """,
        HELP_FRONT: """
            ca marche pas; urgent je dois voter ce soir; c est fini quand; c'est quand le vote; jusqua quand on
            peut voter; quel est le numero de l'assistance; je veu parler a un humain; vous etes ouvert jusqu'a
            quelle heure; horaire hotline; qui peut m'aider; guide facile; parler à quelqu'un; imprimer le
            guide; numéro de téléphone; quand voter; date de fermeture; délai; falc; facile à lire
        """,
        HELP_SITUATIONS: """
            numero accepté; je suis a la reunion; nouvelle caledonie; mon mari a deja utilisé ce numero; je suis
            remplacant; nom de jeune fille; gmail; mauvaise adresse mail sur la liste; j ai plus acces a ma
            boite academique; mot de passe du webmail perdu; je connais pas mon adresse academique; jai jamais
            utilisé ma boite mail pro; je me suis mariée mon nom a changé; changement d'academie; je suis en
            arret maladie; suis je inscrite; je suis contractuelle est ce que je peux voter; mon portable est
            cassé; je vis en suisse; numero etranger refusé; jai recu un sms bizarre; j'ai reçu un code que j'ai
            pas demandé; est ce un vrai message; mon collegue n'y arrive pas je peux l'aider; je suis au cdi sur
            un ordi du lycée; je suis aveugle; comment changer mon adresse mail; mon adresse a changé; boite pro
            bloquée; je suis aesh; je suis en congé parental; vol de portable; numero belge; mot de passe
            messagerie; mot de passe academique oublié; je suis retraité; je ne suis pas dans la liste; c'est
            une arnaque ?; je n'arrive pas à ouvrir ma messagerie; pas de portable; smartphone; mutation;
            hameçonnage; handicap; malvoyant; ordinateur partagé; téléphone volé; aider quelqu'un
        """,
        HELP_MESSAGES: """
            la page est blanche; erreur 404; page introuvable; cette page n'existe pas; la page ne s'affiche
            pas; site en panne; le site ne répond pas; ca bug; trop de tentatives; trop de demandes; réessayez
            plus tard; faut il une majuscule; lien expiré; lien perimé; lien déjà utilisé; trop court;
            majuscule; trop d'essais
        """,
    }
)
ENGLISH = phrases(
    {
        PASSWORD: """
            my password doesnt work; how many characters; link is not working; i have been waiting for two
            hours; still nothing in my inbox; nothing arrived; how long is the link valid; link does not work
            anymore; link does not open; pwd; password; lost password; forgot my password; forgoten pasword;
            FORGOTTEN PASSWORD; i cannot remember my password; reset; change password; first password; never had
            a password; no email received; the message does not arrive; junk; spam folder; mailbox full; MP-4;
            mp 6; link
        """,
        IDENTIFIER: """
            what is a numen; lost my letter; code does not work; wrong code; wrong phone number; lost
            identifier; voting identifier never received; identifer; no text message; numen; voting code; ID-3
        """,
        SPACE: """
            sign out
        """,
        STOP: """
            someone changed my password; hacked; it was not me; block my account
        """,
        CONTACT: """
            the line is busy; when will you call me back; call me back
        """,
        HELP_FRONT: """
            when does voting end; how do i vote; opening hours; what is the phone number; speak to a human; talk
            to someone; phone number; closing date; deadline; when to vote; easy to read
        """,
        HELP_SITUATIONS: """
            which phones are accepted; cant open my work email; i got married; i moved to another region; am i
            on the list; i am on leave; swiss phone number; is this email real; i got a code i did not ask for;
            help my colleague; library computer; not on the list; i live abroad; no mobile phone; smartphone;
            transfer; phishing; disability; blind; shared computer
        """,
        HELP_MESSAGES: """
            error 404; site is down; page not found; the site does not answer; too many requests; link expired;
            expired lnik; link already used; too short; capital letter; too many tries; page does not exist
        """,
    }
)


@pytest.fixture(scope="module", params=Language)
def front_page(request: pytest.FixtureRequest, browser: Browser, site: Path) -> Page:
    """The front page of the help in each language, opened from its file."""
    page = browser.new_page()
    page.goto((site / help_page_file(HELP_FRONT, request.param)).as_uri())
    return page


def first_result(page: Page, phrase: str) -> str:
    """Return the address of the first result."""
    page.locator("#search").fill(phrase)
    page.locator("#found p").wait_for()
    links = page.locator("#found a")
    return str(links.first.evaluate("each => each.href")) if links.count() else "nothing"


def test_the_right_page_comes_first(front_page: Page, site: Path) -> None:
    """The right page comes first in spite of accents, capitals, typing errors and synonyms."""
    language = Language(front_page.evaluate("document.documentElement.lang"))
    phrases = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH}[language]
    answers = {phrase: first_result(front_page, phrase).partition("#")[0] for phrase in phrases}

    assert answers == {phrase: (site / help_page_file(name, language)).as_uri() for phrase, name in phrases.items()}
    assert len(phrases) >= 30


@pytest.mark.parametrize("language", Language)
def test_without_a_script_the_site_finds_the_same_pages(site: Path, language: Language) -> None:
    """The site's own search, for browsers without scripts, puts the right page first too, and lists no sentence twice."""
    phrases = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH}[language]
    search = read_search(site / index_file_name(language), 0.0)
    answers = {phrase: search.find(phrase) for phrase in phrases}

    first = {phrase: found[0].address.partition("#")[0] if found else "nothing" for phrase, found in answers.items()}
    assert first == {phrase: help_page_file(name, language) for phrase, name in phrases.items()}
    assert all(len({each.title for each in found}) == len(found) for found in answers.values())
    assert search.find("xyzzyq") == search.find("?!") == []


@pytest.mark.parametrize("language", Language)
def test_the_page_of_results_is_answered_by_the_site(site: Path, language: Language) -> None:
    """The page keeps the question, says nothing of scripts, links from its own folder, and cannot be given markup."""
    page = search_results_page(site, help_page_file(HELP_SEARCH, language), 'mdp "<b>')

    assert 'value="mdp &#34;&lt;b&gt;"' in page
    assert "<b>&#34" not in page
    assert translate(words.SEARCH_NEEDS_SCRIPT, language) not in page
    (first, *_) = re.findall(r'<li><a href="([^"#]+)[^"]*">', page.partition("data-answered")[2])
    assert (site / help_page_file(HELP_SEARCH, language)).parent.joinpath(first).exists()


def test_codes_and_sentences_find_their_places(front_page: Page) -> None:
    """A code finds its step, and a quoted sentence finds its own page."""
    language = Language(front_page.evaluate("document.documentElement.lang"))
    step = HOUSE.flows[PasswordFlowPlugin].steps.message_asked

    assert first_result(front_page, step.code).endswith(f"#{step.code.lower()}")
    assert first_result(
        front_page, {Language.FRENCH: "Ce lien a déjà servi", Language.ENGLISH: "used link"}[language]
    ).endswith("#link-used")


@pytest.mark.parametrize("language", Language)
def test_no_word_of_the_search_stands_for_its_opposite(site: Path, language: Language) -> None:
    """The words that a negation turns round have no synonyms, because a search ignores the negation."""
    search = read_search(site / index_file_name(language), 0.0)
    questions = {Language.FRENCH: "quand répond l'assistance", Language.ENGLISH: "when does the helpdesk answer"}

    assert not search.synonyms.keys() & {"repond", "valable", "existe", "marche", "fonctionne", "accepte"}
    assert not search.synonyms.keys() & {"answer", "valid", "found", "exist", "works", "working", "accepted"}
    assert not search.find(questions[language])[0].address.endswith("#unavailable")


def test_nonsense_finds_nothing_and_says_so(front_page: Page) -> None:
    """Nonsense finds nothing, and the page says so and what to do instead."""
    assert first_result(front_page, "xyzzyq") == "nothing"
    assert front_page.locator("#found p").inner_text().strip()


def test_return_opens_a_page_of_results(browser: Browser, site: Path) -> None:
    """The Return key opens a page that keeps the question and lists each answer once; Escape empties the field."""
    page = browser.new_page()
    page.goto((site / help_page_file(HELP_FRONT, Language.FRENCH)).as_uri())
    page.locator("#search").fill("mdp")
    page.locator("#search").press("Escape")
    assert page.locator("#found a").count() == 0

    page.locator("#search").fill("lien expiré")
    page.locator("#found a").first.wait_for()
    page.locator("#search").press("Enter")
    page.wait_for_url(f"**/{help_page_file(HELP_SEARCH, Language.FRENCH)}?q=*")
    page.locator("#results a").first.wait_for()
    answers = page.locator("#results a").all_inner_texts()
    assert page.locator("#search").input_value() == "lien expiré"
    assert "lien expiré" in page.title()
    assert len(answers) == len(set(answers)) > 1
    page.close()
