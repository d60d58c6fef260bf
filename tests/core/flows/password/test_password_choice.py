"""Tests of which new passwords are refused, and of what an accepted one changes."""

from dataclasses import replace

import pytest

from core.flows.password.definition import PasswordFlow
from core.flows.password.password_choice import RecoveryLinks, forbidden_password_words
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms import errors
from core.forms.flow_model import FieldRejected, FormErrors
from core.policy.policy import PRESETS
from core.ports import Event, RollEntry
from tests.support.election import CAMILLE, CLOSES, GOOD, OPENS, entry, visit
from tests.support.stores import statements
from tests.support.worlds import World

ELOISE = entry("eloise.dupre-lafon@ac-lumiere.example", first_name="Éloïse", last_name="DUPRÉ LAFON")


def refusal(world: World, password: str, line: RollEntry | None = None) -> type[FieldRejected]:
    """Return the class of the error that the voter's new password causes."""
    token = world.link((line or entry()).email)
    with pytest.raises(FormErrors) as caught:
        world.links.choose_password(token, password)
    (rejected,) = caught.value.by_field.values()
    assert list(caught.value.by_field) == ["new_password"]
    return type(rejected)


def test_a_password_with_the_voters_name_or_address_is_refused(world: World) -> None:
    """A password with the voter's name or address is refused, whatever its capitals and accents."""
    hondt = entry("hondt@ac-lumiere.example", last_name="D’Hondt")
    brien = entry("brien@ac-lumiere.example", last_name="O'Brien")
    lecoeur = entry("l@ac-lumiere.example", last_name="Lecœur")
    prof = entry("prof1789@ac-lumiere.example")
    world.add(entry(), ELOISE, hondt, brien, lecoeur, prof)

    for line, passwords in (
        (entry(), ("Martin 2018!", "xXmartinXx 1", "cAMILLE 2018", "ＭＡＲＴＩＮ aA1")),
        (ELOISE, ("Eloise 2018!", "ÉLOÏSE 2018!", "LaFoN 2018!!", "Duprè 2018!!", "1 eloise.dupre-lafon A")),
        (hondt, ("Hondt 2018 !",)),
        (brien, ("Brien 2018 !",)),
        (lecoeur, ("Lecoeur 2018",)),
        (prof, ("Prof1789 Aa",)),
    ):
        for password in passwords:
            assert refusal(world, password, line) is errors.NewPasswordPersonal, password
            world.clock.move(hours=1)


def test_a_name_of_two_letters_stands_in_too_many_words_to_be_forbidden(world: World) -> None:
    """A password may contain a name of two letters."""
    world.add(entry("li@ac-lumiere.example", last_name="Li", first_name=""))

    world.links.choose_password(world.link("li@ac-lumiere.example"), "Lilas élégant 31")

    assert {word for word in forbidden_password_words(world.voter("li@ac-lumiere.example")) if len(word) < 3} == set()


def test_a_common_password_is_refused(world: World) -> None:
    """A common password is refused, although it meets the rules that the page shows."""
    world.add()
    (act,) = world.services.flows[PasswordFlowPlugin].steps.choose_password.actions

    for password in ("Password1", "Azerty123", "Iloveyou1"):
        act.read({"new_password": password, "new_password_again": password})
        assert refusal(world, password) is errors.NewPasswordCommon


@pytest.mark.parametrize("preset", PRESETS)
def test_a_word_with_a_tail_is_refused_under_every_preset(world: World, preset: str) -> None:
    """A common word or keyboard row with digits after it is refused. Unrelated words are accepted."""
    world.dependencies = replace(world.dependencies, policy=PRESETS[preset])
    world.add()

    for password in ("Motdepasse2018", "Elections2026", "Azertyuiop31", "M@rseille13000", "Compas360", "Eguisheim68"):
        assert refusal(world, password) is errors.NewPasswordWeak
        world.clock.move(hours=1)
    for password in ("Wkqz73vn 2Kd", "Le chat dort au soleil 7", "Girafe timide 2019"):
        world.links.choose_password(world.link(), password)
        world.clock.move(hours=1)


def test_in_2026_a_password_must_withstand_more_guesses(world: World) -> None:
    """Preset 2026 refuses a guessable password that preset 2018 accepts."""
    world.add()
    world.dependencies = replace(world.dependencies, policy=PRESETS["2026"])

    assert refusal(world, "Girouette-Lune-3") is errors.NewPasswordWeak
    in_2018 = RecoveryLinks(replace(world.dependencies, policy=PRESETS["2018"]))
    in_2018.choose_password(world.post.links(CAMILLE)[0], "Girouette-Lune-3")


def test_a_refused_password_leaves_the_link_usable_and_says_why_in_the_journal(world: World) -> None:
    """A refused password writes one event with the broken rule, and the link stays valid."""
    world.add()
    token = world.link()
    step, held = world.services.flows[PasswordFlowPlugin].steps.choose_password, visit(link=token)
    for typed in ("short", "Martin 2018!", "Password1"):
        with statements(world.kept.engine) as sent, pytest.raises(FormErrors):
            world.at(step, "save", held, new_password=typed, new_password_again=typed)
        written = [statement for statement in sent if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert [statement.split()[2] for statement in written] == ["events"]
    assert world.hasher.hashed == 0

    turn = world.at(step, "save", held, new_password=GOOD, new_password_again=GOOD)

    number = world.links.find_link(token).case.number
    refusals = [event for event in world.journal(number) if event.act == "password-refused"]
    assert [event.reason for event in refusals] == [
        "new-password-too-short",
        "new-password-personal",
        "new-password-common",
    ]
    assert {event.voter for event in refusals} == {world.voter().id}
    assert turn.step is world.services.flows[PasswordFlowPlugin].steps.done


# ── After the choice ────────────────────────────────────────────────────────────────────────────────────


def test_one_event_says_that_a_password_was_chosen(world: World) -> None:
    """A new password writes one event with the voter, the case and the time."""
    world.add()
    token = world.link()
    number = world.links.find_link(token).case.number
    before = world.kept.events()

    world.links.choose_password(token, GOOD)

    last = world.journal(number)[-1]
    assert world.kept.events() == before + 1
    assert last == Event(
        at=world.clock.at,
        actor=last.actor,
        act=last.act,
        case=number,
        voter=world.voter().id,
        credential=last.credential,
    )
    assert (last.actor.value, last.act) == ("voter", "password-chosen")
    assert last.credential is not None
    assert len(last.credential) == 32
    assert last.credential not in world.voter().password


def test_outside_the_calendar_no_password_is_chosen(world: World) -> None:
    """Before the opening and after the vote, no password can be chosen."""
    world.add()
    token = world.link()
    for at, why in ((OPENS.replace(hour=7), errors.NotYetOpen), (CLOSES, errors.VoteClosed)):
        world.clock.at = at

        with pytest.raises(why):
            world.links.choose_password(token, GOOD)

        assert world.hasher.hashed == 0


def test_each_preset_says_its_own_numbers_when_it_refuses() -> None:
    """The refusal of a short password names the minimum length of the preset."""
    for name, minimum in {"2018": 8, "2026": 12}.items():
        (act,) = PasswordFlow(PRESETS[name]).choose_password.actions
        with pytest.raises(FormErrors) as caught:
            act.read({"new_password": "Aa1", "new_password_again": "Aa1"})
        assert caught.value.by_field["new_password"].reason.params == {"minimum": minimum}
