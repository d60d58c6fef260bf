"""CASE 12: thirty-two clients and one link."""

from urllib.parse import urlsplit

from tests.support.product import CHOOSE, Answer, Call, Demo, Voter, at_once, exchange, worked

CLIENTS = 32
REPEATS = 50
BROWSERS = 4
LOSERS_CHECKED = 3


def test_case_12_one_link_changes_one_password(product: Demo) -> None:
    """CASE 12: 32 clients post 32 passwords on one link in one instant over two web processes, 50 times: one success each
    time, and only the winner's password signs in.
    """  # noqa: D205  # one sentence
    voters = [product.new_voter() for _ in range(REPEATS)]
    links = product.links_of(voters)
    before = [worked(pid) for pid in product.workers]
    wins: list[int] = []
    for voter in voters:
        answers = race(product, links[voter.email])
        winners = [number for number, answer in enumerate(answers) if answer.status == 303]
        losers = [number for number in range(CLIENTS) if number not in winners]
        assert len(winners) == 1, [answer.status for answer in answers]
        assert answers[winners[0]].header("Location") == "/mot-de-passe/termine"
        assert {(answers[each].status, answers[each].page.refusal) for each in losers} <= {(410, "link-used")}
        for loser in losers[:: CLIENTS // LOSERS_CHECKED][:LOSERS_CHECKED]:
            assert not opens(product, voter, password_of(loser))
        assert opens(product, voter, password_of(winners[0]))
        wins.append(winners[0])
    assert [product.epoch(voter) for voter in voters] == [1] * REPEATS
    assert len(set(wins)) > 1, "the clients did not really race"
    assert all(worked(pid) > mark for pid, mark in zip(product.workers, before, strict=True)), "one process did it all"
    product.secrets.update(password_of(number) for number in range(CLIENTS))


def password_of(client: int) -> str:
    """Each client has its own."""
    return f"Course {client:02d} gazelle"


def race(product: Demo, link: str) -> list[Answer]:
    """What each client gets. A few browsers have opened the link."""
    cookies = [opened(product, link) for _ in range(BROWSERS)]
    calls = []
    for number in range(CLIENTS):
        typed = dict.fromkeys(("new_password", "new_password_again"), password_of(number))
        calls.append(Call(CHOOSE, typed, {"Cookie": cookies[number % BROWSERS]}))
    return at_once(product.site, calls)


def opened(product: Demo, link: str) -> str:
    """The cookie that the link's first page gives."""
    answer = exchange(product.site, "GET", urlsplit(link).path)
    return str(answer.header("Set-Cookie")).partition(";")[0]


def opens(product: Demo, voter: Voter, password: str) -> bool:
    """Whether that password signs in."""
    first = exchange(product.site, "POST", "/", {"email": voter.email})
    cookie = str(first.header("Set-Cookie")).partition(";")[0]
    typed = {"choice": "sign-in", "password": password}
    answer = exchange(product.site, "POST", str(first.header("Location")), typed, {"Cookie": cookie})
    assert answer.status in {303, 422}
    return answer.status == 303
