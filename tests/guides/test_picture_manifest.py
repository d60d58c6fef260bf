"""The pictures of the help and the numbers in them are known before they are taken."""

from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from pathlib import Path

import msgspec
import pytest

from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.password.definition import PasswordFlow
from core.flows.registry import define_flows
from core.forms import errors
from core.forms.flow_model import AwaitMessageStep, Field, FieldKind, input_names
from core.policy.policy import PRESETS, Policy
from core.text.text import Language
from guides.picture_manifest import (
    LATER,
    MANIFEST,
    PLAIN,
    CalloutMark,
    Picture,
    PictureRequest,
    ScreenWidth,
    Theme,
    picture_requests,
    read_manifest,
    write_manifest,
)
from guides.step_element_numbers import CalloutTargetKind, numbered_elements_of_step, pictured_actions

FLOWS = (PasswordFlow(Policy()).flow, VOTER_SPACE.flow, STOP_CHANGE.flow)
STEPS = [step for flow in FLOWS for step in flow.steps]
POLICIES = Policy(), replace(Policy(), confirm_in_mailbox=True)
FIELDS = [
    (policy, each)
    for policy in PRESETS.values()
    for step in PasswordFlow(policy).flow.steps
    for act in step.actions
    for each in act.fields
]


def test_every_step_is_shown_in_each_language_theme_and_width() -> None:
    """Every step has a picture in each language, theme and width. Errors have only the phone's width."""
    shots = picture_requests(FLOWS)
    plain = [shot for shot in shots if shot.state in {PLAIN, LATER}]
    errors_shown = [shot for shot in shots if shot.state in {errors.NewPasswordTooShort.id, errors.LinkExpired.id}]

    assert len(plain) == len(STEPS) * len(list(product(Language, Theme, ScreenWidth)))
    assert len(errors_shown) == 2 * len(list(product(Language, Theme)))
    assert {shot.width for shot in errors_shown} == {ScreenWidth.PHONE}
    assert len({shot.name for shot in shots}) == len(shots)


def test_the_name_of_a_picture_says_what_it_shows() -> None:
    """The file name of a picture contains the step, the state, the language, the theme and the width."""
    step = PasswordFlow(Policy()).choose_password
    shot = PictureRequest(
        flow=FLOWS[0].slug,
        step=step.code,
        state=errors.NewPasswordTooShort.id,
        language=Language.FRENCH,
        theme=Theme.DARK,
        width=ScreenWidth.PHONE,
    )

    assert shot.name == "mp-6.new-password-too-short.fr.dark.phone.webp"
    assert msgspec.structs.replace(shot, state="").name == "mp-6.fr.dark.phone.webp"


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A manifest is read as it was written, and does not depend on the order of the pictures."""
    pictures = [
        Picture(shot=shot, path=shot.name, alt="…", width=360, height=800, marks=(CalloutMark(1, "Continuer"),))
        for shot in picture_requests(FLOWS[:1])[:9]
    ]

    write_manifest(tmp_path, reversed(pictures))
    backwards = (tmp_path / MANIFEST).read_bytes()
    write_manifest(tmp_path, pictures)

    assert (tmp_path / MANIFEST).read_bytes() == backwards
    assert read_manifest(tmp_path) == {picture.shot: picture for picture in pictures}


def test_at_most_five_things_are_numbered_and_every_field_and_button_is() -> None:
    """Every field and button of a step has a number, and a step has at most five. At MP-2, the lost password is first."""
    for step in (step for policy in POLICIES for flow in define_flows(policy) for step in flow.steps):
        marks = numbered_elements_of_step(step)
        wanted = [
            name
            for act in pictured_actions(step)
            for name in (*(name for each in act.fields for name in _ids(each)), act.name)
        ]

        assert [mark.number for mark in marks] == list(range(1, len(marks) + 1))
        assert len({(mark.target, mark.name) for mark in marks}) == len(marks) <= 5
        pressed = {CalloutTargetKind.FIELD, CalloutTargetKind.ACT}
        assert [mark.name for mark in marks if mark.target in pressed] == wanted, step.code
        assert step.code != "MP-2" or wanted[0] == "forgotten"


def _ids(each: Field[object]) -> tuple[str, ...]:
    return (each.name,) if each.kind is FieldKind.BIRTH_DATE else input_names(each)


def test_on_waiting_pages_the_message_is_numbered_first() -> None:
    """On a page that waits for a message, the message has the first number. In the message, the link has it."""
    waits = [step for step in STEPS if isinstance(step, AwaitMessageStep)]

    assert {step.elsewhere: numbered_elements_of_step(step)[0].target for step in waits} == {
        False: CalloutTargetKind.MESSAGE,
        True: CalloutTargetKind.LINK,
    }


def test_an_example_mistake_raises_its_error() -> None:
    """The parser refuses each example mistake with its error, or accepts it if the service refuses it."""
    for policy, each in FIELDS:
        assert bool(each.mistakes) == (each.kind is not FieldKind.CHECK), policy  # a box to tick takes both answers
        for slip in each.mistakes:
            with nullcontext() if slip.error in TOLD_BY_THE_SERVICE else pytest.raises(slip.error):
                each.parse(slip.typed)
            assert tuple(slip.typed) == input_names(each)


TOLD_BY_THE_SERVICE = {
    errors.WrongPassword,
    errors.NewPasswordPersonal,
    errors.NewPasswordCommon,
    errors.NewPasswordWeak,
}
