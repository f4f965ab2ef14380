#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""contrib/postfix/gatepost-postfix on folders of its own: no mail server runs, postconf alone is asked.
  tool.py TOP"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(sys.argv[1])
TOOL = TOP / "contrib/postfix/gatepost-postfix"
MASTER = """smtp inet n - y - - smtpd
submission inet n - y - - smtpd
  -o syslog_name=postfix/submission
pickup unix n - y 60 1 pickup
cleanup unix n - y - 0 cleanup
"""


class Etc:
    def __init__(self, main=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatepost-tool-"))
        (self.folder / "spool").mkdir()
        (self.folder / "main.cf").write_text("compatibility_level = 3.6\n"
                                             f"queue_directory = {self.folder}/spool\n" + main)
        (self.folder / "master.cf").write_text(MASTER)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def run(self, *arguments):
        done = subprocess.run([sys.executable, TOOL, "-c", self.folder, *arguments], text=True,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def postconf(self, *arguments):
        return subprocess.run(["postconf", "-c", self.folder, *arguments], text=True,
                              capture_output=True, check=True).stdout

    def text(self):
        return (self.folder / "main.cf").read_text(), (self.folder / "master.cf").read_text()


def test_milters_with_options_of_their_own_stay_beside_gatepost():
    others = "{ unix:opendkim/o.sock, default_action=accept, connect_timeout=5s }, inet:127.0.0.1:8893"
    with Etc(f"smtpd_milters = {others}\n") as etc:
        before = etc.text()
        etc.run("apply")
        assert etc.postconf("-h", "smtpd_milters").strip() == (
            "{ unix:opendkim/o.sock, default_action=accept, connect_timeout=5s }, "
            "inet:127.0.0.1:8893, unix:gatepost/gatepost.sock")
        services = etc.postconf("-P")
        rest = "{unix:opendkim/o.sock,default_action=accept,connect_timeout=5s},inet:127.0.0.1:8893"
        assert f"gatepost-release/unix/smtpd_milters = {rest}\n" in services, services
        assert f"submission/inet/smtpd_milters = unix:gatepost/gatepost.sock,{rest}\n" in services
        once = etc.text()
        assert "unchanged" in etc.run("apply")
        assert etc.text() == once
        etc.run("revert")
        assert etc.postconf("-n") and before[0].split() == etc.text()[0].split(), etc.text()


def test_options_in_braces_of_their_own_lose_their_blanks():
    with Etc("smtpd_milters = { unix:o.sock, { default_action = accept } connect_timeout=5s }\n") as etc:
        etc.run("apply")
        assert ("gatepost-release/unix/smtpd_milters = "
                "{unix:o.sock,default_action=accept,connect_timeout=5s}\n") in etc.postconf("-P")


def test_another_socket_replaces_the_one_of_before():
    with Etc("smtpd_milters = unix:opendkim/o.sock\n") as etc:
        before = etc.text()
        etc.run("apply")
        etc.run("--socket", "inet:127.0.0.1:8891", "apply")
        for text in etc.text():
            assert "gatepost/gatepost.sock" not in text, text
        assert etc.postconf("-h", "smtpd_milters").strip() == "unix:opendkim/o.sock, inet:127.0.0.1:8891"
        assert etc.postconf("-h", "non_smtpd_milters").strip() == "inet:127.0.0.1:8891"
        # A port whose digits begin another's is another milter.
        etc.run("--socket", "inet:127.0.0.1:889", "apply")
        assert etc.postconf("-h", "non_smtpd_milters").strip() == "inet:127.0.0.1:889"
        etc.run("revert")
        assert before[0].split() == etc.text()[0].split(), etc.text()[0]


def test_a_saved_state_without_the_names_still_tells_ours():
    with Etc() as etc:
        etc.run("apply")
        path = etc.folder / "gatepost-postfix.saved.json"
        saved = json.loads(path.read_text())
        del saved["milters"]
        path.write_text(json.dumps(saved))
        etc.run("--socket", "inet:127.0.0.1:8891", "apply")
        assert etc.postconf("-h", "smtpd_milters").strip() == "inet:127.0.0.1:8891"


def test_a_dry_run_names_every_file_and_folder_and_makes_none():
    with Etc() as etc:
        before = sorted(one.name for one in etc.folder.rglob("*")), etc.text()
        said = etc.run("--dry-run", "apply")
        for name in ("gatepost_header_checks", "gatepost-postfix.saved.json",
                     f"{etc.folder}/spool/gatepost", "+smtpd_milters", "+gatepost-release"):
            assert name in said, said
        assert (sorted(one.name for one in etc.folder.rglob("*")), etc.text()) == before


failed = 0
for name, test in list(globals().items()):
    if name.startswith("test_"):
        try:
            test()
            print("ok   " + name[5:].replace("_", " "))
        except AssertionError as error:
            failed += 1
            print(f"FAIL {name[5:].replace('_', ' ')}: {error}")
sys.exit(1 if failed else 0)
