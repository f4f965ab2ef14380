#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills `gatepost held release` and `gatepost held delete` at random moments, beside a running
gatepostd and a listener that logs as Postfix does, all on one quarantine that nobody repairs. After
each kill a person's part is done: `held release --settle`, then on with the next. At the end every
mail was sent exactly once or deleted, none was sent that is not released, none is gone, and both
logs are whole.

  random_kills.py BUILD [--kills 25] [--seed 1]

Exit 1 when one of these is not so. A thousand took the time that random_kills.md names."""
import argparse
import json
import os
import pathlib
import random
import signal
import socketserver
import subprocess
import sys
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(TOP / "tests" / "milter")]
import protocol  # noqa: E402


class Listener(socketserver.ThreadingTCPServer):
    """Takes a message at its final dot; logs session and queue as Postfix does."""
    allow_reuse_address = daemon_threads = True

    def __init__(self, log):
        self.log, self.lock, self.number, self.taken = log, threading.Lock(), 0, []
        super().__init__(("127.0.0.1", 0), Session)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def say(self, line):
        with self.lock, open(self.log, "a", encoding="utf-8") as log:
            log.write("Nov 26 00:00:00 mx " + line + "\n")


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        with self.server.lock:
            self.server.number += 1
            queue_id = f"4K{self.server.number}"
        ident = "-"
        try:
            self.wfile.write(b"220 test ESMTP\r\n")
            for line in self.rfile:
                if b"IDENT=" in line:
                    ident = line.split(b"IDENT=")[1].split()[0].decode()
                if line.startswith(b"EHLO"):
                    self.wfile.write(b"250-test\r\n250-XFORWARD NAME ADDR PROTO HELO SOURCE IDENT "
                                     b"PORT\r\n250 8BITMIME\r\n")
                elif line.startswith(b"DATA"):
                    self.wfile.write(b"354 go\r\n")
                    body = []
                    for text in self.rfile:
                        if text == b".\r\n":
                            break
                        body.append(text)
                    else:
                        return  # cut off: nothing was taken
                    with self.server.lock:
                        self.server.taken.append(b"".join(body))
                    self.server.say(f"postfix/qmgr[1]: {queue_id}: from=<a@b>, size=1, nrcpt=1 "
                                    "(queue active)")
                    self.wfile.write(b"250 2.0.0 Ok: queued\r\n")
                else:
                    if line.startswith(b"MAIL"):
                        self.server.say(f"postfix/smtpd[1]: {queue_id}: client=localhost[127.0.0.1]"
                                        f", orig_queue_id={ident}")
                    self.wfile.write(b"250 ok\r\n")
        except OSError:
            pass


class House:
    def __init__(self, build):
        self.build = build
        self.log = pathlib.Path(f"/tmp/gatepost-kills-{os.getpid()}.log")
        self.log.write_text("")
        self.listener = Listener(self.log)
        self.daemon = protocol.Daemon(
            build, rules=TOP / "tests" / "postfix" / "rules",
            policy=TOP / "tests" / "custody" / "policy.yaml",
            extra=f"release: 127.0.0.1:{self.listener.server_address[1]}\nworkers: 1\n")
        self.made = 0

    def words(self, *words):
        return [f"{self.build}/bin/gatepost", *words, "--config",
                str(self.daemon.folder / "gatepost.yaml")]

    def lines(self, *words, code=(0,)):
        done = subprocess.run(self.words(*words, "--json"), capture_output=True, timeout=120,
                              check=False)
        assert done.returncode in code, (words, done.returncode, done.stdout, done.stderr)
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    def hold(self, count):
        one = self.daemon.session()
        for _ in range(count):
            self.made += 1
            one.write(protocol.envelope(sender=f"s{self.made}@outside.example") + protocol.content(
                ((b"Subject", b" x"),), b"suite-suspicious-word number-%d.\r\n" % self.made) +
                protocol.packet(b"E"))
            one.verdict()
        one.close()

    def held(self):
        return {one["id"]: one for one in self.lines("held", "list", "--state", "all",
                                                           "--limit", "100000")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice, house, begun = random.Random(options.seed), House(options.build), time.monotonic()
    counts = {"kills": 0, "came to their end first": 0, "settled as sent": 0, "settled as held": 0}
    took = {"release": 0.3, "delete": 0.3}
    # How long each takes when nobody kills it.
    house.hold(4)
    for number, one in enumerate(list(house.held())):
        what = "release" if number % 2 else "delete"
        before = time.monotonic()
        house.lines("held", what, one, *(["--yes"] if what == "delete" else []))
        took[what] = time.monotonic() - before
    deleted = set()
    while counts["kills"] < options.kills:
        waiting = [name for name, one in house.held().items() if one["state"] == "held"]
        if len(waiting) < 20:
            house.hold(50)
            continue
        for one in dice.sample(waiting, 10):
            what = dice.choice(("release", "release", "delete"))
            words = house.words("held", what, one, *(["--yes"] if what == "delete" else []))
            with subprocess.Popen(words, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                try:
                    process.wait(dice.uniform(0, took[what] * 1.1))
                    counts["came to their end first"] += 1
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    counts["kills"] += 1
            if what == "delete":
                deleted.add(one)
            time.sleep(0.01)  # what was said to the listener is dealt with
            for settled in house.lines("held", "release", "--settle", "--postfix-log",
                                       str(house.log), "--was", "held", code=(0, 1)):
                counts["settled as " + settled["outcome"]] += 1
            if counts["kills"] % 50 == 0:
                print(f"{counts}", file=sys.stderr)
            if counts["kills"] >= options.kills:
                break
    failures = check(house, deleted)
    house.daemon.process.terminate()
    house.daemon.process.wait(60)
    verified = house.lines("log", "verify", code=(0, 1))[0]
    failures += [] if verified["whole"] else [f"the log is not whole: {verified}"]
    if "audit" in verified and not verified["audit"]["whole"]:
        failures.append(f"the trail is not whole: {verified['audit']}")
    for line in failures:
        print("FAILED", line)
    print(f"seed {options.seed}: {counts}; {house.made} mails, {len(house.listener.taken)} sent, "
          f"{len(failures)} failures, {time.monotonic() - begun:.0f} s")
    house.log.unlink()
    subprocess.run(["rm", "-rf", str(house.daemon.folder)], check=False)
    return 1 if failures else 0


def check(house, deleted):
    failures, entries = [], house.held()
    if len(entries) != house.made:
        failures.append(f"{house.made} were held, {len(entries)} are known")
    by_number = {}
    for body in house.listener.taken:
        number = int(body.split(b"number-")[1].split(b".")[0])
        by_number[number] = by_number.get(number, 0) + 1
    twice = [number for number, times in by_number.items() if times > 1]
    if twice:
        failures.append(f"sent twice: {twice}")
    for one in entries.values():
        number = int(one["from"].split("@")[0][1:])
        sent = by_number.get(number, 0)
        if one["state"] == "released" and sent != 1:
            failures.append(f"{one['id']} says released and was sent {sent} times")
        if one["state"] == "held" and sent:
            failures.append(f"{one['id']} says held and was sent")
        if one["state"] == "deleted" and (sent or one["id"] not in deleted) and number > 4:
            failures.append(f"{one['id']} is deleted and was sent {sent} times")
        if one["state"] not in ("held", "released", "deleted"):
            failures.append(f"{one['id']} is left in {one['state']}")
    # What is still held can be released, and arrives whole.
    rest = [name for name, one in entries.items() if one["state"] == "held"][:5]
    before = len(house.listener.taken)
    if rest:
        house.lines("held", "release", *rest)
    if len(house.listener.taken) - before != len(rest):
        failures.append("what is held cannot be released")
    return failures


if __name__ == "__main__":
    sys.exit(main())
