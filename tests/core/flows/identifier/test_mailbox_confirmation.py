"""Tests of requests for an identifier that the voter must confirm through a mailed link."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.flow_handler import StepResult, Visit
from core.flows.identifier.confirmation_steps import ConfirmationSteps
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.repeated_forms import FORM_KEY
from core.forms import errors
from core.forms.flow_model import ShownStep, actions_not_possible_yet
from core.policy.policy import PRESETS
from core.ports import IncomingSmsOutcome
from core.security.tokens import digest
from tests.core.flows.identifier.test_handler_races import together
from tests.support.election import CAMILLE, CLOSES, visit
from tests.support.reissues import E164, IDENTIFIER_SMS, Reissuer, play_platform, reissuer, votes
from tests.support.stores import KeptStore, reading, writing
from tests.support.worlds import World, says_it_goes_on, world

POLICY = PRESETS["2026"]
LIFE = timedelta(minutes=POLICY.confirmation_valid_minutes)
PAUSE = timedelta(minutes=POLICY.resend_after_minutes)
OTHER = "other@ac-lumiere.example"
OTHER_PHONE = "06 87 65 43 21"
CROWD = 32


@pytest.fixture
def confirming(sql_kept: KeptStore) -> World:
    """An election on SQLite that requires a confirmation in the mailbox (preset 2026)."""
    return world(sql_kept, policy=POLICY)


def steps(camille: Reissuer) -> ConfirmationSteps:
    """Return the confirmation steps."""
    assert camille.steps.confirmation is not None
    return camille.steps.confirmation


def waiting(made: World, email: str = CAMILLE, **changes: str) -> Reissuer:
    """Return a voter who has just received the confirmation mail."""
    camille = reissuer(made, email)
    camille.order(**changes)
    made.courier().run_once()
    return camille


def token(camille: Reissuer) -> str:
    """Return the token of the voter's newest confirmation link."""
    return camille.world.post.confirmations(camille.email)[-1]


def held(camille: Reissuer, *, session: str | None = None, link: str | None = None) -> Visit:
    """Return the visit of a browser that has opened the confirmation link."""
    return visit(confirmation=link or token(camille), session=session)


def opened(camille: Reissuer, link: str | None = None) -> None:
    """Open the confirmation link, as a browser or a mail scanner does."""
    (route,) = camille.world.services.flows[IdentifierFlowPlugin].message_link_routes
    route.observe(link or token(camille))


def page(camille: Reissuer, at: Visit | None = None) -> ShownStep:
    """Return the page of the confirmation link."""
    return camille.world.services.dispatcher.show(steps(camille).confirm, at or held(camille))


def confirm(camille: Reissuer, at: Visit | None = None) -> StepResult:
    """Press the button that confirms the request."""
    return camille.world.at(steps(camille).confirm, "confirm", at or held(camille))


def begin_anew(camille: Reissuer) -> None:
    """Begin another request a minute later, because of the limits on SMS."""
    camille.world.clock.move(minutes=1)
    camille.request()


# ── The whole flow ──────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_made_before_the_request_is_confirmed(confirming: World) -> None:
    """Until the request is confirmed, no identifier is created, even if a mail scanner opens the link twenty times."""
    platform = play_platform(confirming)
    camille = waiting(confirming)
    before = camille.shown()
    for _ in range(20):
        opened(camille)
        assert page(camille).step is steps(camille).confirm
    for _ in range(3):
        confirming.courier().run_once()

    assert camille.shown() == before
    assert before.step is steps(camille).asked
    assert before.refresh_after
    assert camille.left() == 3
    assert camille.acts().count("link-opened") == 1
    assert camille.sms(IDENTIFIER_SMS) == []
    assert platform.told == []
    epoch, now = camille.voter.epoch, confirming.clock.at
    assert reading(confirming.store).links.count_valid_links(camille.voter.id, epoch=epoch, now=now) == 0


def test_a_confirmed_request_becomes_an_identifier(confirming: World) -> None:
    """After the confirmation on another device, the first browser moves on, and the identifier is sent."""
    camille = reissuer(confirming).asked()
    assert says_it_goes_on(camille.shown())
    camille.type(camille.code())
    confirming.courier().run_once()
    assert says_it_goes_on(camille.shown())
    opened(camille)

    assert page(camille).step is steps(camille).confirm
    assert confirm(camille).step is steps(camille).confirmed
    assert camille.shown().step is camille.steps.sending
    assert says_it_goes_on(camille.shown())
    confirming.courier().run_once()

    assert camille.shown().step is camille.steps.done
    assert says_it_goes_on(camille.shown())
    assert votes(confirming, camille.identifier())
    assert camille.left() == 2
    assert camille.acts() == [
        "reissue-opened",
        "matched",
        "code-decided",
        "sms-accepted",
        "code-accepted",
        "link-decided",
        "mail-accepted",
        "link-opened",
        "reissue-confirmed",
        "identifier-in-force",
        "sms-accepted",
        "mail-accepted",
    ]


def test_the_mail_has_both_links_and_names_the_number(confirming: World) -> None:
    """The mail contains the confirmation link before the freeze link, and the last digits of the phone number."""
    camille = waiting(confirming, phone=f"+33{OTHER_PHONE.replace(' ', '')[1:]}")

    mail = confirming.post.to(CAMILLE)[-1]

    for kind in ("plain", "html"):
        text = mail.part(kind)
        assert text.index("/confirmer/") < text.index("/pas-moi/")
        assert f"finit par {OTHER_PHONE[-2:]}" in text.replace("\n", " ").replace("\u00a0", " ")
    assert mail.parsed["Subject"] == "Confirmez votre demande d'identifiant de vote"
    assert camille.session not in mail.part("plain")
    assert page(camille).facts["ending"] == camille.shown().facts["ending"] == OTHER_PHONE[-2:]
    assert confirm(camille, held(camille, session=camille.session)).step is camille.steps.sending


def test_a_code_answered_by_sms_waits_for_the_confirmation_too(confirming: World) -> None:
    """A code that was answered by SMS also needs the confirmation in the mailbox."""
    camille = reissuer(confirming).asked()

    assert (
        confirming.services.flows[IdentifierFlowPlugin].receive_sms_answer(E164, camille.code())
        is IncomingSmsOutcome.ACCEPTED
    )
    confirming.courier().run_once()

    assert camille.shown().step is steps(camille).asked
    assert camille.sms(IDENTIFIER_SMS) == []
    confirm(camille)
    confirming.courier().run_once()
    assert len(camille.sms(IDENTIFIER_SMS)) == 1


def test_preset_2018_asks_for_no_confirmation(world: World) -> None:
    """Preset 2018 has no confirmation steps, links or mails."""
    camille = reissuer(world)
    camille.receive()

    assert camille.steps.confirmation is None
    assert [step.code for step in camille.steps.flow.steps] == ["ID-1", "ID-2", "ID-3", "ID-4", "ID-5", "ID-6"]
    assert world.services.flows[IdentifierFlowPlugin].message_link_routes == ()
    assert world.post.confirmations(CAMILLE) == []


# ── Parallel confirmations and other sessions ───────────────────────────────────────────────────────────


def test_many_confirmations_in_one_instant_reserve_one(kept: KeptStore) -> None:
    """Many confirmations at the same time reserve one identifier, and one SMS is sent."""
    confirming = world(kept, policy=POLICY)
    camille = waiting(confirming)
    at = held(camille)

    got = together([lambda: confirm(camille, at).step.code] * CROWD)
    confirming.courier().run_once()

    assert Counter(got) == {"ID-10": CROWD}
    assert camille.left() == 2
    assert camille.acts().count("reissue-confirmed") == 1
    assert len(camille.sms(IDENTIFIER_SMS)) == 1


def test_a_browser_signed_in_as_someone_else_is_told_and_keeps_its_session(confirming: World) -> None:
    """A browser that is signed in as another voter shows a warning. It can confirm, and keeps its session."""
    camille, other = waiting(confirming), reissuer(confirming, OTHER)
    at = held(camille, session=other.session)

    (notice,) = page(camille, at).notices
    result = confirm(camille, at)

    assert set(notice.params) == {"masked_address", "other_address"}
    assert result.step is steps(camille).confirmed
    assert confirming.sessions.signed_in_voter(result.visit.session).voter.email == OTHER
    assert other.left() == 3
    assert camille.left() == 2
    begin = confirming.services.flows[PasswordFlowPlugin].steps.identify
    assert confirming.at(steps(camille).confirmed, "follow", at).step is begin


# ── Invalid links ───────────────────────────────────────────────────────────────────────────────────────


def test_a_lapse_frees_everything(confirming: World) -> None:
    """An expired link is refused, the request is not counted, and a new request works."""
    camille = waiting(confirming)
    late = token(camille)
    confirming.clock.at += LIFE / 2
    assert camille.resumed_step() is steps(camille).asked
    confirming.clock.at += LIFE / 2
    assert camille.resumed_step() is None

    assert camille.shown().step is camille.steps.failed
    for act in (lambda: opened(camille), lambda: page(camille), lambda: confirm(camille)):
        with pytest.raises(errors.ConfirmationExpired):
            act()
    camille.sign_in()
    assert camille.left() == 3
    assert camille.order().step is steps(camille).asked
    confirming.courier().run_once()
    with pytest.raises(errors.ConfirmationExpired):
        confirm(camille, held(camille, link=late))
    confirm(camille)
    confirming.courier().run_once()
    assert votes(confirming, camille.identifier())


def test_an_instant_before_the_lapse_the_link_works_and_is_dead_then(confirming: World) -> None:
    """A link confirms once, up to its last moment. Then it shows that the request is confirmed."""
    camille = waiting(confirming)
    confirming.clock.at += LIFE - timedelta(microseconds=1)

    assert confirm(camille).step is steps(camille).confirmed
    with pytest.raises(errors.ConfirmationUsed):
        opened(camille)
    assert page(camille).step is steps(camille).confirmed


def test_another_request_makes_the_link_dead(confirming: World) -> None:
    """A new request makes the link of the former one invalid, and the refusal is recorded with its case."""
    camille = waiting(confirming)
    former = token(camille)
    case = page(camille).case
    begin_anew(camille)

    with pytest.raises(errors.ConfirmationReplaced):
        confirm(camille, held(camille, link=former))

    assert case is not None
    assert [(event.act, event.reason) for event in confirming.journal(case)][-1] == (
        "reissue-refused",
        "confirmation-replaced",
    )
    assert camille.shown().step is camille.steps.identity
    assert camille.left() == 3


def test_a_new_password_and_leaving_the_roll_make_the_link_dead(confirming: World) -> None:
    """The link becomes invalid when the voter gets a new password or leaves the roll."""
    camille, other = waiting(confirming), waiting(confirming, OTHER, phone="+33687654321")
    confirming.links.choose_password(confirming.link(), "Girafe tambour 31")
    writing(confirming.store).roll.remove([other.voter.id], confirming.clock.at)

    for act in (lambda: opened(camille), lambda: page(camille), lambda: confirm(camille), lambda: page(other)):
        with pytest.raises(errors.ConfirmationReplaced):
            act()
    assert camille.sms(IDENTIFIER_SMS) == []


def test_the_mail_s_stop_link_freezes_and_ends_the_request(confirming: World) -> None:
    """After the account was frozen through the mail, the confirmation is refused and no identifier is created."""
    camille = waiting(confirming)
    stop = confirming.post.to(CAMILLE)[-1].stop
    confirming.at(STOP_CHANGE.confirm, "freeze", visit(stop=stop))

    with pytest.raises(errors.AccountFrozen):
        confirm(camille)
    confirming.courier().run_once()

    assert camille.sms(IDENTIFIER_SMS) == []
    assert camille.left() == 3
    assert ("reissue-refused", "account-frozen") in confirming.kept.lines()


def test_no_other_link_confirms_anything(confirming: World) -> None:
    """Damaged links and recovery links cannot confirm a request, and a confirmation link cannot set a password."""
    camille = waiting(confirming)
    theirs = token(camille)

    for link in (None, "", "x", "a" * 43, confirming.link()):
        with pytest.raises(errors.ConfirmationUnknown):
            confirm(camille, visit(confirmation=link))
    with pytest.raises(errors.LinkUnknown):
        confirming.links.find_link(theirs)
    confirm(camille, visit(confirmation=theirs))
    with pytest.raises(errors.LinkUnknown):
        confirming.links.find_link(theirs)


def test_after_the_close_nothing_is_confirmed(confirming: World) -> None:
    """A confirmation link expires when the vote closes."""
    confirming.clock.at = CLOSES - timedelta(minutes=20)
    camille = waiting(confirming)
    assert page(camille).facts["until"].at == confirming.dependencies.calendar.to_local(CLOSES)  # type: ignore[attr-defined]  # a Moment
    found = reading(confirming.store).links.find(digest(token(camille)))
    assert found is not None
    assert found.record.expires == CLOSES
    confirming.clock.at = CLOSES

    with pytest.raises((errors.VoteClosed, errors.ConfirmationExpired)):
        confirm(camille)
    confirming.courier().run_once()
    assert camille.sms(IDENTIFIER_SMS) == []


# ── Sending again ───────────────────────────────────────────────────────────────────────────────────────


def test_the_mail_is_sent_again_after_a_pause_and_at_most_so_often(confirming: World) -> None:
    """The mail is sent again only after the pause, and at most as often as the policy allows."""
    camille = waiting(confirming)
    at = visit(session=camille.session)
    resend = steps(camille).asked
    first = token(camille)
    for _ in range(POLICY.confirmation_sendings + 1):
        assert actions_not_possible_yet(camille.shown())
        confirming.at(resend, "again", at)
        confirming.clock.at += PAUSE
        confirming.at(resend, "again", at)
        confirming.courier().run_once()

    assert len(confirming.post.confirmations(CAMILLE)) == POLICY.confirmation_sendings
    assert camille.shown().facts["sending"] == POLICY.confirmation_sendings
    assert camille.acts().count("asked") == POLICY.confirmation_sendings - 1
    assert confirm(camille, held(camille, link=first)).step is steps(camille).confirmed
    with pytest.raises(errors.ConfirmationUsed):
        opened(camille)


def test_mail_asked_for_and_request_confirmed_happen_once(confirming: World) -> None:
    """A form that is sent twice requests one mail, and confirms the request once."""
    camille, key = waiting(confirming), {FORM_KEY: "drawing"}
    confirming.clock.at += PAUSE
    for _ in range(2):
        confirming.at(steps(camille).asked, "again", visit(session=camille.session), **key)
        confirming.clock.at += PAUSE
        confirming.courier().run_once()
    mailed = len(confirming.post.confirmations(CAMILLE))
    results = [confirming.at(steps(camille).confirm, "confirm", held(camille), **key) for _ in range(2)]

    assert mailed == 2
    assert [result.step for result in results] == [steps(camille).confirmed] * 2
    assert camille.acts().count("reissue-confirmed") == 1


def test_a_mail_is_not_sent_when_its_link_would_hardly_live_or_its_request_is_over(confirming: World) -> None:
    """No mail is sent if its link would expire soon, or if a new password has ended the request."""
    camille, link = reissuer(confirming), confirming.link()
    camille.order()
    confirming.clock.at += LIFE - timedelta(minutes=POLICY.link_mail_margin_minutes)
    confirming.courier().run_once()

    assert confirming.post.confirmations(CAMILLE) == []
    assert camille.acts()[-1] == "mail-cancelled"
    confirming.at(steps(camille).asked, "again", visit(session=camille.session))
    confirming.courier().run_once()
    assert confirm(camille).step is steps(camille).confirmed
    confirming.courier().run_once()
    camille.order()
    written = len(confirming.post.confirmations(CAMILLE))
    confirming.links.choose_password(link, "Girafe tambour 31")
    confirming.courier().run_once()
    assert len(confirming.post.confirmations(CAMILLE)) == written


# ── Other rules ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_that_another_has_is_told_before_any_mail(confirming: World) -> None:
    """A phone number of another voter is refused before the confirmation mail is sent."""
    confirm(waiting(confirming))
    other = reissuer(confirming, OTHER).asked()

    with pytest.raises(errors.PhoneTaken):
        other.type(other.code())

    assert confirming.post.confirmations(OTHER) == []


def test_with_no_request_left_the_confirmation_is_refused(confirming: World) -> None:
    """The confirmation is refused if no request is left."""
    camille = waiting(confirming)
    confirm(camille)
    confirming.courier().run_once()
    one = replace(POLICY, reissues=1)
    strict = World(confirming.kept, replace(confirming.dependencies, policy=one), post=confirming.post)
    camille.order()
    confirming.courier().run_once()

    with pytest.raises(errors.NoReissueLeft):
        strict.services.dispatcher.answer(
            strict.services.flows[IdentifierFlowPlugin].steps.confirmation.confirm,  # type: ignore[union-attr]  # preset 2026
            "confirm",
            {},
            held(camille),
        )
    assert ("reissue-refused", "no-reissue-left") in confirming.kept.lines()


def test_when_the_policy_no_longer_asks_a_waiting_request_is_begun_anew(confirming: World) -> None:
    """If the policy stops requiring confirmations, a waiting request must be begun again."""
    camille = reissuer(confirming)
    camille.order()
    without = World(confirming.kept, replace(confirming.dependencies, policy=PRESETS["2018"]), post=confirming.post)
    later = Reissuer(without, CAMILLE, camille.session)

    assert later.shown().step is later.steps.begin
    without.courier().run_once()
    assert without.post.confirmations(CAMILLE) == []


def test_sealed_numbers_of_waiting_requests_are_sealed_anew(confirming: World) -> None:
    """The phone number of a request that waits for its confirmation is encrypted again with the current key."""
    camille = waiting(confirming)
    before = confirming.kept.dump()
    confirming.services.flows[IdentifierFlowPlugin].reencrypt_stored_values()

    assert confirming.kept.dump() != before
    confirm(camille)
    confirming.courier().run_once()
    assert len(camille.sms(IDENTIFIER_SMS)) == 1
