"""Supervisors announce and end incidents, and the helpdesk proposes incidents."""

from datetime import timedelta

import pytest

from core.desk.attention import AttentionReason
from core.desk.authorisation import AgentSession
from core.desk.incident_form import (
    IncidentSentenceAndScope,
    NewIncident,
    incident_blanks_form,
    incident_sentence_choices,
    parse_end,
    parse_minutes,
)
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.incident_catalogue import BY_NAME, LONGEST, MOST_MINUTES, incident_words
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms.errors import ActionNotAllowed
from core.forms.errors.supervisor_incident_input import (
    IncidentAnnounced,
    IncidentImpossible,
    IncidentOver,
    MinutesUnreadable,
    SupervisorNeeded,
)
from core.forms.flow_model import FormErrors
from core.ports import Actor, AgentRole, Event, EventType, IncidentScope
from core.text.faces.bounce_sentences import BounceReason
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import add_known, outcome, signed_in_agent
from tests.support.stores import reading
from tests.support.worlds import World

HOUR = timedelta(hours=1)


@pytest.fixture
def robin(world: World) -> AgentSession:
    return signed_in_agent(world, "robin", AgentRole.SUPERVISOR)


def new(world: World, sentence: str, scope: IncidentScope, subject: str = "") -> NewIncident:
    return NewIncident(sentence=sentence, scope=scope, subject=subject, until=world.clock.now() + HOUR)


def guided(world: World, session: AgentSession, voter: int, slug: str) -> list[str]:
    view = world.services.desk.guide.view(session, voter, slug)
    return [notice.incident.sentence for notice in view.incidents]


def test_an_incident_stands_at_the_guides_of_those_whom_it_concerns_until_it_ends(
    world: World, robin: AgentSession
) -> None:
    """An incident appears in the guides of the voters whom it concerns: by flow, académie or mail domain.

    It disappears at its end.
    """
    lea = add_known(world, "lea@ac-partie.example", academie="Partie")
    max_ = add_known(world, "max@ac-lumiere.example", "12A1234567BCE", academie="Lumière")
    board, clock = world.services.desk.incidents, world.clock
    for incident in (
        new(world, "vote-away", IncidentScope.EVERYBODY),
        new(world, "network-away", IncidentScope.ACADEMIE, "Partie"),
        new(world, "mail-returned", IncidentScope.MAIL_DOMAIN, "ac-lumiere.example"),
        new(world, "sms-away", IncidentScope.SMS),
    ):
        board.announce(robin, incident)
        clock.move(seconds=1)
    password = world.services.flows[PasswordFlowPlugin].steps.flow.slug
    identifier = world.services.flows[IdentifierFlowPlugin].steps.flow.slug

    assert guided(world, robin, lea.id, password) == ["network-away", "vote-away"]
    assert guided(world, robin, max_.id, password) == ["mail-returned", "vote-away"]
    assert guided(world, robin, lea.id, identifier) == ["sms-away", "network-away", "vote-away"]

    first = board.view(robin).notices[-1].incident.id
    board.end(robin, first)
    assert outcome(lambda: board.end(robin, first)) is IncidentOver
    assert guided(world, robin, lea.id, password) == ["network-away"]
    assert [each.is_over for each in board.view(robin).notices] == [False, False, False, True]
    clock.move(minutes=61)
    assert guided(world, robin, lea.id, identifier) == [], "their hour is over"
    assert [each.is_over for each in board.view(robin).notices] == [True] * 4
    clock.move(minutes=6 * 60)
    assert board.view(robin).notices == ()

    counts = reading(world.store).journal.count_events(after=0, recent=clock.now()).settled
    assert (counts[EventType.INCIDENT_ANNOUNCED, None], counts[EventType.INCIDENT_ENDED, None]) == (4, 1)


def test_only_a_supervisor_announces_and_only_what_the_list_has(world: World, robin: AgentSession) -> None:
    """Only a supervisor can announce an incident, and values that the form does not allow are refused."""
    desk = world.services.desk.incidents
    fine = new(world, "mail-late", IncidentScope.EVERYBODY)
    camille, auditor = signed_in_agent(world), signed_in_agent(world, "claude", AgentRole.AUDITOR)
    assert outcome(lambda: desk.announce(camille, fine)) is SupervisorNeeded
    assert outcome(lambda: desk.announce(auditor, fine)) is ActionNotAllowed
    now, late = world.clock.now(), IncidentScope.EVERYBODY
    for wrong in (
        new(world, "free text", late),
        new(world, "sms-late", late),
        new(world, "mail-late", IncidentScope.MAIL_DOMAIN),
        new(world, "mail-late", late, "ac-lumiere.example"),
        new(world, "desk-busy", late),
        NewIncident(sentence="desk-busy", scope=late, minutes=100_000, until=now + HOUR),
        NewIncident(sentence="mail-late", scope=late, minutes=5, until=now + HOUR),
        NewIncident(sentence="mail-late", scope=late, until=now),
        NewIncident(sentence="mail-late", scope=late, until=now + LONGEST + HOUR),
    ):
        assert outcome(lambda wrong=wrong: desk.announce(robin, wrong)) is IncidentImpossible
    assert desk.view(robin).notices == ()
    desk.announce(robin, fine)
    assert outcome(lambda: desk.announce(robin, fine)) is IncidentAnnounced
    assert not desk.view(camille).may_announce
    assert desk.view(camille).notices == desk.view(robin).notices


@pytest.mark.parametrize("language", Language)
def test_every_sentence_of_the_list_reads_in_every_scope(world: World, robin: AgentSession, language: Language) -> None:
    """Every kind of incident can be announced with its form's examples, and no sentence has an unfilled placeholder."""
    add_known(world, academie="Lyon")
    desk, local = world.services.desk.incidents, world.services.dependencies.calendar.to_local
    for choice in incident_sentence_choices():
        form = incident_blanks_form(choice, desk.academies(robin), local(world.clock.now()))
        typed = {name: text for each in form.fields for name, text in each.example.items()}
        number = desk.announce(robin, form.read(typed))
        for over in (False, True):
            notice = next(each for each in desk.view(robin).notices if each.incident.id == number)
            said = incident_words(notice)
            sentences = (said.heading, said.banner, *said.voter, *said.agent)
            assert notice.is_over is over
            assert not any("{" in translate(each, language) for each in sentences), choice
            if not over:
                desk.end(robin, number)


def test_blanks_are_read_as_people_type_them(world: World) -> None:
    """The incident form accepts domains, académies and ends of incidents in the ways in which people type them."""
    now = world.services.dependencies.calendar.to_local(world.clock.now())
    domain = IncidentSentenceAndScope(BY_NAME["mail-late"], IncidentScope.MAIL_DOMAIN)
    academie = IncidentSentenceAndScope(BY_NAME["mail-late"], IncidentScope.ACADEMIE)
    known = ("Aix-Marseille", "Orléans-Tours", "Orléans")

    def read(choice: IncidentSentenceAndScope, subject: str, until: str = "90 min") -> object:
        try:
            new = incident_blanks_form(choice, known, now).read({"subject": subject, "until": until})
        except FormErrors as problems:
            return {name: rejected.id for name, rejected in problems.by_field.items()}
        return new.subject, new.until

    soon = now + timedelta(minutes=90)
    assert read(domain, "Martin@AC-Lyon.fr") == ("ac-lyon.fr", soon)
    assert read(domain, "n'importe quoi") == {"subject": "mail-domain-unreadable"}
    assert read(academie, "aix") == ("Aix-Marseille", soon)
    assert read(academie, "orleans") == ("Orléans", soon)
    assert read(academie, "Lyon") == {"subject": "academie-unknown"}
    tomorrow = now.replace(hour=9, minute=5, second=0, microsecond=0) + timedelta(days=1)
    day = f"{tomorrow.day}/{tomorrow.month}"
    for typed in ("9h05", f"{day} 9:05") if now.hour >= 10 else (f"{day} 9h05",):
        assert read(domain, "ac-lyon.fr", typed) == ("ac-lyon.fr", tomorrow)
    for wrong, why in (("", "end-unreadable"), ("31/2 9:00", "end-unreadable"), ("99999 min", "end-out-of-reach")):
        assert read(domain, "ac-lyon.fr", wrong) == {"until": why}
    for space in ("", " ", "\u00a0", "\u202f"):  # French typography uses the last two
        assert parse_minutes(f"20{space}min") == 20
        assert parse_end(f"90{space}min", now) == soon
    for wrong in ("", "min", "0", str(MOST_MINUTES + 1), "2²", "२०"):
        with pytest.raises(MinutesUnreadable):
            parse_minutes(wrong)


def test_the_desk_proposes_what_bounces_and_delays_mean_and_one_key_announces_it(
    world: World, robin: AgentSession
) -> None:
    """The helpdesk proposes an incident for a domain whose servers reject mails, and for delayed mails.

    It does not propose full mailboxes or incidents already announced.
    """
    desk, camille = world.services.desk, signed_in_agent(world)
    voters = [add_known(world, f"v{at}@ac-lumiere.example", f"12A123456{at}BCD") for at in range(5)]

    def bounce(reason: BounceReason) -> None:
        with world.store.write() as transaction:
            for voter in voters:
                now, act = world.clock.now(), EventType.MAIL_BOUNCED
                transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, voter=voter.id, reason=reason))
        world.clock.move(seconds=30)

    def proposed() -> list[NewIncident]:
        items = desk.home.overview(robin).attention
        return [each.proposed for each in items if each.reason is AttentionReason.PROPOSED and each.proposed]

    bounce(BounceReason.MAILBOX_FULL)
    assert proposed() == []
    bounce(BounceReason.REFUSED_AS_SPAM)
    (incident,) = proposed()
    assert (incident.sentence, incident.subject) == ("mail-returned", "ac-lumiere.example")
    assert desk.home.overview(camille).attention == (), "a supervisor decides"
    world.clock.move(seconds=11)
    (again,) = proposed()
    assert (again == incident, again.until - incident.until) == (True, timedelta(seconds=11)), "one proposal"

    number = desk.incidents.announce(robin, incident)
    assert proposed() == []
    assert [item.incident for item in desk.home.overview(camille).attention] == [number]
    desk.incidents.end(robin, number)
    world.clock.move(seconds=30)
    assert proposed() == [], "what came back before its end says nothing about now"
    bounce(BounceReason.OTHER)
    assert [each.subject for each in proposed()] == ["ac-lumiere.example"]

    for at in range(20):
        world.ask(f"x{at}@ac-lumiere.example")
    world.clock.move(minutes=20)
    assert [(each.sentence, each.scope) for each in proposed()] == [
        ("mail-late", IncidentScope.EVERYBODY),
        ("mail-returned", IncidentScope.MAIL_DOMAIN),
    ]


def test_a_subject_that_no_form_would_read_is_refused(world: World, robin: AgentSession) -> None:
    """An incident whose domain or académie contains other text, which only a modified terminal can send, is refused."""
    for scope, subject in (
        (IncidentScope.MAIL_DOMAIN, "appelez le 01 23 45 67 89"),
        (IncidentScope.MAIL_DOMAIN, "ac-lyon.fr\x00"),
        (IncidentScope.ACADEMIE, "Nulle part"),
    ):
        with pytest.raises(IncidentImpossible):
            world.services.desk.incidents.announce(
                robin,
                new(world, "mail-returned" if scope is IncidentScope.MAIL_DOMAIN else "network-away", scope, subject),
            )
