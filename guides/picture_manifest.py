"""Lists the pictures that the help needs and those that are finished."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product
from pathlib import Path

import msgspec

from core.forms.flow_model import AGAIN, AskStep, AwaitMessageStep, Channel, FinalStep, Flow, MailOrSmsText, Step
from core.text.text import Language

MANIFEST = "manifest.json"
PLAIN = ""
"""Value of `PictureRequest.state` for a picture of a step without errors."""
LATER = "later"
"""Value of `PictureRequest.state` for a picture of a step after "send again" has become available."""
MESSAGE = "message"
"""Value of `PictureRequest.state` for a picture of an SMS or email."""
ANSWER = "answer"
"""Value of `PictureRequest.state` for a picture of the helpdesk's written answer."""


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class ScreenWidth(StrEnum):
    PHONE = "phone"
    DESKTOP = "desktop"


class PictureRequest(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Identifies a picture. `state` is PLAIN, LATER, MESSAGE, ANSWER or the id of an error."""

    flow: str
    step: str
    state: str
    language: Language
    theme: Theme
    width: ScreenWidth

    @property
    def name(self) -> str:
        """File name, such as "mp-6.new-password-too-short.fr.dark.phone.webp"."""
        parts = (self.step.lower(), self.state, self.language, self.theme, self.width, "webp")
        return ".".join(part for part in parts if part)


class CalloutMark(msgspec.Struct, frozen=True):
    """A numbered element in a picture. `top` and `bottom` are in CSS pixels."""

    number: int
    label: str
    top: int = 0
    bottom: int = 0


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A finished picture. Sizes are in CSS pixels, and `path` is relative to the manifest."""

    shot: PictureRequest
    path: str
    alt: str
    width: int
    height: int
    marks: tuple[CalloutMark, ...]
    proof: str = ""
    """A digest of the picture file and of everything that affects the picture."""


def picture_requests(flows: Iterable[Flow]) -> tuple[PictureRequest, ...]:
    return tuple(
        PictureRequest(flow=flow.slug, step=step.code, state=state, language=language, theme=theme, width=width)
        for flow in flows
        for step in flow.steps
        for state, language, theme in product(pictured_step_states(step), Language, Theme)
        for width in picture_widths(state)
    )


def picture_widths(state: str) -> tuple[ScreenWidth, ...]:
    """Return the widths in which the help shows a state. The help shows errors in the phone's width on all screens."""
    return tuple(ScreenWidth) if state in {PLAIN, LATER, MESSAGE, ANSWER} else (ScreenWidth.PHONE,)


def pictured_step_states(step: Step) -> tuple[str, ...]:
    first = LATER if any(act.name == AGAIN for act in step.actions) else PLAIN
    mistakes = [slip.error.id for act in step.actions for each in act.fields for slip in each.mistakes]
    messages = [state for state, _ in pictured_messages(step)]
    return tuple(dict.fromkeys([first, *mistakes, *step.copy.refusals, *messages]))


def pictured_messages(step: Step) -> Iterator[tuple[str, MailOrSmsText]]:
    """Yield a step's emails and SMS that need a picture, as (state, message) pairs."""
    match step:
        case (
            AskStep(message=MailOrSmsText(channel=Channel.SMS) as sms)
            | AwaitMessageStep(message=MailOrSmsText(channel=Channel.SMS) as sms, elsewhere=False)
        ):
            yield MESSAGE, sms
        case FinalStep(message=message, answer=answer):
            yield from ((state, mail) for state, mail in ((MESSAGE, message), (ANSWER, answer)) if mail is not None)
        case _:
            return


def read_manifest(folder: Path) -> Mapping[PictureRequest, Picture]:
    """Return the finished pictures. Empty if the manifest is missing or unreadable."""
    try:
        pictures = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=tuple[Picture, ...])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
    return {picture.shot: picture for picture in pictures}


def write_manifest(folder: Path, pictures: Iterable[Picture]) -> None:
    """Write the manifest. The same pictures always produce the same file."""
    ordered = sorted(pictures, key=lambda picture: picture.shot)
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1))
    fresh.replace(folder / MANIFEST)
