"""The commands in the operators' documents work, and print what the documents show.

They run on copies of this machine. If a block of commands cannot run there, a comment before it says why: `<!-- not
run: the reason -->`.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from demo.fictional_voters import fictional_people, write_roll
from tests.support.certificate import write_certificate
from tests.support.networks import ip, network
from tests.support.postgres import BINARIES
from tests.support.product import eventually
from tests.support.throwaway_machine import ROOT, Machine, throwaway_machine

BLOCK = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<mark>not run|edit): (?P<what>.+?) -->\n *)?"
    r"```(?P<kind>console|toml)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
SECTION_OF_SETTINGS = re.compile(r"^(?=\[)", re.MULTILINE)
PROMPT = re.compile(r"(?P<host>[a-z]+\d)?(?P<account>[$#]) (?P<command>.+)")
ADDRESSES = {"host1": "192.0.2.1", "host2": "192.0.2.2", "db1": "192.0.2.11"}
NOTHING_ANSWERS = ("192.0.2.12", "192.0.2.13")
"""Addresses of the other database machines. The machine that runs refuses connections to them."""
ON_EACH_HOST = (
    "### 6. Put nginx before the site",
    "### 7. Let Postfix send the mails, and take back those that return",
)
ON_ONE_HOST = (
    "### 2. Create the election",
    "### 3. Write the settings",
    "### 4. Import the roll",
    "### 5. Start the programs",
    "### 7. Let Postfix send the mails, and take back those that return",
    "### 8. Let agents in through ssh",
)
MORE_ON_ONE_HOST = {
    "keys.md": ("## Put the master key back, and take it away", "## Replace the keys on one host"),
    "hosts.md": ("## Change the settings", "## Restart a host", "## Upgrade to a new version"),
}
ON_SEVERAL_HOSTS = {"keys.md": "## Replace the keys on several hosts", "hosts.md": "## Add a host"}
OPERATORS = (
    "install.md",
    "database.md",
    "hosts.md",
    "keys.md",
    "backup.md",
    "roll.md",
    "agents.md",
    "watching.md",
    "incidents.md",
)
LOOKS = ("curl ", "postqueue ", "retrouve doctor", "retrouve journal verify ")
"""Commands that show how far something is. Readers repeat them."""
PATIENCE = 180
CERTIFICATE = "/etc/letsencrypt/live/vote.example/fullchain.pem"
TRUSTED = {"CURL_CA_BUNDLE": CERTIFICATE, "SSL_CERT_FILE": CERTIFICATE}
PACKAGE = f"""
set -e
install -m 644 {ROOT}/deploy/systemd/* /usr/lib/systemd/system/
install -m 644 {ROOT}/deploy/sysusers.d/retrouve.conf /usr/lib/sysusers.d/
install -m 644 {ROOT}/deploy/tmpfiles.d/retrouve.conf /usr/lib/tmpfiles.d/
mkdir -p /usr/share/doc/retrouve
cp -r {ROOT}/deploy {ROOT}/docs /usr/share/doc/retrouve/
sh {ROOT}/deploy/debian/postinst configure
"""
SURROUNDINGS = f"""
set -e
install -m 755 {ROOT}/tests/support/systemctl.py /usr/local/bin/systemctl
mkdir -p -m 755 /run/sshd /media/safe /etc/letsencrypt/live/vote.example /etc/ssh/sshd_config.d
ssh-keygen -q -A
echo 127.0.0.1 vote.example >> /etc/hosts
postconf -e maillog_file=/var/log/postfix.log 'default_transport = discard:' 'always_bcc = bin'
echo secret > /root/relay.password
"""
DATABASE = f"""
set -e
mkdir -p /tmp/patroni /etc/patroni /var/run/postgresql
cp {ROOT}/deploy/patroni/* /tmp/patroni/
chown postgres /var/run/postgresql
as_postgres="runuser -u postgres -- {BINARIES}"
folder=/var/lib/postgresql/17/retrouve
$as_postgres/initdb --no-sync --data-checksums --encoding=UTF8 --locale=C -D $folder >/dev/null
echo 'host all all samenet scram-sha-256' >> $folder/pg_hba.conf
$as_postgres/pg_ctl -w -D $folder -l /tmp/log -o '-c listen_addresses={ADDRESSES["db1"]} -c fsync=off' start >/dev/null
"""
"""Script that starts the database machine: one PostgreSQL, without Patroni.

tests/drill runs Patroni with the same files.
"""


@dataclass
class Command:
    """A command in a document, with the output that the document shows."""

    host: str
    account: str
    text: str
    printed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Edit:
    """Settings that a document tells the reader to write into a file."""

    file: str
    text: str


def steps(text: str) -> Iterator[Command | Edit]:
    """Yield what a document tells the reader to do, in order."""
    for block in BLOCK.finditer(text):
        match block["mark"], block["kind"]:
            case "not run", _:
                continue
            case "edit", "toml":
                yield Edit(block["what"], dedent(block["text"]))
            case None, "console":
                yield from commands(dedent(block["text"]))


def commands(text: str) -> list[Command]:
    found: list[Command] = []
    for line in text.splitlines():
        prompt = PROMPT.fullmatch(line)
        if prompt is None and found[-1].text.endswith("\\"):
            found[-1].text += f"\n{line}"
            continue
        if prompt is None:
            found[-1].printed.append(line)
            continue
        host = prompt["host"] or "host1"
        own = "postgres" if host.startswith("db") else "retrouve"
        found.append(Command(host, "root" if prompt["account"] == "#" else own, prompt["command"]))
    return found


def as_printed(printed: Sequence[str], output: str) -> bool:
    """Return whether the output is what the document shows.

    A line `…` in the document stands for any lines, and `…` in a line for any words.
    """
    pattern = "".join("(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in printed)
    lines = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    return not printed or re.fullmatch(pattern, lines) is not None


def edited(settings: str, wanted: str) -> str:
    """Return the settings after replacing the lines that have the same names in the same sections."""
    parts = SECTION_OF_SETTINGS.split(settings)
    for change in SECTION_OF_SETTINGS.split(wanted):
        head, *lines = change.splitlines() or [""]
        place = next((number for number, part in enumerate(parts) if head and part.startswith(f"{head}\n")), 0)
        for line in filter(None, lines):
            name = line.partition(" = ")[0]
            others = re.sub(rf"^(# (\w+ : )?)?{name} = .*\n", "", parts[place], flags=re.MULTILINE)
            parts[place] = f"{others.rstrip()}\n{line}\n\n"
    return "".join(parts)


def play(text: str, hosts: dict[str, Machine], instead_of_host1: str = "host1") -> None:
    """Do what a text says. Its commands must succeed, and print what the text shows."""
    for step in steps(text):
        match step:
            case Edit():
                host = hosts[instead_of_host1]
                host.write(step.file, edited(host.run(f"cat {step.file}").stdout, step.text))
            case Command():
                run(hosts[instead_of_host1 if step.host == "host1" else step.host], step)


def run(host: Machine, step: Command) -> None:
    """Run a command. It must succeed and print what is printed, some seconds later if it only looks."""
    deadline = time.monotonic() + (PATIENCE if step.text.startswith(LOOKS) else 0)
    while True:
        ended = host.run(shell(step.host) + step.text, step.account, **TRUSTED)
        if ended.returncode == 0 and as_printed(step.printed, ended.stdout):
            return
        assert time.monotonic() < deadline, f"{step.text} ended with {ended.returncode} and printed\n{ended.stdout}"
        time.sleep(1)


def shell(host: str) -> str:
    """Return what a shell on that host reads first, as soon as its file exists."""
    on_hosts, on_database_machines = re.findall(r"^```sh\n(.+?)^```", document("install.md"), re.MULTILINE | re.DOTALL)
    reads = on_database_machines if host.startswith("db") else on_hosts
    (file,) = re.findall(r"\. (/\S+);", reads)
    return f"if [ -r {file} ]; then {reads}fi\n"


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    """Return a section of a document, including its subsections."""
    level = heading.partition(" ")[0]
    text = document(name).partition(f"\n{heading}\n")[2]
    return re.split(rf"^#{{1,{len(level)}}} (?=[A-Z0-9])", text, maxsplit=1, flags=re.MULTILINE)[0]


@contextmanager
def machines(*names: str) -> Iterator[dict[str, Machine]]:
    """Make copies of this machine that reach each other at the addresses in the documents."""
    with ExitStack() as stack:
        around = stack.enter_context(network(len(names)))
        made = {}
        for name, place in zip(names, around.places, strict=True):
            for address in (ADDRESSES[name], *(NOTHING_ANSWERS if name == "db1" else ())):
                ip("-n", place.inside[-1], "address", "add", f"{address}/24", "dev", "eth0")
            made[name] = stack.enter_context(throwaway_machine(name, place))
        yield made


def install_packages(host: Machine) -> None:
    """Install what the Debian packages contain, and give the host a certificate and an electoral roll."""
    host.do(PACKAGE)
    host.do(SURROUNDINGS)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_certificate("vote.example", folder / "fullchain.pem", folder / "privkey.pem")
        write_roll(fictional_people(20, 1), folder / "roll.csv")
        for name in ("fullchain.pem", "privkey.pem"):
            host.write(f"/etc/letsencrypt/live/vote.example/{name}", (folder / name).read_bytes())
        host.write("/root/roll.csv", (folder / "roll.csv").read_bytes())


def let_root_sign_in(client: Machine, server: Machine) -> None:
    """Let root of one machine open a shell on another machine."""
    client.do("ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519")
    client.do("printf 'StrictHostKeyChecking no\nLogLevel ERROR\n' > /root/.ssh/config")
    server.do("mkdir -p -m 700 /root/.ssh")
    server.write("/root/.ssh/authorized_keys", client.run("cat /root/.ssh/id_ed25519.pub").stdout)
    server.do("/usr/sbin/sshd")


def save_last_mail_of_board(host: Machine) -> None:
    """Save the last checkpoint that Postfix has sent to the board, as the board does when it is asked for it."""

    def last() -> str:
        mails = re.split(r"^From .+\n", host.run("cat /var/mail/bin").stdout, flags=re.MULTILINE)
        return next((mail for mail in reversed(mails) if "retrouve-checkpoint 1" in mail), "")

    host.write("/root/last.eml", eventually(last, "a mail to the board"))


def test_an_operator_installs_two_hosts() -> None:
    """The commands for the installation lead from nothing to two hosts that share a PostgreSQL database."""
    with machines("host1", "host2", "db1") as made:
        for host in (made["host1"], made["host2"]):
            install_packages(host)
        made["db1"].do(DATABASE)
        let_root_sign_in(made["host1"], made["host2"])

        play(document("install.md"), made)
        until_proxy, after_proxy = section("hosts.md", ON_SEVERAL_HOSTS["hosts.md"]).split("\n4. ")
        play(until_proxy, made)
        for heading in ON_EACH_HOST:
            play(section("install.md", heading), made, "host2")
        play(after_proxy, made)
        play(section("keys.md", ON_SEVERAL_HOSTS["keys.md"]), made)
        play(document("database.md"), made)
        play(document("incidents.md"), made)


def test_an_operator_runs_a_host() -> None:
    """The commands about the roll, agents, keys, backups, settings and monitoring work on an installed host."""
    with throwaway_machine("host1") as host:
        install_packages(host)
        host.do("ssh-keygen -q -t ed25519 -N '' -f /root/camille")
        host.do("sed 's/;Camille;/;Camile;/' /root/roll.csv > /tmp/corrected.csv")
        made = {"host1": host}
        for heading in ON_ONE_HOST:
            play(section("install.md", heading), made)
        host.do("install -o retrouve -m 600 /tmp/corrected.csv /srv/election/corrected.csv")

        for name in ("roll.md", "agents.md", "watching.md"):
            play(document(name), made)
        for name, headings in MORE_ON_ONE_HOST.items():
            for heading in headings:
                play(section(name, heading), made)
        until_restoring, restoring = re.split(r"^(?=## Restore )", document("backup.md"), flags=re.MULTILINE)
        play(until_restoring, made)
        save_last_mail_of_board(host)
        play(restoring, made)


def test_each_block_is_run_or_says_why_not() -> None:
    """No block has a form that these tests do not know, and the sections that no test runs have only blocks that say why."""
    for name in OPERATORS:
        text = document(name)
        known = [block.start("kind") for block in BLOCK.finditer(text)]
        written = [found.end() for found in re.finditer(r"^ *```(?=(?:console|toml)$)", text, re.MULTILINE)]
        assert written == known, name

    for name, headings in MORE_ON_ONE_HOST.items():
        rest = document(name)
        for heading in (*headings, ON_SEVERAL_HOSTS[name]):
            rest = rest.replace(section(name, heading), "")
        assert list(steps(rest)) == [], name


def test_links_lead_to_a_page_and_a_section() -> None:
    """Every link from one page for operators to another leads to an existing section."""
    for name in OPERATORS:
        for page, place in re.findall(r"\]\((\w+\.md)?(?:#([\w-]+))?\)", document(name)):
            assert place in {"", *anchors(document(page or name))}, (name, page, place)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes from the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
