"""CASE 50: many passwords at once keep nobody from a page, and no process that scores them outlives the site."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.support.product import (
    CHOOSE,
    SECONDS_TO_STOP,
    HtmlPage,
    Installation,
    SiteBrowser,
    alive,
    descendants,
    eventually,
    exchange,
    installation,
)

WORST = "4@8({[<3691!|70$5+7%2aA0" * 3
"""All symbols that zxcvbn reads as letters, three times over: seconds of work."""
STRONG = "Girafe tambour ciseau 42"
CHOOSE_WAY = "/mot-de-passe/connexion"
SIGN_IN = {"choice": "sign-in", "password": "Mauvais mot de passe 1"}
CROWD, STRANGERS = 16, 64
SECONDS = 180
TOO_COMPLEX, TOO_BUSY = "Ce mot de passe est trop compliqué à évaluer", "Rien n'est perdu"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A site with the rules of 2026."""
    with installation(tmp_path_factory.mktemp("overload") / "election") as made:
        made.variables["RETROUVE_POLICY__PRESET"] = "2026"
        made.start_product()
        yield made


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """A thread for each form that is sent at once."""
    with ThreadPoolExecutor(STRANGERS) as pool:
        yield pool


def choosing_browsers(site: Installation, count: int) -> list[SiteBrowser]:
    """Return browsers that have opened a link, each of another voter."""
    voters = [site.take_unused_voter() for _ in range(count)]
    browsers = [site.browser() for _ in voters]
    for browser, link in zip(browsers, site.links_of(voters).values(), strict=True):
        browser.get(link)
    return browsers


def send_worst(site: Installation, browser: SiteBrowser) -> HtmlPage:
    """Send the worst password, without waiting for the page of MP-6."""
    twice = dict.fromkeys(("new_password", "new_password_again"), WORST)
    return exchange(site.site, "POST", CHOOSE, twice, {"Cookie": browser.cookie_header}, seconds=SECONDS)


def scorers(site: Installation) -> list[int]:
    """Return the processes of the site that score passwords."""
    return [pid for pid in descendants(site.parts["serve"].pid) if "scoring_worker" in command_of(pid)]


def command_of(pid: int) -> str:
    """Return a process's command; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def assert_refused_or_told_when_to_retry(answer: HtmlPage) -> None:
    """Assert that the password was refused in plain words, or that its owner was told to come back."""
    if answer.status == 503:
        assert answer.refusal == "too-busy"
        assert int(str(answer.header("Retry-After"))) > 0
        assert TOO_BUSY in answer.text
    else:
        assert (answer.status, answer.step) == (422, "MP-6")
        assert TOO_COMPLEX in answer.text


def unanswered(sent: list[Future[HtmlPage]]) -> int:
    """Return how many forms have no answer yet."""
    return sum(not each.done() for each in sent)


def test_case_50_the_first_page_does_not_wait_for_worst_case_passwords(
    site: Installation, threads: ThreadPoolExecutor
) -> None:
    """CASE 50: sixteen of them at once are refused in plain words, the page comes before them, and the links stay."""
    browsers = choosing_browsers(site, CROWD)
    sent = [threads.submit(send_worst, site, browser) for browser in browsers]
    eventually(lambda: scorers(site), "a process that scores")

    assert exchange(site.site, "GET", "/").status == 200

    assert unanswered(sent)
    for each in sent:
        assert_refused_or_told_when_to_retry(each.result())
    assert browsers[0].submit_new_password(STRONG).step == "MP-7"


def test_case_50_the_first_page_does_not_wait_for_sign_ins(site: Installation, threads: ThreadPoolExecutor) -> None:
    """CASE 50: of sixty-four strangers' sign-ins at once all are answered, and the page comes before the last."""
    browsers = [site.browser() for _ in range(STRANGERS)]
    for number, browser in enumerate(browsers):
        browser.post("/", {"email": f"nobody.{number}@ac-lumiere.example"})
    sent = [
        threads.submit(
            exchange, site.site, "POST", CHOOSE_WAY, SIGN_IN, {"Cookie": browser.cookie_header}, seconds=SECONDS
        )
        for browser in browsers
    ]
    wait(sent, return_when=FIRST_COMPLETED)

    assert exchange(site.site, "GET", "/").status == 200

    assert unanswered(sent)
    assert {(each.result().status, each.result().refusal) for each in sent} <= {(422, None), (503, "too-busy")}


def test_one_voter_has_one_password_scored_at_a_time(site: Installation, threads: ThreadPoolExecutor) -> None:
    """Many requests with one link keep no other voter's password from being scored."""
    (patient,) = choosing_browsers(site, 1)
    (other,) = choosing_browsers(site, 1)
    sent = [threads.submit(send_worst, site, patient) for _ in range(CROWD)]
    eventually(lambda: scorers(site), "a process that scores")

    assert other.submit_new_password(STRONG).step == "MP-7"

    for each in sent:
        assert_refused_or_told_when_to_retry(each.result())
    assert patient.submit_new_password(STRONG).step == "MP-7"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_scoring_process_outlives_the_site(site: Installation, threads: ThreadPoolExecutor, how: int) -> None:
    """No process of the site is left when it was stopped, or killed with its workers, in the middle of a score."""
    site.stop("serve")  # whose scoring processes wait for more
    site.start("serve")
    (browser,) = choosing_browsers(site, 1)
    threads.submit(send_worst, site, browser)
    (pid,) = eventually(lambda: scorers(site), "a process that scores")
    # Asked before anything is killed: children of a process that has ended are nobody's.
    serve, family, workers = site.parts["serve"], descendants(site.parts["serve"].pid), site.workers

    serve.send_signal(how)
    if how == signal.SIGKILL:
        for worker in workers:
            os.kill(worker, how)
    serve.wait(SECONDS_TO_STOP)

    eventually(lambda: not any(map(alive, (pid, *family))), "the end of all it started")
