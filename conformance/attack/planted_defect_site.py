"""A small site in memory, sound or with one planted defect, on which the attacker proves what they find."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from secrets import randbelow, token_hex
from threading import Lock

from conformance.attack.planted_defects_and_site_state import (
    MOST_ASKS,
    REISSUES,
    SiteAnswer,
    SiteRecordOfBrowserCookie,
    SiteRecordOfVoter,
    fictional_voter,
)


class PlantedDefectSite:
    """The pages, each a method that takes the visitor and what was typed."""

    def __init__(self, voters: int, defect: str = "") -> None:
        self.defect = defect
        people = [fictional_voter(number) for number in range(voters)]
        self.people = {each.email: SiteRecordOfVoter(each) for each in people}
        self.links: dict[str, tuple[str, int, bool]] = {}
        self.codes: set[str] = set()
        self.messages: list[dict[str, str]] = []
        self.lock = Lock()

    # ── The password ─────────────────────────────────────────────────────────────────────────────────────

    def start(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Take the address."""
        if "login" in typed:
            visitor.email = typed["login"]
            return SiteAnswer(to="/enter")
        return SiteAnswer("start", '<form action="/"><input name="login"></form>')

    def enter(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Sign in, or ask for a link."""
        if not visitor.email:
            return SiteAnswer(to="/")
        person = self.people.get(visitor.email)
        if typed.get("do") == "lost":
            if person is not None:
                self._ask(person)
            return SiteAnswer(to="/sent")
        if typed.get("do") == "login":
            if person is None or not person.password or typed.get("secret") != person.password:
                return SiteAnswer("enter", "refused", 422)
            visitor.user, visitor.epoch, visitor.sessions = person.voter.email, person.epoch, visitor.sessions + 1
            return SiteAnswer(to="/home")
        buttons = '<button name="do" value="login">', '<button name="do" value="lost">'
        return SiteAnswer("enter", f'<form><input name="secret">{buttons[0]}</form><form>{buttons[1]}</form>')

    def _ask(self, person: SiteRecordOfVoter) -> None:
        if self.defect == "ask kills links":
            self.links = {token: link for token, link in self.links.items() if link[0] != person.voter.email}
        if self.defect == "ask signs out":
            person.epoch += 1
        person.asks += 1
        if self.defect == "asks used up" and person.asks > MOST_ASKS:
            return
        token = token_hex(16)
        self.links[token] = (person.voter.email, person.epoch, False)
        self._send("mail", person.voter.email, f"Choose a new password: http://small.example/r/{token}")

    def sent(self, _visitor: SiteRecordOfBrowserCookie, _typed: Mapping[str, str]) -> SiteAnswer:
        """Tell that a link was mailed, if the address is known."""
        return SiteAnswer("sent", "look into your mailbox")

    def link(self, visitor: SiteRecordOfBrowserCookie, token: str) -> SiteAnswer:
        """Open a link: the browser keeps its token."""
        if self.defect == "token cut off":
            token = next((each for each in self.links if each[:8] == token[:8]), token)
        if self._holder(token) is None:
            return SiteAnswer(text="this link does not work", status=410)
        visitor.token, visitor.done = token, False
        return SiteAnswer(to="/new")

    def _holder(self, token: str) -> SiteRecordOfVoter | None:
        email, epoch, used = self.links.get(token, ("", 0, True))
        person = self.people.get(email)
        twice = self.defect == "token twice" and person is not None
        return person if twice or (person and not used and epoch == person.epoch) else None

    def new(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Take a new password."""
        person = self._holder(visitor.token)
        if self.defect == "token unchecked":
            person = person or self.people.get(visitor.email)
        if person is None:
            return SiteAnswer(text="no link", status=403)
        if "p1" not in typed:
            return SiteAnswer("new", '<form><input name="p1"><input name="p2"></form>')
        if self.defect == "token raced":
            self._let_others_in()
        if self.defect == "token of another":
            person = self.people.get(typed.get("email", ""), person)
        if self.defect != "session survives":
            person.epoch += 1
        email, epoch, _ = self.links.get(visitor.token, ("", 0, True))
        self.links[visitor.token] = (email, epoch, True)
        person.password, visitor.done = typed["p1"], True
        if self.defect == "reset signs in":
            visitor.user, visitor.epoch = person.voter.email, person.epoch
        self._send("mail", person.voter.email, "Your password was changed")
        return SiteAnswer(to="/done")

    def _let_others_in(self) -> None:
        self.lock.release()
        time.sleep(0.02)
        self.lock.acquire()

    def done(self, visitor: SiteRecordOfBrowserCookie, _typed: Mapping[str, str]) -> SiteAnswer:
        """Tell that the password is set."""
        return SiteAnswer("done") if visitor.done else SiteAnswer(to="/")

    # ── The identifier ───────────────────────────────────────────────────────────────────────────────────

    def home(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Show the voter's own page."""
        person = self._user(visitor)
        if person is None:
            return SiteAnswer(text="sign in", status=403)
        match typed.get("do"):
            case "renew":
                if not person.case or (person.ready and person.identifiers < REISSUES):
                    person.case, person.ready = f"D{randbelow(10**8):08d}", False
                return SiteAnswer(to="/who")
            case "sign-out":
                return SiteAnswer(to="/", signed_out=True)
            case _:
                name = escape(f"{person.voter.first_name} {person.voter.last_name}")
                buttons = ("renew", "sign-out")
                forms = "".join(f'<form><button name="do" value="{each}"></form>' for each in buttons)
                return SiteAnswer("home", f"{name}, {person.identifiers} identifiers {forms}")

    def session_key(self, visitor: str, typed: Mapping[str, str]) -> str:
        """Return the cookie of a session that this form of that visitor opens."""
        if self.defect == "session reopened":
            return sha256(f"{visitor} {sorted(typed.items())}".encode()).hexdigest()
        return token_hex(16)

    def _user(self, visitor: SiteRecordOfBrowserCookie) -> SiteRecordOfVoter | None:
        person = self.people.get(visitor.user)
        return person if person is not None and person.epoch == visitor.epoch else None

    def who(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Compare birth date and number, and send a code."""
        person = self._user(visitor)
        if person is None or not person.case:
            return SiteAnswer(to="/home") if person else SiteAnswer(text="sign in", status=403)
        if person.code or person.ready:
            return SiteAnswer(to="/ready" if person.ready else "/code")
        if "tel" not in typed:
            names = "".join(f'<input name="{each}">' for each in ("tel", "d", "m", "y", "id"))
            return SiteAnswer("who", f'<b class="dossier">{person.case}</b><form>{names}</form>')
        born = "-".join(typed.get(each, "") for each in ("y", "m", "d"))
        if person.left["who"] <= 0:
            return SiteAnswer(text="come back later", status=429)
        if (born, typed.get("id")) != (person.voter.birth_date, person.voter.numen):
            return self._wrong(person, "who")
        person.code, person.phone = f"{randbelow(10**6):06d}", typed["tel"]
        self.codes.add(person.code)
        self._send("sms", person.phone, f"code {person.code}")
        return SiteAnswer(to="/code")

    def code(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Compare the code, and send the identifier."""
        person = self._user(visitor)
        if person is None or not person.code:
            return SiteAnswer(to="/who") if person else SiteAnswer(text="sign in", status=403)
        named = next((it for it in self.people.values() if it.case and it.case == typed.get("case")), person)
        shown = named if self.defect == "case shown" else person
        if "pin" not in typed:
            form = '<form><input name="pin"></form>'
            return SiteAnswer("code", f'<b class="dossier">{shown.case}</b>{form}')
        if person.left["code"] <= 0:
            return SiteAnswer(text="come back later", status=429)
        right = typed["pin"] == person.code or (
            self.defect == "code unchecked" or (self.defect == "code of another" and typed["pin"] in self.codes)
        )
        if not right:
            return self._wrong(named if self.defect == "tries of another" else person, "code", shown)
        self._order(person)
        if self.defect == "re-issue of another" and named is not person:
            named.identifiers += 1
        return SiteAnswer(to="/ready")

    def _order(self, person: SiteRecordOfVoter) -> None:
        person.ready, person.code = True, ""
        person.identifiers += 1
        self._send("sms", person.phone, f"identifier V-{randbelow(10**8):08d}")

    def ready(self, visitor: SiteRecordOfBrowserCookie, _typed: Mapping[str, str]) -> SiteAnswer:
        """Tell that the identifier was sent."""
        person = self._user(visitor)
        if person is not None and person.code and self.defect == "step skipped":
            self._order(person)
        if person is None or not person.ready:
            return SiteAnswer(to="/home") if person else SiteAnswer(text="sign in", status=403)
        return SiteAnswer("ready", f'<b class="dossier">{person.case}</b>')

    def _wrong(self, person: SiteRecordOfVoter, step: str, shown: SiteRecordOfVoter | None = None) -> SiteAnswer:
        person.left[step] -= 1
        case = (shown or person).case
        inputs = '<input name="pin">' if step == "code" else ""
        fields = inputs or "".join(f'<input name="{each}">' for each in ("tel", "d", "m", "y", "id"))
        text = f'<b class="dossier">{case}</b><p>{person.left[step]} tries are left</p><form>{fields}</form>'
        return SiteAnswer(step, text, 422)

    def _send(self, channel: str, to: str, text: str) -> None:
        at = datetime.now(UTC).isoformat()
        message = {"id": str(len(self.messages)), "channel": channel, "to": to, "subject": "", "text": text}
        self.messages.insert(0, {**message, "html": "", "at": at, "status": "delivered"})
