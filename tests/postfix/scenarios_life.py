# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's life under traffic: reloads, kills, its end. Every 250 is in the log and arrives (or is
held), whatever happens in between."""
import os
import pathlib
import signal
import threading
import time

import mails
import smtp
from house import HERE, wait_until
from scenarios_actions import expect


class Traffic:
    """Sends letters from several threads until stopped; keeps what each was told."""

    def __init__(self, house, word, threads=3, body="suite traffic\r\n", port="mx"):
        self.house, self.word, self.body, self.port = house, word, body, port
        self.answers, self._stop = {}, threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    def _run(self, number):
        count = 0
        while not self._stop.is_set():
            client = None
            try:
                client = smtp.Client(self.house.ports[self.port])
                for _ in range(3):
                    count += 1
                    recipient = f"{self.word}-{number}-{count}@office.example"
                    self.answers[recipient] = (0, "no answer")
                    self.answers[recipient] = client.send("friend@example.net", [recipient],
                                                          mails.letter(self.body))
                    if self._stop.is_set():
                        break
            except OSError:
                time.sleep(0.05)
            finally:
                if client is not None:
                    client.close()

    def __enter__(self):
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for one in self._threads:
            one.join()

    def told(self, code):
        return [one for one, answer in self.answers.items() if answer[0] == code]

    def check_kept_promises(self, daemon):
        """Every 250 is logged and delivered once; nothing else was delivered."""
        logged = {r["rcpt"] for record in daemon.log() for r in record["recipients"]}
        for recipient in self.told(250):
            assert recipient in logged, f"{recipient}: 250 and not in the log"
            assert len(self.house.sink.wait(recipient)) == 1, recipient
        wait_until(lambda: not self.house.queue_ids(), 20, "an empty queue")
        accepted = set(self.told(250))
        for recipient, answer in self.answers.items():
            if recipient not in accepted and answer[0] != 0:
                assert not self.house.sink.to(recipient), (recipient, answer)
        assert len(accepted) >= 3, self.answers


def test_reloads_under_traffic_defer_nothing_and_each_verdict_fits_its_generation(house):
    folder = house.folder / "changing-rules"
    folder.mkdir()
    text = (HERE / "rules" / "postfix-suite.yaml").read_text()

    def write(score):
        (folder / "next").write_text(text.replace("score: 6", f"score: {score}"))
        os.replace(folder / "next", folder / "suite.yaml")

    write(6)
    house.main.write_config(rules=[house.rules, folder])
    expected = {}
    with Traffic(house, "reload", threads=2, body="suite-suspicious-word\r\n") as traffic:
        for turn in range(6):
            reloads = house.main.journal.read_text().count("GP3018")
            write(6 if turn % 2 else 1)
            house.main.process.send_signal(signal.SIGHUP)
            wait_until(lambda: house.main.journal.read_text().count("GP3018") > reloads, 60,
                       "a reload")
    assert not traffic.told(451), traffic.answers
    traffic.check_kept_promises(house.main)
    for record in house.main.log():
        if record["recipients"][0]["rcpt"].startswith("reload-"):
            expected.setdefault(record["generation"]["rules"], set()).add(record["action"])
    # The suite's own rule set of before is one more generation that tags.
    assert len(expected) >= 2 and all(len(one) == 1 for one in expected.values()), expected
    assert {"tag"} in expected.values() and {"accept"} in expected.values(), expected
    house.main.write_config()
    house.main.process.send_signal(signal.SIGHUP)
    assert house.main.cli("status").returncode == 0


def test_a_reload_of_broken_rules_changes_nothing(house):
    reloads = house.main.journal.read_text().count("GP3017")
    broken = house.folder / "broken-reload"
    broken.mkdir()
    (broken / "x.yaml").write_text("pack: x\nrules: [")
    house.main.write_config(rules=[house.rules, broken])
    house.main.process.send_signal(signal.SIGHUP)
    wait_until(lambda: house.main.journal.read_text().count("GP3017") > reloads, 60, "the refusal")
    expect(house.send("friend@example.net", ["still@office.example"],
                      mails.letter("suite-suspicious-word\r\n")), 250)
    assert house.main.decision("still@office.example")["action"] == "tag"
    house.main.write_config()
    assert house.main.cli("reload").returncode == 0


def test_workers_killed_under_traffic_cost_no_message(house):
    with Traffic(house, "worker") as traffic:
        for _ in range(8):
            time.sleep(0.25)
            victims = house.main.children()[1:]
            for pid in victims[:1]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
    traffic.check_kept_promises(house.main)
    answers = {answer[0] for answer in traffic.answers.values()}
    assert answers <= {250, 451, 0}, answers


def test_the_daemon_killed_under_traffic_loses_and_hides_nothing(house):
    with Traffic(house, "killed") as traffic:
        for _ in range(3):
            time.sleep(0.7)
            house.main.stop(signal.SIGKILL)
            house.main.start()
    answers = {answer[0] for answer in traffic.answers.values()}
    assert answers <= {250, 451, 0}, answers
    traffic.check_kept_promises(house.main)
    # What was told 451 comes again.
    for recipient in traffic.told(451)[:3]:
        expect(house.send("friend@example.net", [recipient], mails.letter()), 250)
        house.sink.wait(recipient)


def test_sigterm_under_traffic_finishes_what_it_has_and_leaves_with_zero(house):
    with Traffic(house, "term") as traffic:
        time.sleep(1)
        assert house.main.stop(signal.SIGTERM) == 0
        house.main.start()
        time.sleep(0.3)
    assert "cut_off=0" in house.main.journal.read_text()
    traffic.check_kept_promises(house.main)


def test_two_hundred_hangups_in_a_row_do_not_end_the_daemon(house):
    for _ in range(200):
        house.main.process.send_signal(signal.SIGHUP)
        time.sleep(0.002)
    expect(house.send("friend@example.net", ["hup@office.example"], mails.letter()), 250)
    assert house.main.process.poll() is None


def test_the_socket_is_shared_with_postfix_and_nobody_else(house):
    mode = house.main.socket.stat().st_mode
    assert mode & 0o777 == 0o660, oct(mode)
    import grp
    assert house.main.socket.stat().st_gid == grp.getgrnam("postfix").gr_gid


def test_the_daemon_leaves_no_core_and_cannot_be_traced(house):
    limits = pathlib.Path(f"/proc/{house.main.process.pid}/limits").read_text()
    core = [line.split() for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core[0][4:6] == ["0", "0"], core
    # The kernel gives the files of a process that is not dumpable to root.
    assert os.stat(f"/proc/{house.main.process.pid}/maps").st_uid == 0


def test_at_the_end_everything_that_arrived_is_logged_and_the_chain_is_whole(house):
    logged = {record["id"] for daemon in house.daemons for record in daemon.log()}
    seen = 0
    for arrived in house.sink.all():
        for one in arrived.values("X-Gatepost-Id"):
            assert one in logged, f"{one} arrived and is not in the log"
            seen += 1
    assert seen >= 20, seen
    verify = house.main.cli("log", "verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr
