"""The folder of a demo: what `init` makes, with a fictional election and fictional voters in it."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pyotp

from cli.fiction import Person, fictional_people, write_roll
from cli.init import make_folder
from cli.roll import import_roll
from core import bootstrap
from core.adapters import demo_agents
from core.adapters.entropy import SystemEntropy
from core.i18n import say
from core.ports import Entropy, Role
from core.text import Language
from core.words import demo_run as words

ROLL_FILE = "roll.csv"
VOTERS_FILE = bootstrap.DEMO_VOTERS
MAILBOX_FILE = "mailbox.sqlite3"
TELEPHONE_FILE = "telephones.sqlite3"
SMS_SECRET_FILE = "sms.secret"
LOG_FOLDER = "logs"
SEED = 2018
SECRET_BYTES = 16
AGENTS = {"camille": Role.AGENT, "dominique": Role.SUPERVISOR, "claude": Role.AUDITOR}
AGENT_PASSWORD = "Quatre sabots verts 17"
"""Opens nothing but demos."""
BEFORE, UNTIL_VOTE, UNTIL_CLOSE = timedelta(days=1), timedelta(days=7), timedelta(days=14)
SETTINGS = """\
# Fictional election of `retrouve demo`. The ports and the site's address come with each start.
demo = true
demo_mailbox = "{mailbox}"
demo_telephones = "{telephones}"

[election]
name = "{name}"
site = "http://127.0.0.1:8000"
recovery_opens = {recovery_opens:%Y-%m-%dT%H:%M:%S}
vote_opens = {vote_opens:%Y-%m-%dT%H:%M:%S}
vote_closes = {vote_closes:%Y-%m-%dT%H:%M:%S}

[desk]
phone = "01 99 00 12 34"
hours = "{hours}"
hours_english = "{hours_english}"
email = "assistance@vote.example"

[board]
email = "bureau@vote.example"

[mail]
sender = "{sender} <ne-pas-repondre@vote.example>"

[[mail.relays]]
host = "127.0.0.1"
port = 2525
tls = "none"

[sms]
inbound_secret_file = "{secret}"

[[sms.gateways]]
url = "http://127.0.0.1:13013/cgi-bin/sendsms"
username = "retrouve"
password_file = "{secret}"
sender = "38000"
"""


def is_demo(folder: Path) -> bool:
    """Whether a demo was made there, whole: its voters are written last."""
    return (folder / VOTERS_FILE).exists()


def make_demo(folder: Path, voters: int, now: datetime) -> None:
    """Makes one of so many people. `now` is local time, where the election's calendar begins. Raises NotMade."""
    make_demo_of(list(fictional_people(voters, SEED)), folder, now)


def make_demo_of(
    people: Sequence[Person],
    folder: Path,
    now: datetime,
    entropy: Entropy | None = None,
    agents: Mapping[str, Role] = AGENTS,
) -> None:
    """Makes one of these people, with these agents; its key comes from `entropy`. Raises NotMade."""
    make_folder(folder, entropy or SystemEntropy())
    (folder / LOG_FOLDER).mkdir()
    _write_secret(folder / SMS_SECRET_FILE)
    (folder / "election.toml").write_text(_settings(now), encoding="utf-8")
    write_roll(people, folder / ROLL_FILE)
    house = bootstrap.open_house(folder)
    import_roll(folder / ROLL_FILE, house.tools, house.pseudonyms, scratch=folder, wanted=True, echo=lambda _line: None)
    demo_agents.write(folder, [_agent(house, name, role) for name, role in agents.items()])
    house.close()
    _write_voters(people, folder / VOTERS_FILE)


def _write_secret(path: Path) -> None:
    """Shared by the site and its gateway: the password of what we send, and the secret of what comes back."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(SECRET_BYTES) + "\n", encoding="utf-8")


def _agent(house: bootstrap.House, name: str, role: Role) -> demo_agents.DemoAgent:
    """Someone at the desk who has chosen a password already, without a code used up: the demo's clock may be another."""
    given = house.desk.roster.add(name, role)
    assert given is not None  # noqa: S101  # the folder is new
    with house.store.write() as transaction:
        agent = transaction.agents.by_name(name)
        assert agent is not None  # noqa: S101  # likewise
        hashed = house.tools.hasher.hash(AGENT_PASSWORD)
        transaction.agents.choose_password(agent.id, hashed, epoch=agent.epoch)
    secret = pyotp.parse_uri(given.secret_uri).secret
    return demo_agents.DemoAgent(name=name, role=role, password=AGENT_PASSWORD, secret=secret)


def _settings(now: datetime) -> str:
    hour = now.replace(minute=0, second=0, microsecond=0)
    return SETTINGS.format(
        mailbox=MAILBOX_FILE,
        telephones=TELEPHONE_FILE,
        secret=SMS_SECRET_FILE,
        name=say(words.ELECTION, Language.FRENCH),
        sender=say(words.SENDER, Language.FRENCH),
        hours=say(words.DESK_HOURS, Language.FRENCH),
        hours_english=say(words.DESK_HOURS, Language.ENGLISH),
        recovery_opens=hour - BEFORE,
        vote_opens=hour + UNTIL_VOTE,
        vote_closes=hour + UNTIL_CLOSE,
    )


def _write_voters(people: Sequence[Person], path: Path) -> None:
    """One voter a line, so that the page about them reads only as many as it shows."""
    with path.open("w", encoding="utf-8") as file:
        for person in people:
            file.write(json.dumps(_known_to_a_caller(person), ensure_ascii=False) + "\n")


def _known_to_a_caller(person: Person) -> dict[str, str]:
    return {
        "email": person.email,
        "birth_date": person.birth_date.isoformat(),
        "numen": person.numen,
        "phone": person.phone,
        "last_name": person.last_name,
        "first_name": person.first_name,
        "academie": person.academie,
        "language": person.language.value,
    }


def first_voter(folder: Path) -> str:
    """The address to try first."""
    return _first(folder)["email"]


def first_voter_name(folder: Path) -> str:
    """Whose it is."""
    first = _first(folder)
    return f"{first['first_name']} {first['last_name']}"


def _first(folder: Path) -> dict[str, str]:
    with (folder / VOTERS_FILE).open(encoding="utf-8") as file:
        known: dict[str, str] = json.loads(next(islice(file, 1)))
    return known
