"""Which pictures the help holds, and which numbers stand in them."""

from contextlib import nullcontext
from itertools import product
from pathlib import Path

import msgspec
import pytest

from core import errors
from core.flows.password import password_flow
from core.flows.space import space_flow
from core.flows.stop import stop_flow
from core.policy import PRESETS, Policy
from core.steps import Field, FieldKind, Step, Wait, inputs_of
from core.text import Language
from guides.marks import Target, marks_of
from guides.shots import MANIFEST, Mark, Picture, Shot, Theme, Width, read_manifest, shots_of, states_of, write_manifest

FLOWS = (password_flow(Policy()).flow, space_flow().flow, stop_flow().flow)
STEPS = [step for flow in FLOWS for step in flow.steps]
FIELDS = [
    (policy, each)
    for policy in PRESETS.values()
    for step in password_flow(policy).flow.steps
    for act in step.acts
    for each in act.fields
]


def test_every_step_is_shown_in_each_language_theme_and_width() -> None:
    """Eight pictures of each, and of each thing that can go wrong there."""
    shots = shots_of(FLOWS)
    plain = [shot for shot in shots if not shot.state]

    assert len(plain) == len(STEPS) * len(list(product(Language, Theme, Width)))
    assert len(shots) == sum(len(states_of(step)) for step in STEPS) * 8
    assert len({shot.name for shot in shots}) == len(shots)


def test_the_name_of_a_picture_says_what_it_shows() -> None:
    """Step, state, language, colours, width."""
    step = password_flow(Policy()).choose_password
    shot = Shot(
        flow=FLOWS[0].slug,
        step=step.code,
        state=errors.NewPasswordTooShort.id,
        language=Language.FRENCH,
        theme=Theme.DARK,
        width=Width.PHONE,
    )

    assert shot.name == "mp-6.new-password-too-short.fr.dark.phone.webp"
    assert msgspec.structs.replace(shot, state="").name == "mp-6.fr.dark.phone.webp"


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    """And is the same whoever took which picture first."""
    pictures = [
        Picture(shot=shot, path=shot.name, alt="…", width=360, height=800, marks=(Mark(1, "Continuer"),))
        for shot in shots_of(FLOWS[:1])[:9]
    ]

    write_manifest(tmp_path, reversed(pictures))
    backwards = (tmp_path / MANIFEST).read_bytes()
    write_manifest(tmp_path, pictures)

    assert (tmp_path / MANIFEST).read_bytes() == backwards
    assert read_manifest(tmp_path) == {picture.shot: picture for picture in pictures}


@pytest.mark.parametrize("step", STEPS, ids=[step.code for step in STEPS])
def test_at_most_five_things_are_numbered(step: Step) -> None:
    """From one on, each of them once."""
    marks = marks_of(step)

    assert [mark.number for mark in marks] == list(range(1, len(marks) + 1))
    assert len({(mark.target, mark.name) for mark in marks}) == len(marks) <= 5


@pytest.mark.parametrize("step", STEPS, ids=[step.code for step in STEPS])
def test_all_that_one_types_or_presses_is_numbered(step: Step) -> None:
    """In the order of the page; a birth date once."""
    wanted = [name for act in step.acts for name in (*(name for each in act.fields for name in _ids(each)), act.name)]

    assert [mark.name for mark in marks_of(step) if mark.target in {Target.FIELD, Target.ACT}] == wanted


def _ids(each: Field[object]) -> tuple[str, ...]:
    return (each.name,) if each.kind is FieldKind.BIRTH_DATE else inputs_of(each)


def test_where_one_waits_the_message_and_the_case_are_numbered() -> None:
    """On the page; in the message itself, its link."""
    waits = [step for step in STEPS if isinstance(step, Wait)]

    assert {step.elsewhere: marks_of(step)[0].target for step in waits} == {False: Target.MESSAGE, True: Target.LINK}


@pytest.mark.parametrize(("policy", "each"), FIELDS, ids=[f"{each.name} {n}" for n, (_, each) in enumerate(FIELDS)])
def test_a_slip_is_told_what_it_says(policy: Policy, each: Field[object]) -> None:
    """By the parser, or else the parser takes it and the service says it."""
    assert each.slips, policy
    for slip in each.slips:
        with nullcontext() if slip.told in TOLD_BY_THE_SERVICE else pytest.raises(slip.told):
            each.parse(slip.typed)
        assert tuple(slip.typed) == inputs_of(each)


TOLD_BY_THE_SERVICE = {
    errors.WrongPassword,
    errors.NewPasswordPersonal,
    errors.NewPasswordCommon,
    errors.NewPasswordWeak,
}
