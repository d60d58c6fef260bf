"""After `retrouve deskd` was killed or stopped, its answers to terminals turn out to be true.

Other accounts of the machine are refused.
"""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from threading import Event, Thread

import msgspec
import pytest

from cli.program_version import program_version
from core.app.election_folder import open_services
from core.desk.authorisation import AgentSession
from core.desk.election_facts import ElectionFactsReader
from core.desk.home import HomeOverviewReader
from core.desk.mails import RecoveryMailRequests
from core.desk.verification import CallerVerification
from core.desk.voter_search import VoterSearch
from core.forms.errors import AgentSessionOver, DeskAccountNotAdmitted
from core.ports import CommitOutcomeUnknown, EventType, StoreUnavailable
from core.remote_desk.client import RemoteDesk
from core.remote_desk.messages import MOST_ANSWER, Refused, read_line
from core.remote_desk.sockets import DESK_SOCKET
from demo import agents
from demo.agents import sign_in_demo_agent
from tests.support.product import DemoVoter, Installation, eventually, installation

NOBODY = 65534
CALLERS, KILLS, ACTS_BEFORE_A_KILL = 24, 2, 3
PATIENCE = 180


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run an election with the helpdesk's daemon."""
    with installation(tmp_path_factory.mktemp("daemon") / "election") as made:
        made.start("deskd")
        yield made


def reached(made: Installation) -> RemoteDesk:
    """Return the access of a terminal, once the daemon answers."""
    found: list[RemoteDesk] = []

    def reach() -> bool:
        try:
            found.append(RemoteDesk(made.folder / DESK_SOCKET, program_version()))
        except StoreUnavailable:
            return False
        return True

    eventually(reach, "a daemon")
    return found[0]


def is_readable(access: RemoteDesk) -> bool:
    """Return whether the daemon and its database answer."""
    try:
        return access.call(ElectionFactsReader.is_database_readable)
    except StoreUnavailable:
        return False


def signed_in(access: RemoteDesk, made: Installation, name: str) -> AgentSession:
    """Sign in one of the demo's agents."""
    agent = next(each for each in agents.read(made.folder) if each.name == name)
    session = sign_in_demo_agent(access, agent)
    assert session is not None
    return session


def done_for(access: RemoteDesk, session: AgentSession, voter: DemoVoter) -> bool | None:
    """Verify a caller and request their mail.

    Returns True if this was done, False if not, and None if the terminal does not know.
    """
    try:
        (found,) = access.call(VoterSearch.find, session, voter.email, 2).found
        assert found.voter is not None
        born = date.fromisoformat(voter.birth_date)
        caller = access.call(CallerVerification.verify, session, found.voter, born, voter.numen)
    except StoreUnavailable:  # a check with an unknown outcome is repeated too
        return False
    try:
        access.call(RecoveryMailRequests.request_mail, session, caller)
    except CommitOutcomeUnknown:
        return None
    except StoreUnavailable:
        return False
    return True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_a_foreign_account_of_the_machine_is_turned_away(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon refuses an account that can open its socket but is not in the group, and then continues."""
    access = reached(made)
    (made.folder / DESK_SOCKET).chmod(0o666)
    made.folder.chmod(0o755)
    monkeypatch.chdir(made.folder)  # the other account cannot enter the folders above
    with closing(socket.socket(socket.AF_UNIX)) as stream:
        os.seteuid(NOBODY)
        try:
            stream.connect(DESK_SOCKET)
        finally:
            os.seteuid(0)
        said = read_line(stream, most=MOST_ANSWER, seconds=PATIENCE)

    assert msgspec.json.decode(said, type=Refused).id == DeskAccountNotAdmitted.id
    assert is_readable(access)


def test_whatever_was_told_is_true_after_the_daemon_was_killed_in_acts(made: Installation) -> None:
    """If the daemon reported an action as done, it was done once, even if the daemon was killed.

    The terminal connects again by itself.
    """
    access = reached(made)
    waiting, told = [made.take_unused_voter() for _ in range(CALLERS)], dict[str, bool | None]()
    for shift, name in enumerate(("camille", "dominique", "camille")):
        session, begun = signed_in(access, made, name), Event()
        killer = Thread(target=lambda begun=begun: begun.wait(PATIENCE) and made.kill("deskd"))
        if shift < KILLS:
            killer.start()
        for number in range(len(waiting)):
            done = done_for(access, session, waiting[0])
            if number == ACTS_BEFORE_A_KILL:
                begun.set()
            if done is False:
                break
            told[waiting.pop(0).email] = done
        if shift < KILLS:
            begun.set()
            killer.join()
            made.start("deskd")
            eventually(lambda: is_readable(access), "the terminal's own return")
            with pytest.raises(AgentSessionOver):
                access.call(HomeOverviewReader.overview, session)

    services = open_services(made.folder)
    with services.dependencies.store.read() as transaction:
        voters = {email: transaction.voters.by_address(email) for email in told}
        asked = {
            email: [each.event.act for each in transaction.journal.voter_history(voter.id, 100)].count(EventType.ASKED)
            for email, voter in voters.items()
            if voter is not None
        }
    services.close()
    assert not waiting
    assert {email for email, done in told.items() if done} <= {email for email, times in asked.items() if times == 1}
    assert set(asked.values()) <= {0, 1}
    assert len(asked) == CALLERS


def test_a_stopped_daemon_ends_though_terminals_are_connected_and_leaves_no_socket(made: Installation) -> None:
    """SIGTERM ends the daemon even if a terminal is connected. SIGHUP reads the settings and keeps the sessions."""
    access = reached(made)
    session = signed_in(access, made, "dominique")
    made.parts["deskd"].send_signal(signal.SIGHUP)
    eventually(
        lambda: "settings-read-again" in (made.folder / "logs/deskd.log").read_text("utf-8"), "the settings read anew"
    )
    assert access.call(HomeOverviewReader.overview, session).attention is not None
    assert (made.folder / DESK_SOCKET).stat().st_mode & 0o777 == 0o600

    made.stop("deskd")

    assert not (made.folder / DESK_SOCKET).exists()
    assert not is_readable(access)
