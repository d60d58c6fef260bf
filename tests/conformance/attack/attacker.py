"""An attacker who sends requests with browsers, accounts and everything seen so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import sleep
from urllib.parse import urlencode, urljoin

from tests.conformance.attack.attacker_account import AttackerAccount
from tests.conformance.attack.attacker_knowledge import AttackerKnowledge
from tests.conformance.attack.recording_browser import RecordingBrowser, fields_of, with_query
from tests.conformance.raw_http import PreparedRequest, path_of

BROWSERS, NEW_BROWSER = 4, 0.1
GOES_HOME, GOES_ON, OLD, READS = 0.6, 0.7, 0.3, 0.2
"""Probabilities of four actions of the attacker.

The attacker leaves a refusal, follows the usual way, tampers with an old request, or reads their own mail.
"""
LIES, LIES_AT_CODE = 0.06, 0.4
"""Probabilities that the attacker types a false value, first for most fields and then for security codes."""
REMEMBERED, REMEMBERED_SIGN_INS = 60, 6
"""Number of requests, and number of sign-ins among them, that the attacker keeps for replays."""
LOOKS, SECONDS_BETWEEN = 3, 0.02
"""Number of times that the attacker checks for their own mails and SMS, and the pause between two checks in seconds."""


@dataclass
class Attacker(AttackerKnowledge):
    """One attacker, with browsers, accounts and old requests.

    Every method that returns a request chooses it at random with `random`.
    """

    clients: list[RecordingBrowser] = field(default_factory=list)
    _owners: dict[int, AttackerAccount] = field(default_factory=dict)
    """For each browser, the account whose true values are typed in it."""
    sign_ins_left: int = 0
    """Number of passwords that the attacker may still try.

    Attempts are expensive for the product, and a few are enough.
    """
    requests: list[PreparedRequest] = field(default_factory=list)
    sign_ins: list[PreparedRequest] = field(default_factory=list)

    def use_account(self, client: RecordingBrowser, account: AttackerAccount) -> None:
        """Add a browser in which the values of an account are typed."""
        self.clients.append(client)
        self._owners[id(client)] = account

    def pick_browser(self) -> RecordingBrowser:
        """Return a new browser or one that has been used before."""
        if len(self.clients) < BROWSERS or self.random.random() < NEW_BROWSER:
            for old in self.clients[BROWSERS - 1 :]:
                old.close()
            self.clients[BROWSERS - 1 :] = []
            self.use_account(RecordingBrowser(self.product.url), self.random.choice(self.accounts))
        return self.random.choice(self.clients)

    def owner_of(self, client: RecordingBrowser) -> AttackerAccount:
        """Return the account whose true values are typed in a browser."""
        return self._owners[id(client)]

    # ── Requests ─────────────────────────────────────────────────────────────────────────────────────────

    def answer_page(self, client: RecordingBrowser) -> PreparedRequest:
        """Answer the page in the browser, usually with true values."""
        step, account = self.adapter.step(client.page), self.owner_of(client)
        if step == self.adapter.mail_asked and self.random.random() < 0.8:
            return self.open_newest_link(account)
        if step == self.adapter.code_asked:
            self.read_new_messages(lambda: account.read_sms(self.product, self.adapter), lambda: bool(account.codes))
        answers = self.adapter.answers_by_step.get(step, [])
        if not answers or client.page is None:
            return PreparedRequest("GET", self.adapter.home if self.random.random() < GOES_HOME else self.adapter.first)
        template = self._next(step, answers, account)
        if "{password}" in template.values():
            if self.sign_ins_left:
                self.sign_ins_left -= 1
            else:
                template = self.adapter.password_way.get(step, {})
        typed = self.fill_template(
            template, account, lie_probability=LIES_AT_CODE if step == self.adapter.code_asked else LIES
        )
        form = client.page.find_form(typed)
        hidden = {} if form is None else form.inputs
        action = self.paths.get(step, "/") if form is None else path_of(urljoin(client.page.url, form.action))
        return self.build_form(action, {**hidden, **typed})

    def answer_for_another_account(self, client: RecordingBrowser) -> PreparedRequest:
        """Answer the page with fields that name another voter or another voter's case."""
        request = self.answer_page(client)
        if request.method != "POST":
            return replace(request, path=with_query(request.path, self.foreign_fields()))
        return replace(request, body={**fields_of(request), **self.foreign_fields()})

    def _next(self, step: str, answers: Sequence[Mapping[str, str]], account: AttackerAccount) -> Mapping[str, str]:
        """Return the form that leads on from a step. Sometimes return another form of the step."""
        way = self.adapter.identifier_way if account.password else self.adapter.password_way
        if step in way and self.random.random() < GOES_ON:
            return way[step]
        return self.random.choice(answers)

    def send_form_out_of_order(self, step: str, client: RecordingBrowser) -> PreparedRequest:
        """Send the form of any step, with the hidden fields of another page."""
        account = self.owner_of(client)
        typed = self.fill_template(
            self.random.choice(self.adapter.answers_by_step[step] or [{}]), account, lie_probability=0.3
        )
        hidden: dict[str, str] = {}
        seen = [each.page for each in self.clients if each.page is not None and each.page.forms]
        if seen and self.random.random() < 0.5:
            form = self.random.choice(self.random.choice(seen).forms)
            hidden = {name: value for name, value in form.inputs.items() if name not in self.adapter.role_by_input}
        if self.random.random() < 0.4:
            hidden |= self.foreign_fields()
        return self.build_form(self.paths.get(step, "/"), {**hidden, **typed})

    def ask_desk_for_victim(self, client: RecordingBrowser) -> PreparedRequest:
        """Ask the helpdesk something in the name of the victim."""
        step, victim = self.adapter.desk_step, self.victims[-1]
        if not self.adapter.desk_way:
            return self.open_page(client)
        template = self.random.choice(self.adapter.answers_by_step[step])
        return self.build_form(
            self.paths.get(step, "/"), {name: text.format(email=victim.voter.email) for name, text in template.items()}
        )

    def open_page(self, _client: RecordingBrowser) -> PreparedRequest:
        """Open a random page of the site."""
        return PreparedRequest("GET", self.random.choice([self.adapter.first, self.adapter.home, *self.paths.values()]))

    def open_newest_link(self, account: AttackerAccount) -> PreparedRequest:
        """Open the newest link that was mailed to one of the attacker's accounts."""
        there = len(account.links)
        self.read_new_messages(
            lambda: account.read_mail(self.product, self.adapter), lambda: len(account.links) > there
        )
        found = [each for each in account.addresses if each.rpartition("/")[2] in account.links]
        return PreparedRequest("GET", path_of(found[-1]) if found else self.adapter.first)

    def open_chosen_link(self, _client: RecordingBrowser) -> PreparedRequest:
        """Open a random link. It may be used, altered, of another kind, or a used link of a victim."""
        account = self.random.choice(self.accounts)
        if self.random.random() < READS:
            account.read_mail(self.product, self.adapter)
        spent = [each for victim in self.victims for each in victim.spent_links]
        known = [*account.addresses, *account.addresses[-1:] * 3, *spent]
        if not known:
            return self.open_page(_client)
        address = path_of(self.random.choice(known))
        if self.random.random() < 0.6:
            return PreparedRequest("GET", address)
        place, _, token = address.rpartition("/")
        return PreparedRequest("GET", f"{place}/{self.altered_secret(token)}")

    def replay(self, client: RecordingBrowser) -> PreparedRequest:
        """Send an old request again, with its old cookies or with the present ones."""
        if not self.requests:
            return self.open_page(client)
        request = self.random.choice(self.requests)
        if self.random.random() < 0.5:
            return request
        return replace(request, headers={name: each for name, each in request.headers.items() if name != "Cookie"})

    def repeat_sign_in(self, client: RecordingBrowser) -> PreparedRequest:
        """Send an old sign-in again, even if its session has ended."""
        return self.random.choice(self.sign_ins) if self.sign_ins else self.open_page(client)

    def send_tampered(self, client: RecordingBrowser) -> PreparedRequest:
        """Answer the page with one changed part of the request."""
        request = self.replay(client) if self.random.random() < OLD else self.answer_page(client)
        match self.random.choice(["cookie", "no cookie", "path", "fields", "fields", "fields"]):
            case "cookie" if client.held:
                return request.with_headers({"Cookie": self._wrong_cookies(client)})
            case "no cookie":
                return request.with_headers({"Cookie": ""})
            case "path":
                return replace(request, path=self.random.choice(sorted(self.paths.values())))
            case _:
                return self._wrong_fields(request)

    def _wrong_cookies(self, client: RecordingBrowser) -> str:
        """Return the cookies of a browser, one of which is altered or replaced."""
        held = client.held
        name, other = self.random.choice(sorted(held)), self.random.choice(sorted(held.values()))
        held[name] = self.random.choice([self.altered_secret(held[name]), other])
        return "; ".join(f"{key}={value}" for key, value in held.items())

    def _wrong_fields(self, request: PreparedRequest) -> PreparedRequest:
        typed = fields_of(request)
        if request.method != "POST":
            return replace(request, path=with_query(request.path, self.foreign_fields()))
        match self.random.choice(["twice", "typed", "hidden"]):
            case "twice":
                pairs = [*typed.items(), *self.foreign_fields().items(), *typed.items()]
                return replace(request, body=urlencode(pairs).encode())
            case "typed" if typed:
                name = self.random.choice(sorted(typed))
                return replace(request, body={**typed, name: self.altered_secret(typed[name])})
            case _:
                return replace(request, body={**typed, **self.foreign_fields()})

    def send_other_method(self, client: RecordingBrowser) -> PreparedRequest:
        """Send a request with a method other than GET and POST to a page or link."""
        request = self.random.choice([self.open_chosen_link, self.open_page])(client)
        return replace(request, method=self.random.choice(["HEAD", "PUT", "DELETE", "OPTIONS"]))

    def use_other_cookies(self, client: RecordingBrowser) -> PreparedRequest:
        """Open a page with the cookies of another browser or of a session that has ended."""
        spent = [each for victim in self.victims for each in victim.spent_cookies]
        jars = [each.cookies_held for each in self.clients] + spent
        client.set_cookies(
            client.cookies_held | self.random.choice(jars) if self.random.random() < 0.5 else self.random.choice(jars)
        )
        return PreparedRequest("GET", self.adapter.home)

    def build_form(self, path: str, typed: Mapping[str, str]) -> PreparedRequest:
        return PreparedRequest("POST", path_of(path), dict(typed), {"Origin": self.product.url})

    def remember_request(self, client: RecordingBrowser, request: PreparedRequest) -> None:
        """Remember a request and its cookies, so that it can be sent again."""
        kept = request if "Cookie" in request.headers else request.with_headers({"Cookie": client.cookie_header})
        self.requests = [*self.requests, kept][-REMEMBERED:]
        if any(self.adapter.role_by_input.get(name) == "password" for name in fields_of(request)):
            self.sign_ins = [*self.sign_ins, kept][-REMEMBERED_SIGN_INS:]

    def read_new_messages(self, read: Callable[[], None], has_new_messages: Callable[[], bool]) -> None:
        """Wait a moment for messages to the attacker's own mailbox or telephone."""
        for _ in range(LOOKS):
            read()
            if has_new_messages():
                return
            sleep(SECONDS_BETWEEN)

    @property
    def actions_by_name(self) -> Mapping[str, Callable[[RecordingBrowser], PreparedRequest]]:
        """Return the actions from which the attacker chooses, by name."""
        posts = {f"post {step}": partial(self.send_form_out_of_order, step) for step in self.adapter.pages}
        return {
            "answer": self.answer_page,
            "foreign": self.answer_for_another_account,
            "open": self.open_page,
            "link": self.open_chosen_link,
            "replay": self.replay,
            "repeat sign-in": self.repeat_sign_in,
            "tamper": self.send_tampered,
            "cookies": self.use_other_cookies,
            "method": self.send_other_method,
            "desk": self.ask_desk_for_victim,
            **posts,
        }
