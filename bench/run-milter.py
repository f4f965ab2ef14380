#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gatepost beside a filter that does nothing, and beside Rspamd and SpamAssassin where they are
installed: same mails, same machine, one run, with 1 and 8 connections. Figures are ratios too,
because machines differ.

  bench/run-milter.py BUILD MAILS [-n MESSAGES]

MAILS is a folder with one message a file. State and log lie below --state (a real disk, please)."""
import argparse
import contextlib
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent


def wait_for(path, process, seconds=300):
    end = time.monotonic() + seconds
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f"nobody serves at {path}")
        time.sleep(0.1)
    time.sleep(0.3)


def load(build, socket, pid, connections, arguments, recipient="user@office.example"):
    done = subprocess.run([build / "bin/milter-load", "--json", "-c", str(connections), "-n",
                           str(arguments.messages), "-p", str(pid), "-r", recipient, socket,
                           arguments.mails], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


@contextlib.contextmanager
def noop(build, folder):
    path = folder / "noop.sock"
    process = subprocess.Popen([build / "bin/noop-milter", f"unix:{path}"])
    wait_for(path, process)
    yield f"unix:{path}", process.pid
    process.terminate()
    process.wait()


@contextlib.contextmanager
def gatepost_with_one_signature(build, folder):
    """What libclamav itself costs: an engine with one hash that nothing has."""
    signatures = folder / "signatures"
    signatures.mkdir(parents=True)
    (signatures / "test.hsb").write_text("0" * 64 + ":1:Nothing:73\n")
    with gatepost(build, folder, f"{{database: {signatures}}}") as running:
        yield running


@contextlib.contextmanager
def gatepost(build, folder, antivirus="off"):
    state = folder / "gatepost"
    state.mkdir(parents=True)
    path = state / "gatepost.sock"
    config = state / "gatepost.yaml"
    config.write_text(f"listen: unix:{path}\nown_domains: [office.example]\n"
                      f"rules: [{TOP}/rules]\npolicy: {TOP}/rules/policy.yaml\n"
                      f"state: {state}/state\nlog: {state}/log\n"
                      f"antivirus: {antivirus}\n")
    with open(state / "journal", "wb") as journal:
        process = subprocess.Popen([build / "bin/gatepostd", "--config", config], stderr=journal)
    wait_for(path, process)
    yield f"unix:{path}", process.pid
    process.terminate()
    process.wait()


@contextlib.contextmanager
def rspamd(_build, folder):
    """Content modules only, as facts about peers were measured: no DNS, no network."""
    path = folder / "rspamd.sock"
    etc = folder / "rspamd"
    shutil.copytree("/etc/rspamd", etc)
    local = etc / "local.d"
    local.mkdir(exist_ok=True)
    (local / "worker-proxy.inc").write_text(
        f'milter = yes; count = 2; bind_socket = "{path} mode=0666";\n'
        'upstream "local" { default = yes; self_scan = yes; }\n')
    (local / "options.inc").write_text(
        'dns { timeout = 0.1s; retransmits = 1; nameserver = ["127.0.0.1:53:1"]; }\n')
    for module in ("rbl spf dkim dkim_signing dmarc arc surbl asn fuzzy_check phishing greylist "
                   "ratelimit mx_check url_redirector neural bayes_expiry hfilter antivirus spamtrap "
                   "reputation elastic clickhouse replies history_redis").split():
        (local / f"{module}.conf").write_text("enabled = false;\n")
    process = subprocess.Popen(["rspamd", "-f", "--insecure", "-c", etc / "rspamd.conf", "--var",
                                f"CONFDIR={etc}", "--var", f"LOCAL_CONFDIR={etc}"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(path, process)
    time.sleep(10)  # its expressions are compiled in the background
    yield f"unix:{path}", process.pid
    process.send_signal(signal.SIGTERM)
    process.wait()


def spamd(arguments):
    """Messages by spamc; only the rate and the CPU compare."""
    port = "17830"
    process = subprocess.Popen(["spamd", "-L", "-m", "2", "--min-children=2", "-p", port])
    time.sleep(15)
    files = sorted(one for one in pathlib.Path(arguments.mails).rglob("*") if one.is_file())[:100]
    before = cpu(process.pid)
    began = time.monotonic()
    for one in files:
        with open(one, "rb") as mail:
            subprocess.run(["spamc", "-p", port], stdin=mail, stdout=subprocess.DEVNULL, check=False)
    seconds = time.monotonic() - began
    used = cpu(process.pid) - before
    process.terminate()
    process.wait()
    print(f"{'spamd -L, one after the other':34} {len(files) / seconds:9.1f}/s "
          f"CPU {used / len(files):8.2f} ms")


def cpu(pid):
    """Milliseconds of a process and its children."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15])) * 10
        for task in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
            todo += map(int, task.read_text().split())
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("mails")
    parser.add_argument("-n", "--messages", type=int, default=1000)
    parser.add_argument("--state", default=None, help="where state and log lie")
    arguments = parser.parse_args()
    candidates = [("do-nothing", noop), ("gatepost", gatepost),
                  ("gatepost, one signature", gatepost_with_one_signature)]
    if shutil.which("rspamd"):
        candidates.append(("rspamd, content only", rspamd))
    floor = {}
    with tempfile.TemporaryDirectory(dir=arguments.state) as scratch:
        for name, start in candidates:
            folder = pathlib.Path(scratch) / start.__name__
            folder.mkdir()
            with start(arguments.build.resolve(), folder) as (socket, pid):
                load(arguments.build.resolve(), socket, pid, 2, argparse.Namespace(
                    messages=100, mails=arguments.mails))  # warm
                for connections in (1, 8):
                    got = load(arguments.build.resolve(), socket, pid, connections, arguments)
                    base = floor.setdefault(connections, got)
                    print(f"{name + ', ' + str(connections) + ' connection(s)':34} "
                          f"{got['per_second']:9.1f}/s CPU {got['cpu_ms']:8.2f} ms  "
                          f"p50 {got['p50_ms']:7.2f} p99 {got['p99_ms']:7.2f} max "
                          f"{got['max_ms']:7.2f} ms  CPU x{got['cpu_ms'] / max(base['cpu_ms'], 0.01):.1f}"
                          f" of do-nothing  answers {got['answers']}", flush=True)
    if shutil.which("spamd"):
        spamd(arguments)


if __name__ == "__main__":
    main()
