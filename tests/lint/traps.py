#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of traps in tests/README.md names all 28, and each test that it names is there.
  traps.py TOP"""
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
PAGE = "tests/README.md"
rows = re.findall(r"^\| (\d+) \| [^|]+ \| (.*) \|$", (TOP / PAGE).read_text(), re.M)
wrong = []
if [int(number) for number, _ in rows] != list(range(1, 29)):
    wrong.append(f"{PAGE}: the traps are {[number for number, _ in rows]}, not 1 to 28")
sources = "\n".join(path.read_text() for path in (TOP / "tests").rglob("*")
                    if path.suffix in (".cc", ".py", ".cmake") and path.name != "traps.py")
count = 0
for number, met_by in rows:
    named = re.findall(r"`([^`]+)`", met_by)
    for name in named:
        # Settings, files and programs are no tests.
        if "/" in name or "=" in name or name == "gatepost-pictures":
            continue
        count += 1
        if not re.search(r"(?:\b|\btest_)" + re.escape(name) + r"\b", sources):
            wrong.append(f"{PAGE}: trap {number}: there is no test {name}")
    if not named:
        wrong.append(f"{PAGE}: trap {number} is met by nothing")
for line in wrong:
    print(line)
if not wrong:
    print(f"28 traps, {count} names")
sys.exit(1 if wrong else 0)
