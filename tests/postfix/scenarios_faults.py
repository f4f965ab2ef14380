# SPDX-License-Identifier: GPL-2.0-or-later
"""What breaks: disks, signatures, rules, the daemon itself. Nothing is lost, nothing passes unseen."""
import contextlib
import json
import shutil
import subprocess

import mails
import smtp
from house import HERE, free_port, wait_until
from scenarios_actions import expect, nothing_arrives


@contextlib.contextmanager
def alt(house, name="alt", start=True, **keys):
    """Another daemon behind the entrance `alt`, with compiled rules lent by the main one."""
    daemon = house.daemon(name, listen=f"unix:{house.queue}/gatepost/alt.sock", **keys)
    for path in (house.main.folder / "state").iterdir():
        if "cache" in path.name or path.suffix == ".key":
            subprocess.run(["cp", "-a", path, daemon.folder / "state"], check=True)
    try:
        yield daemon.start() if start else daemon
    finally:
        daemon.stop()


def test_while_the_daemon_is_away_clients_hear_451_and_nothing_passes(house):
    answer = house.send("friend@example.net", ["away@office.example"], mails.letter(), port="alt")
    assert answer[0] == 451, answer
    nothing_arrives(house, "away@office.example")


def test_required_signatures_that_are_missing_mean_451(house):
    empty = house.folder / "no-signatures"
    empty.mkdir()
    with alt(house, "av-required", start=False,
             antivirus=f"{{database: {empty}, mode: required}}") as daemon:
        daemon.start(wait=False)
        wait_until(lambda: daemon.process.poll() is not None or b"GP3015" in
                   daemon.journal.read_bytes(), 60, "the daemon to serve or to leave")
        if daemon.process.poll() is None:
            answer = house.send("friend@example.net", ["av-req@office.example"], mails.letter(),
                                port="alt")
        else:
            assert "signature" in daemon.journal.read_text().lower(), daemon.journal.read_text()
            answer = house.send("friend@example.net", ["av-req@office.example"], mails.letter(),
                                port="alt")
        assert answer[0] == 451, answer
        nothing_arrives(house, "av-req@office.example")


def test_optional_signatures_that_are_missing_are_told_to_the_recipient(house):
    empty = house.folder / "no-signatures-2"
    empty.mkdir()
    with alt(house, "av-optional", antivirus=f"{{database: {empty}, mode: optional}}"):
        expect(house.send("friend@example.net", ["av-opt@office.example"], mails.letter(),
                          port="alt"), 250)
        arrived = house.sink.wait("av-opt@office.example")[0]
        assert arrived.values("X-Virus-Scanned")[0].startswith("not scanned"), arrived.data


def test_rules_that_break_leave_the_last_good_generation_in_force_at_a_restart(house):
    broken = house.folder / "broken-rules"
    shutil.copytree(HERE / "rules", broken)
    with alt(house, "last-good", rules=[house.rules, broken]) as daemon:
        expect(house.send("friend@example.net", ["good1@office.example"],
                          mails.letter("suite-suspicious-word\r\n"), port="alt"), 250)
        (broken / "postfix-suite.yaml").write_text("pack: postfix-suite\nrules: [ {id: oops\n")
        assert daemon.stop() == 0
        daemon.start()
        expect(house.send("friend@example.net", ["good2@office.example"],
                          mails.letter("suite-suspicious-word\r\n"), port="alt"), 250)
        house.sink.wait("good2@office.example")
        first, second = (daemon.decision(f"good{n}@office.example") for n in (1, 2))
        assert first["action"] == second["action"] == "tag", (first, second)
        assert "LAST GOOD" in daemon.journal.read_text()
        assert daemon.cli("status").returncode == 1


def test_rules_that_are_broken_at_the_first_start_are_refused_with_file_and_line(house):
    broken = house.folder / "never-good"
    broken.mkdir()
    (broken / "x.yaml").write_text("pack: x\nversion: '1'\nrules:\n  - id: X-1\n    patern: y\n")
    with alt(house, "never-good", start=False, rules=[broken]) as daemon:
        daemon.start(wait=False)
        assert daemon.process.wait(60) in (1, 2)
        assert "x.yaml:" in daemon.journal.read_text(), daemon.journal.read_text()


def test_an_unknown_key_is_refused_with_the_nearest_known_one(house):
    with alt(house, "bad-key", start=False, extra="own_domain: [x.example]") as daemon:
        daemon.start(wait=False)
        assert daemon.process.wait(60) == 2
        text = daemon.journal.read_text()
        assert "own_domain" in text and "own_domains" in text and "gatepost.yaml:" in text, text


def test_a_second_daemon_does_not_push_the_first_aside(house):
    with alt(house, "first"):
        second = house.daemon("second", listen=f"unix:{house.queue}/gatepost/alt.sock")
        second.start(wait=False)
        assert second.process.wait(120) == 1
        assert "another gatepostd" in second.journal.read_text(), second.journal.read_text()
        expect(house.send("friend@example.net", ["first@office.example"], mails.letter(),
                          port="alt"), 250)


def test_a_full_spool_means_451_and_the_rest_goes_on(house):
    with alt(house, "small-spool", extra="limits: {spool: 1000000}"):
        body = ("x" * 70 + "\r\n") * 30_000
        expect(house.send("friend@example.net", ["spool@office.example"], mails.letter(body),
                          port="alt"), 451, "4.3.2")
        expect(house.send("friend@example.net", ["spool2@office.example"], mails.letter(),
                          port="alt"), 250)


def test_a_full_disk_defers_what_must_be_held_and_loses_nothing(house):
    daemon = house.daemon("full", listen=f"unix:{house.queue}/gatepost/alt.sock")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m,mode=0777", "none",
                    daemon.folder / "state"], check=True)
    house.mounts.append(daemon.folder / "state")
    daemon.log_folder = daemon.folder / "state" / "log"
    daemon.config.write_text(daemon.config.read_text().replace(
        f"log: {daemon.folder}/log", f"log: {daemon.folder}/state/log"))
    for path in (house.main.folder / "state").iterdir():
        if "cache" in path.name or path.suffix == ".key":
            subprocess.run(["cp", "-a", path, daemon.folder / "state"], check=True)
    daemon.start()
    filler = daemon.folder / "state" / "filler"
    try:
        expect(house.send("friend@example.net", ["full-before@office.example"],
                          mails.case("encrypted-zip"), port="alt"), 250)
        before = daemon.decision("full-before@office.example")["held_id"]
        with open(filler, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"\0" * 4096):
                    pass
        answer = house.send("friend@example.net", ["full@office.example"],
                            mails.case("encrypted-zip"), port="alt")
        assert answer[0] == 451, answer
        nothing_arrives(house, "full@office.example")
        plain = house.send("friend@example.net", ["full-plain@office.example"], mails.letter(),
                           port="alt")
        expect(plain, 250)  # on the log's reserve
        assert daemon.decision("full-plain@office.example")["action"] == "accept"
        deleted = daemon.cli("held", "delete", before, "--yes", "--reason", "room is needed")
        assert deleted.returncode == 0, deleted
        assert daemon.cli("held", "show", before).stdout.splitlines()[0].endswith("deleted")
        filler.unlink()
        expect(house.send("friend@example.net", ["full@office.example"],
                          mails.case("encrypted-zip"), port="alt"), 250)
        assert daemon.decision("full@office.example", 2)["action"] == "quarantine"
    finally:
        daemon.stop()


def test_observing_without_signatures_delivers_and_says_what_would_have_been(house):
    empty = house.folder / "no-signatures-3"
    empty.mkdir()
    with alt(house, "observe-av", extra="mode: observe",
             antivirus=f"{{database: {empty}, mode: required}}") as daemon:
        expect(house.send("friend@example.net", ["observe-av@office.example"], mails.letter(),
                          port="alt"), 250)
        house.sink.wait("observe-av@office.example")
        record = daemon.decision("observe-av@office.example")
        assert record["action"] == "defer" and record["observed"], record
        assert "defer, observed" in daemon.cli("log", "tail").stdout
        summary = daemon.cli("log", "summary", "--json").stdout
        assert json.loads(summary)["observed"]["defer"] == 1, summary
        status = daemon.cli("status")
        assert status.returncode == 1 and "it would be deferred" in status.stdout, status


def test_observing_delivers_everything_and_logs_what_would_have_been(house):
    with alt(house, "observe", extra="mode: observe") as daemon:
        expect(house.send("friend@example.net", ["observe@office.example"],
                          mails.letter(mails.GTUBE + "\r\n"), port="alt"), 250)
        house.sink.wait("observe@office.example")
        assert daemon.decision("observe@office.example")["action"] == "reject"


def test_a_tcp_socket_serves_as_well(house):
    daemon = house.daemon("tcp", listen=f"inet:{house.milter_port}@127.0.0.1")
    for path in (house.main.folder / "state").iterdir():
        if "cache" in path.name or path.suffix == ".key":
            subprocess.run(["cp", "-a", path, daemon.folder / "state"], check=True)
    daemon.start()
    try:
        expect(house.send("friend@example.net", ["tcp@office.example"], mails.letter(), port="tcp"),
               250)
        house.sink.wait("tcp@office.example")
        assert daemon.decision("tcp@office.example")["action"] == "accept"
    finally:
        daemon.stop()


def test_check_postfix_finds_the_shipped_settings_safe_and_names_a_way_round(house):
    before = house.main.cli("check", "--postfix", "--postfix-config", str(house.etc))
    assert "filtered" in before.stdout, before.stdout + before.stderr
    mx = f"127.0.0.1:{house.ports['mx']}/inet"
    assert not any(mx in line and "NOT FILTERED" in line for line in before.stdout.splitlines())
    port = free_port()
    subprocess.run(["postconf", "-c", house.etc, "-M", f"127.0.0.1:{port}/inet="
                    f"127.0.0.1:{port} inet n - y - - smtpd"], check=True)
    subprocess.run(["postconf", "-c", house.etc, "-P",
                    f"127.0.0.1:{port}/inet/smtpd_milters="], check=True)
    try:
        after = house.main.cli("check", "--postfix", "--postfix-config", str(house.etc))
        assert after.returncode != 0
        assert any(str(port) in line and "NOT FILTERED" in line
                   for line in after.stdout.splitlines()), after.stdout
    finally:
        subprocess.run(["postconf", "-c", house.etc, "-MX", f"127.0.0.1:{port}/inet"], check=True)


def test_revert_takes_gatepost_out_and_leaves_the_other_filters(house):
    copy = house.folder / "etc-copy"
    shutil.copytree(house.etc, copy)
    tool = str(HERE.parent.parent / "contrib/postfix/gatepost-postfix")
    common = [tool, "-c", copy, "--socket", "gatepost/main.sock"]
    # header_checks names the folder, which is another one now; the second time nothing is left to do.
    subprocess.run(common + ["apply"], check=True, capture_output=True)
    applied = (copy / "main.cf").read_text(), (copy / "master.cf").read_text()
    assert "unchanged" in subprocess.run(common + ["apply"], check=True, capture_output=True,
                                         text=True).stdout
    assert applied == ((copy / "main.cf").read_text(), (copy / "master.cf").read_text())
    subprocess.run(common + ["revert"], check=True, capture_output=True)
    done = subprocess.run(["postconf", "-c", copy, "-n"], check=True, capture_output=True,
                          text=True).stdout
    assert "gatepost" not in done.replace(str(house.folder), ""), done
    assert "smtpd_milters = unix:opendkim/opendkim.sock" in done, done
    assert "smtpd_forbid_bare_newline" not in done, done
    services = subprocess.run(["postconf", "-c", copy, "-M"], check=True, capture_output=True,
                              text=True).stdout
    assert "gatepost-release" not in services


def test_the_release_socket_is_out_of_reach_for_other_users(house):
    path = house.queue / "public" / "gatepost-release"
    wait_until(path.exists, 5, "the release listener")
    code = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\n"
            f"try:\n s.connect({str(path)!r})\nexcept PermissionError:\n sys.exit(7)\n")
    done = subprocess.run(["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups",
                           "python3", "-c", code], check=False)
    assert done.returncode == 7, done


def test_the_filter_socket_is_out_of_reach_for_other_users(house):
    code = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\n"
            f"try:\n s.connect({str(house.main.socket)!r})\nexcept PermissionError:\n sys.exit(7)\n")
    done = subprocess.run(["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups",
                           "python3", "-c", code], check=False)
    assert done.returncode == 7 and smtp.OUTSIDE, done
