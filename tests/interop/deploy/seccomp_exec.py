"""Runs a program under a seccomp profile in the form of container engines, without one.

    seccomp_exec.py PROFILE.json PROGRAM ARGUMENT...

Knows what examples/deploy/seccomp.json uses: everything is allowed but what is named, and an
argument may be compared behind a mask.
"""

import ctypes
import json
import os
import platform
import re
import struct
import sys

# linux/audit.h; where the numbers of the calls stand.
_MACHINES = {
    "x86_64": (0xC000003E, ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
                            "/usr/include/asm/unistd_64.h"]),
    "aarch64": (0xC00000B7, ["/usr/include/asm-generic/unistd.h"]),
}

# linux/bpf_common.h, linux/seccomp.h, linux/prctl.h.
_LOAD, _JUMP_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_OFFSET_NUMBER, _OFFSET_MACHINE, _OFFSET_ARGUMENTS = 0, 4, 16
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2


def numbers():
    """The system calls of this machine's headers: name to number."""
    for path in _MACHINES[platform.machine()][1]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as source:
                return {name: int(number) for name, number in re.findall(
                    r"^#define __NR_(\w+) (\d+)$", source.read(), re.MULTILINE)}
    raise SystemExit("no header names the system calls: apt install linux-libc-dev")


def _instruction(code, k, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, k)


def program_of(profile, known):
    """The filter as BPF."""
    if profile["defaultAction"] != "SCMP_ACT_ALLOW":
        raise SystemExit("only a profile that names what it refuses is understood")
    code = [_instruction(_LOAD, _OFFSET_MACHINE),
            _instruction(_JUMP_EQUAL, _MACHINES[platform.machine()][0], 1, 0),
            _instruction(_RETURN, _KILL),
            _instruction(_LOAD, _OFFSET_NUMBER)]
    for rule in profile["syscalls"]:
        refuse = _instruction(_RETURN, _ERRNO | rule["errnoRet"])
        for name in rule["names"]:
            if name not in known:  # of another machine
                continue
            condition = []
            for argument in rule.get("args", []):
                if argument["op"] != "SCMP_CMP_MASKED_EQ":
                    raise SystemExit("%s is not understood" % argument["op"])
                condition += [_instruction(_LOAD, _OFFSET_ARGUMENTS + 8 * argument["index"]),
                              _instruction(_AND, argument["value"]),
                              _instruction(_JUMP_EQUAL, argument["valueTwo"], 0, 1)]
            if len(condition) > 3:
                raise SystemExit("more than one condition is not understood")
            code += [_instruction(_JUMP_EQUAL, known[name], 0, len(condition) + 1),
                     *condition, refuse]
            if condition:
                code.append(_instruction(_LOAD, _OFFSET_NUMBER))
    code.append(_instruction(_RETURN, _ALLOW))
    return b"".join(code)


def apply(program):
    """From here on this process, and what it becomes, is under the filter."""
    class Filter(ctypes.Structure):
        _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    loaded = Filter(len(program) // 8, program)
    if (libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
            or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(loaded), 0, 0) != 0):
        raise SystemExit("prctl: " + os.strerror(ctypes.get_errno()))


def main(profile_path, *command):
    with open(profile_path, encoding="utf-8") as source:
        profile = json.load(source)
    apply(program_of(profile, numbers()))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
