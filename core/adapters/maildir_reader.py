"""Reads a Maildir: unread mails are in new/, read ones are moved to cur/ (maildir(5))."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.adapters.bounce_parser import LONGEST

SEEN = ":2,S"


@dataclass(frozen=True, slots=True)
class MaildirReader:
    """A Maildir; `path` holds new/, cur/ and tmp/."""

    path: Path

    @property
    def exists(self) -> bool:
        """Return whether the folder new/ exists."""
        return (self.path / "new").is_dir()

    def new_mails(self) -> Iterator[tuple[Path, bytes]]:
        """Yield the path and the beginning of each mail in new/, the first delivered first."""
        for mail in sorted(self.path.joinpath("new").iterdir()):
            with suppress(FileNotFoundError), mail.open("rb") as file:  # another reader has it
                head = file.read(LONGEST)
                yield mail, head

    def mark_read(self, mail: Path) -> None:
        """Move a mail to cur/, marked as seen."""
        with suppress(FileNotFoundError):
            mail.rename(self.path / "cur" / f"{mail.name}{SEEN}")
