"""The daemon answers invalid calls with a sentence and continues. A lost answer is reported as unknown."""

import os
import pwd
import socket
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from msgspec import json

from core.desk.authorisation import AgentSession
from core.desk.election_facts import ElectionFactsReader
from core.desk.files import VoterFiles
from core.desk.freezing import AccountFreezing
from core.desk.home import HomeOverviewReader
from core.desk.mails import RecoveryMailRequests
from core.desk.sessions import AgentSessions
from core.desk.verification import CallerVerification
from core.forms import errors
from core.ports import AgentRole, CommitOutcomeUnknown, EventType, StoreUnavailable
from core.remote_desk import sockets
from core.remote_desk.calls import LOCK_GRACE_SECONDS, CallHandler
from core.remote_desk.client import RemoteDesk
from core.remote_desk.daemon import AdmittedAccounts, DaemonLimits, DeskDaemon
from core.remote_desk.messages import MOST_REQUEST, Returned, send_line
from core.remote_desk.sockets import DESK_SOCKET, listen
from core.remote_desk.tokens import IDLE_SECONDS, HeldValues
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
from tests.support.desk_daemon import (
    PATIENCE,
    VERSION,
    Answer,
    RawClient,
    ask,
    refusal_id,
    remote_access,
    running_daemon,
    send,
)
from tests.support.worlds import World

FOREIGN = 54321
"""A user id that no account of the machine has."""


def incident(subject: str, minutes: int = 1) -> dict[str, object]:
    until = "2018-11-29T12:00:00Z"
    return {"sentence": "mail-late", "scope": "academie", "until": until, "subject": subject, "minutes": minutes}


def token_of(answer: Answer) -> str:
    assert isinstance(answer, Returned)
    assert isinstance(answer.value, dict)
    return str(answer.value["token"])


def outcome_of_read(remote: RemoteDesk) -> object:
    """Return True if the daemon's database answers, or else the class of the error."""
    try:
        return remote.call(ElectionFactsReader.is_database_readable)
    except StoreUnavailable as lost:
        return type(lost)


def test_whatever_is_no_call_of_a_terminal_is_refused_and_the_daemon_lives(world: World, tmp_path: Path) -> None:
    """The daemon refuses a malformed, unknown or unauthenticated request with a sentence, and continues."""
    agent = new_agent(world)
    agent.choose_password()
    voter = add_known(world)
    with running_daemon(world.services, tmp_path) as path:
        session = token_of(ask(path, "AgentSessions.sign_in", name="camille", password=AGENT_PASSWORD, code=agent.code))
        refused = {
            "in no list": ask(path, "AgentAccounts.add", name="eve", role="supervisor"),
            "no method": ask(path, "VoterFiles.__init__"),
            "a wrong type": ask(path, "VoterFiles.read", session=session, voter="1"),
            "an argument too many": ask(path, "VoterFiles.read", session=session, voter=voter.id, all=True),
            "an argument too few": ask(path, "VoterFiles.read", session=session),
            "a long argument": ask(path, "VoterSearch.find", session=session, typed="x" * 5000, limit=20),
            "a number beyond the store's": ask(path, "VoterFiles.read", session=session, voter=2**63),
            "a long text within an argument": ask(
                path, "IncidentBoard.announce", session=session, new=incident("x" * 5000)
            ),
            "a number within an argument": ask(
                path, "IncidentBoard.announce", session=session, new=incident("", 2**63)
            ),
            "no request": send(path, b"\xff\xfe"),
            "nothing": send(path, b""),
            "an account of its own choice": ask(
                path, "AgentSessions.sign_in", name="camille", password="", code="", account=1
            ),
            "a session instead of its token": ask(
                path, "VoterFiles.read", session={"token": session, "role": "supervisor"}, voter=voter.id
            ),
        }
        assert {each: refusal_id(answer) for each, answer in refused.items()} == dict.fromkeys(
            refused, errors.MalformedDeskRequest.id
        )
        assert refusal_id(ask(path, "ElectionFactsReader.read", version="0.1")) == errors.DeskVersionDiffers.id
        for nobodys in ("", "x" * 43):
            assert (
                refusal_id(ask(path, "VoterFiles.read", session=nobodys, voter=voter.id)) == errors.AgentSessionOver.id
            )
        caller = token_of(
            ask(
                path,
                "CallerVerification.verify",
                session=session,
                voter=voter.id,
                birth_date=str(BIRTH_DATE),
                numen=NUMEN,
            )
        )
        assert refusal_id(ask(path, "VoterFiles.read", session=caller, voter=voter.id)) == errors.AgentSessionOver.id
        assert (
            refusal_id(ask(path, "RecoveryMailRequests.request_mail", session=session, caller=session))
            == errors.CallerNotVerified.id
        )

        for _ in range(2):
            assert isinstance(ask(path, "VoterFiles.read", session=session, voter=voter.id), Returned)
        assert [act for act, _ in world.kept.lines()].count(EventType.FILE_OPENED) == 1, "read without being opened"
        assert isinstance(ask(path, "AgentSessions.sign_out", session=session), Returned)
        assert refusal_id(ask(path, "VoterFiles.read", session=session, voter=voter.id)) == errors.AgentSessionOver.id


def test_wrong_tries_of_another_account_make_nobody_wait(any_world: World) -> None:
    """Wrong sign-ins and approvals from one account of the machine do not block another account."""
    supervisor, agent = new_agent(any_world, "claude", AgentRole.SUPERVISOR), new_agent(any_world)
    supervisor.choose_password()
    agent.choose_password()
    calls, voter = CallHandler(any_world.services.desk, VERSION), add_known(any_world).id
    mine, theirs = 1001, 1002

    def ask_as(account: int, use_case: str, **arguments: object) -> Answer:
        request = json.encode({"version": VERSION, "use_case": use_case, "arguments": arguments})
        return json.decode(calls.answer(request, account), type=Answer)  # type: ignore[no-any-return]  # a union

    def sign_in(account: int, name: str, password: str, code: str) -> Answer:
        return ask_as(account, "AgentSessions.sign_in", name=name, password=password, code=code)

    for _ in range(5):
        sign_in(theirs, "claude", "wrong", "000000")
    assert refusal_id(sign_in(theirs, "claude", "wrong", "000000")) == errors.TooManyAgentTries.id
    assert isinstance(sign_in(mine, "claude", AGENT_PASSWORD, supervisor.code), Returned)

    session = token_of(sign_in(theirs, "camille", AGENT_PASSWORD, agent.code))
    approve = {"session": session, "voter": voter, "name": "claude", "password": AGENT_PASSWORD}
    any_world.clock.move(seconds=30)
    refused = ask_as(theirs, "AgentSessions.approval_of_supervisor", code=supervisor.code, **approve)
    assert refusal_id(refused) == errors.TooManyAgentTries.id


def test_a_slow_a_silent_and_an_endless_client_end_with_their_connection(world: World, tmp_path: Path) -> None:
    """The daemon disconnects slow, silent and endless clients, and still answers other clients."""
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

    with running_daemon(world.services, tmp_path, DaemonLimits(line_seconds=0.5)) as path:
        with RawClient(path) as silent, RawClient(path) as slow, RawClient(path) as endless:
            slow.stream.sendall(b"x" * 10)
            endless.stream.sendall(b"x" * (MOST_REQUEST + 1))
            assert refusal_id(endless.answer()) == errors.DeskRequestTooLong.id
            assert refusal_id(slow.answer()) == refusal_id(silent.answer()) == errors.DeskRequestTooSlow.id
            assert all(each.is_over for each in (silent, slow, endless))
        assert isinstance(ask(path, "ElectionFactsReader.is_database_readable"), Returned)


def test_a_foreign_account_is_turned_away(world: World, tmp_path: Path) -> None:
    """The daemon refuses an account outside its group. A token is valid only for its own account."""
    with running_daemon(world.services, tmp_path, peer=lambda _: FOREIGN) as path, RawClient(path) as client:
        assert refusal_id(client.answer()) == errors.DeskAccountNotAdmitted.id
        assert client.is_over

    other = next(each for each in pwd.getpwall() if each.pw_uid not in {0, os.geteuid()})
    assert AdmittedAccounts(other.pw_gid).admits(other.pw_uid)
    for group in (None, FOREIGN):
        assert not AdmittedAccounts(group).admits(other.pw_uid)
        assert AdmittedAccounts(group).admits(os.geteuid())
    # A container does not know the host's accounts, and the mode of the socket admits only members of the group.
    assert AdmittedAccounts(other.pw_gid).admits(FOREIGN)
    session, held = signed_in_agent(world), HeldValues()
    held.keep(session, account=1)
    token = session.token
    assert held.find(token, AgentSession, account=1) is session
    with pytest.raises(errors.AgentSessionOver):
        held.find(token, AgentSession, account=2)


def test_a_session_without_a_terminal_ends() -> None:
    """The token of a session expires if it is not used."""
    now = [0.0]
    held = HeldValues(seconds=lambda: now[0])
    sessions = [AgentSession(agent=1, name=name, epoch=1, role=AgentRole.AGENT) for name in "ab"]
    for each in sessions:
        held.keep(each, account=0)
    used, left = (each.token for each in sessions)
    now[0] = IDLE_SECONDS
    held.find(used, AgentSession, 0)
    now[0] += 1

    held.find(used, AgentSession, 0)
    with pytest.raises(errors.AgentSessionOver):
        held.find(left, AgentSession, 0)


def test_a_locked_or_deserted_session_is_refused_until_the_password_is_given(world: World, tmp_path: Path) -> None:
    """The daemon refuses a session that was locked or idle for too long, until the password is given.

    Reading does not count as activity.
    """
    agent, voter, now = new_agent(world), add_known(world), [0.0]
    agent.choose_password()
    held = HeldValues(seconds=lambda: now[0])
    idle = world.services.dependencies.policy.desk_idle_minutes * 60
    with remote_access(world.services, tmp_path, held=held) as remote:
        desk = remote
        session = desk.call(AgentSessions.sign_in, "camille", AGENT_PASSWORD, agent.code)
        assert isinstance(session, AgentSession)
        desk.call(AgentSessions.lock, session)
        for refused in (
            lambda: desk.call(HomeOverviewReader.overview, session),
            lambda: desk.call(AgentSessions.record_agent_presence, session),
            lambda: desk.call(VoterFiles.open, session, voter.id),
            lambda: desk.call(CallerVerification.verify, session, voter.id, BIRTH_DATE, NUMEN),
        ):
            assert outcome(refused) is errors.SessionLocked
        assert outcome(lambda: desk.call(AgentSessions.unlock, session, "wrong")) is errors.TerminalUnlockRefused
        assert outcome(lambda: desk.call(HomeOverviewReader.overview, session)) is errors.SessionLocked
        desk.call(AgentSessions.unlock, session, AGENT_PASSWORD)
        for _ in range(3):
            now[0] += idle
            desk.call(HomeOverviewReader.overview, session)
            desk.call(AgentSessions.record_agent_presence, session)
        now[0] += idle
        desk.call(HomeOverviewReader.overview, session)
        now[0] += LOCK_GRACE_SECONDS
        assert outcome(lambda: desk.call(HomeOverviewReader.overview, session)) is errors.SessionLocked
        assert outcome(lambda: desk.call(AgentSessions.record_agent_presence, session)) is errors.SessionLocked
        desk.call(AgentSessions.unlock, session, AGENT_PASSWORD)
        desk.call(HomeOverviewReader.overview, session)
        desk.call(AgentSessions.lock, session)
        desk.call(AgentSessions.sign_out, session)
    assert EventType.CALLER_VERIFIED not in [act for act, _ in world.kept.lines()]


def test_a_daemon_that_stops_leaves_the_socket_of_the_next(world: World, tmp_path: Path) -> None:
    """A daemon that stops does not remove the socket of the daemon that has replaced it."""
    path, asked, go_on = tmp_path / DESK_SOCKET, Event(), Event()

    class SlowAnswering(CallHandler):
        def answer(self, request: bytes, account: int) -> bytes:
            asked.set()
            go_on.wait(PATIENCE)
            return super().answer(request, account)

    former = DeskDaemon(
        listen(path, group=None, waiting=8),
        SlowAnswering(world.services.desk, VERSION),
        AdmittedAccounts(None),
        DaemonLimits(stop_seconds=PATIENCE),
    )
    thread = Thread(target=former.serve, args=(path,))
    thread.start()
    with RawClient(path) as under_way:
        send_line(under_way.stream, b"nothing", seconds=PATIENCE)
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
            assert isinstance(ask(path, "ElectionFactsReader.is_database_readable"), Returned)


def test_a_socket_that_is_seen_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon's socket appears only once the daemon listens, and does not replace another file."""
    path, seen_before = tmp_path / DESK_SOCKET, list[bool]()

    class ObservedSocket(socket.socket):
        def listen(self, backlog: int = 1, /) -> None:
            seen_before.append(path.exists())
            super().listen(backlog)

    monkeypatch.setattr(socket, "socket", ObservedSocket)
    for _ in range(2):
        listen(path, group=None, waiting=8).close()  # a killed daemon leaves its socket too
        (tmp_path / f"{DESK_SOCKET}{sockets.UNREADY}").touch()
    assert seen_before == [False, False]
    path.unlink()
    path.write_text("of somebody")
    with pytest.raises(OSError, match="in use"):
        listen(path, group=None, waiting=8)
    assert path.read_text() == "of somebody"


def test_a_lost_answer_is_told_as_unknown_and_the_act_is_not_repeated(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the answer to an action is lost, the terminal reports an unknown outcome and must sign in again."""
    agent, voter = new_agent(world), add_known(world)
    agent.choose_password()
    streams, lost = list[socket.socket](), list[bytes]()
    answer = CallHandler.answer

    def answer_or_lose(answering: CallHandler, request: bytes, account: int) -> bytes:
        answered = answer(answering, request, account)
        if b"AccountFreezing.freeze" in request:
            lost.append(request)
            streams[-1].shutdown(socket.SHUT_RDWR)
        return answered

    monkeypatch.setattr(CallHandler, "answer", answer_or_lose)
    with remote_access(world.services, tmp_path, peer=lambda stream: streams.append(stream) or 0) as remote:  # type: ignore[func-returns-value]
        desk = remote
        session = desk.call(AgentSessions.sign_in, "camille", AGENT_PASSWORD, agent.code)
        assert isinstance(session, AgentSession)
        caller = desk.call(CallerVerification.verify, session, voter.id, BIRTH_DATE, NUMEN)
        with pytest.raises(CommitOutcomeUnknown):
            desk.call(AccountFreezing.freeze, session, caller)
        assert len(lost) == 1
        assert desk.call(VoterFiles.read, session, voter.id).frozen is not None
    with pytest.raises(StoreUnavailable) as away:
        desk.call(AccountFreezing.freeze, session, caller)
    assert not isinstance(away.value, CommitOutcomeUnknown)
    assert outcome_of_read(remote) is StoreUnavailable

    with running_daemon(world.services, tmp_path):
        assert outcome_of_read(remote)
        with pytest.raises(errors.AgentSessionOver):
            desk.call(VoterFiles.read, session, voter.id)
        world.clock.move(minutes=1)
        assert isinstance(desk.call(AgentSessions.sign_in, "camille", AGENT_PASSWORD, agent.code), AgentSession)
    assert [event.act for event in world.voter_events(voter)].count(EventType.FROZEN) == 1


def test_two_terminals_act_at_once_and_one_act_is_done(world: World, tmp_path: Path) -> None:
    """If two terminals request one voter's mail at the same moment, one is refused and told when it may try again."""
    voter = add_known(world)
    agents = [new_agent(world, name) for name in ("camille", "dominique")]
    for each in agents:
        each.choose_password()
    barrier, outcomes = Barrier(2), list[object]()
    with running_daemon(world.services, tmp_path) as path:

        def call(agent: DeskAgent) -> None:
            remote = RemoteDesk(path, VERSION)
            session = remote.call(AgentSessions.sign_in, agent.credentials.name, AGENT_PASSWORD, agent.code)
            assert isinstance(session, AgentSession)
            caller = remote.call(CallerVerification.verify, session, voter.id, BIRTH_DATE, NUMEN)
            barrier.wait(PATIENCE)
            outcomes.append(outcome(lambda: remote.call(RecoveryMailRequests.request_mail, session, caller)))

        threads = [Thread(target=call, args=(agent,)) for agent in agents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)

    assert errors.MailRequestedTooSoon in outcomes
    assert [event.act for event in world.voter_events(voter)].count(EventType.ASKED) == 1
