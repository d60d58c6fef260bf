"""What the desk sees: files, timelines, guides, the home. Never a secret (CASE 42)."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta

import pytest

from core import errors
from core.flows.desk import desk_forms
from core.i18n import say
from core.policy import Policy
from core.ports import EVERYWHERE, Act, Delivery, Refused, Role, Spent, Voter
from core.service.desk.following import reached
from core.service.desk.guiding import Guide, Progress
from core.service.desk.home import Need
from core.service.desk.proofs import Duty
from core.steps import Channel, answer_names, inputs_of
from core.text import Language, Text
from core.words import desk_home
from core.words.bounces import BounceReason
from core.words.timeline import BY_THE_DESK, OF_ACT, OF_NOTICE, OF_REASON, Mark
from tests.support.desk import NUMEN, add_known, on_duty, verified
from tests.support.election import CAMILLE, GOOD, STRANGER, visit
from tests.support.reissues import reissuer
from tests.support.stores import Kept
from tests.support.worlds import World, world

FLOW = "mot-de-passe"


@pytest.fixture
def duty(world: World) -> Duty:
    """An agent on duty."""
    return on_duty(world)


@pytest.fixture
def voter(world: World) -> Voter:
    """Somebody on the roll."""
    return add_known(world, academie="Lumière", phone_ending="78")


def story(world: World, duty: Duty, voter: Voter) -> list[tuple[str, str | None]]:
    """The timeline: sentences and steps."""
    lines = world.house.desk.files.timeline(duty, voter.id)
    return [(say(line.sentence, Language.FRENCH), line.step) for line in lines]


def guide(world: World, duty: Duty, voter: Voter) -> Guide:
    """Of the first flow."""
    return world.house.desk.guiding.follow(duty, voter.id, FLOW)


def present(world: World, duty: Duty, voter: Voter) -> str:
    """The code of the step where the voter is."""
    seen = guide(world, duty, voter)
    return seen.steps[seen.present].seen.code


# ── The file and its timeline ────────────────────────────────────────────────────────────────────────────


def test_a_file_says_what_is_set_and_when(world: World, duty: Duty, voter: Voter) -> None:
    """In the election's zone; the address is masked."""
    before = world.house.desk.files.open(duty, voter.id)
    world.with_password()
    world.clock.move(minutes=1)
    world.link()

    after = world.house.desk.files.look(duty, voter.id)

    assert (before.name, before.academie, before.phone_ending) == ("Camille Martin", "Lumière", "78")
    assert (before.password_set, before.links_alive, before.cases) == (None, 0, ())
    assert after.password_set == world.voter().password_set
    assert after.password_set is not None
    assert after.password_set.utcoffset() == timedelta(hours=1)
    assert (after.links_alive, [case.step.code for case in after.cases]) == (1, ["MP-5", "MP-7"])
    assert after.address == "c•••@ac-lumiere.example"


def test_the_timeline_tells_a_recovery_from_the_first_ask(world: World, duty: Duty, voter: Voter) -> None:
    """What was asked before anyone knew whose it was, what a robot may have opened, the rule a password broke, the notice."""
    token = world.link()
    world.links.open(token)
    held = world.links.held(token)
    world.links.note_refusal(held, errors.NewPasswordTooShort.id)
    world.links.choose_password(token, GOOD)
    world.courier().round()

    assert story(world, duty, voter) == [
        ("Un message est demandé.", "MP-4"),
        ("Le message et son lien sont prêts à partir.", "MP-4"),
        ("Le serveur de messagerie a pris le message.", "MP-5"),
        ("Le lien est ouvert, peut-être par un robot de la messagerie.", "MP-6"),
        ("Un mot de passe est refusé : il est trop court.", "MP-6"),
        ("Un nouveau mot de passe est enregistré.", "MP-7"),
        ("L'avis est remis au serveur de messagerie.", None),
    ]


def test_a_file_that_is_opened_leaves_a_line_and_one_looked_at_again_does_not(
    world: World, duty: Duty, voter: Voter
) -> None:
    """Twice a second would be a flood."""
    world.house.desk.files.open(duty, voter.id)
    world.house.desk.files.look(duty, voter.id)

    assert story(world, duty, voter) == [("camille ouvre la fiche.", None)]


def test_a_case_of_an_address_not_on_the_roll_shows_its_true_story(world: World, duty: Duty) -> None:
    """Without a voter; the caller sees the same page as everyone."""
    handle = world.ask(STRANGER)
    world.courier().round()
    number = world.number(handle)

    file = world.house.desk.files.by_case(duty, number)
    lines = world.house.desk.files.case_timeline(duty, number)

    assert (file.voter, file.address, file.case.step.code) == (None, "n•••@ac-lumiere.example", "MP-4")
    assert "n'est pas sur la liste électorale" in say(lines[1].sentence, Language.FRENCH)
    assert lines[1].mark is Mark.BAD
    with pytest.raises(errors.CaseUnknown):
        world.house.desk.files.by_case(duty, "2222-2222")
    with pytest.raises(errors.VoterGone):
        world.house.desk.files.open(duty, 999)


def test_every_act_has_its_sentence_in_both_languages() -> None:
    """And no sentence is about an act that does not exist."""
    acts = {act.value for act in Act}

    assert set(OF_ACT) == acts
    assert {*OF_NOTICE, *BY_THE_DESK, *(act for act, _ in OF_REASON)} <= acts
    assert {reason for act, reason in OF_REASON if act == Act.MAIL_BOUNCED} == {reason.value for reason in BounceReason}


# ── Guiding ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_guide_follows_the_voter_by_itself(world: World, duty: Duty, voter: Voter) -> None:
    """From the first step to the last, and back when another message is asked for."""
    assert present(world, duty, voter) == "MP-1"
    assert {step.progress for step in guide(world, duty, voter).steps} == {Progress.AHEAD}
    handle = world.ask()
    world.courier().round()
    assert present(world, duty, voter) == "MP-5"
    (token,) = world.post.links(CAMILLE)
    world.links.open(token)
    assert present(world, duty, voter) == "MP-6"
    world.clock.move(minutes=4)
    world.askings.ask_again(handle)
    assert present(world, duty, voter) == "MP-4"
    world.courier().round()
    world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
    world.courier().round()
    assert present(world, duty, voter) == "MP-7"
    assert {step.progress for step in guide(world, duty, voter).steps} == {Progress.DONE}


def test_a_guide_of_another_flow_says_where_the_voter_is(world: World, duty: Duty) -> None:
    """By what happened last, whichever flow it was in."""
    camille = reissuer(world).asked()
    world.courier().round()
    guiding, slug = world.house.desk.guiding, camille.steps.flow.slug

    assert [guiding.follow(duty, camille.voter.id, flow).elsewhere for flow in (FLOW, slug)] == ["ID-3", None]
    world.clock.move(minutes=5)
    world.link()
    assert [guiding.follow(duty, camille.voter.id, flow).elsewhere for flow in (FLOW, slug)] == [None, "MP-5"]


def test_a_guide_whose_sms_did_not_arrive_has_no_ticked_end(world: World, duty: Duty) -> None:
    """The identifier has left: done. The operator could not deliver it: that end was not reached, and one goes on."""
    camille = reissuer(world)
    camille.receive()
    slug = camille.steps.flow.slug
    sent = world.house.desk.guiding.follow(duty, camille.voter.id, slug)
    camille.report(Delivery.UNDELIVERED)
    failed = world.house.desk.guiding.follow(duty, camille.voter.id, slug)

    ends = [(each.steps[-2].progress, each.steps[-1].progress) for each in (sent, failed)]
    assert ends == [(Progress.DONE, Progress.AHEAD), (Progress.AHEAD, Progress.PRESENT)]


def test_a_guide_of_another_day_begins_anew(world: World, duty: Duty, voter: Voter) -> None:
    """A call an hour after the password was set is another one; so is one long after a link has died."""
    world.with_password()
    world.clock.move(hours=1)
    assert present(world, duty, voter) == "MP-1"
    world.link()
    world.clock.move(hours=4)
    assert present(world, duty, voter) == "MP-1"


def test_what_the_voter_sees_stands_beside_what_to_say(world: World, duty: Duty, voter: Voter) -> None:
    """Filled with the facts of this case; what is not known yet reads as such. The address stays masked."""
    world.ask()
    world.courier().round()
    seen = guide(world, duty, voter)
    asked, mail, choose = (seen.steps[place].seen for place in (3, 4, 5))

    told = [say(text, Language.FRENCH) for step in seen.steps for text in (*step.seen.say, *step.seen.voter.body)]

    assert "16:01" in " ".join(say(text, Language.FRENCH) for text in asked.voter.body)
    assert mail.voter.message is not None
    assert mail.voter.message.action is not None
    assert [field.name for field in choose.voter.fields] == ["new_password"]
    assert [say(text, Language.FRENCH) for text in choose.voter.buttons] == ["Enregistrer le mot de passe"]
    assert not any(CAMILLE in sentence for sentence in told)


@pytest.mark.parametrize("language", list(Language))
def test_every_step_of_every_flow_can_be_looked_up_and_read(world: World, language: Language) -> None:
    """By its code as people type it; no sentence lacks a fact."""
    guiding = world.house.desk.guiding
    for flow in guiding.flows:
        for step in flow.steps:
            for typed in (step.code, step.code.lower(), step.code.replace("-", ""), f" {step.code} "):
                found = guiding.lookup(typed)
                assert found is not None
                assert found.step.step is step
            assert all(say(text, language) for text in texts(found.step.say + found.step.voter.body))
    assert guiding.lookup("XX-9") is None
    assert guiding.lookup("") is None


def texts(value: tuple[Text, ...]) -> Iterator[Text]:
    """Those that are said."""
    yield from value


def test_every_step_that_a_flow_reaches_is_its_own(world: World) -> None:
    """And the words of the journal are acts."""
    for flow in world.house.desk.guiding.flows:
        assert {id(step) for step in flow.reached.values()} <= {id(step) for step in flow.steps}
        assert set(flow.reached) <= set(Act)
        assert reached(flow, []) is None


def test_what_agents_type_is_read_from_its_example() -> None:
    """As every field of every flow."""
    forms = desk_forms(Policy())
    for name in forms.__slots__:
        act = getattr(forms, name)
        typed = {key: value for each in act.fields for key, value in each.example.items()}
        assert tuple(each.name for each in act.fields) == answer_names(act.answers)
        assert set(typed) == {inputs for each in act.fields for inputs in inputs_of(each)}
        assert act.read(typed)


# ── The home ─────────────────────────────────────────────────────────────────────────────────────────────


def needs(world: World, duty: Duty) -> list[tuple[Need, str | None]]:
    """What is on the list, with its case."""
    return [(each.need, each.case) for each in world.house.desk.home.look(duty).attention]


def test_the_home_shows_what_needs_attention_and_forgets_what_is_over(world: World, duty: Duty, voter: Voter) -> None:
    """A message refused for good; an account frozen; a message that waits for long."""
    assert needs(world, duty) == []
    handle = world.ask()
    world.clock.move(minutes=16)
    assert needs(world, duty) == [(Need.LATE, world.number(handle))]
    world.post.says = Refused("relay.example", "550 5.1.1 no such user")
    world.courier().round()
    assert needs(world, duty) == [(Need.PARKED, world.number(handle))]
    world.house.desk.freezing.freeze(duty, verified(world, duty, voter))
    (_, frozen) = world.house.desk.home.look(duty).attention
    assert (frozen.need, frozen.voter, frozen.name) == (Need.FROZEN, voter.id, "Camille Martin")


def test_many_late_messages_are_one_line_about_the_relays(world: World, duty: Duty) -> None:
    """Twenty lines would hide everything else."""
    for number in range(25):
        world.ask(f"voter{number}@ac-lumiere.example")
    world.clock.move(minutes=16)

    (line,) = world.house.desk.home.look(duty).attention

    assert line.need is Need.BACKLOG
    assert "25 messages attendent : les serveurs de messagerie" in plain(say(line.sentence, Language.FRENCH))


def test_what_does_not_leave_is_named() -> None:
    """Where SMS wait, nobody blames the mail servers."""
    told = {
        channels: plain(say(desk_home.backlog(25, channels), Language.FRENCH))
        for channels in (frozenset({Channel.SMS, None}), frozenset({Channel.MAIL, Channel.SMS}))
    }

    assert not any("messagerie" in sentence for sentence in told.values())
    assert all(sentence.startswith("25 messages attendent : ") for sentence in told.values())
    assert "messagerie" not in say(desk_home.PARKED[Channel.SMS], Language.FRENCH)


@pytest.mark.parametrize(
    ("scope", "sent", "mark", "told"),
    [
        (EVERYWHERE, 8, Mark.NEUTRAL, ("Codes par SMS : 8 sur 10 aujourd'hui. ", "8 of 10 today")),
        (EVERYWHERE, 10, Mark.BAD, ("Codes par SMS : les 10 d'aujourd'hui sont partis", "before midnight")),
        ("FR", 4, Mark.NEUTRAL, ("vers France : 4 sur 5 aujourd'hui. ", "to France: 4 of 5 today")),
        ("RE", 6, Mark.BAD, ("vers La Réunion : les 5 d'aujourd'hui sont partis", "to Réunion")),
    ],
)
def test_the_home_tells_when_sms_are_nearly_spent_and_when_they_are(
    kept: Kept, scope: str, sent: int, mark: Mark, told: tuple[str, str]
) -> None:
    """Four fifths gone is a warning, all gone is why voters are refused; codes that come back widen a country's; tomorrow it is over."""
    place = world(kept, policy=Policy(sms_per_day=10, sms_per_country_per_day=5, sms_per_verified_code=2))
    someone, today = on_duty(place), place.tools.calendar.local(place.clock.now()).date()
    home = place.house.desk.home
    assert home.look(someone).attention == ()
    with place.store.write() as transaction:
        transaction.spending.add(today, scope, Spent(sent=sent))

    (line,) = home.look(someone).attention
    assert (line.need, line.mark) == (Need.BUDGET, mark)
    for language, words in zip(Language, told, strict=True):
        assert words in plain(say(line.sentence, language))

    with place.store.write() as transaction:
        transaction.spending.add(today, scope, Spent(verified=4))
    assert bool(home.look(someone).attention) == (scope == EVERYWHERE)
    place.clock.move(days=1)
    assert home.look(someone).attention == ()


def plain(sentence: str) -> str:
    """With spaces that one can type."""
    return sentence.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'")


def test_the_counts_are_of_today(any_world: World) -> None:
    """However often one looks, and none of yesterday's after midnight."""
    duty = on_duty(any_world)
    any_world.add()
    any_world.with_password()

    def counts() -> list[str]:
        return [say(text, Language.FRENCH) for text in any_world.house.desk.home.look(duty).counts]

    assert counts()[:2] == counts()[:2] == ["1 message demandé", "1 mot de passe enregistré"]
    any_world.clock.move(hours=1)
    any_world.ask(STRANGER)
    assert counts()[0] == "2 messages demandés"
    any_world.clock.move(hours=12)
    assert counts()[0] == "0 message demandé"


# ── CASE 42 ──────────────────────────────────────────────────────────────────────────────────────────────


def walked(value: object) -> Iterator[object]:
    """Everything within a value that the desk returned, whatever it hides when printed."""
    yield value
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from walked(getattr(value, each.name))
    elif isinstance(value, dict):
        yield from (part for each in value.values() for part in walked(each))
    elif isinstance(value, tuple | list):
        yield from (part for each in value for part in walked(each))


def test_case_42_nothing_that_the_desk_returns_holds_a_secret(world: World, duty: Duty) -> None:
    """Passwords, hashes, tokens and their digests, the NUMEN, the address: none is in any value an agent's screen gets."""
    mail, own = "zoe.petit@ac-lumiere.example", "Sept tortues 42 lentes"  # in no example of a flow
    voter = add_known(world, mail, first_name="Zoé", last_name="Petit")
    token = world.link(mail)
    world.links.choose_password(token, own)
    session = world.sessions.sign_in(mail, own, visit(), case="7F3K-92QD").session
    fresh = world.link(mail)
    world.courier().round()
    number = world.house.desk.files.look(duty, voter.id).cases[0].number
    desk, auditor = world.house.desk, on_duty(world, "claude", Role.AUDITOR)
    hashed = world.voter(mail).password
    secrets = {own, token, fresh, session, hashed, NUMEN, mail, world.links.held(fresh).record.digest}

    returned = [
        desk.finding.find(duty, "zoe petit", 10),
        desk.finding.find(duty, mail, 10),
        desk.files.open(duty, voter.id),
        desk.files.by_case(duty, number),
        desk.files.timeline(duty, voter.id),
        desk.files.case_timeline(duty, number),
        *(desk.guiding.follow(duty, voter.id, flow.slug) for flow in desk.guiding.flows),
        verified(world, duty, voter),
        desk.freezing.offers(duty, voter.id),
        desk.home.look(auditor),
    ]

    held = [part for value in returned for part in walked(value) if isinstance(part, str | bytes)]
    assert len(held) > 500
    assert not [part for part in held for secret in secrets if type(part) is type(secret) and secret in part]  # type: ignore[operator]  # of one type
