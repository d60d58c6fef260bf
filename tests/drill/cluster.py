"""Runs Patroni, etcd and PostgreSQL on two or three hosts.

The programs use the files in deploy/patroni, with other addresses and folders.
"""

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
"""Addresses that the files in deploy/patroni contain."""
AS_POSTGRES = ("runuser", "-u", USER, "--")
REAPED = (sys.executable, str(Path(__file__).parent / "reap.py"))
DISK = "2g"
"""Size of a node's disk. It is enough for the log that deploy/patroni and max_wal_size keep, and for a drill's data."""
SECONDS_FOR_A_CLUSTER = 300
SECONDS_TO_START = 90
"""Time after which an operator looks at a standby that is still starting (docs/database.md, Repair a standby).

While PostgreSQL is stopped, Patroni compares a former primary with the present one. If no primary is known at this
moment, the former one is started without a comparison. It then waits for a log that no machine has, and is not compared
until Patroni is restarted.
"""
ANSWER_SECONDS, CONNECT_SECONDS = 3, 60


@dataclass
class Node:
    """A host that runs etcd, Patroni and PostgreSQL in a folder. The others reach it at `address`."""

    name: str
    folder: Path
    address: str
    place: Place
    texts: dict[str, str]
    """Contents of the files in deploy/patroni, filled in for this host."""
    programs: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Folder of PostgreSQL's data, which is on a disk of its own."""
        return self.folder / "disk/data"

    def start(self, program: str, *words: str, variables: str) -> None:
        """Start a program on this host, with the environment variables in one of the files."""
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
        """Start etcd for the first time or again."""
        self.start("etcd", variables="etcd.env")

    def start_patroni(self) -> None:
        """Start Patroni, which then starts PostgreSQL."""
        self.start("patroni", str(self.folder / "patroni.yml"), variables="patroni.env")

    def stop_patroni(self) -> None:
        """Send SIGTERM to Patroni, which stops PostgreSQL and gives up its role."""
        program = self.programs["patroni"]
        os.kill(next(pid for pid in descendants(program.pid) if name_of(pid) == "patroni"), signal.SIGTERM)
        program.wait(SECONDS_FOR_A_CLUSTER)
        del self.programs["patroni"]

    def kill(self, program: str) -> None:
        """Kill a program and all processes that it has started."""
        put_down(self.programs.pop(program))

    @property
    def postmaster(self) -> int | None:
        """Process id of PostgreSQL's first process."""
        with suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().split()[0])
        return None

    def signal_postgres(self, number: signal.Signals) -> None:
        """Send a signal to every process of PostgreSQL, and to the first process before the others."""
        first = self.postmaster
        for pid in [] if first is None else [first, *descendants(first)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def takes_writes(self) -> bool:
        """Return whether this node reports that it is the primary."""
        with (
            suppress(OSError, HTTPException),
            urlopen(f"http://{self.address}:8008/primary", timeout=ANSWER_SECONDS) as answer,
        ):
            return bool(answer.status == 200)
        return False


@dataclass
class Cluster:
    """The nodes of a cluster, and the database URL of the product, as in deploy/patroni/retrouve.env.

    Only the first nodes run etcd.
    """

    nodes: list[Node]
    url: str

    @property
    def server(self) -> str:
        """Address with which libpq reaches the primary."""
        return f"{self.url.replace('+psycopg', '')}&target_session_attrs=read-write&connect_timeout={CONNECT_SECONDS}"

    def members(self) -> list[dict[str, str]]:
        """Return the members of the cluster with their roles, as reported by the first node that answers."""
        for node in self.nodes:
            with (
                suppress(OSError, HTTPException, ValueError),
                urlopen(f"http://{node.address}:8008/cluster", timeout=ANSWER_SECONDS) as answer,
            ):
                found: list[dict[str, str]] = json.load(answer)["members"]
                return found
        return []

    def with_role(self, role: str) -> Node | None:
        """Return the node with a role: "leader", "sync_standby" or "replica"."""
        named = [each["name"] for each in self.members() if each["role"] == role]
        return next((node for node in self.nodes if node.name in named), None)

    @property
    def primary(self) -> Node:
        """The node that accepts writes."""
        return eventually(
            lambda: next((node for node in self.nodes if node.takes_writes), None), "a primary", SECONDS_FOR_A_CLUSTER
        )

    def is_whole(self) -> bool:
        """Return whether there is a primary and all other nodes follow it, one of them synchronously."""
        roles = sorted((each["role"], each["state"]) for each in self.members())
        others = [("replica", "streaming")] * (len(self.nodes) - 2)
        return roles == [("leader", "running"), *others, ("sync_standby", "streaming")]

    def wait_until_whole(self) -> None:
        """Wait until every node has its role. If a node stays in its start, restart its Patroni (docs/database.md)."""
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
        """Make the synchronous standby the primary. To do this, stop Patroni on the primary and start it again."""
        before = self.primary
        self.leave(before)
        before.start_patroni()

    def leave(self, before: Node) -> None:
        """Stop Patroni on the primary, and wait until another node has become the primary."""
        before.stop_patroni()

        def moved() -> bool:
            return self.with_role("leader") not in (None, before)

        eventually(moved, "another primary", SECONDS_FOR_A_CLUSTER)


@contextmanager
def cluster(folder: Path, places: Sequence[Place], addresses: Sequence[str], etcds: int) -> Iterator[Cluster]:
    """Run a cluster on some hosts, with the database of deploy/patroni/database.sql. `etcds` of the hosts run etcd."""
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
        # psql's \\connect would go to the first host, which may be a standby that lacks the new database.
        before, _, after = nodes[0].texts["database.sql"].partition("\\connect retrouve\n")
        for url, statements in ((administrator, before), (administrator.replace("/postgres?", "/retrouve?"), after)):
            subprocess.run(["psql", "--quiet", "--set=ON_ERROR_STOP=1", url], input=statements, text=True, check=True)
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
    """Return the text of a file with the drill's addresses, folders and passwords, and without a watchdog."""
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
