"""A Maildir as its reader sees it: what is in new/ was not looked at yet, what was goes to cur/ (maildir(5))."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.adapters.dsn import LONGEST

SEEN = ":2,S"


@dataclass(frozen=True, slots=True)
class Maildir:
    """`path` holds new/, cur/ and tmp/."""

    path: Path

    @property
    def exists(self) -> bool:
        """Whether something can have been delivered there."""
        return (self.path / "new").is_dir()

    def waiting(self) -> Iterator[tuple[Path, bytes]]:
        """The mails of new/, the first delivered first: where each is, and its beginning."""
        for mail in sorted(self.path.joinpath("new").iterdir()):
            with suppress(FileNotFoundError), mail.open("rb") as file:  # another reader has it
                head = file.read(LONGEST)
                yield mail, head

    def put_away(self, mail: Path) -> None:
        """To cur/, as seen."""
        with suppress(FileNotFoundError):
            mail.rename(self.path / "cur" / f"{mail.name}{SEEN}")
