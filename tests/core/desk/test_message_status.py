"""The guide shows the status of the voter's message, and what the agent should say about it."""

from core.desk.actions import VERIFY_FIRST
from core.desk.authorisation import AgentSession
from core.desk.message_status import MessageStatusLine
from core.ports import ACCESS_CHANGED, Actor, Event, EventType, Voter
from core.text.faces import awaited_message_sentences as words
from core.text.faces.bounce_sentences import BounceReason
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import verified_caller
from tests.support.election import STRANGER
from tests.support.reissues import reissuer
from tests.support.stores import writing
from tests.support.worlds import World

FLOW = "mot-de-passe"
OTHERS = [f"personne{number}@ac-lumiere.example" for number in range(20)]


def where(world: World, session: AgentSession, number: str) -> MessageStatusLine:
    shown = world.services.desk.files.open_case(session, number).case.message
    assert shown is not None
    return shown


def said(shown: MessageStatusLine) -> str:
    return translate(shown.sentence, Language.FRENCH, short_times=True)


def happens(world: World, number: str, act: EventType, reason: str | None = None) -> None:
    event = Event(at=world.clock.now(), actor=Actor.COURIER, act=act, case=number, voter=1, reason=reason)
    writing(world.store).journal.write(event)


def test_a_message_is_followed_until_the_relay_has_it(world: World, session: AgentSession, voter: Voter) -> None:
    """The status of a message is first "waiting", then "late", then "accepted by the mail server"."""
    number = world.number(world.ask(voter.email))
    world.clock.move(minutes=1)
    fresh = where(world, session, number)
    world.clock.move(minutes=9)
    late = where(world, session, number)
    world.courier().run_once()
    accepted = where(world, session, number)

    assert (said(fresh), fresh.script) == ("pas encore parti, 1 min", ())
    assert (said(late), late.script) == ("pas encore parti, 10 min", words.SAY_LATE)
    assert (said(accepted), accepted.script) == ("parti à 12:11, arrivée non confirmée", ())


def test_in_a_known_outage_nobody_is_sent_to_the_spam_folder(world: World, session: AgentSession, voter: Voter) -> None:
    """During a known outage, the agent is not told to send the voter to the spam folder."""
    for address in OTHERS:
        world.ask(address)
    world.clock.move(minutes=10)
    world.services.desk.mail.request_mail(session, verified_caller(world, session, voter))
    world.clock.move(minutes=45)
    view = world.services.desk.guide.view
    shown = view(session, voter.id, FLOW, verified_caller(world, session, voter)).message
    unverified = view(session, voter.id, FLOW).message

    assert shown is not None
    assert unverified is not None
    assert unverified.script == (VERIFY_FIRST, *shown.script)
    assert said(shown) == "pas encore parti, 45 min : panne connue depuis 12:01"
    assert shown.script == words.SAY_OUTAGE
    while world.waiting_parcels():
        world.courier().run_once()
    after = world.services.desk.guide.view(session, voter.id, FLOW).message
    assert after is not None
    assert (said(after), after.script) == ("parti à 12:56, arrivée non confirmée", ())


def test_a_returned_message_says_why_and_what_to_do(world: World, session: AgentSession) -> None:
    """For each reason of a bounce, the guide has a sentence and advice.

    Only for a full mailbox must the voter empty the mailbox first.
    """
    assert len(BounceReason) <= len(OTHERS)
    for address, reason in zip(OTHERS, BounceReason, strict=False):
        number = world.number(world.ask(address))
        world.courier().run_once()
        happens(world, number, EventType.MAIL_BOUNCED, reason.value)
        shown = where(world, session, number)

        assert shown.sentence == words.RETURNED[reason]
        assert shown.script, reason
        assert (shown.script == words.SAY_FULL) is (reason is BounceReason.MAILBOX_FULL), reason


def test_every_other_end_of_a_message_has_a_line_and_words(world: World, session: AgentSession) -> None:
    """A postponed, refused, cancelled or dropped message has its own status sentence and advice for the agent."""
    ends = (
        (
            EventType.MAIL_POSTPONED,
            None,
            "pas encore parti, 0 min : la messagerie l'a fait attendre à 12:01 et le reprendra",
        ),
        (EventType.MAIL_REFUSED, None, "refusé pour de bon à 12:01"),
        (EventType.MAIL_CANCELLED, None, "pas parti à temps, abandonné à 12:01"),
        (EventType.MAIL_CANCELLED, ACCESS_CHANGED, "plus envoyé : l'accès a changé depuis, son lien ne sert plus"),
        (EventType.ASK_DROPPED, "too-many-asks", "jamais parti : trop de demandes pour cette adresse"),
        (EventType.ASK_DROPPED, "no-longer-wanted", "jamais parti"),
        (EventType.LINK_REFUSED, "frozen", "parti sans lien : le compte est bloqué"),
    )
    assert len(ends) <= len(OTHERS)
    for address, (act, reason, line) in zip(OTHERS, ends, strict=False):
        number = world.number(world.ask(address))
        happens(world, number, act, reason)
        shown = where(world, session, number)

        assert said(shown) == line
        assert shown.script or reason == ACCESS_CHANGED, line


def test_a_case_of_nobody_on_the_roll_says_so(world: World, session: AgentSession) -> None:
    """For an address that is not on the roll, the guide says that no message will arrive."""
    number = world.number(world.ask(STRANGER))
    world.courier().run_once()
    shown = world.services.desk.files.open_case(session, number).case.message

    assert shown is not None
    assert (shown.sentence, shown.script) == (words.DROPPED, words.SAY_NOT_ON_ROLL)


def test_an_sms_is_followed_too(world: World, session: AgentSession) -> None:
    """The status of an SMS shows when the gateway has accepted it and when the telephone has received it."""
    camille = reissuer(world).asked()
    world.courier().run_once()
    slug = camille.steps.flow.slug

    number = world.services.desk.guide.view(session, camille.voter.id, slug).case
    assert number is not None
    assert said(where(world, session, number)) == "remis à l'opérateur à 12:01, réception non confirmée"
    happens(world, number, EventType.SMS_REPORTED, "code delivered")
    assert said(where(world, session, number)) == "reçu par le téléphone à 12:01"


def test_the_notice_of_a_change_is_not_the_message_that_was_asked_for(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """A bounced notice about a changed password does not change the status of the requested mail."""
    world.with_password()
    number = world.services.desk.files.read(session, voter.id).cases[0].number
    happens(world, number, EventType.MAIL_BOUNCED, BounceReason.MAILBOX_FULL.value)

    assert world.services.desk.guide.view(session, voter.id, FLOW).message is None
    assert (
        said(world.services.desk.files.read(session, voter.id).cases[0].message or None)
        == "parti à 12:01, arrivée non confirmée"
    )  # type: ignore[arg-type]  # there is one
