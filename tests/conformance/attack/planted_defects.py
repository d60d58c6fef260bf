"""A small site in memory, with or without a planted defect. The attacker's self-test uses it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from secrets import randbelow, token_hex
from threading import Lock

from tests.conformance.product import FictionalVoter

ADAPTER = Path(__file__).parent / "small_site.toml"
DEFECTS: Mapping[str, str] = {
    "token unchecked": "a new password needs no link, only the address that was typed",
    "token of another": "a field says which voter gets the new password",
    "token twice": "a link works again after it was used",
    "token raced": "a link is marked as used some time after it was checked",
    "token cut off": "the first eight characters of a link are enough",
    "reset signs in": "setting a password signs the browser in",
    "session survives": "a new password does not end earlier sessions",
    "session reopened": "a repeated sign-in opens the session that was closed",
    "cookie trusted": "the site trusts the address in a cookie to say who has signed in",
    "code unchecked": "any six digits are accepted as the code",
    "code of another": "a code that was sent to any voter is accepted",
    "step skipped": "the page after the code can be opened without the code",
    "case shown": "a field says which case is shown",
    "tries of another": "a field says which case's attempts are counted",
    "re-issue of another": "a field says for which case the identifier is ordered",
    "ask kills links": "a request for a link ends the links that were mailed before",
    "asks used up": "at most two links are mailed to an address, even if others requested them",
    "ask signs out": "a request for a link ends the voter's sessions",
    "desk requests dropped": "the desk gets at most two requests for an address, even if others sent them",
    "desk answer changed": "a later request to the desk changes how an earlier one is answered, whoever sent it",
    "guesses keep out": "after some wrong passwords for any addresses, no new browser can sign in",
    "confirmations uncounted": "the mails that confirm requests to the desk have no limit",
}
TRIES, REISSUES, MOST_ASKS = 5, 3, 2
MOST_MAILS = 10
"""Number of mails that may be requested for one address."""
MOST_GUESSES = 8
PAGES, SIGNED_IN_PAGES = ("start", "enter", "sent", "new", "done", "desk", "noted"), ("home", "who", "code", "ready")
FIELDS = {"who": ("tel", "d", "m", "y", "id"), "code": ("pin",)}
"""Names of the inputs at the steps that count attempts."""


@dataclass
class SiteRecordOfVoter:
    """What the small site stores about one voter."""

    voter: FictionalVoter
    password: str = ""
    epoch: int = 0
    case: str = ""
    code: str = ""
    phone: str = ""
    ready: bool = False
    identifiers: int = 0
    asks: int = 0
    confirmations: int = 0
    desk: list[dict[str, str]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=lambda: {"who": TRIES, "code": TRIES})


@dataclass
class SiteRecordOfBrowserCookie:
    """What the small site stores for the cookie of one browser."""

    email: str = ""
    token: str = ""
    done: bool = False
    user: str = ""
    epoch: int = 0
    sessions: int = 0
    """Number of sign-ins in this browser."""


@dataclass
class SiteAnswer:
    """A page, or a redirect."""

    step: str = ""
    text: str = ""
    status: int = 200
    to: str = ""
    signed_out: bool = False
    cookies: list[str] = field(default_factory=list)


class PlantedDefectSite:
    """The small site. Each page is a method that gets the visitor or the signed-in voter, and the typed values."""

    def __init__(self, voters: int, defect: str = "") -> None:
        self.defect = defect
        self.people = {each.email: SiteRecordOfVoter(each) for each in map(fictional_voter, range(voters))}
        self.visitors: dict[str, SiteRecordOfBrowserCookie] = {}
        self.links: dict[str, tuple[str, int, bool]] = {}
        self.codes: set[str] = set()
        self.messages: list[dict[str, str]] = []
        self.guesses = 0
        self.lock = Lock()

    def answer(self, page: str, typed: Mapping[str, str], cookies: Mapping[str, str]) -> SiteAnswer:
        """Answer the request for a page, and set the cookies of the browser."""
        with self.lock:
            key = cookies.get("visitor", "")
            if key not in self.visitors:
                key = token_hex(16)
                self.visitors[key] = SiteRecordOfBrowserCookie()
            visitor = self.visitors[key]
            if self.defect == "cookie trusted" and (person := self.people.get(cookies.get("user", ""))):
                visitor = replace(visitor, user=person.voter.email, epoch=person.epoch)
            before = replace(visitor)
            answer = self._page(page, visitor, typed)
            signed_in = visitor.sessions != before.sessions
            if signed_in:  # a session gets a new cookie, against session fixation
                self.visitors[key], key = before, self._session_key(key, typed)
                self.visitors[key] = visitor
            if answer.signed_out:
                del self.visitors[key]
        answer.cookies = [f"visitor={key}"] if key != cookies.get("visitor") else []
        if signed_in:  # marks the browser; opens nothing and outlives the session
            answer.cookies.append(f"known={token_hex(8)}")
        if answer.signed_out:
            answer.cookies = ["visitor=; Max-Age=0"]
        if self.defect == "cookie trusted" and visitor.user:
            answer.cookies.append(f"user={visitor.user}")
        return answer

    def _page(self, page: str, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        if page.startswith("r/"):
            return self.link(visitor, page.removeprefix("r/"))
        if page in SIGNED_IN_PAGES:
            person = self.people.get(visitor.user)
            if person is None or person.epoch != visitor.epoch:
                return SiteAnswer(text="sign in", status=403)
            signed_in: SiteAnswer = getattr(self, page)(person, typed)
            return signed_in
        if page in PAGES:
            public: SiteAnswer = getattr(self, page)(visitor, typed)
            return public
        return SiteAnswer(text="no such page", status=404)

    def _session_key(self, visitor: str, typed: Mapping[str, str]) -> str:
        if self.defect == "session reopened":
            return sha256(f"{visitor} {sorted(typed.items())}".encode()).hexdigest()
        return token_hex(16)

    # ── The password ─────────────────────────────────────────────────────────────────────────────────────

    def start(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Accept the address that a voter types."""
        if "login" in typed:
            visitor.email = typed["login"]
            return SiteAnswer(to="/enter")
        return SiteAnswer("start", '<form action="/"><input name="login"></form>')

    def enter(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Sign the voter in, or mail a link."""
        if not visitor.email:
            return SiteAnswer(to="/")
        person = self.people.get(visitor.email)
        if typed.get("do") == "lost":
            if person is not None:
                self._ask(person)
            return SiteAnswer(to="/sent")
        if typed.get("do") == "login":
            if self.defect == "guesses keep out" and self.guesses > MOST_GUESSES and not visitor.sessions:
                return SiteAnswer(text="come back later", status=429)
            self.guesses += person is None
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
        if person.asks + person.confirmations > MOST_MAILS:
            return
        token = token_hex(16)
        self.links[token] = (person.voter.email, person.epoch, False)
        self._send("mail", person.voter.email, f"Choose a new password: http://small.example/r/{token}")

    def sent(self, _visitor: SiteRecordOfBrowserCookie, _typed: Mapping[str, str]) -> SiteAnswer:
        """Say that a link was mailed if the address is known."""
        return SiteAnswer("sent", "look into your mailbox")

    def desk(self, _visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        """Pass a request on to the helpdesk, and confirm it by mail."""
        if "topic" not in typed:
            inputs = "".join(f'<input name="{each}">' for each in ("mailto", "topic", "reply"))
            return SiteAnswer("desk", f"<form>{inputs}</form>")
        person = self.people.get(typed.get("mailto", ""))
        if person is not None:
            self._ask_desk(person, {"topic": typed["topic"], "reply": typed.get("reply", "")})
        return SiteAnswer(to="/noted")

    def _ask_desk(self, person: SiteRecordOfVoter, request: dict[str, str]) -> None:
        if self.defect == "desk answer changed":
            person.desk = [each for each in person.desk if each["topic"] != request["topic"]]
        if self.defect != "desk requests dropped" or person.confirmations < MOST_ASKS:
            person.desk += [request] if request not in person.desk else []
        if self.defect == "confirmations uncounted" or person.asks + person.confirmations < MOST_MAILS // 2:
            person.confirmations += self.defect != "confirmations uncounted"
            self._send("mail", person.voter.email, "Your request to the desk is noted")

    def noted(self, _visitor: SiteRecordOfBrowserCookie, _typed: Mapping[str, str]) -> SiteAnswer:
        """Say that the request reaches the helpdesk if the address is known."""
        return SiteAnswer("noted", "the desk answers soon")

    def link(self, visitor: SiteRecordOfBrowserCookie, token: str) -> SiteAnswer:
        """Open a link, and store its token for the browser."""
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
        """Set a new password."""
        person = self._holder(visitor.token)
        if self.defect == "token unchecked":
            person = person or self.people.get(visitor.email)
        if person is None:
            return SiteAnswer(text="no link", status=403)
        if "p1" not in typed:
            return SiteAnswer("new", '<form><input name="p1"><input name="p2"></form>')
        if self.defect == "token raced":
            self.lock.release()
            time.sleep(0.02)
            self.lock.acquire()
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

    def done(self, visitor: SiteRecordOfBrowserCookie, _typed: Mapping[str, str]) -> SiteAnswer:
        """Say that the password has been set."""
        return SiteAnswer("done") if visitor.done else SiteAnswer(to="/")

    # ── The identifier ───────────────────────────────────────────────────────────────────────────────────

    def home(self, person: SiteRecordOfVoter, typed: Mapping[str, str]) -> SiteAnswer:
        """Show the voter's own page."""
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

    def who(self, person: SiteRecordOfVoter, typed: Mapping[str, str]) -> SiteAnswer:
        """Compare the birth date and the number, and send a code."""
        if not person.case:
            return SiteAnswer(to="/home")
        if person.code or person.ready:
            return SiteAnswer(to="/ready" if person.ready else "/code")
        if "tel" not in typed:
            return SiteAnswer("who", _form("who", person.case))
        born = "-".join(typed.get(each, "") for each in ("y", "m", "d"))
        if person.left["who"] <= 0:
            return SiteAnswer(text="come back later", status=429)
        if (born, typed.get("id")) != (person.voter.birth_date, person.voter.numen):
            return self._wrong(person, "who", person)
        person.code, person.phone = f"{randbelow(10**6):06d}", typed["tel"]
        self.codes.add(person.code)
        self._send("sms", person.phone, f"code {person.code}")
        return SiteAnswer(to="/code")

    def code(self, person: SiteRecordOfVoter, typed: Mapping[str, str]) -> SiteAnswer:
        """Compare the code, and send the identifier."""
        if not person.code:
            return SiteAnswer(to="/who")
        named = next((it for it in self.people.values() if it.case and it.case == typed.get("case")), person)
        shown = named if self.defect == "case shown" else person
        if "pin" not in typed:
            return SiteAnswer("code", _form("code", shown.case))
        if person.left["code"] <= 0:
            return SiteAnswer(text="come back later", status=429)
        unchecked = self.defect == "code unchecked" or (self.defect == "code of another" and typed["pin"] in self.codes)
        if typed["pin"] != person.code and not unchecked:
            return self._wrong(named if self.defect == "tries of another" else person, "code", shown)
        self._order(person)
        if self.defect == "re-issue of another" and named is not person:
            named.identifiers += 1
        return SiteAnswer(to="/ready")

    def _order(self, person: SiteRecordOfVoter) -> None:
        person.ready, person.code = True, ""
        person.identifiers += 1
        self._send("sms", person.phone, f"identifier V-{randbelow(10**8):08d}")

    def ready(self, person: SiteRecordOfVoter, _typed: Mapping[str, str]) -> SiteAnswer:
        """Say that the identifier has been sent."""
        if person.code and self.defect == "step skipped":
            self._order(person)
        return SiteAnswer("ready", f'<b class="dossier">{person.case}</b>') if person.ready else SiteAnswer(to="/home")

    def _wrong(self, person: SiteRecordOfVoter, step: str, shown: SiteRecordOfVoter) -> SiteAnswer:
        person.left[step] -= 1
        return SiteAnswer(step, _form(step, shown.case, f"<p>{person.left[step]} tries are left</p>"), 422)

    def _send(self, channel: str, to: str, text: str) -> None:
        at = datetime.now(UTC).isoformat()
        message = {"id": str(len(self.messages)), "channel": channel, "to": to, "subject": "", "text": text}
        self.messages.insert(0, {**message, "html": "", "at": at, "status": "delivered"})


def _form(step: str, case: str, text: str = "") -> str:
    inputs = "".join(f'<input name="{each}">' for each in FIELDS[step])
    return f'<b class="dossier">{case}</b>{text}<form>{inputs}</form>'


def fictional_voter(number: int) -> FictionalVoter:
    return FictionalVoter(
        email=f"voter.{number}@small.example",
        birth_date=f"19{60 + number % 40}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        numen=f"01E{number:07d}ABC",
        phone=f"+3361260{number:04d}",
        first_name=f"First{number:03d}",
        last_name=f"Last{number:03d}",
    )
