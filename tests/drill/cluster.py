"""Patroni, etcd and PostgreSQL on three hosts or two, started from the files of deploy/patroni with other addresses and folders."""

import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from tests.support.disks import small_disk
from tests.support.postgres import USER
from tests.support.product import DidNotHappen, Place, descendants, eventually, put_down
from tests.support.product.processes import name_of

DEPLOY = Path(__file__).parent.parent.parent / "deploy/patroni"
PASSWORD = "Orage-calme-2018"
EXAMPLES = ["192.0.2.11", "192.0.2.12", "192.0.2.13"]
"""The addresses in the files of deploy/patroni."""
AS_POSTGRES = ("runuser", "-u", USER, "--")
REAPED = (sys.executable, str(Path(__file__).parent / "reap.py"))
DISK = "2g"
"""A node's disk. It holds what deploy/patroni keeps of the log (wal_keep_size), what max_wal_size adds, and a drill's rows."""
SECONDS_FOR_A_CLUSTER = 300
SECONDS_TO_START = 90
"""The time after which an operator looks at a standby that is still starting (docs/database.md, Repair a standby).

Patroni compares a former primary with the present one while PostgreSQL is stopped. Where no primary is known at that instant it is
started uncompared, waits for a log that nobody has, and is not compared again before Patroni is restarted.
"""
ANSWER_SECONDS, CONNECT_SECONDS = 3, 60


@dataclass
class Node:
    """A host with etcd, Patroni and PostgreSQL in that folder; `address` is where the others reach it."""

    name: str
    folder: Path
    address: str
    place: Place
    texts: dict[str, str]
    """The files of deploy/patroni, filled in for this host."""
    programs: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Return PostgreSQL's folder, on a disk of its own."""
        return self.folder / "disk/data"

    def start(self, program: str, *words: str, variables: str) -> None:
        """Start a program there, with the variables of that file."""
        lines = [line for line in self.texts[variables].splitlines() if line and not line.startswith("#")]
        with (self.folder / f"{program}.log").open("ab") as log:
            self.programs[program] = subprocess.Popen(
                [*self.place.inside, *REAPED, *AS_POSTGRES, program, *words],
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"} | dict(line.split("=", 1) for line in lines),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
            )

    def start_etcd(self) -> None:
        """Start etcd, anew or again."""
        self.start("etcd", variables="etcd.env")

    def start_patroni(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        self.start("patroni", str(self.folder / "patroni.yml"), variables="patroni.env")

    def stop_patroni(self) -> None:
        """Send SIGTERM to Patroni, which stops PostgreSQL and gives up its part."""
        program = self.programs["patroni"]
        os.kill(next(pid for pid in descendants(program.pid) if name_of(pid) == "patroni"), signal.SIGTERM)
        program.wait(SECONDS_FOR_A_CLUSTER)
        del self.programs["patroni"]

    def kill(self, program: str) -> None:
        """Send SIGKILL to a program and what it started."""
        put_down(self.programs.pop(program))

    @property
    def postmaster(self) -> int | None:
        """Return PostgreSQL's first process."""
        with suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().split()[0])
        return None

    def signal_postgres(self, number: signal.Signals) -> None:
        """Send that signal to every process of PostgreSQL, to the first one before the others."""
        first = self.postmaster
        for pid in [] if first is None else [first, *descendants(first)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def takes_writes(self) -> bool:
        """Return whether this node itself says that it is the primary."""
        with (
            suppress(OSError, HTTPException),
            urlopen(f"http://{self.address}:8008/primary", timeout=ANSWER_SECONDS) as answer,
        ):
            return bool(answer.status == 200)
        return False


@dataclass
class Cluster:
    """Nodes, of which the first have an etcd; `url` is the address that the product is given, as in deploy/patroni/retrouve.env."""

    nodes: list[Node]
    url: str

    @property
    def server(self) -> str:
        """Return the address for libpq, which leads to the primary."""
        return f"{self.url.replace('+psycopg', '')}&target_session_attrs=read-write&connect_timeout={CONNECT_SECONDS}"

    def members(self) -> list[dict[str, str]]:
        """Return the members with their roles, as the first node that answers knows them."""
        for node in self.nodes:
            with (
                suppress(OSError, HTTPException, ValueError),
                urlopen(f"http://{node.address}:8008/cluster", timeout=ANSWER_SECONDS) as answer,
            ):
                found: list[dict[str, str]] = json.load(answer)["members"]
                return found
        return []

    def with_role(self, role: str) -> Node | None:
        """Return the node that has that role: leader, sync_standby or replica."""
        named = [each["name"] for each in self.members() if each["role"] == role]
        return next((node for node in self.nodes if node.name in named), None)

    @property
    def primary(self) -> Node:
        """Return the node that takes writes."""
        return eventually(
            lambda: next((node for node in self.nodes if node.takes_writes), None), "a primary", SECONDS_FOR_A_CLUSTER
        )

    def is_whole(self) -> bool:
        """Return whether there is a primary, and all others follow it, one of them synchronously."""
        roles = sorted((each["role"], each["state"]) for each in self.members())
        others = [("replica", "streaming")] * (len(self.nodes) - 2)
        return roles == [("leader", "running"), *others, ("sync_standby", "streaming")]

    def wait_until_whole(self) -> None:
        """Wait until every node has its part; where one stays in starting, restart its Patroni, as the runbook says."""
        with suppress(DidNotHappen):
            eventually(self.is_whole, "a whole cluster", SECONDS_TO_START)
            return
        for name in [each["name"] for each in self.members() if each["state"] == "starting"]:
            node = next(node for node in self.nodes if node.name == name)
            node.stop_patroni()
            node.start_patroni()
        try:
            eventually(self.is_whole, "a whole cluster", SECONDS_FOR_A_CLUSTER)
        except DidNotHappen as never:
            members = f"{never}: {self.members()}"
            raise DidNotHappen(members) from never

    def switch_over(self) -> None:
        """Give the primary's part to the synchronous standby, as an operator does: stop Patroni on the primary, then start it."""
        before = self.primary
        self.leave(before)
        before.start_patroni()

    def leave(self, before: Node) -> None:
        """Stop Patroni on the primary, and wait until another node has its part."""
        before.stop_patroni()

        def moved() -> bool:
            return self.with_role("leader") not in (None, before)

        eventually(moved, "another primary", SECONDS_FOR_A_CLUSTER)


@contextmanager
def cluster(folder: Path, places: Sequence[Place], addresses: Sequence[str], etcds: int) -> Iterator[Cluster]:
    """Run a cluster on those hosts, with the database of deploy/patroni/database.sql and so many etcd."""
    with ExitStack() as stack:
        folder.mkdir(parents=True)
        nodes = [
            stack.enter_context(_node(folder / f"db{number + 1}", place, addresses, number, etcds))
            for number, place in enumerate(places)
        ]
        for node in nodes:
            stack.callback(_end, node)
        for node in nodes[:etcds]:
            node.start_etcd()
        for node in nodes:
            node.start_patroni()
        made = Cluster(nodes, _variable(nodes[0].texts["retrouve.env"], "RETROUVE_DATABASE_URL"))
        made.wait_until_whole()
        administrator = made.server.replace("retrouve:", "postgres:", 1).replace("/retrouve?", "/postgres?")
        subprocess.run(
            ["psql", "--quiet", "--set=ON_ERROR_STOP=1", administrator],
            input=nodes[0].texts["database.sql"],
            text=True,
            check=True,
        )
        yield made


@contextmanager
def _node(folder: Path, place: Place, addresses: Sequence[str], number: int, etcds: int) -> Iterator[Node]:
    folder.mkdir()
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    with small_disk(folder / "disk", DISK):
        texts = {file.name: _filled_in(file, folder, addresses, number, etcds) for file in DEPLOY.iterdir()}
        (folder / "patroni.yml").write_text(texts["patroni.yml"], "utf-8")
        owner = pwd.getpwnam(USER)
        for each in (folder, folder / "disk"):
            os.chown(each, owner.pw_uid, owner.pw_gid)
        yield Node(folder.name, folder, addresses[number], place, texts)


def _filled_in(file: Path, folder: Path, addresses: Sequence[str], number: int, etcds: int) -> str:
    """Return the file's text with the addresses, folders and passwords of the drill, and without a watchdog."""
    text = file.read_text("utf-8")
    filled = {
        ",".join(f"{each}:2379" for each in EXAMPLES): ",".join(f"{each}:2379" for each in addresses[:etcds]),
        _members(EXAMPLES): _members(addresses[:etcds]),
        ",".join(EXAMPLES): ",".join(addresses),
        "NAME=NAME": f"NAME={folder.name}",
        "ADDRESS:": f"{addresses[number]}:",
        "PASSWORD=PASSWORD": f"PASSWORD={PASSWORD}",
        ":PASSWORD@": f":{PASSWORD}@",
        "'PASSWORD'": f"'{PASSWORD}'",
        "/var/lib/etcd/retrouve": f"{folder}/etcd",
        "/var/lib/postgresql/17/retrouve": f"{folder}/disk/data",
        "/var/lib/postgresql/retrouve.pgpass": f"{folder}/pgpass",
        "/var/run/postgresql": str(folder),
        "mode: required": "mode: off",
    }
    for example, ours in filled.items():
        text = text.replace(example, ours)
    return text


def _members(addresses: Sequence[str]) -> str:
    return ",".join(f"db{number}=http://{address}:2380" for number, address in enumerate(addresses, 1))


def _variable(text: str, name: str) -> str:
    return next(line.split("=", 1)[1].strip("'") for line in text.splitlines() if line.startswith(f"{name}="))


def _end(node: Node) -> None:
    node.signal_postgres(signal.SIGKILL)
    for program in list(node.programs):
        node.kill(program)
