"""Run a program as a host's init would: what it leaves behind is reaped at once, or Patroni takes a dead PostgreSQL for a running one."""

import ctypes
import os
import sys

PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the command of the arguments, reap every process that ends below, and return the command's exit status."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    command = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    while True:
        ended, status = os.wait()
        if ended == command:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
