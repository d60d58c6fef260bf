"""A product at work, however it was started: its voters, their mails, its database, its logs."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from core.adapters.telephone.store import Status, Telephones, Text
from core.text import Language
from tests.support.product.browser import Browser
from tests.support.product.post import Mail, Voter
from tests.support.product.waiting import eventually

MAILS_TO = """
SELECT id, recipient, raw FROM mail WHERE :recipient IS NULL OR recipient = :recipient ORDER BY id
"""


@dataclass
class Product:
    """A site, its folder, and what this run's voters did there."""

    site: str
    folder: Path
    database: str | None = None
    """The SQLAlchemy URL of its PostgreSQL; without one, SQLite in the folder."""
    used: dict[str, Voter] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    @cached_property
    def voters(self) -> list[Voter]:
        """Everyone on the roll."""
        lines = (self.folder / "voters.json").read_text(encoding="utf-8").splitlines()
        return [Voter(**{**line, "language": Language(line["language"])}) for line in map(json.loads, lines)]

    def new_voter(self, language: Language = Language.FRENCH) -> Voter:
        """Someone in whose name nothing was done yet."""
        voter = next(each for each in self.voters if each.language is language and each.email not in self.used)
        self.used[voter.email] = voter
        return voter

    def browser(self) -> Browser:
        """A fresh one."""
        return Browser(self.site, self.secrets)

    def mails(self, to: str | None = None) -> list[Mail]:
        """What lies in the mailbox, the oldest first."""
        path = self.folder / "mailbox.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(MAILS_TO, {"recipient": to}).fetchall()
        return [Mail(*row) for row in rows]

    def mail(self, to: str, *, count: int = 1) -> Mail:
        """The newest of the first `count` mails to someone, as soon as they are there."""
        return eventually(lambda: self.mails(to)[:count][count - 1 :], f"{count} mails to {to}")[0]

    def texts(self, number: str) -> list[Text]:
        """What a telephone got and sent, the oldest first."""
        return Telephones(self.folder / "telephones.sqlite3").texts(number, 1000)[::-1]

    def sms(self, number: str, *, count: int = 1) -> Text:
        """The newest of the first `count` SMS to a telephone, as soon as they are there."""

        def got() -> list[Text]:
            return [text for text in self.texts(number) if text.status is not Status.REPLY][:count][count - 1 :]

        return eventually(got, f"{count} SMS to {number}")[0]

    def answer(self, number: str, text: str) -> None:
        """What the telephone's owner sends back."""
        Telephones(self.folder / "telephones.sqlite3").reply(number, text)

    def links(self, voter: Voter) -> list[Mail]:
        """Those of someone's mails that hold a recovery link."""
        return [mail for mail in self.mails(voter.email) if "/lien/" in mail.link]

    def link(self, voter: Voter) -> str:
        """Asks in a voter's name and reads the link in their mailbox."""
        there = len(self.links(voter))
        self.browser().ask(voter.email)
        mail = eventually(lambda: self.links(voter)[there:], f"a link to {voter.email}")[0]
        self.secrets.add(mail.token)
        return mail.link

    def links_of(self, voters: Sequence[Voter]) -> dict[str, str]:
        """Asks for all of them, then reads the links of those who had none before, by address."""
        for voter in voters:
            self.browser().ask(voter.email)
        self.settled()
        found = {mail.to: mail for mail in self.mails()}
        self.secrets.update(found[voter.email].token for voter in voters)
        return {voter.email: found[voter.email].link for voter in voters}

    def at_choice(self, voter: Voter) -> Browser:
        """A browser that has opened a fresh link."""
        browser = self.browser()
        browser.get(self.link(voter))
        return browser

    def give_password(self, voter: Voter, password: str) -> Browser:
        """Chooses it by a fresh link; returns the browser, now recognised."""
        browser = self.at_choice(voter)
        page = browser.choose(password)
        assert page.step == "MP-7", page.text
        return browser

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says; `?` stands for a value."""
        if self.database is not None:
            with psycopg.connect(self.database.replace("+psycopg", "")) as server:
                return server.execute(query.replace("?", "%s").encode(), values or None).fetchall()
        with closing(sqlite3.connect(self.folder / "retrouve.sqlite3", timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def epoch(self, voter: Voter) -> int:
        """How often that voter's password was changed, or their account frozen."""
        found: int = self.rows("SELECT epoch FROM voters WHERE email = ?", voter.email)[0][0]
        return found

    def settled(self) -> None:
        """Waits until nothing waits to be decided or sent."""
        waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting'"
        eventually(lambda: self.rows(waiting) == [(0,)], "an empty outbox")

    def considered(self, count: int) -> None:
        """Waits until the courier has had that many parcels in hand, whatever became of them."""
        looked_at = "SELECT count(*) FROM outbox WHERE state != 'waiting' OR reason IS NOT NULL"
        eventually(lambda: self.rows(looked_at) == [(count,)], f"{count} parcels considered")

    def events(self, case: str) -> list[tuple[str, str | None]]:
        """What the journal says of a case: the act and its reason."""
        return self.rows('SELECT act, reason FROM events WHERE "case" = ? ORDER BY id', case)

    def logs(self) -> str:
        """All that its processes have logged."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted((self.folder / "logs").glob("*.log")))
