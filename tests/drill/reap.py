"""Runs a program, and reaps the processes that it leaves behind, as the init process of a host does.

Otherwise Patroni would think that a dead PostgreSQL is running.
"""

import ctypes
import os
import sys

PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run a command, and reap every descendant that ends. Returns the exit status of the command."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    command = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    while True:
        ended, status = os.wait()
        if ended == command:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
