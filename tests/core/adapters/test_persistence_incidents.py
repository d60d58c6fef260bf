"""Every store keeps known incidents, and names the académies of the roll, in the same way."""

from datetime import timedelta

from core.ports import Incident, IncidentScope, Store
from tests.support.election import NOON, add_voters, entry

HOUR = timedelta(hours=1)


def test_incidents_stand_until_their_end_and_are_kept_a_while_after_it(store: Store) -> None:
    """The newest comes first; one that was ended cannot be ended again, nor one whose time is over."""
    ids = []
    for scope, subject, hours in ((IncidentScope.EVERYBODY, "", 1), (IncidentScope.MAIL_DOMAIN, "ac-été.example", 4)):
        with store.write() as transaction:
            ids.append(
                transaction.incidents.add(
                    Incident(
                        scope=scope,
                        subject=subject,
                        sentence="mail-late",
                        minutes=None,
                        began=NOON,
                        until=NOON + hours * HOUR,
                        author="robin",
                    )
                )
            )
    with store.write() as transaction:
        assert not transaction.incidents.end(ids[0], NOON + HOUR), "its time is over"
        assert transaction.incidents.end(ids[1], NOON + 2 * HOUR)
        assert not transaction.incidents.end(ids[1], NOON + 3 * HOUR)
        assert not transaction.incidents.end(ids[1] + 1, NOON)

    with store.read() as transaction:
        newest, oldest = transaction.incidents.unended_or_ended_since(NOON, 10)
        assert newest == Incident(
            id=ids[1],
            scope=IncidentScope.MAIL_DOMAIN,
            subject="ac-été.example",
            sentence="mail-late",
            minutes=None,
            began=NOON,
            until=NOON + 4 * HOUR,
            ended=NOON + 2 * HOUR,
            author="robin",
        )
        assert (oldest.id, oldest.over_since(NOON), oldest.over_since(NOON + HOUR)) == (ids[0], None, NOON + HOUR)
        assert [each.id for each in transaction.incidents.unended_or_ended_since(NOON, 1)] == [ids[1]]
        assert [each.id for each in transaction.incidents.unended_or_ended_since(NOON + HOUR, 10)] == [ids[1]]
        assert transaction.incidents.unended_or_ended_since(NOON + 2 * HOUR, 10) == []


def test_each_academie_of_the_present_roll_is_named_once(store: Store) -> None:
    """Leavers, and voters without one, count for nothing."""
    given = ("Zénith", "Lumière", None, "Lumière", "Partie")
    voters = add_voters(store, *(entry(f"v{at}@ac.example", academie=name) for at, name in enumerate(given)))
    with store.write() as transaction:
        transaction.roll.remove([voters[-1].id], NOON)

    with store.read() as transaction:
        assert transaction.directory.academies(10) == ("Lumière", "Zénith")
        assert len(transaction.directory.academies(1)) == 1
