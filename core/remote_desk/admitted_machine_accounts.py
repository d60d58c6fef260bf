"""The accounts of the machine that the daemon answers: the kernel names the one at the other end."""

import os
import pwd
import socket
import struct
from dataclasses import dataclass

CREDENTIALS = struct.Struct("3i")
"""Process, account and group (unix(7), SO_PEERCRED)."""


def connecting_account(stream: socket.socket) -> int:
    """Return the account that opened the connection, as the kernel noted it then."""
    _, account, _ = CREDENTIALS.unpack(stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return int(account)


@dataclass(frozen=True, slots=True)
class AdmittedMachineAccounts:
    """The daemon's own account, root, and the members of one group. The file's permissions say so too."""

    group: int | None

    def admits(self, account: int) -> bool:
        """Tell whether the daemon answers that account."""
        return account in {0, os.geteuid()} or (self.group is not None and self.group in _groups_of(account))


def _groups_of(account: int) -> list[int]:
    try:
        entry = pwd.getpwuid(account)
    except KeyError:
        return []
    return os.getgrouplist(entry.pw_name, entry.pw_gid)
