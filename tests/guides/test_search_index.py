"""More than thirty phrases in each language, as people type them, find the right page, also from a file on a USB stick."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.flows.account.voter_space_and_stop_change_plugins import StopChangeFlowPlugin, VoterSpaceFlowPlugin
from core.flows.contact_desk.plugin import ContactFlowPlugin
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.policy.urls import HELP_FRONT, HELP_MESSAGES, HELP_SEARCH, HELP_SITUATIONS, help_page_file
from core.text.faces import help_page_texts as words
from core.text.text import Language
from core.text.translation import translate
from guides.search_index import index_file_name
from tests.support.guides import HOUSE
from webhook.help_search import read_search
from webhook.help_search_results_page import search_results_page

PASSWORD = HOUSE.flows[PasswordFlowPlugin].steps.flow.slug
SPACE = HOUSE.flows[VoterSpaceFlowPlugin].steps.flow.slug
STOP = HOUSE.flows[StopChangeFlowPlugin].steps.flow.slug
CONTACT = HOUSE.flows[ContactFlowPlugin].steps.flow.slug
IDENTIFIER = HOUSE.flows[IdentifierFlowPlugin].steps.flow.slug

FRENCH = {
    "mon mot de passe marche pas": PASSWORD,
    "le mot de passe ne fonctionne pas": PASSWORD,
    "le lien marche plus": PASSWORD,
    "ca marche pas": HELP_FRONT,
    "urgent je dois voter ce soir": HELP_FRONT,
    "c est fini quand": HELP_FRONT,
    "combien de caracteres pour le mot de passe": PASSWORD,
    "caractères spéciaux": PASSWORD,
    "numero accepté": HELP_SITUATIONS,
    "je suis a la reunion": HELP_SITUATIONS,
    "nouvelle caledonie": HELP_SITUATIONS,
    "mon mari a deja utilisé ce numero": HELP_SITUATIONS,
    "je suis remplacant": HELP_SITUATIONS,
    "nom de jeune fille": HELP_SITUATIONS,
    "gmail": HELP_SITUATIONS,
    "mauvaise adresse mail sur la liste": HELP_SITUATIONS,
    "je peux pas recevoir de sms": IDENTIFIER,
    "c'est toujours occupé": CONTACT,
    "la page est blanche": HELP_MESSAGES,
    "erreur 404": HELP_MESSAGES,
    "combien de demandes": PASSWORD,
    "on me rapelle quand": CONTACT,
    "deux heures que j attend": PASSWORD,
    "j'attends toujours le mail depuis ce matin": PASSWORD,
    "j attend le sms depuis 20 minutes": IDENTIFIER,
    "rien dans ma boite": PASSWORD,
    "jai rien recu": PASSWORD,
    "toujour rien": PASSWORD,
    "c'est quand le vote": HELP_FRONT,
    "jusqua quand on peut voter": HELP_FRONT,
    "page introuvable": HELP_MESSAGES,
    "cette page n'existe pas": HELP_MESSAGES,
    "la page ne s'affiche pas": HELP_MESSAGES,
    "site en panne": HELP_MESSAGES,
    "le site ne répond pas": HELP_MESSAGES,
    "ca bug": HELP_MESSAGES,
    "quel est le numero de l'assistance": HELP_FRONT,
    "je veu parler a un humain": HELP_FRONT,
    "vous etes ouvert jusqu'a quelle heure": HELP_FRONT,
    "horaire hotline": HELP_FRONT,
    "qui peut m'aider": HELP_FRONT,
    "j ai plus acces a ma boite academique": HELP_SITUATIONS,
    "mot de passe du webmail perdu": HELP_SITUATIONS,
    "je connais pas mon adresse academique": HELP_SITUATIONS,
    "jai jamais utilisé ma boite mail pro": HELP_SITUATIONS,
    "je me suis mariée mon nom a changé": HELP_SITUATIONS,
    "changement d'academie": HELP_SITUATIONS,
    "je suis en arret maladie": HELP_SITUATIONS,
    "suis je inscrite": HELP_SITUATIONS,
    "je suis contractuelle est ce que je peux voter": HELP_SITUATIONS,
    "mon portable est cassé": HELP_SITUATIONS,
    "je vis en suisse": HELP_SITUATIONS,
    "numero etranger refusé": HELP_SITUATIONS,
    "jai recu un sms bizarre": HELP_SITUATIONS,
    "j'ai reçu un code que j'ai pas demandé": HELP_SITUATIONS,
    "est ce un vrai message": HELP_SITUATIONS,
    "mon collegue n'y arrive pas je peux l'aider": HELP_SITUATIONS,
    "je suis au cdi sur un ordi du lycée": HELP_SITUATIONS,
    "je suis aveugle": HELP_SITUATIONS,
    "c'est quoi un numen": IDENTIFIER,
    "numen perdu": IDENTIFIER,
    "ou est ma notice de vote": IDENTIFIER,
    "j'ai jeté la lettre avec mon identifiant": IDENTIFIER,
    "identifient de vote perdut": IDENTIFIER,
    "code recu par sms faux": IDENTIFIER,
    "le code sms est expiré": IDENTIFIER,
    "combien de fois je peux redemander un identifiant": IDENTIFIER,
    "mon compte est bloqué": STOP,
    "debloquer mon compte": STOP,
    "trop de tentatives": HELP_MESSAGES,
    "trop de demandes": HELP_MESSAGES,
    "réessayez plus tard": HELP_MESSAGES,
    "faut il une majuscule": HELP_MESSAGES,
    "me deconnecter": SPACE,
    "comment changer mon adresse mail": HELP_SITUATIONS,
    "mon adresse a changé": HELP_SITUATIONS,
    "sms pas reçu": IDENTIFIER,
    "guide facile": HELP_FRONT,
    "modot de pass": PASSWORD,
    "mot de passe oublier": PASSWORD,
    "jarrive pas a me connecter": PASSWORD,
    "jai pas recu le mail": PASSWORD,
    "numen incorrect": IDENTIFIER,
    "nouvel identifiant": IDENTIFIER,
    "boite pro bloquée": HELP_SITUATIONS,
    "je suis aesh": HELP_SITUATIONS,
    "je suis en congé parental": HELP_SITUATIONS,
    "vol de portable": HELP_SITUATIONS,
    "numero belge": HELP_SITUATIONS,
    "je me suis trompé de mot de passe": PASSWORD,
    "le lien ne s'ouvre pas": PASSWORD,
    "combien de temps est valable le lien": PASSWORD,
    "numero de dossier": PASSWORD,
    "code sms": IDENTIFIER,
    "le code ne marche pas": IDENTIFIER,
    "mauvais numero": IDENTIFIER,
    "changer de numero de telephone": IDENTIFIER,
    "identifiant ne fonctionne pas": IDENTIFIER,
    "mot de passe messagerie": HELP_SITUATIONS,
    "mot de passe academique oublié": HELP_SITUATIONS,
    "je suis retraité": HELP_SITUATIONS,
    "je ne suis pas dans la liste": HELP_SITUATIONS,
    "c'est une arnaque ?": HELP_SITUATIONS,
    "rappelez moi": CONTACT,
    "je suis sourd": CONTACT,
    "parler à quelqu'un": HELP_FRONT,
    "imprimer le guide": HELP_FRONT,
    "mdp": PASSWORD,
    "mdp perdu": PASSWORD,
    "mot de passe oublié": PASSWORD,
    "mot de passe oublie": PASSWORD,
    "MOT DE PASSE OUBLIÉ": PASSWORD,
    "mot de pase oublié": PASSWORD,
    "j'ai perdu mon mot de passe": PASSWORD,
    "je ne me souviens plus de mon mot de passe": PASSWORD,
    "changer de mot de passe": PASSWORD,
    "réinitialiser": PASSWORD,
    "reinitialisr mdp": PASSWORD,
    "premier mot de passe": PASSWORD,
    "jamais eu de mot de passe": PASSWORD,
    "courriel pas reçu": PASSWORD,
    "je n'ai pas reçu le mail": PASSWORD,
    "le message n'arrive pas": PASSWORD,
    "spam": PASSWORD,
    "indesirables": PASSWORD,
    "boite pleine": PASSWORD,
    "MP-4": PASSWORD,
    "mp6": PASSWORD,
    "lien expiré": HELP_MESSAGES,
    "lien perimé": HELP_MESSAGES,
    "lien déjà utilisé": HELP_MESSAGES,
    "trop court": HELP_MESSAGES,
    "majuscule": HELP_MESSAGES,
    "trop d'essais": HELP_MESSAGES,
    "pirate": STOP,
    "bloquer mon compte": STOP,
    "ce n'était pas moi": STOP,
    "se déconnecter": SPACE,
    "identifiant perdu": IDENTIFIER,
    "identifiant de vote jamais reçu": IDENTIFIER,
    "identifient": IDENTIFIER,
    "je n'ai pas reçu le sms": IDENTIFIER,
    "numen": IDENTIFIER,
    "où trouver mon numen": IDENTIFIER,
    "code de vote": IDENTIFIER,
    "id3": IDENTIFIER,
    "numéro de téléphone": HELP_FRONT,
    "quand voter": HELP_FRONT,
    "je n'arrive pas à ouvrir ma messagerie": HELP_SITUATIONS,
    "pas de portable": HELP_SITUATIONS,
    "smartphone": HELP_SITUATIONS,
    "mutation": HELP_SITUATIONS,
    "hameçonnage": HELP_SITUATIONS,
    "handicap": HELP_SITUATIONS,
    "malvoyant": HELP_SITUATIONS,
    "ordinateur partagé": HELP_SITUATIONS,
    "téléphone volé": HELP_SITUATIONS,
    "aider quelqu'un": HELP_SITUATIONS,
    "date de fermeture": HELP_FRONT,
    "délai": HELP_FRONT,
    "lien": PASSWORD,
    "falc": HELP_FRONT,
    "facile à lire": HELP_FRONT,
}
ENGLISH = {
    "my password doesnt work": PASSWORD,
    "how many characters": PASSWORD,
    "link is not working": PASSWORD,
    "which phones are accepted": HELP_SITUATIONS,
    "when does voting end": HELP_FRONT,
    "someone changed my password": STOP,
    "the line is busy": CONTACT,
    "error 404": HELP_MESSAGES,
    "when will you call me back": CONTACT,
    "i have been waiting for two hours": PASSWORD,
    "still nothing in my inbox": PASSWORD,
    "nothing arrived": PASSWORD,
    "site is down": HELP_MESSAGES,
    "page not found": HELP_MESSAGES,
    "the site does not answer": HELP_MESSAGES,
    "how long is the link valid": PASSWORD,
    "how do i vote": HELP_FRONT,
    "opening hours": HELP_FRONT,
    "what is the phone number": HELP_FRONT,
    "speak to a human": HELP_FRONT,
    "cant open my work email": HELP_SITUATIONS,
    "i got married": HELP_SITUATIONS,
    "i moved to another region": HELP_SITUATIONS,
    "am i on the list": HELP_SITUATIONS,
    "i am on leave": HELP_SITUATIONS,
    "swiss phone number": HELP_SITUATIONS,
    "is this email real": HELP_SITUATIONS,
    "i got a code i did not ask for": HELP_SITUATIONS,
    "help my colleague": HELP_SITUATIONS,
    "library computer": HELP_SITUATIONS,
    "what is a numen": IDENTIFIER,
    "lost my letter": IDENTIFIER,
    "code does not work": IDENTIFIER,
    "wrong code": IDENTIFIER,
    "too many requests": HELP_MESSAGES,
    "link does not work anymore": PASSWORD,
    "link does not open": PASSWORD,
    "wrong phone number": IDENTIFIER,
    "not on the list": HELP_SITUATIONS,
    "i live abroad": HELP_SITUATIONS,
    "call me back": CONTACT,
    "talk to someone": HELP_FRONT,
    "pwd": PASSWORD,
    "password": PASSWORD,
    "lost password": PASSWORD,
    "forgot my password": PASSWORD,
    "forgoten pasword": PASSWORD,
    "FORGOTTEN PASSWORD": PASSWORD,
    "i cannot remember my password": PASSWORD,
    "reset": PASSWORD,
    "change password": PASSWORD,
    "first password": PASSWORD,
    "never had a password": PASSWORD,
    "no email received": PASSWORD,
    "the message does not arrive": PASSWORD,
    "junk": PASSWORD,
    "spam folder": PASSWORD,
    "mailbox full": PASSWORD,
    "MP-4": PASSWORD,
    "mp 6": PASSWORD,
    "link expired": HELP_MESSAGES,
    "expired lnik": HELP_MESSAGES,
    "link already used": HELP_MESSAGES,
    "too short": HELP_MESSAGES,
    "capital letter": HELP_MESSAGES,
    "too many tries": HELP_MESSAGES,
    "page does not exist": HELP_MESSAGES,
    "hacked": STOP,
    "it was not me": STOP,
    "block my account": STOP,
    "sign out": SPACE,
    "lost identifier": IDENTIFIER,
    "voting identifier never received": IDENTIFIER,
    "identifer": IDENTIFIER,
    "no text message": IDENTIFIER,
    "numen": IDENTIFIER,
    "voting code": IDENTIFIER,
    "ID-3": IDENTIFIER,
    "phone number": HELP_FRONT,
    "closing date": HELP_FRONT,
    "deadline": HELP_FRONT,
    "link": PASSWORD,
    "no mobile phone": HELP_SITUATIONS,
    "smartphone": HELP_SITUATIONS,
    "transfer": HELP_SITUATIONS,
    "phishing": HELP_SITUATIONS,
    "disability": HELP_SITUATIONS,
    "blind": HELP_SITUATIONS,
    "shared computer": HELP_SITUATIONS,
    "when to vote": HELP_FRONT,
    "easy to read": HELP_FRONT,
}
PHRASES = [
    (language, phrase, name)
    for language, phrases in ((Language.FRENCH, FRENCH), (Language.ENGLISH, ENGLISH))
    for phrase, name in phrases.items()
]


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
