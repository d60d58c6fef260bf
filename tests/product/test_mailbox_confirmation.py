"""With preset 2026 a request is confirmed in the mailbox: the running product, by HTTP, mail and SMS alone."""

import time
from collections.abc import Iterator

import pytest

from conformance.product import SPACE, TO_CONFIRM, ReceivedMessage
from conformance.product import Product as BlackBox
from conformance.raw_http import send_all_at_once
from conformance.waiting import eventually
from conformance.walker import IdentifierWalk, walker
from core.policy.policy import PRESETS
from tests.support.product import Demo, Installation, demo

PRESET = {"RETROUVE_POLICY__PRESET": "2026"}
CROWD = 32
OPENINGS = 20
SENT = {"ID-4", "ID-5"}
WAY = ["MP-1", "MP-2", "MP-3", "MP-4", "MP-6", "MP-7", "MP-1", "MP-2", "EV-1", "ID-1", "ID-2", "ID-3", "ID-7", "ID-9"]
LIFE_SECONDS = PRESETS["2026"].confirmation_valid_minutes * 60
SECONDS_WITHOUT = 2
"""Seconds in which nothing may come; an identifier takes a tenth of it."""


@pytest.fixture(scope="module")
def confirming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo under preset 2026."""
    with demo(tmp_path_factory.mktemp("confirming") / "demo", "--no-throttle", variables=PRESET) as running:
        yield running


@pytest.fixture(name="product")
def black_box(confirming: Demo) -> BlackBox:
    """The same, as the black box sees it."""
    return BlackBox(url=confirming.site)


def at_confirmation(product: BlackBox) -> tuple[IdentifierWalk, ReceivedMessage]:
    """Return a voter who waits for the confirmation (ID-7), and the mail."""
    made = walker(product)
    made.go_to_step("ID-7")
    return made, product.mail(made.voter, TO_CONFIRM)


def nothing_comes(made: IdentifierWalk) -> None:
    """Watch for a while that no identifier comes and that the page stays."""
    time.sleep(SECONDS_WITHOUT)
    assert made.identifiers() == []
    assert made.browser.get(made.current_page.url).step == "ID-7"


def test_the_whole_way_is_walked_by_forms_alone(product: BlackBox) -> None:
    """Every page carries its step, and the case from ID-2 on; the link opened in the same browser leads back to it."""
    made = walker(product)
    made.go_to_step("ID-5")

    steps = [page.step for page in made.pages if page.step not in SENT]
    assert steps == WAY
    assert len({page.case for page in made.pages if page.step in {"ID-2", "ID-3", "ID-7", "ID-9", *SENT}}) == 1
    assert len(made.identifiers()) == 1


def test_three_requests_are_confirmed_and_the_fourth_is_refused(product: BlackBox) -> None:
    """Each of three requests is confirmed by its own mail; one that is not confirmed uses none of the three."""
    made, _ = at_confirmation(product)
    made.confirmations = 1
    for number in (1, 2, 3):
        made.pages.append(made.browser.submit(made.browser.get(SPACE), {"choice": "new-identifier"}))
        made.pages.append(made.identify(made.browser.submit(made.current_page, {"choice": "request"})))
        made.pages.append(made.browser.submit(made.current_page, {"code": made.wait_for_code(count=number + 1)}))
        made.go_to_step("ID-5", made.current_page)

    refused = made.browser.submit(made.browser.get("/identifiant/demande"), {"choice": "request"})

    assert (refused.status, refused.refusal) == (403, "no-reissue-left")
    assert len(set(made.identifiers())) == 3


def test_without_a_post_in_the_mailbox_there_is_no_identifier(product: BlackBox, confirming: Demo) -> None:
    """Scanners open the link twenty times, by GET and HEAD, and nothing moves; one opening is observed."""
    made, mail = at_confirmation(product)
    for _ in range(OPENINGS):
        for method in ("GET", "HEAD"):
            assert product.browser().get(str(mail.link), method=method).status == 200

    nothing_comes(made)

    assert made.current_page.case is not None
    acts = [act for act, _ in confirming.events(made.current_page.case)]
    assert acts.count("link-opened") == 1
    assert "reissue-confirmed" not in acts
    assert confirming.rows('SELECT count(*) FROM reissues WHERE "case" = ?', made.current_page.case) == [(0,)]


def test_the_token_leaves_the_address_at_once_and_no_page_shows_it(product: BlackBox) -> None:
    """The first GET puts it into a cookie that does not hold it in clear, and sends no referrer."""
    made, mail = at_confirmation(product)
    browser = product.browser()

    first = browser.get(str(mail.link), follow=False)
    page = browser.get(str(first.header("Location")))

    assert first.status == 303
    assert mail.token not in str(first.headers)
    assert first.header("Referrer-Policy") == "no-referrer"
    assert page.step == "ID-9"
    assert mail.token not in page.body
    assert page.header("Cache-Control") == "no-store"
    assert f"finit par {made.phone[-2:]}" in page.text
    assert made.voter.email not in page.text


def test_thirty_two_confirmations_in_one_instant_are_one(product: BlackBox, confirming: Demo) -> None:
    """Each press on another device is told that the request is confirmed, and the first browser moves on by itself."""
    made, mail = at_confirmation(product)
    elsewhere = product.browser()
    page = elsewhere.get(str(mail.link))
    request = elsewhere.prepare_request(page)

    answers = send_all_at_once(product.url, [request] * CROWD)

    assert {(answer.status, answer.header("Location")) for answer in answers} == {(303, "/identifiant/confirme")}
    assert elsewhere.get("/identifiant/confirme").step == "ID-10"
    assert made.wait_for_next_step(made.current_page).step in SENT
    eventually(made.identifiers, "an identifier")
    confirming.settled()
    assert len(made.identifiers()) == 1
    assert [act for act, _ in confirming.events(str(page.case))].count("reissue-confirmed") == 1
    again = product.browser().get(str(mail.link))
    assert (again.status, again.refusal) == (410, "confirmation-used")


def test_a_browser_signed_in_as_someone_else_is_told(product: BlackBox) -> None:
    """The browser of someone else confirms the request of the link, and stays who it was."""
    made, mail = at_confirmation(product)
    other = product.new_voter()
    browser = product.sign_in_new_browser(other)

    page = browser.get(str(mail.link))
    after = browser.submit(page)

    assert "la session ouverte ici est celle de" in page.text
    assert after.step == "ID-10"
    assert browser.get("/espace/accueil").step == "EV-1"
    assert made.wait_for_next_step(made.current_page).step in SENT


def test_not_me_in_the_mail_freezes_the_account_and_ends_the_request(product: BlackBox) -> None:
    """The second link of the mail shows first and acts by POST; then the first one is dead, with its page."""
    made, mail = at_confirmation(product)
    stop = next(word for word in mail.text.split() if "/pas-moi/" in word)
    browser = product.browser()
    page = browser.get(stop)
    assert page.step == "ST-1"
    assert made.browser.get(made.current_page.url).step == "ID-7"

    assert browser.submit(page).step == "ST-2"

    dead = product.browser().get(str(mail.link))
    assert (dead.status, dead.refusal) == (403, "account-frozen")
    assert made.identifiers() == []


def test_a_new_password_ends_the_request(product: BlackBox) -> None:
    """The owner of the mailbox takes the account back: the link that an intruder asked for is dead."""
    made, mail = at_confirmation(product)
    product.set_password_by_link(made.voter)

    dead = product.browser().get(str(mail.link))

    assert (dead.status, dead.refusal) == (410, "confirmation-replaced")
    assert made.identifiers() == []


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42 + "%0d"])
def test_a_wrong_link_is_one_page(product: BlackBox, token: str) -> None:
    """A link that was cut off or invented leads to one page."""
    page = product.browser().get(f"/confirmer/{token}")

    assert (page.status, page.refusal) == (404, "confirmation-unknown")


def test_a_link_of_one_kind_opens_nothing_of_the_other(product: BlackBox) -> None:
    """The token of one mail opens nothing at the place of the other."""
    made, mail = at_confirmation(product)
    password = product.request_link(product.new_voter())

    assert product.browser().get(f"/lien/{mail.token}").refusal == "link-unknown"
    assert product.browser().get(f"/confirmer/{password.rpartition('/')[2]}").refusal == "confirmation-unknown"
    assert made.browser.get(made.current_page.url).step == "ID-7"


def test_a_post_of_another_site_confirms_nothing(product: BlackBox) -> None:
    """A page of another site cannot press the button for its reader."""
    made, mail = at_confirmation(product)
    browser = product.browser()
    page = browser.get(str(mail.link))

    refused = browser.post(page.url, headers={"Origin": "https://elsewhere.example"})

    assert (refused.status, refused.refusal) == (403, "came-from-elsewhere")
    nothing_comes(made)


def test_the_page_says_until_when_and_sends_again_after_the_pause(product: BlackBox) -> None:
    """The button is closed during the pause; a post that comes all the same sends nothing."""
    made, _ = at_confirmation(product)

    again = made.browser.post(made.current_page.url, {"choice": "again", "case": str(made.current_page.case)})

    assert again.step == "ID-7"
    assert "sera possible à partir de" in again.text
    assert "Envoi 1 sur 3" in again.text
    product.wait_until_quiet()
    assert len(product.mails(made.voter, TO_CONFIRM)) == 1


def test_a_lapse_frees_the_request(parts: Installation) -> None:
    """After its time the link is dead, the page says so, nothing is counted, and another request goes the whole way."""
    for name in ("mailbox", "telephone", "courier", "serve"):
        parts.start(name, **PRESET)
    product = BlackBox(url=parts.site)
    made, mail = at_confirmation(product)
    later = {**PRESET, "RETROUVE_CLOCK_OFFSET_SECONDS": str(LIFE_SECONDS + 60)}
    for name in ("courier", "serve"):
        parts.stop(name)
        parts.start(name, **later)

    dead, page = product.browser().get(str(mail.link)), made.browser.get(made.current_page.url)

    assert (dead.status, dead.refusal) == (410, "confirmation-expired")
    assert page.step == "ID-6"
    assert "Il vous reste 3 demandes sur 3" in page.text
    made.pages.append(made.browser.submit(page, {"choice": "restart"}))
    assert made.current_page.step == "ID-1"
    made.pages.append(made.browser.submit(made.current_page, {"choice": "request"}))
    made.pages.append(made.identify(made.current_page))
    made.pages.append(made.browser.submit(made.current_page, {"code": made.wait_for_code(count=2)}))
    assert made.current_page.step == "ID-7"
    second = product.mail(made.voter, TO_CONFIRM, count=2)
    assert product.browser().get(str(mail.link)).refusal == "confirmation-expired"
    elsewhere = product.browser()
    assert elsewhere.submit(elsewhere.get(str(second.link))).step == "ID-10"
    eventually(made.identifiers, "an identifier")
    assert parts.rows("SELECT slot FROM reissues") == [(1,)]
