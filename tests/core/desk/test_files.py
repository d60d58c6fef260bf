"""The helpdesk shows voter files, timelines, guides and the home screen, and never shows a secret."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from inspect import signature

import pytest
from msgspec import Struct, structs

from core.desk import attention, forms
from core.desk.attention import AttentionReason
from core.desk.authorisation import AgentSession
from core.desk.guide import StepStatus, VoterFlowGuide, VoterPosition
from core.desk.progress import furthest_step_in_journal
from core.forms import errors
from core.forms.flow_model import Action, Channel, input_names
from core.policy.policy import Policy
from core.ports import (
    EVERYWHERE,
    Actor,
    AgentRole,
    CodeCounts,
    Event,
    EventType,
    SendRefused,
    SmsDeliveryStatus,
    Voter,
)
from core.text.faces import desk_terminal_texts
from core.text.faces.bounce_sentences import BounceReason
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import NUMEN, add_known, signed_in_agent, verified_caller
from tests.support.election import CAMILLE, GOOD, STRANGER, visit
from tests.support.reissues import reissuer
from tests.support.stores import KeptStore, statements, writing
from tests.support.worlds import World, world

FLOW = "mot-de-passe"


def timeline(world: World, session: AgentSession, voter: Voter) -> list[tuple[str, str | None]]:
    lines = world.services.desk.files.timeline(session, voter.id)
    return [(translate(line.sentence, Language.FRENCH), line.step) for line in lines]


def guide(world: World, session: AgentSession, voter: Voter) -> VoterFlowGuide:
    return world.services.desk.guide.view(session, voter.id, FLOW)


def present(world: World, session: AgentSession, voter: Voter) -> str:
    shown = guide(world, session, voter)
    return shown.steps[shown.present].view.code


# ── The file and its timeline ────────────────────────────────────────────────────────────────────────────


def test_a_file_shows_what_is_set_and_when(world: World, session: AgentSession, voter: Voter) -> None:
    """A voter's file shows the masked address, the number of valid links, and when the password was set."""
    before = world.services.desk.files.open(session, voter.id)
    world.with_password()
    world.clock.move(minutes=1)
    world.link()

    after = world.services.desk.files.read(session, voter.id)

    assert (before.name, before.academie, before.phone_ending) == ("Camille Martin", "Lumière", "78")
    assert (before.password_set, before.links_alive, before.cases) == (None, 0, ())
    assert after.password_set == world.voter().password_set
    assert after.password_set is not None
    assert after.password_set.utcoffset() == timedelta(hours=1)
    assert (after.links_alive, [case.step.code for case in after.cases]) == (1, ["MP-4", "MP-7"])
    assert after.address == "c•••@ac-lumiere.example"


def test_the_timeline_shows_a_recovery_from_the_first_request(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """A voter's timeline shows the request, the opened link, a refused password, the new password and the notice."""
    token = world.link()
    world.links.record_first_opening(token)
    held = world.links.find_link(token)
    world.links.record_refused_password(held, errors.NewPasswordTooShort.id)
    world.links.choose_password(token, GOOD)
    world.courier().run_once()

    assert timeline(world, session, voter) == [
        ("Un message est demandé.", "MP-4"),
        ("Le message est parti.", "MP-5"),
        ("Le lien est ouvert, peut-être par un robot de la messagerie.", "MP-6"),
        ("Un mot de passe est refusé : il est trop court.", "MP-6"),
        ("Un nouveau mot de passe est enregistré.", "MP-7"),
        ("L'avis de changement est parti.", None),
    ]


def test_a_message_has_one_line_that_tells_its_latest_news(world: World, session: AgentSession, voter: Voter) -> None:
    """Later news about a message replaces the earlier line. A message that is requested again gets its own line."""
    handle = world.ask()
    number = world.number(handle)
    world.courier().run_once()
    for act, reason in ((EventType.MAIL_POSTPONED, None), (EventType.MAIL_BOUNCED, BounceReason.MAILBOX_FULL)):
        event = Event(at=world.clock.now(), actor=Actor.COURIER, act=act, case=number, voter=voter.id, reason=reason)
        writing(world.store).journal.write(event)
    returned = (translate(BounceReason.MAILBOX_FULL.sentence, Language.FRENCH), "MP-4")
    assert timeline(world, session, voter) == [("Un message est demandé.", "MP-4"), returned]

    world.clock.move(minutes=5)
    world.ask_again(handle)
    world.courier().run_once()
    assert [sentence for sentence, _ in timeline(world, session, voter)[1:]] == [
        returned[0],
        "Un message est demandé.",
        "Le message est parti.",
    ]


def test_a_file_says_in_which_language_the_voter_last_read_the_site(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """The language in a file and its guide is that of the page of the latest request, or else that of the roll."""
    before = world.services.desk.files.read(session, voter.id).language
    link = world.link(language=Language.ENGLISH)

    assert (before, world.services.desk.files.read(session, voter.id).language) == (Language.FRENCH, Language.ENGLISH)
    desk = world.services.desk
    guides = [desk.guide.view(session, voter.id, flow.slug) for flow in desk.steps.flows]
    assert {each.language for each in guides} == {Language.ENGLISH}
    world.links.choose_password(link, GOOD)
    assert (present(world, session, voter), guide(world, session, voter).language) == ("MP-7", Language.ENGLISH)


def test_opening_a_file_is_recorded_and_reading_it_again_is_not(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """Opening a voter's file is recorded in the journal.

    Refreshing the open file, which the terminal does twice a second, is not.
    """
    world.services.desk.files.open(session, voter.id)
    world.services.desk.files.read(session, voter.id)

    assert timeline(world, session, voter) == [("camille ouvre la fiche.", None)]


def test_a_file_opened_twice_in_a_row_is_one_line(world: World, session: AgentSession, voter: Voter) -> None:
    """A file that one agent opens several times in a row, also by the number of a case, is one line."""
    files, other = world.services.desk.files, signed_in_agent(world, "dominique")
    number = world.number(world.ask())
    world.courier().run_once()
    before = len(files.timeline(session, voter.id))
    for each in (session, session, other, session):
        world.clock.move(minutes=1)
        files.open_case(each, number)
        files.open(each, voter.id)

    shown = files.timeline(session, voter.id)[before:]
    assert [translate(line.sentence, Language.FRENCH) for line in shown] == [
        "camille ouvre la fiche.",
        "dominique ouvre la fiche.",
        "camille ouvre la fiche.",
    ]
    assert shown[0].at == world.clock.now() - timedelta(minutes=2)


def test_a_case_of_an_address_not_on_the_roll_shows_what_happened(world: World, session: AgentSession) -> None:
    """The case of an address that is not on the roll has no voter, and its timeline says why no mail was sent."""
    handle = world.ask(STRANGER)
    world.courier().run_once()
    number = world.number(handle)

    file = world.services.desk.files.open_case(session, number)
    lines = world.services.desk.files.case_timeline(session, number)

    assert (file.voter, file.address, file.case.step.code) == (None, "n•••@ac-lumiere.example", "MP-4")
    assert "n'est pas sur la liste électorale" in translate(lines[1].sentence, Language.FRENCH)
    assert lines[1].mark is TimelineLineTone.BAD
    with pytest.raises(errors.CaseUnknown):
        world.services.desk.files.open_case(session, "2222-2222")
    with pytest.raises(errors.VoterNotOnRoll):
        world.services.desk.files.open(session, 999)


def test_every_event_type_has_a_sentence(world: World) -> None:
    """Every event type has a sentence in the timeline, and there are no sentences for unknown event types."""
    texts = world.services.flows.timeline_texts
    acts = {act.value for act in EventType}

    assert set(texts.events) == acts
    assert {*texts.notices, *texts.by_desk, *texts.reasons, *texts.changes} <= acts
    assert {*texts.reasons[EventType.MAIL_BOUNCED]} == {reason.value for reason in BounceReason}

    for flow in world.services.desk.steps.flows:
        assert {id(step) for step in flow.reached.values()} <= {id(step) for step in flow.steps}
        assert set(flow.reached) <= set(EventType)
        assert furthest_step_in_journal(flow, []) is None


# ── The guide ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_voter_whose_mail_an_agent_requested_has_only_the_mail(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """If an agent requested the mail, no page of the voter shows the case, so the guide shows the mail.

    It follows the voter again as soon as the link is opened in a browser.
    """
    world.services.desk.mail.request_mail(session, verified_caller(world, session, voter))
    assert present(world, session, voter) == "MP-5"
    world.courier().run_once()
    shown = guide(world, session, voter)
    assert (shown.steps[shown.present].view.code, shown.message is not None) == ("MP-5", True)
    assert StepStatus.AWAITED not in {each.status for each in shown.steps}
    asked = shown.steps[shown.present - 1].view.problems
    assert shown.steps[shown.present].view.problems[: len(asked)] == asked, "the mail may not arrive"
    assert [case.step.code for case in world.services.desk.files.read(session, voter.id).cases] == ["MP-5"]
    world.links.record_first_opening(world.post.links(CAMILLE)[-1])
    assert present(world, session, voter) == "MP-6"


def test_a_guide_follows_the_voter_by_itself(world: World, session: AgentSession, voter: Voter) -> None:
    """The guide follows the voter from the first step to the last, and goes back when another mail is requested.

    An hour later it starts again at the first step.
    """
    assert present(world, session, voter) == "MP-1"
    assert {step.status for step in guide(world, session, voter).steps} == {StepStatus.AHEAD}
    handle = world.ask()
    world.courier().run_once()
    assert present(world, session, voter) == "MP-4", "the page where she is"
    awaited = [each.view.code for each in guide(world, session, voter).steps if each.status is StepStatus.AWAITED]
    assert awaited == ["MP-5"]
    (token,) = world.post.links(CAMILLE)
    world.links.record_first_opening(token)
    assert present(world, session, voter) == "MP-6"
    world.clock.move(minutes=4)
    world.ask_again(handle)
    assert present(world, session, voter) == "MP-4"
    world.courier().run_once()
    world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
    world.courier().run_once()
    assert present(world, session, voter) == "MP-7"
    assert {step.status for step in guide(world, session, voter).steps} == {StepStatus.DONE}

    world.clock.move(hours=1)
    assert present(world, session, voter) == "MP-1"
    world.link()
    world.clock.move(hours=4)
    assert present(world, session, voter) == "MP-1"


def test_a_guide_of_another_flow_says_where_the_voter_is(world: World, session: AgentSession) -> None:
    """If the voter is now in another flow, the guide says in which flow and at which step."""
    camille = reissuer(world)
    world.courier().run_once()
    camille.asked()
    world.courier().run_once()
    desk_guide, slug = world.services.desk.guide, camille.steps.flow.slug

    def elsewhere() -> list[VoterPosition | None]:
        return [desk_guide.view(session, camille.voter.id, flow).elsewhere for flow in (FLOW, slug)]

    assert elsewhere() == [VoterPosition("ID-3", slug), None]
    world.clock.move(minutes=5)
    world.link()
    assert elsewhere() == [None, VoterPosition("MP-4", FLOW)]


def test_a_guide_whose_sms_did_not_arrive_is_not_done(world: World, session: AgentSession) -> None:
    """The guide is complete when the identifier was sent by SMS, unless the operator could not deliver the SMS."""
    camille = reissuer(world)
    camille.receive()
    slug = camille.steps.flow.slug
    sent = world.services.desk.guide.view(session, camille.voter.id, slug)
    camille.report(SmsDeliveryStatus.UNDELIVERED)
    failed = world.services.desk.guide.view(session, camille.voter.id, slug)

    ends = [(each.steps[-2].status, each.steps[-1].status) for each in (sent, failed)]
    assert ends == [(StepStatus.DONE, StepStatus.AHEAD), (StepStatus.AHEAD, StepStatus.PRESENT)]


def test_before_an_ask_the_guide_begins_where_the_caller_says(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """Before the voter's first request, the guide starts at the step that the caller names.

    After the request, it shows the step of the case.
    """

    def present_when_said(code: str) -> str:
        shown = world.services.desk.guide.view(session, voter.id, FLOW, said=code)
        return shown.steps[shown.present].view.code

    assert [present_when_said(code) for code in ("MP-3", "ID-2")] == ["MP-3", "MP-1"]
    world.ask()
    world.courier().run_once()
    assert present_when_said("MP-3") == "MP-4"


def test_the_lines_of_an_identifier_carry_their_codes(world: World, session: AgentSession) -> None:
    """Each timeline entry about an identifier has the code of the step to which it belongs."""
    camille = reissuer(world)
    camille.receive()
    world.courier().run_once()
    codes = dict(timeline(world, session, camille.voter))

    assert codes["La personne demande un nouvel identifiant de vote."] == "ID-1"
    assert codes["La date de naissance et le NUMEN sont ceux de la liste électorale."] == "ID-2"
    assert codes["Un code de sécurité part par SMS."] == "ID-3"
    assert codes["Le code saisi sur le site est accepté : un identifiant est réservé."] == "ID-3"
    assert codes["Le nouvel identifiant est en place ; l'ancien ne fonctionne plus."] == "ID-4"
    assert codes["L'opérateur a pris le SMS."] == "ID-4"
    assert codes["L'avis de changement est parti."] is None


def test_a_line_about_the_voting_service_has_no_step_of_a_password(world: World, session: AgentSession) -> None:
    """If "ce n'était pas moi" freezes the identifier too, the line about the voting service has no step code."""
    camille = reissuer(world)
    camille.receive()
    world.stops.freeze(next(mail.stop for mail in world.post.to(CAMILLE) if mail.stop))
    world.courier().run_once()
    codes = dict(timeline(world, session, camille.voter))

    assert codes["Le service de vote refuse désormais l'identifiant de ce compte."] is None


def test_a_reopened_account_has_lost_its_password(world: World, session: AgentSession, voter: Voter) -> None:
    """The file of a reopened account says that the password was deleted, and when."""
    chosen = world.with_password()
    with world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=chosen.epoch, at=world.clock.now())
        transaction.voters.unfreeze(voter.id, epoch=chosen.epoch + 1, at=world.clock.now())
    file = world.services.desk.files.read(session, voter.id)

    said = translate(desk_terminal_texts.password_set_sentence(file.password_set, file.reopened), Language.FRENCH)
    assert said == "effacé à la réouverture du compte, le 30\xa0nov.\xa012:01"


def test_a_guide_shows_what_to_say_and_what_the_voter_sees(world: World, session: AgentSession, voter: Voter) -> None:
    """The guide fills the voter's sentences with the data of the case, and never shows the whole mail address."""
    world.ask()
    world.courier().run_once()
    shown = guide(world, session, voter)
    asked, mail = (shown.steps[place].view for place in (3, 4))

    sentences = [
        translate(text, Language.FRENCH)
        for step in shown.steps
        for text in (*step.view.agent_text, *step.view.page.body)
    ]

    assert "16 h 01" in " ".join(translate(text, Language.FRENCH) for text in asked.page.body)
    assert mail.page.message is not None
    assert mail.page.message.action is not None
    assert not any(CAMILLE in sentence for sentence in sentences)


@pytest.mark.parametrize("language", list(Language))
def test_every_step_of_every_flow_can_be_looked_up_and_read(world: World, language: Language) -> None:
    """Every step is found by its code in any spelling, and every sentence of its page can be filled in."""
    steps = world.services.desk.steps
    for flow in steps.flows:
        for step in flow.steps:
            for typed in (step.code, step.code.lower(), step.code.replace("-", ""), f" {step.code} "):
                found = steps.find_step(typed)
                assert found is not None
                assert found.code == step.code
            assert steps.definition(step.code) is step
            assert all(translate(text, language) for text in (*found.agent_text, *found.page.body))
    assert steps.find_step("XX-9") is None
    assert steps.find_step("") is None


def test_what_agents_type_is_read_from_its_example() -> None:
    """The fields, the answer type and the examples of each form of the helpdesk agree."""
    for act in (each for each in vars(forms).values() if isinstance(each, Action)):
        typed = {key: value for each in act.fields for key, value in each.example.items()}
        assert [each.name for each in act.fields] == [*signature(act.answers).parameters]
        assert set(typed) == {inputs for each in act.fields for inputs in input_names(each)}
        assert act.read(typed)


# ── The home ─────────────────────────────────────────────────────────────────────────────────────────────


def needs(world: World, session: AgentSession) -> list[tuple[AttentionReason, str | None]]:
    return [(each.reason, each.case) for each in world.services.desk.home.overview(session).attention]


def test_the_home_shows_what_needs_attention_and_forgets_what_is_over(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """The home screen lists a late message, then the same message as refused, and then a frozen account.

    It names the person as soon as the courier has found whose address it is.
    """
    assert needs(world, session) == []
    handle = world.ask()
    world.clock.move(minutes=16)
    assert needs(world, session) == [(AttentionReason.LATE, world.number(handle))]
    world.post.says = SendRefused("relay.example", "550 5.1.1 no such user")
    world.courier().run_once()
    assert needs(world, session) == [(AttentionReason.PARKED, world.number(handle))]
    (parked,) = world.services.desk.home.overview(session).attention
    assert parked.name == "Camille Martin"
    world.services.desk.freezing.freeze(session, verified_caller(world, session, voter))
    (_, frozen) = world.services.desk.home.overview(session).attention
    assert (frozen.reason, frozen.voter, frozen.name) == (AttentionReason.FROZEN, voter.id, "Camille Martin")


def test_many_late_messages_are_one_line_about_the_relays(world: World, session: AgentSession) -> None:
    """Twenty-five late messages are one line on the home screen.

    The line blames the mail servers only if no SMS is late.
    """
    for number in range(25):
        world.ask(f"voter{number}@ac-lumiere.example")
    world.clock.move(minutes=16)

    (line,) = world.services.desk.home.overview(session).attention

    assert line.reason is AttentionReason.BACKLOG
    assert "25 envois attendent : la messagerie" in plain(translate(line.sentence, Language.FRENCH))

    sentences = {
        channels: plain(translate(attention.backlog_sentence(25, channels), Language.FRENCH))
        for channels in (frozenset({Channel.SMS, None}), frozenset({Channel.MAIL, Channel.SMS}))
    }

    assert not any("messagerie" in sentence for sentence in sentences.values())
    assert all(sentence.startswith("25 envois attendent : ") for sentence in sentences.values())
    assert "messagerie" not in translate(attention.PARKED[Channel.SMS], Language.FRENCH)


@pytest.mark.parametrize(
    ("scope", "sent", "mark", "expected"),
    [
        (EVERYWHERE, 8, TimelineLineTone.NEUTRAL, ("Codes par SMS : 8 sur 10 permis à cette heure. ", "8 of the 10")),
        (EVERYWHERE, 10, TimelineLineTone.BAD, ("les 10 permis à cette heure sont partis", "are in the queue")),
        ("FR", 3, TimelineLineTone.NEUTRAL, ("vers France : 3 sur 5 permis à cette heure. ", "to France: 3 of the 5")),
        ("RE", 6, TimelineLineTone.BAD, ("vers La Réunion : les 5 permis à cette heure sont partis", "to Réunion")),
    ],
)
def test_the_home_tells_when_sms_are_nearly_spent_and_when_they_are(
    sql_kept: KeptStore, scope: str, sent: int, mark: TimelineLineTone, expected: tuple[str, str]
) -> None:
    """The home screen warns when half of an SMS budget is used, and again when all of it is used.

    The warning ends on the next day.
    """
    policy = Policy(sms_per_day=10, sms_per_country_per_day=5, sms_per_verified_code=2, sms_at_midnight_percent=100)
    place = world(sql_kept, policy=policy)
    someone, today = signed_in_agent(place), place.dependencies.calendar.to_local(place.clock.now()).date()
    home = place.services.desk.home
    assert home.overview(someone).attention == ()
    writing(place.store).spending.add(today, scope, CodeCounts(sent=sent))

    (line,) = home.overview(someone).attention
    assert (line.reason, line.mark) == (AttentionReason.BUDGET, mark)
    for language, words in zip(Language, expected, strict=True):
        assert words in plain(translate(line.sentence, language))

    writing(place.store).spending.add(today, scope, CodeCounts(verified=4))
    assert bool(home.overview(someone).attention) == (scope == EVERYWHERE)
    place.clock.move(days=1)
    assert home.overview(someone).attention == ()


def plain(sentence: str) -> str:
    return sentence.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'")


def test_the_counts_are_of_today(any_world: World) -> None:
    """The home screen counts the events of today.

    Reading the counts does not change them, and they start at zero after midnight.
    """
    session = signed_in_agent(any_world)
    any_world.add()
    any_world.with_password()

    def counts() -> list[str]:
        return [translate(text, Language.FRENCH) for text in any_world.services.desk.home.overview(session).counts]

    assert counts()[:2] == counts()[:2] == ["1 message demandé", "1 mot de passe enregistré"]
    any_world.clock.move(hours=1)
    any_world.ask(STRANGER)
    assert counts()[0] == "2 messages demandés"
    any_world.clock.move(hours=12)
    assert counts()[0] == "0 message demandé"


def test_agents_who_look_within_a_second_let_the_journal_be_counted_once(world: World, session: AgentSession) -> None:
    """If agents open the home screen several times within a second, the journal is counted only once."""
    overview = world.services.desk.home.overview

    def counting() -> int:
        with statements(world.kept.engine) as sent:
            overview(session)
        return sum("count(" in each.lower() and "group by" in each.lower() for each in sent)

    once = counting()
    again = counting()
    world.clock.move(seconds=1)

    assert (once, again, counting()) == (1, 0, 1)


# ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────────


def walked(value: object) -> Iterator[object]:
    """Yield every value inside a value that the helpdesk returned, including fields that its repr omits."""
    yield value
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from walked(getattr(value, each.name))
    elif isinstance(value, Struct):
        yield from walked(structs.asdict(value))
    elif isinstance(value, dict):
        yield from (part for each in value.values() for part in walked(each))
    elif isinstance(value, tuple | list):
        yield from (part for each in value for part in walked(each))


def test_nothing_that_the_desk_returns_holds_a_secret(world: World, session: AgentSession) -> None:
    """No value that the helpdesk returns contains a password, hash, token, digest, NUMEN or whole mail address."""
    mail, own = "zoe.petit@ac-lumiere.example", "Sept tortues 42 lentes"  # no example of a flow contains them
    voter = add_known(world, mail, first_name="Zoé", last_name="Petit")
    token = world.link(mail)
    world.links.choose_password(token, own)
    voter_session = world.sessions.sign_in(mail, own, visit()).session
    fresh = world.link(mail)
    world.courier().run_once()
    number = world.services.desk.files.read(session, voter.id).cases[0].number
    desk, auditor = world.services.desk, signed_in_agent(world, "claude", AgentRole.AUDITOR)
    hashed = world.voter(mail).password
    secrets = {own, token, fresh, voter_session, hashed, NUMEN, mail, world.links.find_link(fresh).record.digest}

    returned = [
        desk.search.find(session, "zoe petit", 10),
        desk.search.find(session, mail, 10),
        desk.files.open(session, voter.id),
        desk.files.open_case(session, number),
        desk.files.timeline(session, voter.id),
        desk.files.case_timeline(session, number),
        *(desk.guide.view(session, voter.id, flow.slug) for flow in desk.steps.flows),
        verified_caller(world, session, voter),
        desk.freezing.freeze_and_unfreeze_actions(session, voter.id),
        desk.home.overview(auditor),
    ]

    held = [part for value in returned for part in walked(value) if isinstance(part, str | bytes)]
    assert len(held) > 500
    assert not [part for part in held for secret in secrets if type(part) is type(secret) and secret in part]  # type: ignore[operator]  # of one type
