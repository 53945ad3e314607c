"""The few system calls that a sandboxed child may make once its file is read: memory, time, its socket, and the end.

A seccomp filter (Linux `seccomp(2)`, classic BPF): every other call fails with EPERM, so code that took over the child
can open no file, reach no network, start no program and touch no other process, whatever user it runs as.
"""

from __future__ import annotations

import ctypes
import os
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _FAIL, _KILL = 0x7FFF_0000, 0x0005_0000 | 1, 0x8000_0000

# Numbers on x86-64 and arm64, from the kernel's asm/unistd headers; -1 where an architecture has no such call.
_CALLS = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "pread64": (17, 67),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "madvise": (28, 233), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "futex": (202, 98), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "sendto": (44, 206), "writev": (20, 66), "getpid": (39, 172), "gettid": (186, 178),
    "getrusage": (98, 165), "sysinfo": (99, 179), "gettimeofday": (96, 169), "time": (201, -1),
    "clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "nanosleep": (35, 101), "getrandom": (318, 278),
    "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
_MACHINES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}

_LIBC = ctypes.CDLL(None)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _instruction(code: int, value: int, if_equal: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_equal, otherwise, value)


def filter_program(machine: str) -> bytes | None:
    """The filter for a machine (`os.uname().machine`), or `None` where we have no table of its calls."""
    if machine not in _MACHINES:
        return None
    column, architecture = _MACHINES[machine]
    numbers = [call[column] for call in _CALLS.values() if call[column] >= 0]
    lines = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_JUMP_IF_EQUAL, architecture, if_equal=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER_AT),
    ]
    # From each comparison the jump goes over those that are left and over the refusal.
    lines += [
        _instruction(_JUMP_IF_EQUAL, number, if_equal=len(numbers) - place) for place, number in enumerate(numbers)
    ]
    return b"".join([*lines, _instruction(_RETURN, _FAIL), _instruction(_RETURN, _ALLOW)])


_FILTER = filter_program(os.uname().machine)


def restrict() -> bool:
    """Put the filter on this process, for good; whether the kernel took it. Every other limit stands without it."""
    if _FILTER is None:
        return False
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    program = _Program(len(_FILTER) // 8, _FILTER)
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)
