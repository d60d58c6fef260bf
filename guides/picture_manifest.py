"""Lists the pictures that the help needs, and reads and writes the manifest of the pictures taken."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product
from pathlib import Path

import msgspec

from core.forms.flow_model import AGAIN, AskStep, AwaitMessageStep, Channel, FinalStep, Flow, MailOrSmsText, Step
from core.text.text import Language

MANIFEST = "manifest.json"
PLAIN = ""
"""The state of a step without an error."""
LATER = "later"
"""The state of a step once its action "send again" is available."""
MESSAGE = "message"
"""The state that shows the SMS of a step, or the mail after a flow's last step."""
ANSWER = "answer"
"""The state of a flow's last step that shows the desk's written answer."""


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class ScreenWidth(StrEnum):
    PHONE = "phone"
    DESKTOP = "desktop"


class PictureRequest(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One picture to take.

    `step` is a step code. `state` is PLAIN, LATER, MESSAGE, ANSWER, or the id of the FieldRejected or Refusal shown.
    """

    flow: str
    step: str
    state: str
    language: Language
    theme: Theme
    width: ScreenWidth

    @property
    def name(self) -> str:
        """The file name, such as "mp-6.new-password-too-short.fr.dark.phone.webp"."""
        parts = (self.step.lower(), self.state, self.language, self.theme, self.width, "webp")
        return ".".join(part for part in parts if part)


class CalloutMark(msgspec.Struct, frozen=True):
    """A number in a picture's gutter, as used in the text, with the label and height of its element."""

    number: int
    label: str
    top: int = 0
    bottom: int = 0


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture. `path` is relative to the manifest's folder; sizes are in CSS pixels.

    `marks` are the numbered elements it shows. An action that opens later has its mark in the state LATER.
    """

    shot: PictureRequest
    path: str
    alt: str
    width: int
    height: int
    marks: tuple[CalloutMark, ...]
    proof: str = ""
    """A digest of the file and of everything that determined it."""


def picture_requests(flows: Iterable[Flow]) -> tuple[PictureRequest, ...]:
    """Return the requests for every picture in the help of these flows, in the order of the flows."""
    return tuple(
        PictureRequest(flow=flow.slug, step=step.code, state=state, language=language, theme=theme, width=width)
        for flow in flows
        for step in flow.steps
        for state, language, theme, width in product(pictured_step_states(step), Language, Theme, ScreenWidth)
    )


def pictured_step_states(step: Step) -> tuple[str, ...]:
    """Return the states of a step to show: plain, later, each field error, each refusal and each message."""
    later = [LATER] if any(act.name == AGAIN for act in step.actions) else []
    mistakes = [slip.error.id for act in step.actions for each in act.fields for slip in each.mistakes]
    messages = [state for state, _ in pictured_messages(step)]
    return tuple(dict.fromkeys([PLAIN, *later, *mistakes, *step.copy.refusals, *messages]))


def pictured_messages(step: Step) -> Iterator[tuple[str, MailOrSmsText]]:
    """Yield the SMS of a step, or the mails after a last step, each with the state of its pictures."""
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
    """Return the pictures in a folder's manifest. Returns none if the manifest is missing or unreadable."""
    try:
        pictures = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=tuple[Picture, ...])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
    return {picture.shot: picture for picture in pictures}


def manifest_written_at(folder: Path) -> int:
    """Return the time of the manifest's last change in nanoseconds since 1970. Returns 0 if there is no manifest."""
    try:
        return (folder / MANIFEST).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def write_manifest(folder: Path, pictures: Iterable[Picture]) -> None:
    """Write the manifest of a folder in a fixed order."""
    ordered = sorted(pictures, key=lambda picture: picture.shot)
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1))
    fresh.replace(folder / MANIFEST)
