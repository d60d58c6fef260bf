"""The status line says what stops a caller, and the guide shows the refusal that the voter has on the screen."""

from datetime import timedelta

import pytest

from core.desk.authorisation import AgentSession
from core.desk.guide import VoterFlowGuide
from core.desk.voter_status import StatusFacts, StatusUrgency, status_items
from core.flows.identifier.states import ReissueOpened
from core.forms import errors
from core.ports import Incident, IncidentScope, SmsDeliveryStatus, Voter
from core.text.faces.voter_status_texts import LinkState
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import BIRTH_DATE, signed_in_agent, verified_caller
from tests.support.election import CALENDAR, GOOD, NOON
from tests.support.reissues import reissuer
from tests.support.stores import writing
from tests.support.worlds import World

NOW = CALENDAR.to_local(NOON)
LATER, BEFORE = NOW + timedelta(minutes=30), NOW - timedelta(minutes=30)
STOPS, WARNS, INFORMS = StatusUrgency
DELIVERED, UNDELIVERED = SmsDeliveryStatus.DELIVERED, SmsDeliveryStatus.UNDELIVERED
MP, ID = "mot-de-passe", "identifiant"


def facts(**changes: object) -> StatusFacts:
    usual: dict[str, object] = {"now": NOW, "reissues_left": 3, "reissues": 3, "codes_left": 5}
    return StatusFacts(**{**usual, **changes})  # type: ignore[arg-type]  # its own fields


def said(guide: VoterFlowGuide) -> list[str]:
    return [translate(item.sentence, Language.FRENCH, short_times=True) for item in guide.status]


@pytest.mark.parametrize(
    ("changes", "sentence", "urgency"),
    [
        ({}, "Appelant non vérifié", INFORMS),
        ({}, "Identifiant de vote : 3 demandes restantes sur 3", INFORMS),
        ({}, "Code par SMS : 5 essais", INFORMS),
        ({"verified_until": LATER}, "Appelant vérifié jusqu'à 12:30", INFORMS),
        ({"removed": True}, "Plus sur la liste électorale", STOPS),
        ({"frozen": True}, "Compte bloqué", STOPS),
        ({"reissues_left": 0}, "Identifiant de vote : 0 demande restante sur 3", STOPS),
        ({"codes_left": 1}, "Code par SMS : 1 essai", WARNS),
        ({"pauses": {errors.TooManyWrongCodes.id: LATER}}, "Saisie du code par SMS : pause, reprise à 12:30", STOPS),
        (
            {"pauses": {errors.TooManyCallerTries.id: LATER}},
            "Vérification de l'appelant : pause, reprise à 12:30",
            STOPS,
        ),
        (
            {"pauses": {errors.TooManyIdentityAttempts.id: LATER}},
            "Date de naissance et NUMEN : pause, reprise à 12:30",
            STOPS,
        ),
        (
            {"pauses": {errors.VoterSmsLimitReached.id: NOW + timedelta(days=2)}},
            "Envoi du code par SMS : pause, reprise le 2\xa0déc.\xa012:00",
            STOPS,
        ),
        ({"link": (LinkState.VALID, LATER)}, "Lien valable, expire à 12:30", INFORMS),
        ({"link": (LinkState.USED, BEFORE)}, "Lien utilisé à 11:30", INFORMS),
        ({"link": (LinkState.EXPIRED, BEFORE)}, "Lien expiré à 11:30", STOPS),
        ({"link": (LinkState.EXPIRED, NOW - timedelta(days=1))}, "Lien expiré le 29\xa0nov.\xa012:00", INFORMS),
        ({"link": (LinkState.CANCELLED, LATER)}, "Lien annulé", STOPS),
        ({"incidents": (errors.LinkUsed.title,)}, "Incident : Ce lien a déjà servi", STOPS),
        ({"colleagues": ("robin",)}, "robin a aussi ouvert cette fiche", WARNS),
    ],
)
def test_each_fact_has_its_sentence_and_urgency(
    changes: dict[str, object], sentence: str, urgency: StatusUrgency
) -> None:
    """Each fact gives one sentence, and items that stop the caller come before the others."""
    items = status_items(facts(**changes))

    assert (sentence, urgency) in {
        (translate(item.sentence, Language.FRENCH, short_times=True), item.urgency) for item in items
    }
    urgencies = [list(StatusUrgency).index(item.urgency) for item in items]
    assert urgencies == sorted(urgencies)


def test_the_status_of_a_voter_comes_from_limits_links_and_colleagues(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """The status shows the voter's link, the running incident, the pause of the caller check and a colleague."""
    desk, robin = world.services.desk, signed_in_agent(world, "robin")
    caller = verified_caller(world, session, voter)
    assert said(desk.guide.view(session, voter.id, MP, caller))[0] == "Appelant vérifié jusqu'à 12:32"
    world.link()
    writing(world.store).incidents.add(
        Incident(
            scope=IncidentScope.EVERYBODY,
            subject="",
            sentence="mail-late",
            minutes=None,
            began=world.clock.now(),
            until=world.clock.now() + timedelta(hours=1),
            author="lou",
        )
    )
    for _ in range(5):
        with pytest.raises(errors.Refusal):
            desk.verification.verify(robin, voter.id, BIRTH_DATE, "12A1234567ZZZ")

    status = desk.guide.view(robin, voter.id, MP)
    assert said(status)[:3] == [
        "Vérification de l'appelant : pause, reprise à 13:02",
        "Incident : Messages en retard",
        "camille a aussi ouvert cette fiche",
    ]
    assert "Lien valable, expire à 16:02" in said(status)
    assert status.why_not_verify is not None
    for action in (*status.actions, *desk.freezing.freeze_and_unfreeze_actions(robin, voter.id)):
        assert action.why_not is not None
        assert translate(action.why_not, Language.FRENCH, short_times=True) == "Vérification possible à 13:02."
    world.clock.move(seconds=15)
    assert not [sentence for sentence in said(desk.guide.view(session, voter.id, MP)) if "robin" in sentence]


def test_the_guide_shows_an_opened_expired_link_until_another_message_is_asked_for(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """When a voter opens an expired link, the guide of any flow leads to the refusal with its time of expiry."""
    view, token = world.services.desk.guide.view, world.link()
    world.clock.move(hours=5)
    with pytest.raises(errors.LinkExpired):
        world.links.record_first_opening(token)

    guide, elsewhere = view(session, voter.id, MP), view(session, voter.id, ID).elsewhere
    assert guide.refusal is not None
    assert guide.refusal.is_page
    assert "16:01" in translate(guide.refusal.remedies[0], Language.FRENCH, short_times=True)
    assert (guide.steps[guide.present].view.code, guide.message) == ("MP-6", None)
    assert elsewhere is not None
    assert (elsewhere.code, elsewhere.flow) == ("MP-6", MP)
    assert "Lien expiré à 16:01" in said(guide)
    world.link()
    assert view(session, voter.id, MP).refusal is None


@pytest.mark.parametrize(("times", "delivery", "end"), [(3, DELIVERED, "ID-5"), (6, UNDELIVERED, "ID-6")])
def test_the_fourth_request_for_an_identifier_is_seen_by_the_agent(
    world: World, times: int, delivery: SmsDeliveryStatus, end: str
) -> None:
    """With no request left, the guide says so before and after the voter is refused, and what the agent can do."""
    camille, session = reissuer(world), signed_in_agent(world)
    for _ in range(times):  # the first three that are not delivered are given back
        camille.receive()
        camille.report(delivery)
    view = world.services.desk.guide.view
    for minutes, code in ((0, end), (31, "ID-1")):  # the finished case is shown for half an hour
        world.clock.move(minutes=minutes)
        guide = view(session, camille.voter.id, ID)
        assert guide.refusal is not None
        assert (guide.refusal.id, guide.refusal.is_page) == (errors.NoReissueLeft.id, False)
        assert guide.steps[guide.present].view.code == code
    with pytest.raises(errors.NoReissueLeft):
        camille.request()

    refused = view(session, camille.voter.id, ID)
    assert refused.refusal is not None
    assert refused.refusal.is_page
    assert "Identifiant de vote : 0 demande restante sur 3" in said(refused)
    lines = world.services.desk.files.timeline(session, camille.voter.id)
    assert "toutes sont utilisées" in translate(lines[-1].sentence, Language.FRENCH)


@pytest.mark.parametrize("finished", [False, True])
def test_the_guide_of_a_blocked_account_says_how_to_reopen_it(
    world: World, session: AgentSession, voter: Voter, *, finished: bool
) -> None:
    """At every step of every flow, the guide of a blocked account leads to a supervisor's signature.

    It never shows the page that says that the new password works.
    """
    if finished:
        world.links.choose_password(world.link(), GOOD)
    writing(world.store).voters.freeze(voter.id, epoch=world.voter().epoch, at=world.clock.now())
    for flow in (MP, ID):
        guide = world.services.desk.guide.view(session, voter.id, flow)
        assert guide.refusal is not None
        assert (guide.refusal.id, guide.refusal.is_page) == (errors.AccountFrozen.id, finished and flow == MP)
        assert guide.status[0].sentence.msgid == "Compte bloqué"


def test_the_guide_of_a_reopened_account_asks_for_a_new_message(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """A caller whose link was cancelled while the account was blocked is not sent to the mailbox."""
    world.link()
    voters = writing(world.store).voters
    world.work()
    assert world.services.desk.guide.view(session, voter.id, MP).message is not None
    voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.now())
    voters.unfreeze(voter.id, epoch=voter.epoch + 1, at=world.clock.now())

    guide = world.services.desk.guide.view(session, voter.id, MP)
    assert guide.refusal is not None
    assert (guide.refusal.id, guide.refusal.is_page) == (errors.LinkReplaced.id, False)
    assert (guide.steps[guide.present].view.code, guide.message) == ("MP-4", None)


def test_a_pause_of_the_voter_is_a_page_with_its_time(world: World) -> None:
    """Too many wrong codes stop the voter until a time that the status and the refusal both say."""
    camille, session = reissuer(world), signed_in_agent(world)
    wrong = camille.asked().wrong()
    for _ in range(5):
        with pytest.raises(Exception):  # noqa: B017,PT011  # wrong codes, then the pause
            camille.type(wrong)
    assert not isinstance(camille.case.state, ReissueOpened)

    guide = world.services.desk.guide.view(session, camille.voter.id, ID)
    assert guide.refusal is not None
    assert "13:0" in translate(guide.refusal.remedies[0], Language.FRENCH, short_times=True)
    assert "Saisie du code par SMS : pause, reprise à 13:0" in said(guide)[0]


def test_every_refusal_says_what_the_agent_does_with_which_key() -> None:
    """The last sentence for the agent about each refusal names a key."""
    for refusal in errors.error_classes_by_id(errors.Refusal).values():
        assert "_key}" in "".join(sentence.msgid for sentence in refusal.agent[-1:]), refusal.id
