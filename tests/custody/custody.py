#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Custody as three people live it: mail is held by a real gatepostd, sealed, looked at, asked for,
granted, released to a real listener; the logs are attacked; and nothing of the mail's text is in
anything but the sealed store.

  custody.py BUILD

One line a scenario; exit 1 when one failed. Needs no root."""
import json
import os
import pathlib
import subprocess
import sys
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path += [str(TOP / "tests" / "milter"), str(TOP / "tests" / "postfix")]
import protocol  # noqa: E402
import sink as sinks  # noqa: E402

SECRET = "suite-suspicious-word Nobody but Lan may read this"
SUBJECT = "an unmistakable subject"


class House:
    def __init__(self, build):
        self.build, self.sink = build, sinks.Sink()
        self.daemon = protocol.Daemon(
            build, rules=TOP / "tests" / "postfix" / "rules",
            policy=TOP / "tests" / "custody" / "policy.yaml",
            extra=f"release: 127.0.0.1:{self.sink.port}\n"
                  "custody: {two_persons: [virus]}\n"
                  "retention: {spam: 1s, default: 30d}\n"
                  "workers: 1")
        self.folder = self.daemon.folder
        self.state, self.log = self.folder / "state", self.folder / "log"
        (self.folder / "pass").write_text("a long passphrase\n")

    def run(self, *words, person="lan", code=0, **keys):
        environment = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
        done = subprocess.run(
            [f"{self.build}/bin/gatepost", *words, "--config", self.folder / "gatepost.yaml"],
            capture_output=True, timeout=120, env=dict(environment, SUDO_USER=person), **keys)
        assert code is None or done.returncode == code, \
            f"{words}: exit {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}"
        return done

    def lines(self, *words, **keys):
        out = self.run(*words, "--json", **keys).stdout.decode()
        return [json.loads(line) for line in out.splitlines()]

    def key(self, name):
        return ["--key", self.folder / f"{name}.key", "--passphrase-file", self.folder / "pass"]

    def hold(self, sender, word=""):
        one = self.daemon.session()
        one.write(protocol.envelope(sender=sender) + protocol.content(
            ((b"Subject", b" " + SUBJECT.encode()), (b"Message-ID", b" <" + word.encode() + b"@x>")),
            SECRET.encode() + b" " + word.encode() + b"\r\n") + protocol.packet(b"E"))
        one.verdict()
        one.close()
        held = [entry for entry in self.lines("held", "list") if entry["from"] == sender]
        assert held, f"nothing of {sender} is held"
        return held[0]["id"]

    def files_with(self, text):
        return [str(path) for path in self.folder.rglob("*")
                if path.is_file() and text.encode() in path.read_bytes()]

    def audit(self, held_id):
        return [event["event"] for event in self.lines("audit", held_id)[0]["events"]]


def test_without_keys_everybody_is_told(house):
    assert "stored in clear" in (house.run("check", code=None).stdout +
                                 house.run("check", code=None).stderr).decode()
    assert house.lines("status")[0]["custody"]["warning"]
    house.clear = house.hold("clear@outside.example", "clear")
    assert house.files_with(SECRET)


def test_a_migration_without_keys_says_once_what_to_do(house):
    said = house.run("held", "migrate", code=1).stderr.decode()
    assert said.count("\n") == 1 and "keys init" in said, said


def test_what_is_missing_is_said_with_an_example(house):
    for words, missing, example in (
            (("keys", "init"), "name and the file", "gatepost keys init lan --out"),
            (("keys", "init", "lan"), "--out", "gatepost keys init lan --out"),
            (("keys", "rewrap"), "private key", "gatepost keys rewrap --key lan.key"),
            (("keys", "remove"), "name", "gatepost keys remove minh"),
            (("nosuch",), "no command 'gatepost nosuch'", "gatepost --help"),
            (("console", "account", "ad"), "account ad'", "mean 'gatepost console account add'"),
            (("kesy",), "no command 'gatepost kesy'", "did you mean 'gatepost keys'"),
            (("keys", "ad"), "no command 'gatepost keys ad'", "did you mean 'gatepost keys add'")):
        said = house.run(*words, code=2).stderr.decode()
        assert missing in said and example in said, said


def test_what_was_held_in_clear_is_sealed_without_a_trace(house):
    house.run("keys", "init", "lan", "--out", house.folder / "lan.key", "--passphrase-file",
              house.folder / "pass")
    house.run("held", "migrate")
    assert not house.files_with(SECRET), house.files_with(SECRET)
    assert not house.files_with(SUBJECT), house.files_with(SUBJECT)


def test_new_mail_is_sealed_and_needs_key_and_reason(house):
    house.virus = house.hold("a@virus.example", "one")
    assert not house.files_with(SECRET) and not house.files_with(SUBJECT)
    house.run("held", "show", house.virus, "--content", code=2)
    house.run("held", "show", house.virus, "--content", "--reason", "a look", code=1)
    shown = house.run("held", "show", house.virus, "--content", "--reason", "a look",
                      *house.key("lan"))
    assert SECRET.encode() in shown.stdout
    assert house.audit(house.virus).count("view") == 2  # the one without a key tried, too
    found = house.lines("held", "list", "--search", "unmistakable", *house.key("lan"))
    assert house.virus in [entry["id"] for entry in found]


def test_a_wrong_passphrase_opens_nothing(house):
    (house.folder / "wrong").write_text("no\n")
    done = house.run("held", "show", house.virus, "--content", "--reason", "x", "--key",
                     house.folder / "lan.key", "--passphrase-file", house.folder / "wrong", code=2)
    assert b"passphrase" in done.stderr


def test_two_persons_release_once_byte_for_byte(house):
    release = ["held", "release", house.virus, *house.key("lan")]
    assert b"second person" in house.run(*release, code=1).stderr
    house.run("held", "request", house.virus, "--reason", "needed today")
    assert b"somebody else" in house.run("held", "approve", house.virus, code=2).stderr
    house.run("held", "approve", house.virus, "--reason", "looked at it", person="minh")
    house.run(*release)
    house.run(*release, code=1)
    got = house.sink.wait("clerk@office.example")
    assert len(got) == 1 and SECRET.encode() in got[0].data
    story = house.audit(house.virus)
    assert [one for one in story if one != "view"] == ["request", "approve", "release", "release"]


def test_the_release_service_opens_spam_and_nothing_else(house):
    spam = house.hold("b@outside.example", "two")
    house.run("held", "release", spam)
    assert len(house.sink.wait("clerk@office.example", 2)) == 2
    virus = house.hold("c@virus.example", "three")
    house.run("held", "request", virus, "--reason", "needed")
    house.run("held", "approve", virus, person="minh")
    assert b"--key" in house.run("held", "release", virus, code=1).stderr


def test_the_release_services_key_is_replaced_while_it_works(house):
    first, second = (house.hold(f"svc{n}@outside.example", "rotated") for n in (1, 2))
    virus = house.hold("svc3@virus.example", "five")
    service = house.state / "keys" / "release.key"
    before = service.read_bytes()
    old = next(one["id"] for one in house.lines("keys", "list") if one["kind"] == "service")
    house.run("keys", "rotate", code=2)
    # One entry that cannot be sealed anew: both keys stay, and the service goes on with the old one.
    [keys] = [path for path in house.state.glob("held/**/*.keys") if second in path.name]
    kept = keys.read_bytes()
    keys.write_bytes(kept[:-10])
    said = house.run("keys", "rotate", "--service", code=1).stderr
    assert b"run it again" in said and second.encode() in said, said
    assert service.read_bytes() == before
    assert len([one for one in house.lines("keys", "list") if one["kind"] == "service"]) == 2
    house.run("held", "release", house.hold("svc4@outside.example", "meanwhile"))
    keys.write_bytes(kept)
    house.run("keys", "rotate", "--service")
    [now] = [one for one in house.lines("keys", "list") if one["kind"] == "service"]
    assert now["id"] != old and now["name"] == "release service", now
    assert service.read_bytes() != before and not service.with_name("release.key.next").exists()
    assert old.encode() not in b"".join(path.read_bytes() for path in house.state.glob("held/**/*.keys"))
    house.run("held", "release", first)
    house.run("held", "release", second)
    house.run("held", "release", house.hold("svc5@outside.example", "afterwards"))
    house.run("held", "show", virus, "--content", "--reason", "still a person's", *house.key("lan"))
    # The service is nobody's reader.
    opened = {one["id"]: one for one in house.lines("keys", "opens", "lan")}
    assert opened[first]["other_keys"] == 0, opened[first]


def test_a_change_of_the_configuration_is_on_the_record(house):
    file = house.folder / "gatepost.yaml"
    config = file.read_text()
    file.write_text(config + "\nblocks: {action: quarantine}\n")
    house.run("reload", "--reason", "hold what is blocked")
    file.write_text(config)
    house.run("reload")
    trail = [json.loads(line) for path in sorted(house.state.glob("audit/*.jsonl"))
             for line in path.read_text().splitlines()]
    events = [one for one in trail if one.get("event") == "config-change"]
    changed = [one["details"] for one in events if "blocks.action" in one["details"]]
    assert [one["blocks.action"] for one in changed] == ["(none) -> quarantine", "quarantine -> (none)"], events
    assert changed[0]["sha256"] == changed[1]["sha256_before"] != changed[1]["sha256"]
    assert events[-2]["reason"] == "hold what is blocked" and events[-2]["actor"], events[-2]


def test_reviewers_come_and_go(house):
    virus = house.hold("d@virus.example", "four")
    look = ["held", "show", virus, "--content", "--reason", "x"]
    public = house.run("keys", "make", "minh", "--out", house.folder / "minh.key",
                       "--passphrase-file", house.folder / "pass").stdout
    (house.folder / "minh.pub").write_bytes(public)
    house.run("keys", "add", "--public", house.folder / "minh.pub")
    house.run(*look, *house.key("minh"), code=1)
    house.run("keys", "rewrap", *house.key("lan"))
    house.run(*look, *house.key("minh"))
    house.run("keys", "rotate", *house.key("minh"), "--out", house.folder / "minh2.key",
              "--new-passphrase-file", house.folder / "pass")
    house.run(*look, *house.key("minh"), code=1)
    house.run(*look, *house.key("minh2"))
    opened = {one["id"]: one for one in house.lines("keys", "opens", "minh")}
    assert opened[virus]["category"] == "virus" and opened[virus]["other_keys"] == 1, opened
    house.hold("e@outside.example", "after minh came")
    assert len(house.lines("keys", "opens", "minh")) == len(opened) + 1
    said = house.run("keys", "opens", "minh").stdout.decode()
    assert f"opens {len(opened) + 1} held mails, 0 of them nobody else" in said, said
    assert virus in said
    house.run("keys", "opens", "nobody", code=2)
    house.run("keys", "remove", "minh", "--reason", "left")
    house.run(*look, *house.key("minh2"), code=1)
    house.run("keys", "remove", "lan", code=2)


def test_a_word_that_is_no_category_is_refused_with_the_nearest(house):
    public = ["--public", house.folder / "minh.pub"]
    for words in (["keys", "add", *public, "--categories", "spma"],
                  ["console", "account", "add", "thu", "--role", "releaser", "--category", "spma"],
                  ["held", "list", "--category", "spma"],
                  ["held", "delete", "--category", "spma", "--older-than", "1d"]):
        said = house.run(*words, code=2).stderr.decode()
        assert "'spma' is not a category; did you mean 'spam'?" in said, said
        assert "unscannable" in said, said
    said = house.run("held", "list", "--state", "hold", code=2).stderr.decode()
    assert "did you mean 'held'?" in said and "releasing" in said, said
    assert "minh" not in [one["name"] for one in house.lines("keys", "list")]
    house.run("held", "list", "--category", "spam", "--state", "all")


def test_a_category_keeps_its_last_reader(house):
    house.run("keys", "add", "--public", house.folder / "minh.pub", "--categories", "spam")
    said = house.run("keys", "remove", "lan", code=2).stderr.decode()
    assert "virus" in said and "marking" in said and "keys add" in said, said
    assert "spam" not in said, said
    house.run("console", "account", "add", "lan", "--role", "releaser")
    done = house.run("access", "remove", "lan", code=1)
    assert b"lan  removed" in done.stdout and b"stays" in done.stderr, done
    assert {one["name"] for one in house.lines("keys", "list")} == {
        "lan", "minh", "release service"}
    assert not house.lines("status")[0]["custody"]["warning"]


def test_who_left_loses_the_key_also_without_an_account(house):
    review = house.lines("access", "review")
    assert [one["categories"] for one in review if one.get("kind") == "person"] == [[], ["spam"]]
    assert [one["kind"] for one in review if one["name"] == "release service"] == ["service"]
    house.run("access", "remove", "minh")
    assert "minh" not in [one["name"] for one in house.lines("access", "review")]
    house.run("access", "remove", "minh", code=1)
    house.run("console", "account", "add", "thu", "--role", "auditor")
    house.run("access", "remove", "thu")  # an account without a key


def test_categories_that_nobody_of_the_people_reads_are_named(house):
    ring = house.state / "keys" / "ring.json"
    before = ring.read_text()
    keys = json.loads(before)
    for key in keys["keys"]:
        key["categories"] = ["spam"] if key["kind"] == "person" else []
    ring.write_text(json.dumps(keys))
    custody = house.lines("status")[0]["custody"]
    assert not custody["sealed"] and "virus" in custody["in_clear"], custody
    assert "spam" not in custody["in_clear"] and "virus (it is held in clear)" in custody["warning"]
    assert b"stored in clear: " in house.run("status").stdout
    said = house.run("check", code=None).stdout.decode()
    for category in ("virus", "marking", "unscannable", "ambiguous", "phish", "freemail"):
        assert f"no reviewer's key opens '{category}'" in said, said
    house.run("keys", "escrow", "--out", house.folder / "escrow.key", "--passphrase-file",
              house.folder / "pass")
    virus = house.hold("f@virus.example", "six")
    assert not house.files_with(SECRET), "not in clear: the escrow key is there"
    house.run("held", "show", virus, "--content", "--reason", "fire", *house.key("escrow"))
    custody = house.lines("status")[0]["custody"]
    assert custody["sealed"] and "virus (only the escrow key does)" in custody["warning"], custody
    house.run("held", "delete", virus, "--yes")
    house.run("keys", "remove", "escrow")
    ring.write_text(before)


def test_rights_that_no_option_names_stay(house):
    account = ["console", "account"]

    def bob():
        return [one for one in house.lines("access", "review") if one["name"] == "bob"][0]
    house.run(*account, "add", "bob", "--role", "releaser", "--category", "spam")
    house.run(*account, "set", "bob", code=2)
    house.run(*account, "set", "bob", "--role", "auditor")
    assert bob()["roles"] == ["auditor"] and bob()["categories"] == ["spam"], bob()
    house.run(*account, "set", "bob", "--category", "virus")
    assert bob()["roles"] == ["auditor"] and bob()["categories"] == ["virus"], bob()
    house.run(*account, "set", "bob", "--all-categories")
    assert bob()["roles"] == ["auditor"] and bob()["categories"] == [], bob()
    trail = [json.loads(line) for path in (house.state / "audit").glob("audit-*.jsonl")
             for line in path.read_text().splitlines()]
    changes = [one["details"] for one in trail if one.get("event") == "access-change"
               and one["details"]["account"] == "bob"]
    assert [one["categories"] for one in changes] == ["spam", "spam", "virus", "all"], changes
    assert all(one["units"] == "all" for one in changes), changes
    assert b"themselves" in house.run(*account, "deputy", "bob", "--for", "bob", "--until",
                                      "2099-01-01", code=2).stderr


def test_an_unknown_mail_is_none_that_nobody_touched(house):
    for name in ("GP-20260101-000000-NOBODYAA", "<nobody@x>", "4NOSUCH"):
        done = house.run("audit", name, code=1)
        assert b"no such mail" in done.stderr and not done.stdout, done
    untouched = house.hold("g@outside.example", "untouched")
    assert b"nobody has touched" in house.run("audit", untouched).stdout


def test_a_terminal_gets_no_control_characters_of_a_mail(house):
    one = house.daemon.session()
    one.write(protocol.envelope(sender="esc@outside.example") + protocol.content(
        ((b"Subject", b" x"),), SECRET.encode() + b"\x1b]0;owned\x07\tend\r\n") +
        protocol.packet(b"E"))
    one.verdict()
    one.close()
    held = [entry for entry in house.lines("held", "list")
            if entry["from"] == "esc@outside.example"][0]["id"]
    show = ["held", "show", held, "--content", "--reason", "a look", *house.key("lan")]
    assert b"\x1b]0;owned\x07" in house.run(*show).stdout
    read, write = os.openpty()
    done = subprocess.run([f"{house.build}/bin/gatepost", *show, "--config",
                           house.folder / "gatepost.yaml"], stdout=write, timeout=60, check=True)
    os.close(write)
    shown = b""
    try:
        while piece := os.read(read, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(read)
    assert done.returncode == 0 and b"owned" in shown and b"\x1b" not in shown, shown


def test_retention_deletes_what_is_old_and_nothing_when_the_clock_jumps(house):
    house.run("held", "release", house.clear)
    time.sleep(1.1)
    due = house.lines("held", "retention", "--dry-run")
    assert {one["category"] for one in due} == {"spam"}, due
    clock = house.state / "clock.json"
    now = int(time.time() * 1000)
    clock.write_text(json.dumps({"v": 1, "last_ms": now - 60 * 86_400_000, "stopped_ms": 0}))
    assert b"--confirm-clock" in house.run("held", "retention", code=1).stderr
    assert any("clock" in reason for reason in house.lines("status", code=1)[0]["reasons"])
    house.run("held", "retention", "--confirm-clock")
    time.sleep(1.1)  # what may have been held in a wrong year is kept once more as long
    house.run("held", "retention")
    assert house.lines("held", "show", due[0]["id"])[0]["state"] == "deleted"
    assert "retention" in house.audit(due[0]["id"])


def test_a_proof_stands_by_itself(house):
    proof, key = house.folder / "proof.json", house.folder / "gatepost.pub"
    key.write_bytes(house.run("log", "key").stdout)
    for _ in range(100):  # signed within seconds
        if house.run("proof", "<one@x>", "-o", proof, code=None).returncode == 0:
            break
        time.sleep(0.1)
    check = ["proof", "verify", proof, "--public-key", key]
    assert house.lines(*check)[0]["fits"]
    proof.write_text(proof.read_text().replace("a@virus.example", "b@virus.example"))
    house.run(*check, code=1)


def test_zz_every_attack_on_a_log_names_the_first_record(house):
    heads = house.folder / "heads.jsonl"
    house.daemon.process.terminate()
    house.daemon.process.wait(60)
    heads.write_bytes(house.run("log", "heads").stdout)
    verify = ["log", "verify", "--heads", heads]
    assert house.lines(*verify)[0]["whole"]
    for path, part in ((next(house.log.glob("decisions-*.jsonl")), None),
                       (next((house.state / "audit").glob("audit-*.jsonl")), "audit")):
        whole = path.read_bytes()
        lines = whole.splitlines(keepends=True)
        attacks = {
            "changed": (lines[:1] + [lines[1].replace(b'"node":"', b'"node":"x')] + lines[2:], 2),
            "removed": (lines[:1] + lines[2:], 2),
            "inserted": (lines[:2] + [lines[0]] + lines[2:], 1),
            "cut off": (lines[:-1], len(lines)),
            "all gone": ([], 1)}
        for name, (left, seq) in attacks.items():
            path.write_bytes(b"".join(left))
            report = house.lines(*verify, code=1)[0]
            report = report[part] if part else report
            assert report["problem_seq"] == seq, (path.name, name, report)
        path.write_bytes(whole)
    assert house.lines(*verify)[0]["whole"]


def test_zz_no_word_of_any_mail_is_outside_the_sealed_store(house):
    for text in (SECRET, SUBJECT, "unmistakable"):
        assert not house.files_with(text), house.files_with(text)


def main():
    house, failed = House(sys.argv[1]), 0
    tests = [(name, run) for name, run in globals().items() if name.startswith("test_")]
    for name, run in tests:
        try:
            run(house)
            print(f"ok      {name[5:].replace('_', ' ')}", flush=True)
        except Exception:  # whatever it is, the others run
            failed += 1
            print(f"FAILED  {name[5:].replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    if house.daemon.process.poll() is None:
        house.daemon.process.kill()
    subprocess.run(["rm", "-rf", str(house.folder)], check=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
