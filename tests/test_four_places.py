"""A limit, a roll column, a kind of gateway and a language can each be added in at most four files, which CONTRIBUTING.md lists.

Each test adds one to a copy of the product, and runs a program with it.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.adapters.sql.schema_version import DIGITS, HEAD

ROOT = Path(__file__).parent.parent
PACKAGES = ("cli", "core", "demo", "templates", "webhook")
MOST = 4
OPEN = """
from pathlib import Path
from cli.init import make_election_folder
from core.app.open_election_folder import open_services
folder = Path("election")
make_election_folder(folder)
"""


@dataclass(frozen=True)
class Addition:
    """An addition: new files, replacements in existing files, and a program that uses it."""

    heading: str
    """The heading in CONTRIBUTING.md."""
    edits: dict[str, tuple[str, ...]]
    """For each file, existing texts (none in a new file) and their replacements, in pairs."""
    program: str


LIMIT = Addition(
    heading="A limit",
    edits={
        "core/policy/policy.py": (
            "    password_unicode_letters: bool = False\n",
            "    password_unicode_letters: bool = False\n    password_minimum_digits: Count = 1\n",
        ),
        "core/flows/password_rules.py": (
            "counts=CharacterClass.DIGIT, minimum=1)",
            "counts=CharacterClass.DIGIT, minimum=policy.password_minimum_digits)",
        ),
        "core/election.toml": (
            "# password_maximum_length = 24\n",
            "# password_maximum_length = 24\n# Ses chiffres, au moins.\n# password_minimum_digits = 1\n",
        ),
    },
    program=OPEN
    + """
import os
from core.app.settings import SettingsRefused
from core.flows.password_rules import password_criteria
assert password_criteria(open_services(folder).policy)[-1].minimum == 1
os.environ["RETROUVE_POLICY__PASSWORD_MINIMUM_DIGITS"] = "2"
assert password_criteria(open_services(folder).policy)[-1].minimum == 2
os.environ["RETROUVE_POLICY__PASSWORD_MINIMUM_DIGITS"] = "0"
try:
    open_services(folder)
except SettingsRefused:
    print("done")
""",
)
GATEWAY = Addition(
    heading="An SMS gateway of another kind",
    edits={
        "core/adapters/spool_gateway.py": (
            "",
            '''"""Hands SMS to a gateway that reads a folder."""

from pathlib import Path
from time import monotonic

from core.adapters.provider_failover import ProviderConnection


class SpoolGateway(ProviderConnection):
    """The folder of its section: a file an SMS."""

    def __init__(self, section, _report_to, _clock):
        super().__init__("spool", monotonic)
        self.folder = Path(section.username)

    def redact(self, words, _sms):
        return words

    def close(self):
        pass

    def _deliver(self, sms):
        (self.folder / sms.message_id).write_text(sms.text)

    def _check_connection(self):
        pass
''',
        ),
        "core/app/settings/sections.py": ('    KANNEL = "kannel"\n', '    KANNEL = "kannel"\n    SPOOL = "spool"\n'),
        "core/app/courier_assembly.py": (
            "    GatewayKind.KANNEL: _kannel,\n",
            "    GatewayKind.KANNEL: _kannel,\n    GatewayKind.SPOOL: core.adapters.spool_gateway.SpoolGateway,\n",
            "import ssl\n",
            "import ssl\nimport core.adapters.spool_gateway\n",
        ),
    },
    program=OPEN
    + """
from datetime import UTC, datetime
from core.app.courier_assembly import sms_transport_of
from core.ports import SendAccepted, Sms
(folder / "word").write_text("none")
with (folder / "election.toml").open("a") as file:
    file.write('''
[[sms.gateways]]
kind = "spool"
url = "http://127.0.0.1/"
username = "."
password_file = "word"
sender = "38000"
''')
services = open_services(folder)
results = []
pool = sms_transport_of(services)
sms = Sms(recipient="+33612345678", text="Bonjour", message_id="code.1", useful_until=datetime.now(UTC))
pool.submit(sms, lambda future: results.append(future.result()))
while pool.busy:
    pool.wait_for_answer(10)
assert results == [SendAccepted("spool")], results
assert Path("code.1").read_text() == "Bonjour"
print("done")
""",
)
LANGUAGE = Addition(
    heading="A language",
    edits={
        "core/text/text.py": ('    ENGLISH = "en"\n', '    ENGLISH = "en"\n    GERMAN = "de"\n'),
        "core/text/language_facts.py": (
            "LANGUAGES: Mapping[Language, LanguageFacts] = {\n",
            """LANGUAGES: Mapping[Language, LanguageFacts] = {
    Language.GERMAN: LanguageFacts(
        autonym="Deutsch",
        tag="de-DE",
        roll_names=("de", "allemand", "deutsch"),
        moment_pattern="EEEE, d. MMMM y, HH:mm",
        kept_together=re.compile(r"(?<=[0-9][0-9]) (?=[0-9][0-9])"),
        ease_formula="Amstad",
        ease=(180.0, 1.0, 58.5),
        mute_ending=re.compile(r"(?!)"),
        discouraged=re.compile(r"(?!)"),
    ),
""",
        ),
        "core/locale/de/LC_MESSAGES/retrouve.po": (
            "",
            'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Continuer"\nmsgstr "Weiter"\n',
        ),
    },
    program=OPEN
    + """
from core.roll.cell_parsers import NAMED_LANGUAGES
from core.text.text import Language
from webhook.site_application import create_site
assert NAMED_LANGUAGES["deutsch"] is Language.GERMAN
client = create_site(open_services(folder)).test_client()
client.get("/?lang=de", base_url="http://localhost")
page = client.get("/", base_url="http://localhost").get_data(as_text=True)
assert 'lang="de"' in page and "Weiter" in page and "English" in page, page
print("done")
""",
)
NEXT = f"{int(HEAD) + 1:0{DIGITS}}"
COLUMN = Addition(
    heading="A roll column",
    edits={
        "core/roll/roll_columns.py": (
            '    FIRST_VERIFIER = "first_verifier"\n',
            '    FIRST_VERIFIER = "first_verifier"\n    SCHOOL = "school"\n',
            "COLUMNS: Mapping[RollColumn, ColumnDefinition] = {\n",
            """COLUMNS: Mapping[RollColumn, ColumnDefinition] = {
    RollColumn.SCHOOL: ColumnDefinition(
        name=N_("établissement"), headings="etablissement school", content=_NAME, parser=lambda _today: parse_plain_text
    ),
""",
        ),
        "core/ports/voters_search_and_roll.py": (
            "    first_verifier: str | None = None\n",
            "    first_verifier: str | None = None\n    school: str | None = None\n",
        ),
        "core/adapters/sql/tables.py": (
            '    Column("first_verifier", Text),\n',
            '    Column("first_verifier", Text),\n    Column("school", Text),\n',
        ),
        f"core/adapters/sql/migrations/versions/{NEXT}_school.py": (
            "",
            f'''"""Adds the school of a voter."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{HEAD}"


def upgrade() -> None:
    op.add_column("voters", sa.Column("school", sa.Text(), nullable=True))
''',
        ),
    },
    program=OPEN  # noqa: S608  # nobody's input
    + """
import sqlite3
from click.testing import CliRunner
from cli import main
Path("roll.csv").write_text(
    "courriel;nom;prénom;date de naissance;NUMEN;Établissement\\n"
    "camille.martin@ac-lumiere.example;Martin;Camille;31/12/1970;12A1234567ABC;Lycée Condorcet\\n"
)
result = CliRunner().invoke(main, ["roll", "import", "roll.csv", "--apply", "--dir", "election"], catch_exceptions=False)
assert result.exit_code == 0, result.output
assert sqlite3.connect(folder / "retrouve.sqlite3").execute("SELECT school FROM voters").fetchall() == [("Lycée Condorcet",)]
print("done")
""",
)
ADDITIONS = (LIMIT, COLUMN, GATEWAY, LANGUAGE)


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda each: each.heading)
def test_it_takes_at_most_four_places(addition: Addition, tmp_path: Path) -> None:
    """The addition takes at most four files, and the program works."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)  # with what is compiled
    for name, parts in addition.edits.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        source = file.read_text("utf-8") if parts[0] else ""
        for old, new in zip(parts[::2], parts[1::2], strict=True):
            assert source.count(old) == 1, (name, old)
            source = source.replace(old, new)
        file.write_text(source, "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", addition.program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert len(addition.edits) <= MOST
    assert run.stdout.splitlines()[-1:] == ["done"], run.stderr


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda each: each.heading)
def test_the_places_are_listed(addition: Addition) -> None:
    """CONTRIBUTING.md names these files under that heading, and at most four."""
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (listed,) = re.findall(rf"^- \*\*{addition.heading}\*\*: (.*?)(?=^- |\Z)", guide, re.MULTILINE | re.DOTALL)
    places = re.findall(r"`([\w./<>]+\.(?:py|toml|po))`", listed)

    assert len(places) <= MOST
    for name in addition.edits:
        assert any(re.fullmatch(re.sub(r"<\w+>", r"\\w+", place), name) for place in places), name
