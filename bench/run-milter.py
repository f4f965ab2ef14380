#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gatepost beside a filter that does nothing, and beside Rspamd and SpamAssassin where they are
installed: same mails, same machine, one run, with 1 and 8 connections. Figures are ratios too,
because machines differ.

  bench/run-milter.py BUILD MAILS [-n MESSAGES] [--spamassassin FOLDER]

MAILS is a folder with one message a file. State and log lie below --state (a real disk, please). With
--spamassassin (/usr/share/spamassassin) all of them run the rules in the *.cf of that folder: Gatepost as
imported, Rspamd with its module; spamd has them anyway (its own folder must be that one). The last lines are
then the ratios that are asked for; exit status 1 when one is missed."""
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


POLICY = """policy: 1
thresholds: {tag: 5, reject: 15}
clauses:
  - name: tag-it
    category: spam
    when: {score: {at_least: tag}}
    then: {action: tag}
"""


def imported(cf):
    """Gatepost with the rules of the *.cf alone."""
    @contextlib.contextmanager
    def start(build, folder):
        rules = folder / "imported"
        subprocess.run([build / "bin/gatepost", "rules", "import", "spamassassin", cf, "-o", rules],
                       stdout=subprocess.DEVNULL, check=True)
        policy = folder / "policy.yaml"
        policy.write_text(POLICY)
        with gatepost(build, folder, rules=f"[{rules}]", policy=policy) as running:
            yield running
    return start


@contextlib.contextmanager
def gatepost(build, folder, antivirus="off", rules=f"[{TOP}/rules]",
             policy=TOP / "rules/policy.yaml"):
    state = folder / "gatepost"
    state.mkdir(parents=True)
    path = state / "gatepost.sock"
    config = state / "gatepost.yaml"
    config.write_text(f"listen: unix:{path}\nown_domains: [office.example]\n"
                      f"rules: {rules}\npolicy: {policy}\n"
                      f"state: {state}/state\nlog: {state}/log\n"
                      f"antivirus: {antivirus}\n")
    with open(state / "journal", "wb") as journal:
        process = subprocess.Popen([build / "bin/gatepostd", "--config", config], stderr=journal)
    wait_for(path, process)
    yield f"unix:{path}", process.pid
    process.terminate()
    process.wait()


def rspamd_with(cf):
    """Rspamd with its module spamassassin and the *.cf."""
    @contextlib.contextmanager
    def start(build, folder):
        with rspamd(build, folder, cf) as running:
            loaded = (folder / "rspamd.log").read_text(errors="replace").count("loading SA rules from")
            if loaded == 0:
                sys.exit("rspamd did not load the *.cf: see its module spamassassin")
            yield running
    return start


@contextlib.contextmanager
def rspamd(_build, folder, cf=None):
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
    (local / "logging.inc").write_text(f'type = "file";\nfilename = "{folder}/rspamd.log";\n')
    if cf is not None:
        (local / "spamassassin.conf").write_text(f'ruleset = "{cf}/*.cf";\n')
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
    files = sorted(one for one in pathlib.Path(arguments.mails).rglob("*") if one.is_file())
    files = files[:min(arguments.messages, 200)]

    def ask(mails):
        for one in mails:
            with open(one, "rb") as mail:
                subprocess.run(["spamc", "-p", port], stdin=mail, stdout=subprocess.DEVNULL,
                               check=False)

    ask(files[:10])  # warm
    before = cpu(process.pid)
    began = time.monotonic()
    ask(files)
    seconds = time.monotonic() - began
    used = cpu(process.pid) - before
    process.terminate()
    process.wait()
    print(f"{'spamd -L, one after the other':34} {len(files) / seconds:9.1f}/s "
          f"CPU {used / len(files):8.2f} ms")
    return used / len(files)


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
    parser.add_argument("--spamassassin", help="all with the *.cf of this folder")
    arguments = parser.parse_args()
    cf = arguments.spamassassin
    candidates = [("do-nothing", noop)]
    candidates += [("gatepost, imported", imported(cf))] if cf else [
        ("gatepost", gatepost), ("gatepost, one signature", gatepost_with_one_signature)]
    if shutil.which("rspamd"):
        candidates.append(("rspamd with spamassassin", rspamd_with(cf)) if cf
                          else ("rspamd, content only", rspamd))
    floor = {}
    used = {}
    with tempfile.TemporaryDirectory(dir=arguments.state) as scratch:
        for name, start in candidates:
            folder = pathlib.Path(scratch) / name.replace(" ", "-").replace(",", "")
            folder.mkdir()
            with start(arguments.build.resolve(), folder) as (socket, pid):
                load(arguments.build.resolve(), socket, pid, 2, argparse.Namespace(
                    messages=100, mails=arguments.mails))  # warm
                for connections in (1, 8):
                    got = load(arguments.build.resolve(), socket, pid, connections, arguments)
                    base = floor.setdefault(connections, got)
                    used[name, connections] = got["cpu_ms"]
                    print(f"{name + ', ' + str(connections) + ' connection(s)':34} "
                          f"{got['per_second']:9.1f}/s CPU {got['cpu_ms']:8.2f} ms  "
                          f"p50 {got['p50_ms']:7.2f} p99 {got['p99_ms']:7.2f} max "
                          f"{got['max_ms']:7.2f} ms  CPU x{got['cpu_ms'] / max(base['cpu_ms'], 0.01):.1f}"
                          f" of do-nothing  answers {got['answers']}", flush=True)
    peers = {}
    if shutil.which("spamd"):
        peers["1/60 of spamd -L"] = spamd(arguments) / 60
    return compare(used, peers) if cf else 0


def compare(used, peers):
    """What is asked, at one connection, which spamd has too."""
    ours = used["gatepost, imported", 1]
    if ("rspamd with spamassassin", 1) in used:
        peers["Rspamd's"] = used["rspamd with spamassassin", 1]
    met = True
    for name, most in peers.items():
        met = met and ours <= most
        print(f"Gatepost with the imported rules: {ours:.2f} ms, {name}: {most:.2f} ms, "
              f"{ours / most:.2f} times: {'met' if ours <= most else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
