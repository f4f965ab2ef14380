#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Postfix carries with Gatepost behind it, beside a filter that does nothing and beside none:
one private Postfix on loopback with a listener for each, the same mails, taking turns, so that
other work on the machine falls on all alike. What is accepted is discarded.

  bench/run-postfix.py BUILD MAILS [-n MESSAGES] [-c CONNECTIONS] [--rounds N] [--state FOLDER]

A round sends MESSAGES to each listener, a share of each of 20 mails. The ratio that counts is the
median over the rounds. Needs root (Postfix's master does), postfix, smtp-source."""
import argparse
import contextlib
import importlib.util
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
KINDS = 20  # of mails


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def milters():
    """The filters of run-milter.py, which are started the same way here."""
    spec = importlib.util.spec_from_file_location("run_milter", HERE / "run-milter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def postfix(folder, listeners):
    """listeners: port -> milter or ''."""
    etc, queue, data = folder / "etc", folder / "spool", folder / "data"
    for one in (etc, queue, data):
        one.mkdir()
    shutil.chown(data, "postfix")
    (etc / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.office.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = office.example
relay_transport = discard:
default_transport = discard:
alias_maps =
disable_dns_lookups = yes
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
milter_default_action = tempfail
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
""")
    services = ["postlog unix-dgram n - n - 1 postlogd",
                "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
                "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
                "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
                "proxymap unix - - n - - proxymap", "anvil unix - - n - 1 anvil",
                "discard unix - - n - - discard", "error unix - - n - - error",
                "retry unix - - n - - error"]
    for port, milter in listeners.items():
        services.append(f"127.0.0.1:{port} inet n - n - - smtpd -o smtpd_milters={milter}")
    (etc / "master.cf").write_text("\n".join(services) + "\n")
    subprocess.run(["postfix", "-c", etc, "start"], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["postfix", "-c", etc, "stop"], check=False, capture_output=True)


def seconds_for(port, mails, messages, connections):
    began = time.monotonic()
    for mail in mails:
        subprocess.run(["smtp-source", "-s", str(connections), "-m", str(messages // len(mails)),
                        "-f", "someone@elsewhere.example", "-t", "user@office.example", "-F", mail,
                        f"127.0.0.1:{port}"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("mails", type=pathlib.Path)
    parser.add_argument("-n", "--messages", type=int, default=400)
    parser.add_argument("-c", "--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--state", default="/var/tmp", help="where queue, state and log lie")
    arguments = parser.parse_args()
    filters = milters()
    everything = sorted(one for one in arguments.mails.rglob("*") if one.is_file())
    mails = random.Random(1).sample(everything, min(KINDS, len(everything)))
    os.umask(0)  # smtpd runs as postfix and has to reach the sockets
    build = arguments.build.resolve()
    with tempfile.TemporaryDirectory(dir=arguments.state) as scratch:
        folder = pathlib.Path(scratch)
        folder.chmod(0o755)
        names = ["no filter", "do-nothing", "gatepost"]
        with filters.noop(build, folder) as (noop, noop_pid), \
                filters.gatepost(build, folder) as (gatepost, gatepost_pid):
            # Its own rights are for a group that this Postfix has no part in.
            os.chmod(gatepost.removeprefix("unix:"), 0o666)
            ports = {name: free_port() for name in names}
            wanted = dict(zip(ports.values(), ("", noop, gatepost)))
            rates = {name: [] for name in names}
            with postfix(folder, wanted):
                for name in names:
                    seconds_for(ports[name], mails, KINDS * 2, arguments.connections)  # warm
                pids = {"do-nothing": noop_pid, "gatepost": gatepost_pid}
                used = {name: filters.cpu(pid) for name, pid in pids.items()}
                for turn in range(arguments.rounds):
                    # Each goes first now and then.
                    for name in names[turn % 3:] + names[:turn % 3]:
                        seconds = seconds_for(ports[name], mails, arguments.messages,
                                              arguments.connections)
                        rates[name].append(arguments.messages / seconds)
                total = arguments.rounds * arguments.messages
                used = {name: filters.cpu(pid) - used[name] for name, pid in pids.items()}
            for name in names:
                ratios = [a / b for a, b in zip(rates[name], rates["do-nothing"])]
                filter_ms = f"  filter CPU {used[name] / total:5.2f} ms" if name in used else ""
                print(f"{name:12} {statistics.median(rates[name]):8.1f}/s "
                      f"({min(rates[name]):.1f} to {max(rates[name]):.1f})  "
                      f"x{statistics.median(ratios):.2f} of do-nothing{filter_ms}", flush=True)


if __name__ == "__main__":
    main()
