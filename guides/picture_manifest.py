"""Lists the pictures that the help needs. Also reads and writes the manifest, which lists the finished pictures."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product
from pathlib import Path

import msgspec

from core.forms.flow_model import AGAIN, AskStep, AwaitMessageStep, Channel, FinalStep, Flow, MailOrSmsText, Step
from core.text.text import Language

MANIFEST = "manifest.json"
PLAIN = ""
"""The value of `PictureRequest.state` for a picture that shows a step without an error message."""
LATER = "later"
"""The value of `PictureRequest.state` for a picture that shows a step after "send again" has become available."""
MESSAGE = "message"
"""The state of a picture of an SMS or email: the SMS of a step, or an email sent after the last step of a flow."""
ANSWER = "answer"
"""The state of a picture of the helpdesk's written answer. The answer belongs to the last step of a flow."""


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class ScreenWidth(StrEnum):
    PHONE = "phone"
    DESKTOP = "desktop"


class PictureRequest(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Identifies a picture in the help. `state` is PLAIN, LATER, MESSAGE, ANSWER or the id of an error."""

    flow: str
    step: str
    state: str
    language: Language
    theme: Theme
    width: ScreenWidth

    @property
    def name(self) -> str:
        """File name of the picture, such as "mp-6.new-password-too-short.fr.dark.phone.webp"."""
        parts = (self.step.lower(), self.state, self.language, self.theme, self.width, "webp")
        return ".".join(part for part in parts if part)


class CalloutMark(msgspec.Struct, frozen=True):
    """A numbered element in a picture. The help's text uses the same number. `top` and `bottom` are in CSS pixels."""

    number: int
    label: str
    top: int = 0
    bottom: int = 0


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture in the help. `width` and `height` are in CSS pixels. `path` is relative to the folder of the manifest."""

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
        for state, language, theme, width in product(pictured_step_states(step), Language, Theme, ScreenWidth)
    )


def pictured_step_states(step: Step) -> tuple[str, ...]:
    later = [LATER] if any(act.name == AGAIN for act in step.actions) else []
    mistakes = [slip.error.id for act in step.actions for each in act.fields for slip in each.mistakes]
    messages = [state for state, _ in pictured_messages(step)]
    return tuple(dict.fromkeys([PLAIN, *later, *mistakes, *step.copy.refusals, *messages]))


def pictured_messages(step: Step) -> Iterator[tuple[str, MailOrSmsText]]:
    """Yield (state, message) pairs for the SMS of a step, or for the emails sent after the last step of a flow."""
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
    """Return the pictures that the folder's manifest lists. Empty if the manifest is missing or unreadable."""
    try:
        pictures = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=tuple[Picture, ...])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
    return {picture.shot: picture for picture in pictures}


def write_manifest(folder: Path, pictures: Iterable[Picture]) -> None:
    """Write the manifest of a folder. The pictures are sorted, so the same pictures always produce the same file."""
    ordered = sorted(pictures, key=lambda picture: picture.shot)
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1))
    fresh.replace(folder / MANIFEST)
