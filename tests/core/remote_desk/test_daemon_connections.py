"""The daemon refuses in a sentence whatever is no call of a terminal, and lives; a lost answer is never told as an act not done."""

import os
import pwd
import socket
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from core.desk.sessions_callers_and_approvals import AgentSession
from core.forms import errors
from core.ports import AgentRole, CommitOutcomeUnknown, EventType, StoreUnavailable
from core.remote_desk import unix_socket_connections
from core.remote_desk.daemon_connections import AdmittedMachineAccounts, DaemonLimits, DeskDaemon
from core.remote_desk.remote_use_cases import connect_to_daemon
from core.remote_desk.request_handling import LOCK_GRACE_SECONDS, DaemonRequestHandler
from core.remote_desk.sessions_and_callers_by_token import IDLE_SECONDS, SessionsAndCallersByToken
from core.remote_desk.socket_messages import LENGTH, MOST_REQUEST, Answer, RemoteCallResult, send_frame
from core.remote_desk.unix_socket_connections import DESK_SOCKET, listen
from tests.support.desk import (
    AGENT_PASSWORD,
    BIRTH_DATE,
    NUMEN,
    DeskAgent,
    add_known,
    new_agent,
    outcome,
    signed_in_agent,
)
from tests.support.desk_daemon import PATIENCE, VERSION, RawClient, refusal_id, remote_access, running_daemon
from tests.support.worlds import World

FOREIGN = 54321
"""An account of the machine that is nobody's."""


def incident(subject: str, minutes: int = 1) -> dict[str, object]:
    """Return the argument of an incident to announce."""
    until = "2018-11-29T12:00:00Z"
    return {"sentence": "mail-late", "scope": "academie", "until": until, "subject": subject, "minutes": minutes}


def token_of(answer: Answer) -> str:
    """Return the token of the session in an answer."""
    assert isinstance(answer, RemoteCallResult)
    assert isinstance(answer.value, dict)
    return str(answer.value["token"])


def test_whatever_is_no_call_of_a_terminal_is_refused_and_the_daemon_lives(world: World, tmp_path: Path) -> None:
    """A request that is in no list, of a wrong type, unreadable, without a session or of another version gets a sentence."""
    agent = new_agent(world)
    agent.choose_password()
    voter = add_known(world)
    with running_daemon(world.services, tmp_path) as path, RawClient(path) as client:
        session = token_of(client.ask("sessions.sign_in", name="camille", password=AGENT_PASSWORD, code=agent.code))
        refused = {
            "in no list": client.ask("accounts.add", name="eve", role="supervisor"),
            "no method": client.ask("files.__init__"),
            "a wrong type": client.ask("files.read", session=session, voter="1"),
            "an argument too many": client.ask("files.read", session=session, voter=voter.id, all=True),
            "an argument too few": client.ask("files.read", session=session),
            "a long argument": client.ask("search.find", session=session, typed="x" * 5000, limit=20),
            "a number beyond the store's": client.ask("files.read", session=session, voter=2**63),
            "a long text within an argument": client.ask(
                "incidents.announce", session=session, new=incident("x" * 5000)
            ),
            "a number within an argument": client.ask("incidents.announce", session=session, new=incident("", 2**63)),
            "no request": client.send(b"\xff\xfe"),
            "nothing": client.send(b""),
        }
        assert {each: refusal_id(answer) for each, answer in refused.items()} == dict.fromkeys(
            refused, errors.MalformedDeskRequest.id
        )
        assert refusal_id(client.ask("terminal.read", version="0.1")) == errors.DeskVersionDiffers.id
        for nobodys in ("", "x" * 43):
            assert refusal_id(client.ask("files.read", session=nobodys, voter=voter.id)) == errors.AgentSessionOver.id
        caller = token_of(
            client.ask("verification.verify", session=session, voter=voter.id, birth_date=str(BIRTH_DATE), numen=NUMEN)
        )
        assert refusal_id(client.ask("files.read", session=caller, voter=voter.id)) == errors.AgentSessionOver.id
        assert (
            refusal_id(client.ask("mail.request_mail", session=session, caller=session)) == errors.CallerNotVerified.id
        )

        for _ in range(2):
            assert isinstance(client.ask("files.read", session=session, voter=voter.id), RemoteCallResult)
        assert [act for act, _ in world.kept.lines()].count(EventType.FILE_OPENED) == 1, "read without being opened"
        assert isinstance(client.ask("sessions.sign_out", session=session), RemoteCallResult)
        assert refusal_id(client.ask("files.read", session=session, voter=voter.id)) == errors.AgentSessionOver.id


def test_a_slow_a_silent_and_an_endless_client_end_with_their_connection(world: World, tmp_path: Path) -> None:
    """Each is told why where it asked something, and one connection too many too; then others are answered."""
    with (
        running_daemon(world.services, tmp_path, DaemonLimits(connections=1)) as path,
        RawClient(path),
        RawClient(path) as one_too_many,
    ):
        assert refusal_id(one_too_many.answer()) == errors.DeskServiceBusy.id
        assert one_too_many.is_over
    accounts = iter((os.geteuid(), os.geteuid(), FOREIGN))
    with (
        running_daemon(world.services, tmp_path, DaemonLimits(of_account=1), peer=lambda _: next(accounts)) as path,
        RawClient(path),
        RawClient(path) as second_of_account,
    ):
        assert refusal_id(second_of_account.answer()) == errors.DeskServiceBusy.id
        with RawClient(path) as of_another:
            assert refusal_id(of_another.answer()) == errors.DeskAccountNotAdmitted.id

    with running_daemon(world.services, tmp_path, DaemonLimits(idle_seconds=0.5)) as path, RawClient(path) as silent:
        assert silent.is_over

    with running_daemon(world.services, tmp_path, DaemonLimits(frame_seconds=0.5)) as path:
        with RawClient(path) as slow, RawClient(path) as endless:
            slow.stream.sendall(LENGTH.pack(1000) + b"x" * 10)
            endless.stream.sendall(LENGTH.pack(MOST_REQUEST + 1))
            assert refusal_id(endless.answer()) == errors.DeskRequestTooLong.id
            assert refusal_id(slow.answer()) == errors.DeskRequestTooSlow.id
            assert all(each.is_over for each in (slow, endless))
        with RawClient(path) as again:
            assert isinstance(again.ask("terminal.is_database_readable"), RemoteCallResult)


def test_a_foreign_account_is_turned_away(world: World, tmp_path: Path) -> None:
    """An account that is neither the daemon's nor in its group gets a sentence; a token serves the account that it was given to."""
    with running_daemon(world.services, tmp_path, peer=lambda _: FOREIGN) as path, RawClient(path) as client:
        assert refusal_id(client.answer()) == errors.DeskAccountNotAdmitted.id
        assert client.is_over

    other = next(each for each in pwd.getpwall() if each.pw_uid not in {0, os.geteuid()})
    assert AdmittedMachineAccounts(other.pw_gid).admits(other.pw_uid)
    for group in (None, FOREIGN):
        assert not AdmittedMachineAccounts(group).admits(other.pw_uid)
        assert AdmittedMachineAccounts(group).admits(os.geteuid())
    session, held = signed_in_agent(world), SessionsAndCallersByToken()
    token = held.keep(session, account=1)
    assert held.find(token, AgentSession, account=1) is session
    with pytest.raises(errors.AgentSessionOver):
        held.find(token, AgentSession, account=2)


def test_a_session_without_a_terminal_ends() -> None:
    """A token that is not used for an hour is forgotten; one that is used stays."""
    now = [0.0]
    held = SessionsAndCallersByToken(seconds=lambda: now[0])
    used, left = (
        held.keep(AgentSession.copy_for_terminal(agent=1, name=name, epoch=1, role=AgentRole.AGENT), 0) for name in "ab"
    )
    now[0] = IDLE_SECONDS
    held.find(used, AgentSession, 0)
    now[0] += 1

    held.find(used, AgentSession, 0)
    with pytest.raises(errors.AgentSessionOver):
        held.find(left, AgentSession, 0)


def test_a_locked_or_deserted_session_is_refused_until_the_password_is_given(world: World, tmp_path: Path) -> None:
    """The daemon itself locks: by the key, or when nothing was done for longer than a terminal waits; reading is nothing done."""
    agent, voter, now = new_agent(world), add_known(world), [0.0]
    agent.choose_password()
    held = SessionsAndCallersByToken(seconds=lambda: now[0])
    idle = world.services.dependencies.policy.desk_idle_minutes * 60
    with remote_access(world.services, tmp_path, issued=held) as remote:
        desk = remote.desk
        session = desk.sessions.sign_in("camille", AGENT_PASSWORD, agent.code)
        assert isinstance(session, AgentSession)
        desk.sessions.lock(session)
        for refused in (
            lambda: desk.home.overview(session),
            lambda: desk.sessions.record_agent_presence(session),
            lambda: desk.files.open(session, voter.id),
            lambda: desk.verification.verify(session, voter.id, BIRTH_DATE, NUMEN),
        ):
            assert outcome(refused) is errors.SessionLocked
        assert outcome(lambda: desk.sessions.unlock(session, "wrong")) is errors.TerminalUnlockRefused
        assert outcome(lambda: desk.home.overview(session)) is errors.SessionLocked
        desk.sessions.unlock(session, AGENT_PASSWORD)
        for _ in range(3):
            now[0] += idle
            desk.home.overview(session)
            desk.sessions.record_agent_presence(session)
        now[0] += idle
        desk.home.overview(session)
        now[0] += LOCK_GRACE_SECONDS
        assert outcome(lambda: desk.home.overview(session)) is errors.SessionLocked
        assert outcome(lambda: desk.sessions.record_agent_presence(session)) is errors.SessionLocked
        desk.sessions.unlock(session, AGENT_PASSWORD)
        desk.home.overview(session)
        desk.sessions.lock(session)
        desk.sessions.sign_out(session)
    assert EventType.CALLER_VERIFIED not in [act for act, _ in world.kept.lines()]


def test_a_daemon_that_stops_leaves_the_socket_of_the_next(world: World, tmp_path: Path) -> None:
    """A daemon is begun by hand while the former answers its last request: its socket stays and answers."""
    path, asked, go_on = tmp_path / DESK_SOCKET, Event(), Event()

    class SlowAnswering(DaemonRequestHandler):
        def answer(self, request: bytes, account: int) -> bytes:
            asked.set()
            go_on.wait(PATIENCE)
            return super().answer(request, account)

    former = DeskDaemon(
        SlowAnswering(world.services, VERSION), AdmittedMachineAccounts(None), DaemonLimits(stop_seconds=PATIENCE)
    )
    thread = Thread(target=former.serve, args=(listen(path, group=None, waiting=8), path))
    thread.start()
    with RawClient(path) as under_way:
        send_frame(under_way.stream, b"nothing", timeout_seconds=PATIENCE)
        assert asked.wait(PATIENCE)
        with pytest.raises(FileExistsError):
            listen(path, group=None, waiting=8)
        former.stopping.set()
        while path.exists():
            thread.join(0.01)
        with running_daemon(world.services, tmp_path):
            go_on.set()
            assert refusal_id(under_way.answer()) == errors.MalformedDeskRequest.id
            thread.join(PATIENCE)
            assert not thread.is_alive()
            with RawClient(path) as client:
                assert isinstance(client.ask("terminal.is_database_readable"), RemoteCallResult)


def test_a_socket_that_is_seen_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket has its place only once it listens, also after a daemon that was killed before; a file there stays."""
    path, seen_before = tmp_path / DESK_SOCKET, list[bool]()

    class ObservedSocket(socket.socket):
        def listen(self, backlog: int = 1, /) -> None:
            seen_before.append(path.exists())
            super().listen(backlog)

    monkeypatch.setattr(socket, "socket", ObservedSocket)
    for _ in range(2):
        listen(path, group=None, waiting=8).close()  # as when killed: the socket stays
        (tmp_path / f"{DESK_SOCKET}{unix_socket_connections.UNREADY}").touch()
    assert seen_before == [False, False]
    path.unlink()
    path.write_text("of somebody")
    with pytest.raises(OSError, match="in use"):
        listen(path, group=None, waiting=8)
    assert path.read_text() == "of somebody"


def test_a_lost_answer_is_told_as_unknown_and_the_act_is_not_repeated(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon is lost after an act: the terminal knows of nothing, connects again by itself, and must sign in again."""
    agent, voter = new_agent(world), add_known(world)
    agent.choose_password()
    streams, lost = list[socket.socket](), list[bytes]()
    answer = DaemonRequestHandler.answer

    def answer_or_lose(answering: DaemonRequestHandler, request: bytes, account: int) -> bytes:
        answered = answer(answering, request, account)
        if b"freezing.freeze" in request:
            lost.append(request)
            streams[-1].shutdown(socket.SHUT_RDWR)
        return answered

    monkeypatch.setattr(DaemonRequestHandler, "answer", answer_or_lose)
    with remote_access(world.services, tmp_path, peer=lambda stream: streams.append(stream) or 0) as remote:  # type: ignore[func-returns-value]
        desk = remote.desk
        session = desk.sessions.sign_in("camille", AGENT_PASSWORD, agent.code)
        assert isinstance(session, AgentSession)
        caller = desk.verification.verify(session, voter.id, BIRTH_DATE, NUMEN)
        with pytest.raises(CommitOutcomeUnknown):
            desk.freezing.freeze(session, caller)
        assert len(lost) == 1
        assert desk.files.read(session, voter.id).frozen is not None
    with pytest.raises(StoreUnavailable) as away:
        desk.freezing.freeze(session, caller)
    assert not isinstance(away.value, CommitOutcomeUnknown)
    assert not remote.is_database_readable()

    with running_daemon(world.services, tmp_path):
        assert remote.is_database_readable()
        with pytest.raises(errors.AgentSessionOver):
            desk.files.read(session, voter.id)
        world.clock.move(minutes=1)
        assert isinstance(desk.sessions.sign_in("camille", AGENT_PASSWORD, agent.code), AgentSession)
        remote.close()
    assert [event.act for event in world.voter_events(voter)].count(EventType.FROZEN) == 1


def test_two_terminals_act_at_once_and_one_act_is_done(world: World, tmp_path: Path) -> None:
    """Two agents ask for the same voter's mail in the same instant through one daemon: one is refused with a time."""
    voter = add_known(world)
    agents = [new_agent(world, name) for name in ("camille", "dominique")]
    for each in agents:
        each.choose_password()
    barrier, outcomes = Barrier(2), list[object]()
    with running_daemon(world.services, tmp_path) as path:

        def call(agent: DeskAgent) -> None:
            remote = connect_to_daemon(path, VERSION)
            session = remote.desk.sessions.sign_in(agent.credentials.name, AGENT_PASSWORD, agent.code)
            assert isinstance(session, AgentSession)
            caller = remote.desk.verification.verify(session, voter.id, BIRTH_DATE, NUMEN)
            barrier.wait(PATIENCE)
            outcomes.append(outcome(lambda: remote.desk.mail.request_mail(session, caller)))
            remote.close()

        threads = [Thread(target=call, args=(agent,)) for agent in agents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    assert errors.MailRequestedTooSoon in outcomes
    assert [event.act for event in world.voter_events(voter)].count(EventType.ASKED) == 1
