#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What decides changes while mail flows: reload, rollback, new rules of a package, lists.

  reload.py BUILD [--only WORD] [--rounds N]

One line a scenario; exit 1 when one failed. Needs no root. --rounds: how often the two sets of the
first scenario alternate (100)."""
import argparse
import inspect
import json
import os
import pathlib
import shutil
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

ROUNDS = 100

RULE = """  - id: {id}
    title: {{en: "{word}", vi: "{word}"}}
    why: For the test.
    zones: [body]
    match: '{word}'
    score: {score}
    severity: low
    examples: {{match: ["a {word} one"], no_match: ["nothing"]}}
"""


def pack(name, *rules):
    return f"pack: {name}\nversion: 1.0.0\nrules:\n" + "".join(rules)


def rule(word, name="T-001", score=1):
    return RULE.format(id=name, word=word, score=score)


def policy(clause, when="rules: [T-001]", code="550 5.7.1"):
    return f"""policy: 1
thresholds: {{tag: 5, reject: 15}}
clauses:
  - name: {clause}
    basis: none, a test
    category: policy
    when: {{{when}}}
    then: {{action: reject, code: {code}, text: {{en: "No, says the test", vi: "Khong"}}}}
"""


def replace(path, text):
    """As a careful writer does it: nobody ever sees half a file."""
    new = path.with_name("." + path.name)
    new.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.replace(new, path)


class House:
    """A daemon with rules, policy and lists of its own; `with` ends it."""

    def __init__(self, build, extra="workers: 2", rules=None):
        self.build = build
        self.top = tempfile.TemporaryDirectory(prefix="gatepost-reload-")
        self.folder = pathlib.Path(self.top.name)
        self.rules = self.folder / "rules"
        self.rules.mkdir()
        self.extra = extra
        self.rule_folders = rules or self.rules
        self.daemon = None

    def start(self):
        self.daemon = protocol.Daemon(self.build, rules=self.rule_folders,
                                      policy=self.folder / "policy.yaml", extra=self.extra)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.daemon is not None and self.daemon.process.poll() is None:
            self.daemon.process.terminate()
            self.daemon.process.wait(60)
        self.top.cleanup()

    def restart(self):
        self.daemon.process.terminate()
        assert self.daemon.process.wait(60) == 0
        self.daemon.journal = open(self.daemon.folder / "journal", "wb")
        self.daemon.process = subprocess.Popen(
            [f"{self.build}/bin/gatepostd", "--config", self.daemon.folder / "gatepost.yaml"],
            stderr=self.daemon.journal)
        self.wait_for(lambda: b"GP3015" in self.daemon.said())

    @staticmethod
    def wait_for(test, seconds=30):
        end = time.monotonic() + seconds
        while not test():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)

    def gatepost(self, *words, code=0):
        done = subprocess.run([f"{self.build}/bin/gatepost", *words, "--config",
                               self.daemon.folder / "gatepost.yaml"], text=True,
                              capture_output=True, check=False)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def status(self):
        return self.ask({"do": "status"})

    def ask(self, request):
        """The control socket, as the command line asks it."""
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(120)
            one.connect(str(self.daemon.folder / "state" / "control.sock"))
            body = json.dumps(request).encode()
            one.sendall(struct.pack("<I", len(body)) + body)
            answer = b""
            while len(answer) < 4 or len(answer) < 4 + struct.unpack("<I", answer[:4])[0]:
                part = one.recv(1 << 20)
                assert part, "the daemon closed the connection"
                answer += part
            return json.loads(answer[4:])

    def verdict(self, body, sender="friend@example.net"):
        one = self.daemon.session()
        one.write(protocol.envelope(sender=sender) + protocol.content(body=body.encode() + b"\r\n")
                  + protocol.packet(b"E"))
        answer = one.verdict()[0]
        one.close()
        return answer.decode()

    def records(self):
        found = []
        for segment in sorted((self.daemon.folder / "log").glob("*.jsonl")):
            found += [json.loads(line) for line in segment.read_bytes().splitlines() if line]
        return [one for one in found if "event" not in one]

    def activations(self):
        return [json.loads(line)["details"] for line in
                self.gatepost("rules", "activations", "--json").splitlines()]


class Traffic:
    """Sessions that send one letter after another until told to stop; `with` runs them."""

    def __init__(self, house, body, sessions=4):
        self.house, self.body, self.sessions = house, body, sessions
        self.answers, self.failures = {}, []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.talk, args=(n,)) for n in range(sessions)]

    def talk(self, number):
        try:
            one = self.house.daemon.session()
            count = 0
            while not self.stop.is_set():
                name = f"r{number}-{count}@office.example"
                one.write(protocol.envelope([name]) +
                          protocol.content(body=self.body.encode() + b"\r\n") +
                          protocol.packet(b"E"))
                self.answers[name] = one.verdict()[0].decode()
                count += 1
            one.close()
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(repr(error))

    def __enter__(self):
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for one in self.threads:
            one.join()

    def check(self, allowed):
        """Every letter was answered and logged once, and its verdict fits the generation that its
        record names. allowed: rules version -> (action, clause, beginning of the answer)."""
        assert not self.failures, self.failures[:3]
        records = {}
        for one in self.house.records():
            for recipient in one["recipients"]:
                records.setdefault(recipient["rcpt"], []).append(one)
        seen = {}
        for name, answer in self.answers.items():
            assert len(records.get(name, [])) == 1, (name, len(records.get(name, [])))
            record = records[name][0]
            version = record["generation"]["rules"]
            action, clause, reply = allowed[version]
            assert (record["action"], record["clause"]) == (action, clause), record
            assert answer.startswith(reply), (answer, record["action"])
            seen[version] = seen.get(version, 0) + 1
        assert set(seen) == set(allowed), (seen, allowed)
        return seen


def test_two_sets_alternate_under_traffic_and_each_verdict_fits_its_generation(build):
    sets = {"amber": ("y550 5.7.1", "amber-says-no", "550 5.7.1"),
            "cobalt": ("y554 5.7.1", "cobalt-says-no", "554 5.7.1")}
    with House(build) as house:
        def write(word):
            # Two files that belong together: half of each would be seen at once.
            replace(house.rules / "t.yaml", pack("t", rule(word)))
            replace(house.folder / "policy.yaml", policy(sets[word][1], code=sets[word][2]))

        write("amber")
        house.start()
        versions = {"amber": house.status()["generation"]["rules"]}
        numbers = set()
        with Traffic(house, "an amber and a cobalt one") as traffic:
            for n in range(ROUNDS):
                word = ("cobalt", "amber")[n % 2]
                write(word)
                if n % 10 == 9:
                    before = house.daemon.said().count(b"GP3018")
                    house.daemon.process.send_signal(signal.SIGHUP)
                    house.wait_for(lambda: house.daemon.said().count(b"GP3018") > before)
                else:
                    answer = house.ask({"do": "reload", "why": f"round {n}"})
                    assert answer["ok"], answer
                    versions[word] = answer["versions"]["rules"]
                    numbers.add(answer["number"])
                    assert answer["difference"]["packs"] == {"t": {"changed": ["T-001"]}}, answer
        seen = traffic.check({versions[word]: ("reject", clause, reply)
                              for word, (reply, clause, _) in sets.items()})
        # Contents are kept once, however often they alternate.
        assert numbers == {1, 2}, numbers
        assert len(house.activations()) == 20, len(house.activations())
        assert house.status()["deferred"] == 0
        print(f"  {sum(seen.values())} letters, {ROUNDS} reloads")


def test_a_broken_reload_under_traffic_changes_nothing_and_says_what_is_wrong(build):
    with House(build) as house:
        replace(house.rules / "t.yaml", pack("t", rule("amber")))
        replace(house.folder / "policy.yaml", policy("no"))
        house.start()
        version = house.status()["generation"]["rules"]
        with Traffic(house, "an amber one", sessions=2) as traffic:
            for text in ("rules: {", pack("t", rule("a{3}"))):
                replace(house.rules / "t.yaml", text)
                said = house.gatepost("reload", code=1)
                assert "t.yaml:" in said, said
            assert house.status()["last_reload"].startswith("failed")
        traffic.check({version: ("reject", "no", "y550")})


def test_a_list_acts_within_seconds_without_a_reload_and_a_bad_one_changes_nothing(build):
    with House(build) as house:
        lists = house.rules / "partners.list"
        replace(lists, "friend.example\n")
        replace(house.rules / "t.yaml", "pack: t\nlists: {partners: partners.list}\nrules:\n" +
                rule("amber") + rule("(?:@partners) is listed", "T-002").replace(
                    "a (?:@partners) is listed one", "friend.example is listed"))
        replace(house.folder / "policy.yaml", policy("listed", "sender: {list: [partners]}"))
        house.start()
        assert house.verdict("x", "a@friend.example").startswith("y550")
        assert house.verdict("x", "a@other.example") == "a"
        first = house.status()["generation"]["rules"]
        with Traffic(house, "plain", sessions=2) as traffic:
            # Rules that somebody is just editing are not taken over with a list.
            (house.rules / "half.yaml").write_text("rules: {")
            replace(lists, "friend.example\nother.example\n")
            house.wait_for(lambda: house.verdict("x", "a@other.example").startswith("y550"), 15)
            second = house.status()["generation"]
            assert second["rules"] != first
            for bad in (b"friend.example\n\xff\xfe\n", b"*\n", b""):
                replace(lists, bad)
                count = house.daemon.said().count(b"GP2023")
                house.wait_for(lambda: house.daemon.said().count(b"GP2023") > count, 15)
                state = house.status()
                assert state["generation"]["rules"] == second["rules"]
                assert state["stale_lists"][0]["list"] == "partners", state
            lists.unlink()
            time.sleep(2.5)
            assert house.verdict("x", "a@other.example").startswith("y550")
            assert "partners.list" in house.gatepost("status", code=1)
            replace(lists, "# empty\nnobody.example\nfriend.example\n")
            house.wait_for(lambda: house.verdict("x", "a@other.example") == "a", 15)
            third = house.status()
            assert third["stale_lists"] == [], third
        traffic.check({version: ("accept", "default", "a")
                       for version in (first, second["rules"], third["generation"]["rules"])})
        assert any(one["how"] == "lists" and "list partners +1" in one["difference"]
                   for one in house.activations()), house.activations()


def test_a_rollback_holds_over_sighup_and_restart_until_a_person_ends_it(build):
    with House(build) as house:
        replace(house.rules / "t.yaml", pack("t", rule("amber")))
        replace(house.folder / "policy.yaml", policy("no"))
        house.start()
        old = house.status()["generation"]
        replace(house.rules / "t.yaml", pack("t", rule("cobalt")))
        house.gatepost("reload", "--reason", "blue from now on")
        assert house.verdict("cobalt").startswith("y550") and house.verdict("amber") == "a"
        house.gatepost("rules", "rollback", code=2)  # no reason
        said = house.gatepost("rules", "rollback", "--reason", "blue was wrong")
        assert "t ~1" in said, said
        assert house.verdict("amber").startswith("y550") and house.verdict("cobalt") == "a"
        state = house.status()
        assert state["generation"]["rules"] == old["rules"]
        assert state["generation"]["number"] == old["number"] == 1, state
        assert state["rollback"]["why"] == "blue was wrong" and state["rollback"]["who"]["user"]
        assert "blue was wrong" in house.gatepost("status")
        before = house.daemon.said().count(b"GP3018")
        house.daemon.process.send_signal(signal.SIGHUP)
        house.wait_for(lambda: house.daemon.said().count(b"GP3018") > before)
        assert house.verdict("amber").startswith("y550")
        house.restart()
        assert house.verdict("amber").startswith("y550")
        assert house.status()["generation"]["from"] == "rollback"
        assert b"GP2021" in house.daemon.said()
        house.gatepost("rules", "rollback", "--off", "--reason", "mended")
        assert house.verdict("cobalt").startswith("y550")
        assert house.status()["rollback"] is None
        house.gatepost("rules", "rollback", "1", "--reason", "once more")
        said = house.gatepost("reload")
        assert "has ended" in said and house.verdict("amber") == "a", said
        table = house.gatepost("rules", "generations")
        assert " 1 " in table and " 2 " in table and "*" in table, table
        out = house.folder / "out"
        house.gatepost("rules", "generations", "1", "-o", str(out))
        assert "amber" in (out / "rules-0" / "t.yaml").read_text()
        how = [one["how"] for one in house.activations()]
        assert how == ["start", "reload", "rollback", "rollback-off", "rollback", "reload"], how
        record = house.records()[-1]["generation"]
        assert record["number"] == 2, record


def line_of(rule_id, table):
    return next(line for line in table.splitlines() if line.split()[:1] == [rule_id])


def rules_say_what_waits_and_how_to_accept_it(house):
    """T-003 and T-004 are new in their package and met a mail each; T-001 is enforced."""
    ready = "gatepost rules accept T-003"
    table = house.gatepost("rules", "list")
    assert "waits" in line_of("T-003", table) and "enforce" in line_of("T-001", table), table
    said = house.gatepost("rules", "explain", "T-003")
    assert ready in said and "shadow (waits: new in its package)" in said, said
    told = [json.loads(house.gatepost("rules", "explain", "--json", one))
            for one in ("T-003", "T-001")]
    assert told[0]["waiting"] and "waiting" not in told[1], told
    found = {one["rule"]: one for one in
             map(json.loads, house.gatepost("rules", "shadow", "--json").splitlines())}
    assert set(found) == {"T-003", "T-004"}, found
    assert found["T-003"]["waits"] and found["T-003"]["switch_on"] == ready, found
    assert found["T-003"]["hits"] == 1 and found["T-003"]["would_have_stopped"] == 1, found
    said = house.gatepost("rules", "shadow")
    assert "new in its package: it waits until it is accepted" in said and ready in said, said
    assert "1 rule, 2 examples, 0 failed" in house.gatepost("rules", "test", "T-003")
    mails = house.folder / "mails"
    mails.mkdir()
    (mails / "a.eml").write_text("From: a@example.net\n\na cobalt one\n")
    slow = {one["id"]: one for one in map(json.loads, house.gatepost(
        "rules", "slow", "--json", "--limit", "0", "--on", mails).splitlines()) if "id" in one}
    assert slow["T-003"]["mode"] == "shadow" and slow["T-001"]["mode"] == "enforce", slow


def test_a_scan_says_that_the_daemon_answered_and_that_the_folders_differ(build):
    with House(build) as house:
        replace(house.rules / "t.yaml", pack("t", rule("amber")))
        replace(house.folder / "policy.yaml", policy("no"))
        house.start()
        letter = house.folder / "letter.eml"
        letter.write_text("From: a@example.net\nTo: b@office.example\n\na cobalt one\n")

        def answered():
            last = house.gatepost("scan", letter).splitlines()[-1]
            assert last.startswith("answered by the running gatepostd, generation "), last
            return last.removeprefix("answered by the running gatepostd, generation ")

        assert answered() == "1"
        assert "answered" not in house.gatepost("scan", "--json", letter)
        vietnamese = house.gatepost("scan", "--lang", "vi", letter)
        assert "gatepostd đang chạy đã trả lời, thế hệ 1\n" in vietnamese, vietnamese
        replace(house.rules / "t.yaml", pack("t", rule("cobalt")))
        assert "T-001" not in house.gatepost("scan", letter), "the daemon has not read it"
        assert answered() == "1; the rules in the folders differ: gatepost reload"
        house.gatepost("reload")
        assert "T-001" in house.gatepost("scan", letter) and answered() == "2"
        replace(house.folder / "policy.yaml", policy("other"))
        assert answered() == "2; the rules in the folders differ: gatepost reload"
        replace(house.rules / "t.yaml", "rules: {")
        assert answered() == "2; the rules in the folders do not load: gatepost check"
        house.gatepost("rules", "rollback", "1", "--reason", "a test")
        assert answered() == "1; a rollback is in force: gatepost rules rollback --off"
        # Nobody else answers for a daemon that is not there.
        replace(house.rules / "t.yaml", pack("t", rule("cobalt")))
        house.daemon.process.terminate()
        house.daemon.process.wait(60)
        assert "answered" not in house.gatepost("scan", letter)


def test_new_rules_of_a_package_wait_in_shadow_and_changed_ones_behind_overrides_are_told(build):
    with tempfile.TemporaryDirectory() as top:
        package, site = pathlib.Path(top) / "package", pathlib.Path(top) / "site"
        package.mkdir()
        site.mkdir()
        replace(package / "p.yaml", pack("p", rule("amber"), rule("beige", "T-002")))
        replace(site / "s.yaml", pack("s", rule("brown", "T-002")))
        with House(build, f"workers: 1\npackages: [{package}]", f"{package}, {site}") as house:
            replace(house.folder / "policy.yaml", policy("no", "severity: low"))
            house.start()
            assert house.verdict("amber").startswith("y550")  # a first install is taken as it is
            assert house.verdict("beige") == "a" and house.verdict("brown").startswith("y550")
            assert "as it was" in house.gatepost("rules", "overrides")
            replace(package / "p.yaml", pack("p", rule("amber"), rule("bronze", "T-002"),
                                             rule("cobalt", "T-003"), rule("coral", "T-004")))
            replace(site / "s2.yaml", pack("s2", rule("dun", "T-005")))
            house.gatepost("reload")
            assert house.verdict("cobalt") == "a" and house.verdict("coral") == "a"
            assert house.verdict("dun").startswith("y550")  # the site's own rules act at once
            assert [one["mode"] for one in house.records()[-3]["rules"]] == ["shadow"]
            state = house.status()
            assert state["waiting_rules"] == ["T-003", "T-004"], state
            assert state["overrides"]["changed"] == ["T-002"], state
            assert "T-003" in house.gatepost("rules", "accept")
            assert "T-003" in house.gatepost("check"), "check names what waits"
            rules_say_what_waits_and_how_to_accept_it(house)
            assert "CHANGED" in house.gatepost("rules", "overrides")
            house.gatepost("rules", "overrides", "--seen", "T-002")
            assert "as it was" in house.gatepost("rules", "overrides")
            assert "did you mean 'T-003'" in house.gatepost("rules", "accept", "T-03", code=1)
            house.restart()
            assert house.verdict("cobalt") == "a"
            house.gatepost("rules", "accept", "T-003", "--reason", "watched")
            assert house.verdict("cobalt").startswith("y550") and house.verdict("coral") == "a"
            assert "waits" not in house.gatepost("rules", "explain", "T-003")
            assert "enforce" in line_of("T-003", house.gatepost("rules", "list"))
            house.gatepost("rules", "accept", "--all")
            assert house.verdict("coral").startswith("y550")
            assert house.status()["waiting_rules"] == []


def test_an_unchanged_set_starts_from_the_cache_without_running_its_examples_again(build):
    with House(build, rules=protocol.TOP / "rules") as house:
        (house.folder / "policy.yaml").write_text(
            (protocol.TOP / "rules" / "policy.yaml").read_text())
        house.start()
        assert house.ask({"do": "reload", "why": ""})["ok"]
        house.restart()
        answer = house.ask({"do": "reload", "why": ""})
        assert answer["ok"] and answer["difference"] == {}, answer
        assert answer["load_ms"]["examples"] <= 20, answer["load_ms"]
        print(f"  load: {answer['load_ms']}")


def test_metrics_are_served_and_well_formed_and_hold_nothing_of_a_mail(build):
    with House(build) as house:
        replace(house.rules / "t.yaml", pack("t", rule("amber"), rule("beige", "T-002")))
        replace(house.folder / "policy.yaml", policy("no"))
        path = house.folder / "metrics.sock"
        house.extra = f"workers: 1\nmetrics: unix:{path}"
        house.start()

        def page():
            with socket.socket(socket.AF_UNIX) as one:
                one.settimeout(10)
                one.connect(str(path))
                one.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = b""
                while part := one.recv(65536):
                    answer += part
            head, body = answer.split(b"\r\n\r\n", 1)
            assert head.startswith(b"HTTP/1.1 200") and b"text/plain; version=0.0.4" in head, head
            return body.decode()

        def value(text, name):
            found = [line for line in text.splitlines() if line.startswith(name + " ")]
            assert len(found) == 1, (name, text)
            return float(found[0].split()[-1])

        hit = 'gatepost_rule_hits_total{rule="T-001",pack="t",mode="enforce"}'
        assert value(page(), hit) == 0, "a rule without a hit has its line too"
        house.verdict("an amber one from a secret place", "secret-sender@example.net")
        house.verdict("plain")
        text = page()
        took = value(text, 'gatepost_rule_seconds_total{rule="T-001",pack="t"}')
        assert 0 < took < 1, "of the first messages each is measured"
        assert value(text, 'gatepost_rule_seconds_total{rule="T-002",pack="t"}') == 0
        assert value(text, "gatepost_measured_messages_total") == 2
        shared = [line for line in text.splitlines() if line.startswith("gatepost_scan_seconds_total{")]
        assert shared and all('database="' in line for line in shared), text
        assert value(text, hit) == 1
        assert value(text, 'gatepost_messages_total{action="reject"}') == 1
        assert value(text, 'gatepost_messages_total{action="accept"}') == 1
        assert value(text, 'gatepost_clause_recipients_total{clause="no",action="reject"}') == 1
        assert value(text, 'gatepost_recipients_total{action="accept",direction="inbound"}') == 1
        assert value(text, "gatepost_message_seconds_count") == 2
        assert value(text, 'gatepost_message_seconds_bucket{le="+Inf"}') == 2
        assert "secret" not in text
        # prometheus.io/docs/practices/naming: what `promtool check metrics` looks at.
        kinds = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE"))
        for name, kind in kinds.items():
            assert name.startswith("gatepost_") and (kind == "counter") == name.endswith("_total")
            assert f"# HELP {name} " in text, name
        if shutil.which("promtool"):
            subprocess.run(["promtool", "check", "metrics"], input=text, text=True, check=True)
        replace(house.rules / "t.yaml", "rules: {")
        assert not house.ask({"do": "reload", "why": ""})["ok"]
        assert value(page(), 'gatepost_reloads_total{how="reload",outcome="failed"}') == 1
        replace(house.rules / "t.yaml", pack("t", rule("amber"), rule("beige", "T-002")))
        # Counts outlive a restart, and tell the rules that nothing hits.
        house.restart()
        assert value(page(), hit) == 1
        dead = house.gatepost("rules", "dead", "--since", "1d")
        assert "T-002" in dead and "T-001" not in dead, dead
        # What rules cost too, by what the gateway measured and by mail of one's own.
        lines = [json.loads(one) for one in
                 house.gatepost("rules", "slow", "--json", "--limit", "0").splitlines()]
        rules = [one for one in lines if "id" in one]
        assert [one["id"] for one in rules] == ["T-001", "T-002"], "the dearest first"
        assert rules[0]["us_per_message"] > 0 and rules[0]["hits"] == 1, rules
        assert any("database" in one for one in lines), lines
        assert abs(sum(one["share"] for one in lines) - 1) < 0.01, lines
        assert "2 messages were measured" in house.gatepost("rules", "slow")
        assert "that the gateway measured" in house.gatepost("rules", "explain", "T-001")
        mails = house.folder / "mails"
        mails.mkdir()
        for number in range(3):
            (mails / f"{number}.eml").write_text("From: a@example.net\n\n" + "a beige one\n" * 200)
        draft = house.folder / "draft.yaml"
        draft.write_text(pack("draft", rule("one", "T-009")))
        table = house.gatepost("rules", "slow", "--on", mails, draft)
        assert "3 messages were measured" in table, table
        assert "T-009" in table and table.index("T-002") < table.index("T-001"), table


def main():
    global ROUNDS  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    ROUNDS = arguments.rounds
    failed = ran = 0
    for name, function in list(globals().items()):
        if not name.startswith("test_") or not inspect.isfunction(function):
            continue
        if arguments.only not in name:
            continue
        ran += 1
        start = time.monotonic()
        try:
            function(arguments.build)
            word = "ok  "
        except Exception as error:  # pylint: disable=broad-except
            word, failed = "FAIL", failed + 1
            for where in traceback.extract_tb(error.__traceback__)[1:]:
                print(f"  {where.filename}:{where.lineno}")
            print(f"  {type(error).__name__}: {error}")
        print(f"{word} {name[5:].replace('_', ' ')} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{ran - failed} of {ran} scenarios passed")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
