#!/usr/bin/env -S python3 -IS
"""Start Chromium without netlink sockets, so that it does not see the machine's addresses change.

Chromium aborts navigations with ERR_NETWORK_CHANGED when an address is added on the machine, and it has no switch
against that. `launch_page` runs this file, and the tests' Playwright too, in place of Chromium: with its arguments, without privileges.
If the kernel refuses the filter, Chromium starts as usual.
"""

import ctypes
import errno
import os
import socket
import struct
import sys

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without its windows: the same pages for a third of the work."""
SET_SECCOMP, SET_NO_NEW_PRIVILEGES, FILTER_MODE = 22, 38, 2
"""Arguments of prctl(2)."""
LOAD, SKIP_UNLESS_EQUAL, RETURN = 0x20, 0x15, 0x06
"""Instructions of the filter, a classic BPF program that the kernel runs at each system call."""
SYSTEM_CALL, FIRST_ARGUMENT = 0, 16
"""Offsets in what the filter reads, `struct seccomp_data`."""
SOCKET = 41 if os.uname().machine == "x86_64" else 198
"""The number of the system call socket(2), here and on the other 64-bit machines that Debian's Chromium runs on."""
ALLOW, FAIL_WITH = 0x7FFF0000, 0x00050000


def refuse_netlink() -> None:
    """Make socket(AF_NETLINK, …) fail in this process and its children, as it does in a kernel without netlink."""
    instructions = (
        (LOAD, 0, 0, SYSTEM_CALL),
        (SKIP_UNLESS_EQUAL, 0, 3, SOCKET),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (SKIP_UNLESS_EQUAL, 0, 1, socket.AF_NETLINK),
        (RETURN, 0, 0, FAIL_WITH | errno.EAFNOSUPPORT),
        (RETURN, 0, 0, ALLOW),
    )
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in instructions))
    prctl = ctypes.CDLL(None).prctl
    prctl(SET_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0)))  # without it, only root may set a filter
    prctl(SET_SECCOMP, ctypes.c_ulong(FILTER_MODE), struct.pack("HP", len(instructions), ctypes.addressof(packed)))


if __name__ == "__main__":
    refuse_netlink()
    os.execv(CHROMIUM, [CHROMIUM, *sys.argv[1:]])  # noqa: S606  # a constant, with the arguments of whoever starts it
