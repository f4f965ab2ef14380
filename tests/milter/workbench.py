#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rule author and a security officer do with a running gatepostd: look at what shadow rules
would have done, allow a sender for a while, keep a sample, replay it under other rules.

  workbench.py BUILD [--only WORD]

One line a scenario; exit 1 when one failed. Needs no root."""
import argparse
import inspect
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from protocol import Daemon, content, envelope, packet  # noqa: E402

RULE = """  - id: {id}
    title: {{en: "{word}", vi: "{word}"}}
    why: For the test.
    zones: [body]
    match: '{word}'
    {more}
    examples: {{match: ["an {word} one"], no_match: ["nothing"]}}
"""
POLICY = """policy: 1
thresholds: {tag: 5, reject: 15}
markings: {groups: [secret], severity: low}
clauses:
  - {name: secret, category: marking, when: {groups: [secret], severity: high},
     then: {action: quarantine}}
  - {name: hold-it, category: policy, when: {rules: [T-HOLD, T-SHADOW]}, then: {action: quarantine}}
  - name: new-hold
    category: policy
    mode: shadow
    when: {rules: [T-PURPLE]}
    then: {action: quarantine}
  - {name: tag-it, category: spam, when: {score: {at_least: tag}}, then: {action: tag}}
"""


def write_rules(folder, hold="orange", extra=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "t.yaml").write_text(
        "pack: t\nversion: 1.0.0\nrules:\n" +
        RULE.format(id="T-HOLD", word=hold, more="severity: medium") +
        RULE.format(id="T-SHADOW", word="green", more="mode: shadow") +
        RULE.format(id="T-PURPLE", word="purple", more="score: 1") +
        RULE.format(id="T-TAG", word="yellow", more="score: 6") +
        RULE.format(id="T-SECRET", word="hidden", more="group: secret\n    severity: low") +
        RULE.format(id="T-SECRET2", word="forbidden", more="group: secret\n    severity: high") +
        RULE.format(id="T-MAUVE", word="mauve", more="mode: shadow") +
        """  - id: T-BOTH
    title: {en: both, vi: cả hai}
    why: An enforced condition does not see a rule in shadow mode.
    when: {all: [{rule: T-MAUVE}, {rule: T-PURPLE}]}
    score: 6
    examples: {match: [{rules: [T-MAUVE, T-PURPLE]}], no_match: [{rules: [T-MAUVE]}]}
""" + extra)
    return folder


class Sink(threading.Thread):
    """An SMTP server on a Unix socket that takes everything: the release listener."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(4)
        self.mails = []
        self.start()

    def run(self):
        while True:
            sock = self.listener.accept()[0]
            lines = sock.makefile("rb")
            sock.sendall(b"220 sink ESMTP\r\n")
            for line in lines:
                word = line.split()[0].upper() if line.split() else b""
                if word == b"EHLO":
                    sock.sendall(b"250-sink\r\n250-XFORWARD NAME ADDR PROTO HELO SOURCE IDENT PORT\r\n"
                                 b"250-8BITMIME\r\n250 SMTPUTF8\r\n")
                elif word == b"DATA":
                    sock.sendall(b"354 go\r\n")
                    body = b""
                    for text in lines:
                        if text == b".\r\n":
                            break
                        body += text
                    self.mails.append(body)
                    sock.sendall(b"250 2.0.0 Ok: queued as 4Sink\r\n")
                elif word == b"QUIT":
                    sock.sendall(b"221 bye\r\n")
                    break
                else:
                    sock.sendall(b"250 ok\r\n")
            sock.close()


class House:
    def __init__(self, build):
        self.build = build
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-workbench-"))
        self.rules = write_rules(self.folder / "rules")
        self.policy = self.folder / "policy.yaml"
        self.policy.write_text(POLICY)
        self.sink = Sink(str(self.folder / "sink"))
        self.daemon = Daemon(build, rules=self.rules, policy=self.policy,
                             extra=f"release: unix:{self.folder}/sink\n"
                                   "keep: {sample: 100%, for: 1d}\nworkers: 1")
        self.config = self.daemon.folder / "gatepost.yaml"
        self.state = self.daemon.folder / "state"
        self.count = 0

    def send(self, body, sender="friend@example.net", to=None):
        self.count += 1
        to = to or f"r{self.count}@office.example"
        one = self.daemon.session()
        one.write(envelope([to], sender=sender) +
                  content(fields=((b"Subject", b" Letter number one"),
                                  (b"From", f" <{sender}>".encode())),
                          body=body.encode() + b"\r\n") + packet(b"E"))
        answer = one.verdict()[0]
        one.close()
        return answer, self.daemon.record(to)

    def command(self, *words, codes=(0,), **keys):
        environment = dict(os.environ, LC_ALL="C.UTF-8")
        environment.update(keys.pop("environment", {}))
        done = subprocess.run([f"{self.build}/bin/gatepost", *words, "--config", str(self.config)],
                              capture_output=True, text=True, timeout=300, env=environment, **keys)
        assert done.returncode in codes, (words, done.returncode, done.stdout, done.stderr)
        return done

    def lines(self, *words, **keys):
        return [json.loads(line) for line in self.command(*words, "--json", **keys).stdout.splitlines()]

    def close(self):
        self.daemon.close()
        shutil.rmtree(self.folder)


def test_a_shadow_rule_and_a_shadow_clause_say_what_they_would_have_done(house):
    for sender in ("a@one.example", "b@one.example", "c@two.example"):
        answer, record = house.send("a green one", sender)
        assert answer == b"a"
        assert record["shadow"] == [{"rule": "T-SHADOW", "action": "quarantine", "by": "hold-it",
                                     "recipients": 1}], record
    answer, record = house.send("a purple one", "d@two.example")
    assert answer == b"a" and record["shadow"] == [
        {"clause": "new-hold", "action": "quarantine", "by": "new-hold", "recipients": 1}], record
    # A combination that would see the rule, were it enforced.
    record = house.send("mauve and purple", "e@two.example")[1]
    assert {"rule": "T-MAUVE", "action": "tag", "by": "tag-it", "recipients": 1} in record["shadow"]
    assert "T-BOTH" not in [hit["id"] for hit in record["rules"]], record
    assert "shadow" not in house.send("mauve alone")[1]
    # Held anyway: neither would have changed anything.
    record = house.send("green and orange and purple")[1]
    assert record["action"] == "quarantine" and "shadow" not in record, record
    found = {one.get("rule") or one["clause"]: one for one in house.lines("rules", "shadow")}
    rule = found["T-SHADOW"]
    assert (rule["messages"], rule["hits"], rule["would_have_stopped"]) == (7, 4, 3), rule
    assert rule["otherwise_accepted_share"] == 1
    assert rule["senders"][0] == {"domain": "one.example", "messages": 2}, rule
    assert found["new-hold"]["held"] == 2 and found["T-MAUVE"]["tagged"] == 1
    text = house.command("rules", "shadow").stdout
    assert "would have held or rejected 3 of 7 messages" in text, text
    vietnamese = house.command("rules", "shadow", environment={"LC_ALL": "vi_VN.UTF-8"}).stdout
    assert "lẽ ra giữ hoặc từ chối 3 trong 7 thư" in vietnamese, vietnamese
    assert "would have made it quarantine by clause hold-it" in house.command(
        "explain", house.daemon.record("r1@office.example")["id"]).stdout


def test_the_ready_line_switches_a_rule_and_a_clause_on(house):
    found = {one.get("rule") or one["clause"]: one for one in house.lines("rules", "shadow")}
    for name, where in (("T-SHADOW", house.rules / "t.yaml"), ("new-hold", house.policy)):
        line = found[name]["switch_on"]
        assert line.startswith("sed -i ") and line.endswith(" && gatepost reload"), line
        before = where.read_text()
        subprocess.run(line.removesuffix(" && gatepost reload"), shell=True, check=True)
        after = where.read_text()
        where.write_text(before)
        assert before.replace("mode: shadow", "mode: enforce", 1) == after, (name, after)


def test_a_release_that_allows_similar_mail_acts_at_once_and_is_told(house):
    answer, record = house.send("an orange letter", "news@partner.example")
    assert answer == b"d" and record["action"] == "quarantine", (answer, record)
    held = record["held_id"]
    house.command("held", "release", held, "--allow-similar", codes=(2,))
    assert not house.sink.mails, "released although the exception was not understood"
    out = house.lines("held", "release", held, "--allow-similar", "--for", "7d", "--reason",
                      "their newsletter is wanted", "--owner", "an")
    assert len(house.sink.mails) == 1 and out[0]["outcome"] == "released", out
    exception = out[1]["exception"]
    assert exception["sender"] == "news@partner.example" and "T-HOLD" in exception["rules"], out
    answer, record = house.send("another orange letter", "news@partner.example")
    assert answer == b"a" and record["action"] == "accept", record
    assert record["exceptions"] == [{"id": exception["id"], "owner": "an",
                                     "reason": "their newsletter is wanted", "applied": True,
                                     "rules": ["T-HOLD"]}], record
    story = house.command("explain", record["id"]).stdout
    assert f"exception   {exception['id']} of an: their newsletter is wanted" in story, story
    assert house.send("an orange letter", "other@partner.example")[0] == b"d"
    # Without a reload, in both directions.
    house.command("exceptions", "remove", exception["id"])
    assert house.send("a third orange letter", "news@partner.example")[0] == b"d"
    house.command("exceptions", "remove", exception["id"], codes=(1,))


def test_no_exception_lets_a_marking_or_a_virus_pass(house):
    added = house.lines("exceptions", "add", "--sender", "example.net", "--rule", "*", "--for", "1d",
                        "--reason", "everything")[0]
    assert house.send("an orange one")[0] == b"a"
    answer, record = house.send("forbidden and orange")
    assert answer == b"d" and record["clause"] == "secret", record
    assert record["exceptions"][0]["because"] == "marking", record
    refused = house.command("held", "release", record["held_id"], "--allow-similar", "--for", "1d",
                            "--reason", "a test", codes=(2,))
    assert "no exception ever lets such mail pass" in refused.stderr, refused.stderr
    house.command("exceptions", "remove", added["id"])


def test_mistakes_are_named_and_expired_exceptions_are_reported(house):
    for words, what in ((("--sender", "a@b@c"), "is no sender"), ((), "names a sender"),
                        (("--sha256", "12"), "64 characters")):
        said = house.command("exceptions", "add", *words, "--for", "1d", "--reason", "x", codes=(2,))
        assert what in said.stderr, said.stderr
    said = house.command("exceptions", "add", "--sender", "b.example", "--for", "1d", "--reason",
                         "  x ", codes=(2,))
    assert "say why" in said.stderr, said.stderr
    said = house.command("exceptions", "add", "--sender", "b.example", "--for", "9000d", "--reason",
                         "x", codes=(2,))
    assert "366d" in said.stderr, said.stderr
    house.command("exceptions", "add", "--sender", "old.example", "--for", "1d", "--reason",
                  "a test")
    file = house.state / "exceptions.json"
    data = json.loads(file.read_text())
    data["exceptions"][-1].update(created="2026-01-01T00:00:00Z", expires="2026-01-02T00:00:00Z")
    file.write_text(json.dumps(data))
    assert "expired" in house.command("exceptions", "list").stdout
    assert "expired at 2026-01-02" in house.command("check").stdout
    assert house.lines("status")[0]["exceptions"]["expired"] == 1
    house.command("exceptions", "remove", "--expired")
    assert house.lines("exceptions", "list") == []
    file.write_text("{}")
    assert house.send("an orange one")[0] == b"d", "a broken file let mail pass"
    status = house.lines("status", codes=(1,))[0]
    assert "no exception applies" in status["reasons"][0], status
    file.unlink()
    house.command("status")


def test_a_sample_of_accepted_mail_is_kept_but_nothing_marked_or_held(house):
    kept = lambda: {path.stem for path in house.state.glob("kept/*/*.eml")}  # noqa: E731
    before = kept()
    plain = house.send("a plain letter")[1]["id"]
    tagged = house.send("a yellow letter")[1]["id"]
    held = house.send("an orange letter")[1]["id"]
    mention = house.send("a hidden word")
    assert mention[0] == b"a", mention
    assert kept() - before == {plain, tagged}, (plain, tagged, held, mention)
    file = next(house.state.glob(f"kept/*/{plain}.eml"))
    assert file.read_bytes().endswith(b"a plain letter\r\n")
    assert file.stat().st_mode & 0o077 == 0 and (house.state / "kept").stat().st_mode & 0o077 == 0


def test_a_replay_of_what_was_kept_names_what_would_be_held_anew(house):
    house.send("a plain letter of blue")
    house.send("a yellow letter of blue")
    proposed = write_rules(house.folder / "proposed", hold="blue")
    page = house.folder / "report.html"
    report = house.lines("rules", "replay", "--rules", str(proposed), "--on", "kept", "--html",
                         str(page))[0]
    assert report["changes"]["newly-held"] >= 2, report
    assert report["proposed"]["rules"] == [str(proposed)], report
    rule = next(one for one in report["rules"] if one["id"] == "T-HOLD")
    assert rule["changes"]["newly-held"] == report["changes"]["newly-held"] and rule["examples"]
    assert all(mail["because"] == ["T-HOLD"] for mail in report["mails"]), report["mails"]
    assert report["mails"][0]["subject"] == "L····· n····· o··", report["mails"][0]
    html = page.read_text()
    assert html.startswith("<!doctype html>") and "T-HOLD" in html and "newly held" in html
    for word in ("<script", "http://", "https://", "src=", "href=", "url("):
        assert word not in html, word
    text = house.command("rules", "replay", "--rules", str(proposed), "--on", "kept", "--subjects",
                         environment={"LC_ALL": "vi_VN.UTF-8"}).stdout
    assert "mới bị giữ" in text and "Letter number one" in text, text


def test_a_replay_of_what_is_held_names_what_would_be_free(house):
    house.send("an orange letter for the replay", "held@example.net")
    proposed = write_rules(house.folder / "proposed", hold="nothing-like-it")
    report = house.lines("rules", "replay", "--rules", str(proposed), "--on", "held")[0]
    assert report["kind"] == "held" and report["changes"]["newly-free"] >= 1, report
    mail = next(one for one in report["mails"] if one["from"] == "held@example.net")
    assert (mail["present"]["action"], mail["proposed"]["action"]) == ("quarantine", "accept")
    # A marked one is counted; nothing of it is shown.
    assert not any(one["marked"] and "L" in one["subject"] for one in report["mails"])


def letter(body, to="clerk@office.example", day=1):
    return (f"Date: Thu, {day:02d} Oct 2026 10:00:00 +0700\nFrom: friend@example.net\nTo: {to}\n"
            f"Subject: Thư số một\n\n{body}\n")


def test_folders_maildirs_and_mailboxes_are_replayed_alike(house):
    proposed = write_rules(house.folder / "proposed", hold="From the blue")
    bodies = ["nothing", "words\n\nFrom the blue sky, 10:30 in 1998", "orange", "From the blue"]
    folder = house.folder / "mails"
    maildir = house.folder / "maildir"
    for path in (folder, maildir / "cur", maildir / "new", maildir / "tmp"):
        path.mkdir(parents=True)
    mailbox = b""
    for n, body in enumerate(bodies):
        text = letter(body, day=n + 1).encode()
        (folder / f"{n}.eml").write_bytes(text)
        (maildir / ("new" if n % 2 else "cur") / f"{n}.host:2,S").write_bytes(text)
        quoted = text.replace(b"\nFrom the", b"\n>From the")
        mailbox += b"From friend@example.net Thu Oct  1 10:00:00 2026\n" + quoted + b"\n"
    (maildir / "tmp" / "x").write_bytes(b"not delivered")
    (house.folder / "inbox").write_bytes(mailbox)
    for on, kind in ((folder, "folder"), (maildir, "maildir"), (house.folder / "inbox", "mbox")):
        report = house.lines("rules", "replay", "--rules", str(proposed), "--on", str(on))[0]
        assert (report["kind"], report["compared"]) == (kind, 4), report
        assert (report["changes"]["newly-held"], report["changes"]["newly-free"]) == (2, 1), (
            kind, report)
    since = house.lines("rules", "replay", "--rules", str(proposed), "--on", str(folder), "--since",
                        "2026-10-03")[0]
    assert (since["compared"], since["older"]) == (2, 2), since


def test_a_policy_alone_and_a_folder_on_top_can_be_proposed(house):
    folder = house.folder / "two"
    folder.mkdir()
    (folder / "1.eml").write_text(letter("a yellow one"))
    (folder / "2.eml").write_text(letter("a brown one"))
    stricter = house.folder / "stricter.yaml"
    stricter.write_text(POLICY.replace("then: {action: tag}", "then: {action: quarantine}"))
    report = house.lines("rules", "replay", "--policy", str(stricter), "--on", str(folder))[0]
    assert report["mails"][0]["because"] == ["clause tag-it"], report
    assert report["changes"]["newly-held"] == 1
    more = house.folder / "more"
    more.mkdir()
    (more / "n.yaml").write_text("pack: n\nversion: 1.0.0\nrules:\n" +
                                 RULE.format(id="N-001", word="brown", more="score: 5"))
    report = house.lines("rules", "replay", "--rules", str(more), "--on", str(folder))[0]
    assert report["proposed"]["rules"] == [str(house.rules), str(more)], report
    assert report["changes"]["newly-tagged"] == 1 and report["rules"][0]["id"] == "N-001", report
    assert any("on top" in note for note in report["notes"]), report
    (more / "n.yaml").write_text("pack: n\nrules: [{id: N-001, mtach: x}]\n")
    broken = house.command("rules", "replay", "--rules", str(more), "--on", str(folder), codes=(2,))
    assert "n.yaml:2" in broken.stderr and "match" in broken.stderr, broken.stderr


def test_an_interrupted_replay_prints_what_it_has(house):
    folder = house.folder / "many"
    folder.mkdir()
    body = "many words of a long letter\n" * 2000
    for n in range(3000):
        (folder / f"{n:04d}.eml").write_text(letter(f"orange {n} {body}"))
    proposed = write_rules(house.folder / "proposed", hold="blue")
    running = subprocess.Popen(
        [f"{house.build}/bin/gatepost", "rules", "replay", "--rules", proposed, "--on", folder,
         "--json", "--config", house.config], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # Workers exist when both generations have loaded; then the comparing begins.
    end = time.monotonic() + 120
    while time.monotonic() < end:
        tasks = list(pathlib.Path(f"/proc/{running.pid}/task").glob("*"))
        if len(tasks) >= 5 or running.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out = running.communicate(timeout=120)[0]
    report = json.loads(out)
    assert report["interrupted"] and report["compared"] < 3000, report["compared"]
    assert report["changes"]["newly-free"] == report["compared"], report["changes"]
    assert running.returncode == 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    house = House(arguments.build)
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or arguments.only not in name or not inspect.isfunction(test):
            continue
        begun = time.monotonic()
        try:
            test(house)
            print(f"ok    {name}  {time.monotonic() - begun:.1f} s", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
    house.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
