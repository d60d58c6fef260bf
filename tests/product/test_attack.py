"""The random attacker finds nothing in the product, and finds every defect that is planted elsewhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.conformance.attack import around_voters
from tests.conformance.attack.around_voters import AttackAroundHonestVoters
from tests.conformance.attack.attacker_account import AttackerAccount
from tests.conformance.attack.command import SELF_TEST_SEED, print_line, walk_on_small_site
from tests.conformance.attack.honest_voter import HonestVoter
from tests.conformance.attack.invariant_judge import SPENT, InvariantJudge, InvariantViolated
from tests.conformance.attack.planted_defects import ADAPTER, DEFECTS
from tests.conformance.attack.planted_server import serve_planted_defect_site
from tests.conformance.attack.product_site_description import CONTRACT, InvalidAdapter, read_site_adapter
from tests.conformance.attack.random_attack_walk import AttackWalk
from tests.conformance.attack.recording_browser import BrowserAlreadyClosed, HttpExchange, RecordingBrowser
from tests.conformance.attack.walk_report import WalkFinding, WalkReport
from tests.conformance.browser import REDIRECTS
from tests.conformance.html_page import HtmlPage
from tests.conformance.product import FictionalVoter, Product
from tests.conformance.raw_http import PreparedRequest, path_of
from tests.conformance.waiting import eventually
from tests.product.proxy import proxied
from tests.support.product import CHOOSE, LIGHT_HASHES_AND_NO_HELP, Installation, demo
from tests.support.product.processes import ROOT


def judged_exchanges(judge: InvariantJudge, voter: HonestVoter) -> list[HttpExchange]:
    """Let the judge check everything that a voter's browser sends. Returns the list that collects the exchanges."""
    made: list[HttpExchange] = []
    send = voter.client.exchange

    def exchange(act: str, request: PreparedRequest) -> HttpExchange:
        for account in judge.accounts:
            account.read_mail(judge.product, judge.adapter)
        made.append(send(act, request))
        judge.judge(made[-1:])
        return made[-1]

    voter.client.exchange = exchange  # type: ignore[method-assign]  # this browser's alone
    return made


SEQUENCES = 2_000
VOTERS = 280
PAIRS = 250
"""Minimum number of different pairs of a step and an action in a walk of this length. This walk reaches 393."""
DEEP = {"EV-1", "ID-1", "ID-2", "ID-3", "ID-4", "ID-5", "MP-4", "MP-6", "MP-7"}
"""Steps that a walk reaches only if it follows the usual order."""
SEED = int(os.environ.get("RETROUVE_WALK_SEED", "2018"))
"""Seed of the walk, which is always the same here. `python -m tests.conformance walk` uses a new seed each time."""
ONE_NETWORK = {
    "RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE": "10000",
    "RETROUVE_POLICY__ASKS_PER_NETWORK": "10",
    "RETROUVE_POLICY__DESK_REQUESTS_PER_NETWORK": "0",
    "RETROUVE_POLICY__SMS_NETWORK_PERCENT": "100",
    "RETROUVE_POLICY__SIGN_IN_ADDRESSES_PER_NETWORK": str(VOTERS),
}
"""Settings with which the only limit for all visitors together is the one for sign-ins that try many addresses.

The attacker exceeds it by guesses at invented addresses. All voters together are too few to exceed it.
"""
SOONER = {"case shown": 6, "guesses keep out": 9, "step skipped": 10, "tries of another": 5}
SOONER |= dict.fromkeys(("cookie trusted", "desk requests dropped", "re-issue of another"), 2)
SOONER |= dict.fromkeys(("asks used up", "session reopened"), 3)
SOONER |= dict.fromkeys(("code of another", "session survives", "token of another", "token raced"), 4)
"""Seeds that find some defects in half as many sequences as the usual seed, or fewer."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalkReport]:
    """Return the report of a walk on a demo. RETROUVE_WALK_SEED sets another seed."""
    folder = tmp_path_factory.mktemp("attack") / "demo"
    with demo(folder, voters=VOTERS, variables=ONE_NETWORK, command=LIGHT_HASHES_AND_NO_HELP) as product:
        walked = AttackWalk(Product(url=product.site), read_site_adapter(), SEED, SEQUENCES, say=print_line).run()
        print_line(str(walked))
        yield walked


def test_no_sequence_of_acts_breaks_an_invariant(report: WalkReport) -> None:
    """The random attacker breaks no invariant of the product."""
    assert report.sequences >= SEQUENCES
    assert report.findings == [], str(report)


def test_the_walk_reaches_the_site_everywhere(report: WalkReport) -> None:
    """The walk does its actions at every step, including steps that only the usual order reaches."""
    assert {step for step, _ in report.coverage} >= DEEP
    assert report.pair_count >= PAIRS, report.action_table()
    guesses = sum(count for (_, act), count in report.coverage.items() if act == "guess")
    assert guesses * around_voters.GUESSES > VOTERS, "the network is never slowed down"


def test_a_sound_small_site_has_no_finding() -> None:
    """On a small site without defects, the attacker finds nothing."""
    assert walk_on_small_site("", seed=SEED, sequences=300).findings == []


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_every_planted_defect_is_found(defect: str) -> None:
    """The attacker finds each planted defect of the small site."""
    assert walk_on_small_site(defect, SOONER.get(defect, SELF_TEST_SEED)).findings != []


def test_a_finding_waits_for_the_victim_who_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a finding is reported, a victim who is acting at that moment finishes first, so no browser is left open."""
    move, finish, moving, left = HonestVoter.do_next_move, WalkReport.finish_sequence, [0], []

    def moves(voter: HonestVoter) -> None:
        moving[0] += 1
        move(voter)
        moving[0] -= 1

    def finds(_block: AttackAroundHonestVoters, _client: RecordingBrowser, act: str = "") -> None:
        if act == "at once":
            raise InvariantViolated(SPENT, "at once")

    def told(report: WalkReport, finding: WalkFinding | None) -> None:
        left.append(moving[0])
        finish(report, finding)

    monkeypatch.setattr(around_voters, "RACING", 1)
    monkeypatch.setattr(AttackAroundHonestVoters, "_act", finds)
    monkeypatch.setattr(HonestVoter, "do_next_move", moves)
    monkeypatch.setattr(WalkReport, "finish_sequence", told)
    with serve_planted_defect_site(voters=7) as product:
        report = AttackWalk(product, read_site_adapter(ADAPTER), SEED, 75, workers=1).run()

    assert [finding.detail for finding in report.findings] == [f"{SPENT}: at once"] * 3
    assert set(left) == {0}


def test_no_honest_voters_password_holds_their_name() -> None:
    """A voter with the name Brun chooses a password with another colour, because it must not contain the name."""
    voters = [
        FictionalVoter(email=f"a{n}@b.example", birth_date="", numen="", phone="", last_name="Brun") for n in range(60)
    ]
    with serve_planted_defect_site(voters=1) as product:
        product.unused_voters["fr"] = iter(voters)  # the attacker takes these voters next
        drawn, walk = Random(SEED), AttackWalk(product, read_site_adapter(ADAPTER), SEED, 750)  # noqa: S311  # no secret
        casts = walk.participants(drawn, walk.new_voter(drawn))

    assert [each.password for cast in casts for each in (*cast.victims, *cast.own) if "brun" in each.password] == []


def test_an_interrupted_walk_tells_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk that its user interrupts is reported as far as it went."""
    play, played = AttackAroundHonestVoters.play, []

    def plays(block: AttackAroundHonestVoters, sequences: int) -> None:
        if played:
            raise KeyboardInterrupt
        played.append(sequences)
        play(block, sequences)

    monkeypatch.setattr(AttackAroundHonestVoters, "play", plays)
    with serve_planted_defect_site(voters=20) as product:
        report = AttackWalk(product, read_site_adapter(ADAPTER), SEED, 225, workers=1).run()

    assert report.sequences == 75
    assert report.findings == []


def test_a_closed_browser_opens_no_connection_again() -> None:
    """A browser that was closed refuses to be used, whether or not it had been connected."""
    with serve_planted_defect_site(voters=1) as product:
        client = RecordingBrowser(product.url)
        assert client.exchange("open", PreparedRequest("GET", "/")).page.status == 200
        client.close()

        with pytest.raises(BrowserAlreadyClosed):
            client.exchange("open", PreparedRequest("GET", "/"))


def test_a_defect_in_front_of_the_product_is_found(parts: Installation) -> None:
    """The attacker finds a proxy that shows the page of one visitor to another."""
    last = [""]

    def shows_anothers_case(page: HtmlPage) -> HtmlPage:
        if '<meta name="case"' not in page.body:
            return page
        shown, last[0] = last[0] or page.body, page.body
        return replace(page, body=shown)

    with proxied(parts, shows_anothers_case) as address:
        walked = AttackWalk(Product(url=address), read_site_adapter(), SEED, 75, until_found=True).run()

    assert walked.findings != []


def test_the_command_tells_what_it_did() -> None:
    """`python -m tests.conformance walk` works with any adapter, prints its seed, and exits with 1 after a finding."""
    for defect, status in (("", 0), ("reset signs in", 1)):
        with serve_planted_defect_site(defect, voters=20) as product:
            places = (
                "--url",
                product.url,
                "--mailbox",
                "/messages",
                "--voters",
                "/voters",
                "--replies",
                "",
                "--desk",
                "/desk-list",
            )
            options = (*places, "--adapter", str(ADAPTER), "--sequences", "75", "--seed", "1")
            command = [sys.executable, "-m", "tests.conformance", "walk", *options]
            told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        assert told.returncode == status, told.stdout + told.stderr
        assert "--seed 1" in told.stdout


def test_an_adapter_that_lacks_something_is_refused(tmp_path: Path) -> None:
    """An adapter file that lacks a value, or names a step without a pattern, is refused with the name."""
    text = CONTRACT.read_text("utf-8")
    for wrong, told in (
        (text.replace("first = ", "frist = "), "first"),
        (text.replace("MP-3 = '", "MP-9 = '"), "MP-3"),
    ):
        path = tmp_path / "adapter.toml"
        path.write_text(wrong, "utf-8")

        with pytest.raises(InvalidAdapter, match=told):
            read_site_adapter(path)


def test_a_repeated_form_beside_anothers_link_sets_no_password(parts: Installation) -> None:
    """A form that is repeated next to another account's link is not reported as a defect."""
    adapter = read_site_adapter()
    with proxied(parts, lambda page: page) as address:
        product = Product(url=address)
        chooses, signed_in = (
            HonestVoter(product, adapter, product.take_unused_voter(), "", f"Velours gris 00000{n}") for n in range(2)
        )
        accounts = [AttackerAccount(each.voter, [], each.name) for each in (chooses, signed_in)]
        judge = InvariantJudge(product, adapter, {adapter.new_password_step: CHOOSE}, accounts)
        with closing(chooses.client), closing(signed_in.client):
            forms = [judged_exchanges(judge, each) for each in (chooses, signed_in)]
            for move in (
                signed_in.ask,
                signed_in.await_link,
                signed_in.open_link,
                signed_in.choose_password,
                signed_in.sign_in,
            ):
                move()
            # As if the mail had been read only now.
            accounts[1].links = dict.fromkeys(accounts[1].links, accounts[1].epoch)
            for move in (chooses.ask, chooses.await_link, chooses.open_link):
                move()
            chooses.client.exchange("link", PreparedRequest("GET", path_of(signed_in.link)))
            chooses.choose_password()
            chosen = next(each for each in forms[0] if "new_password" in each.typed)
            cookies = "; ".join(f"{name}={value}" for name, value in chosen.sent)

            repeated = chooses.client.exchange("replay", chosen.request.with_headers({"Cookie": cookies}))

            assert adapter.step(repeated.page) == adapter.password_set
            assert adapter.step(signed_in.client.exchange("home", PreparedRequest("GET", adapter.home)).page) == "EV-1"


def test_a_voter_may_use_a_link_that_the_attacker_asked_for(parts: Installation) -> None:
    """If a voter uses a link that the attacker requested, the attacker's own page of this case is no finding."""
    adapter = read_site_adapter()
    with proxied(parts, lambda page: page) as address:
        product = Product(url=address)
        voter = HonestVoter(product, adapter, product.take_unused_voter(), "", "Velours gris 000000")
        attacker = HonestVoter(product, adapter, voter.voter, "", "Velours vert 000000")
        judge = InvariantJudge(product, adapter, {adapter.new_password_step: CHOOSE}, [], [voter])
        with closing(voter.client), closing(attacker.client):
            exchanges = judged_exchanges(judge, attacker)
            attacker.ask()
            voter.await_link()
            voter.open_link()

            attacker.client.exchange("open", PreparedRequest("GET", path_of(attacker.page.url)))

        assert adapter.case_of(exchanges[-1].page) in voter.cases


def test_a_code_counts_though_its_page_tells_of_a_telephone_that_is_off(parts: Installation) -> None:
    """A right code counts as an order, even if the next page already says that the identifier was not delivered."""
    adapter, typed = read_site_adapter(), list[str]()

    def come_after_the_report(page: HtmlPage) -> HtmlPage:
        if typed and page.status in REDIRECTS:
            typed.clear()
            after = PreparedRequest("GET", path_of(page.header("Location") or ""))
            eventually(lambda: adapter.step(look.exchange("look", after).page) in adapter.undelivered, "the report")
        return page

    with proxied(parts, come_after_the_report) as address:
        product = Product(url=address)
        phone = product.new_phone(product.switched_off)
        voter = HonestVoter(product, adapter, product.take_unused_voter(), phone, "Velours gris 000000")
        account = AttackerAccount(voter.voter, [phone], voter.name)
        judge = InvariantJudge(product, adapter, {adapter.new_password_step: CHOOSE}, [account])
        with closing(voter.client), closing(RecordingBrowser(parts.site)) as look:
            exchanges = judged_exchanges(judge, voter)
            for move in voter.planned_moves[: -len(("mistype_code", "enter_code"))]:
                move()
            look.set_cookies(voter.client.cookies_held)
            typed.append(code := voter.await_code())
            voter.answer(adapter.identifier_way, {"code": code})

        assert adapter.step(exchanges[-1].page) in adapter.undelivered
        assert adapter.identifiers(product.messages(phone)) != []
        judge.require_code_for_each_identifier()
