#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of gatepostd as systemd sees it: a notify socket of our own hears READY, WATCHDOG,
RELOADING and STOPPING. The watchdog is the point: it must fall silent when Postfix would get no
answer, and speak while the daemon is merely busy.

  life.py BUILD [--only WORD]

One line a scenario; exit 1 when one failed. Needs no root."""
import argparse
import concurrent.futures
import contextlib
import ctypes
import fcntl
import inspect
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import protocol

SMALL = {"rules": protocol.TOP / "tests" / "postfix" / "rules",
         "policy": protocol.TOP / "tests" / "milter" / "small-policy.yaml"}
WATCHDOG_S = 3.0


class Systemd:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gatepost-notify-")
        self.path = str(pathlib.Path(self.folder.name) / "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.environment = {"NOTIFY_SOCKET": self.path,
                            "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))}

    def hear(self, seconds):
        """What comes within that time: a list of (time, text)."""
        heard, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                heard.append((time.monotonic(), self.sock.recv(4096).decode()))
            except TimeoutError:
                break
        return heard

    def wait(self, word, seconds=20):
        """All that came up to a message with the word."""
        heard, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                heard.append(self.sock.recv(4096).decode())
            except TimeoutError:
                break
            if word in heard[-1]:
                return heard
        raise AssertionError(f"waited {seconds} s for {word}, heard {heard[-5:]}")


class Watched:
    """A daemon with a watchdog; `with` ends it."""

    def __init__(self, build, **keys):
        self.systemd = Systemd()
        keys.setdefault("extra", "limits: {inspect_deadline: 1s, queue_deadline: 1s}\nworkers: 2")
        self.daemon = protocol.Daemon(build, **SMALL, environment=self.systemd.environment,
                                      **keys)

    def __enter__(self):
        return self.daemon, self.systemd

    def __exit__(self, *_):
        if self.daemon.process.poll() is None:
            self.daemon.process.kill()
            self.daemon.process.wait()


def send_all(pids, number):
    """A worker may have left, or been replaced, since it was listed."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def pings(systemd, seconds):
    return [at for at, text in systemd.hear(seconds) if text == "WATCHDOG=1"]


def falls_silent(systemd, daemon):
    """No ping for a whole watchdog time, within a few of them; the journal says why."""
    end = time.monotonic() + 6 * WATCHDOG_S
    while pings(systemd, WATCHDOG_S):
        assert time.monotonic() < end, "the watchdog is fed all the same"
    assert b"GP3019" in daemon.said(), daemon.said()[-500:]


def test_ready_comes_first_and_the_watchdog_is_fed_in_time(build):
    with Watched(build) as (daemon, systemd):
        before = systemd.wait("READY=1", 5)
        assert not any("WATCHDOG" in one for one in before[:-1]), before
        heard = [time.monotonic()] + pings(systemd, 3 * WATCHDOG_S)
        gaps = [b - a for a, b in zip(heard, heard[1:])]
        assert len(gaps) >= 6 and max(gaps) < WATCHDOG_S / 2, gaps
        assert b"GP3019" not in daemon.said()


def test_workers_and_zygote_that_hang_silence_the_watchdog_until_they_go_on(build):
    with Watched(build) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        stopped = daemon.children()
        assert len(stopped) >= 3, stopped
        send_all(stopped, signal.SIGSTOP)
        falls_silent(systemd, daemon)
        assert daemon.process.poll() is None
        send_all(daemon.children(), signal.SIGCONT)
        systemd.wait("WATCHDOG=1")
        daemon.is_well()


def test_hanging_workers_alone_are_replaced_and_the_watchdog_goes_on(build):
    with Watched(build) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        pids = daemon.children()
        workers = [pid for pid in pids if
                   pathlib.Path(f"/proc/{pid}/comm").read_text() == "gatepost-worker\n"]
        assert workers and len(pids) > len(workers) + 1, (pids, workers)
        send_all(workers, signal.SIGSTOP)
        pings(systemd, 3 * WATCHDOG_S)
        assert len(pings(systemd, 2 * WATCHDOG_S)) >= 2
        daemon.is_well()


def test_a_socket_that_nobody_can_reach_silences_the_watchdog(build):
    with Watched(build) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        os.rename(daemon.path, daemon.path + ".away")
        falls_silent(systemd, daemon)
        os.rename(daemon.path + ".away", daemon.path)
        systemd.wait("WATCHDOG=1")
        assert b"GP3020" in daemon.said()


def test_a_daemon_under_load_is_not_taken_for_dead(build):
    with Watched(build) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        stop, answers = threading.Event(), []
        body = b"a line of a long letter, and another\r\n" * 20_000

        def talk():
            one = daemon.session()
            while not stop.is_set():
                one.write(protocol.envelope() + protocol.content(body=body) +
                          protocol.packet(b"E"))
                answers.append(one.verdict()[0][:1])
            one.close()

        threads = [threading.Thread(target=talk) for _ in range(12)]
        for one in threads:
            one.start()
        heard = pings(systemd, 4 * WATCHDOG_S)
        stop.set()
        for one in threads:
            one.join()
        gaps = [b - a for a, b in zip(heard, heard[1:])]
        assert len(answers) > 20 and gaps and max(gaps) < WATCHDOG_S, (len(answers), gaps)


def test_a_reload_says_so_and_then_that_it_is_ready(build):
    with Watched(build) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        before = time.monotonic_ns() // 1000
        daemon.process.send_signal(signal.SIGHUP)
        said = systemd.wait("RELOADING=1", 5)[-1]
        stamp = [line for line in said.splitlines() if line.startswith("MONOTONIC_USEC=")]
        assert len(stamp) == 1 and int(stamp[0].split("=")[1]) >= before, said
        systemd.wait("READY=1", 60)
        systemd.wait("WATCHDOG=1")


def test_stopping_is_told_and_nothing_after_it(build):
    with Watched(build) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        daemon.process.send_signal(signal.SIGTERM)
        systemd.wait("STOPPING=1", 5)
        assert daemon.process.wait(30) == 0
        assert not pings(systemd, 0.3)


def test_whenever_it_is_told_to_stop_it_is_gone_within_two_seconds(build):
    """libmilter looks up every five seconds only: a stop at any point of them must not wait."""
    for pause in (0.5, 1.9, 3.3):
        daemon = protocol.Daemon(build, **SMALL)
        daemon.is_well()
        time.sleep(pause)
        begun = time.monotonic()
        assert daemon.close() == 0
        took = time.monotonic() - begun
        assert took < 2, f"{took:.1f} s"


def test_a_start_while_the_one_before_is_leaving_waits_for_its_log(build):
    daemon = protocol.Daemon(build, **SMALL)
    try:
        lock = open(daemon.folder / "log" / ".lock", "rb")
        daemon.process.terminate()
        assert daemon.process.wait(30) == 0
        fcntl.flock(lock, fcntl.LOCK_EX)
        threading.Timer(2, lock.close).start()
        daemon.start()
        daemon.is_well()
    finally:
        daemon.close()


def test_without_a_watchdog_nothing_is_probed(build):
    systemd = Systemd()
    daemon = protocol.Daemon(build, **SMALL,
                             environment={"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": ""})
    try:
        systemd.wait("READY=1", 5)
        assert not pings(systemd, 2)
        assert not any("GP3019" in line for line in daemon.said().decode().splitlines())
    finally:
        assert daemon.close() == 0


def free_port(family, host):
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def serves(build, listen, address):
    with Watched(build, listen=listen) as (daemon, systemd):
        systemd.wait("WATCHDOG=1")
        daemon.path = address
        daemon.is_well()


def test_it_listens_on_ipv6(build):
    port = free_port(socket.AF_INET6, "::1")
    serves(build, f"inet6:{port}@::1", ("::1", port))


def test_it_listens_on_tcp(build):
    port = free_port(socket.AF_INET, "127.0.0.1")
    serves(build, f"inet:{port}@127.0.0.1", ("127.0.0.1", port))


def test_sigterm_at_any_time_of_the_start_ends_it_and_its_children(build):
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6):
        daemon = protocol.Daemon(build, wait=False)
        time.sleep(delay)
        children = daemon.children()
        daemon.process.terminate()
        daemon.process.wait(10)
        end = time.monotonic() + 10
        while alive := [pid for pid in children if pathlib.Path(f"/proc/{pid}/exe").exists()]:
            assert time.monotonic() < end, (delay, alive)
            time.sleep(0.02)


def allowed_system_calls():
    """Numbers of what SystemCallFilter= of the shipped unit allows, groups opened by systemd."""
    unit = (protocol.TOP / "contrib" / "systemd" / "gatepostd.service").read_text()
    todo = [word for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M)
            for word in line.split()] + ["@default"]
    names = set()
    while todo:
        word = todo.pop()
        if word in names:
            continue
        names.add(word)
        if word.startswith("@"):
            done = subprocess.run(["systemd-analyze", "syscall-filter", word], text=True,
                                  capture_output=True, check=False)
            assert done.returncode == 0, f"systemd of this machine has no {word}"
            todo += [line.strip() for line in done.stdout.splitlines()[1:]
                     if line.strip() and not line.strip().startswith("#")]
    header = subprocess.run(["gcc", "-E", "-dM", "-include", "sys/syscall.h", "-xc", "/dev/null"],
                            text=True, capture_output=True, check=True).stdout
    numbers = dict(re.findall(r"^#define __NR_(\w+) (\d+)$", header, re.M))
    return sorted(int(numbers[name]) for name in names if name in numbers)


def filter_for(numbers):
    """A seccomp program: these, and EPERM for all others."""
    out = [struct.pack("HBBI", 0x20, 0, 0, 0)]  # the number of the call
    for number in numbers:
        out += [struct.pack("HBBI", 0x15, 0, 1, number), struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)]
    out.append(struct.pack("HBBI", 0x06, 0, 0, 0x00050001))
    return b"".join(out), len(out)


def test_it_serves_under_the_units_filter_of_system_calls(build):
    code, length = filter_for(allowed_system_calls())
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", length, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)

    def confine():
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
            raise OSError(ctypes.get_errno(), "seccomp")

    daemon = protocol.Daemon(build, **SMALL, confine=confine)
    try:
        daemon.is_well()
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        assert "Seccomp:\t2" in status, status
    finally:
        assert daemon.close() == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    tests = [(name, function) for name, function in globals().items()
             if name.startswith("test_") and inspect.isfunction(function) and arguments.only in name]

    def run(test):
        name, function = test
        start = time.monotonic()
        said = ""
        try:
            function(arguments.build)
        except Exception as error:  # pylint: disable=broad-except
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"  {where.filename}:{where.lineno}: {type(error).__name__}: {error}\n"
        print(f"{said}{'FAIL' if said else 'ok  '} {name[5:].replace('_', ' ')} "
              f"({time.monotonic() - start:.1f} s)", flush=True)
        return not said

    # Most of it is waiting, each for a daemon of its own; what makes load or forks with work between
    # comes after.
    alone = (test_a_daemon_under_load_is_not_taken_for_dead,
             test_it_serves_under_the_units_filter_of_system_calls)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        passed = list(pool.map(run, [test for test in tests if test[1] not in alone]))
    passed += [run(test) for test in tests if test[1] in alone]
    print(f"{sum(passed)} of {len(passed)} scenarios passed")
    return 0 if passed and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
