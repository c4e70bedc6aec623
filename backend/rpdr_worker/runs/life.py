"""Whether the process that a heartbeat speaks of is the one that lives now."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_PROC = Path("/proc/self")


def boot_id() -> str:
    """The same from one start of the system to the next; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def start_of(pid: int) -> str:
    """When a process began, in the system's own words; empty if it does not live, or is but its own remains."""
    if _PROC.is_dir():
        try:
            fields = (
                (_PROC.parent / str(pid) / "stat")
                .read_text(encoding="ascii", errors="replace")
                .rpartition(")")[2]
                .split()
            )
        except OSError:
            return ""
        # Fields 3 (state) and 22 (start time in ticks since boot) of proc(5).
        return "" if fields[0] in "ZX" else fields[19]
    if os.name == "nt":
        return _windows_start(pid)
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    state, _, began = done.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()


def _windows_start(pid: int) -> str:
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return ""
    try:
        times = (ctypes.c_ulonglong * 4)()
        code = ctypes.c_ulong()
        places = [ctypes.byref(times, 8 * place) for place in range(4)]
        asked = kernel.GetProcessTimes(handle, *places) and kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        return str(times[0]) if asked and code.value == 259 else ""  # STILL_ACTIVE
    finally:
        kernel.CloseHandle(handle)


def lives(pid: int, boot: str, started: str) -> bool:
    """A pid that was given to somebody else, or that is from before a reboot, does not live."""
    return bool(pid) and boot == boot_id() and bool(started) and start_of(pid) == started


def own_start() -> str:
    return start_of(os.getpid())
