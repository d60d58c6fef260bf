"""What a screen tells the one that is under it, or the app. Small dataclasses, all on one page."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class StoreLost(Message):
    """A service could not reach the database; nothing was done."""
