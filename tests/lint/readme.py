#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""README's "Ten minutes with your own Postfix": its paths are those of the units and of cmake --install,
every folder of its configuration is made by a step before the check, and nothing starts before that.
  readme.py TOP"""
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
PAGE = (TOP / "README.md").read_text()
section = PAGE.split("## Ten minutes with your own Postfix")[1].split("\n## ")[0]
unit = (TOP / "contrib/systemd/gatepostd.service").read_text()
rules = (TOP / "CMakeLists.txt").read_text()
wrong = []


def want(condition, what):
    if not condition:
        wrong.append("README.md: " + what)


values = dict(re.findall(r"^ {7}(\w+): (.+?)(?: +#.*)?$", section, re.M))
prefix = re.search(r"cmake --install build/release --prefix (\S+)", section)
want(prefix, "no step installs")
prefix = prefix.group(1) if prefix else ""
for path in (TOP / "contrib/systemd").glob("*.service"):
    for program in re.findall(r"^ExecStart=(\S+)", path.read_text(), re.M):
        name = program.rsplit("/", 1)[1]
        want(program == f"{prefix}/bin/{name}", f"{path.name} starts {program}, installed is {prefix}/bin")
        want(re.search(rf"install\(TARGETS[^)]*\b{name}\b", rules),
             f"no install rule for {name}")

check = section.find("`gatepost check` names")
start = section.find("systemctl enable --now gatepostd")
apply_ = section.find("gatepost-postfix --dry-run apply")
want(0 < check < start < apply_, "the steps are check, start, apply in this order")
made = section[:max(check, 0)]
folders = re.findall(r"/[\w/.-]+", values.get("rules", "")) + [values.get("policy", "").strip()]
for folder in folders:
    shipped = folder.startswith(f"{prefix}/share/gatepost/")
    if shipped:
        want((TOP / folder.removeprefix(f"{prefix}/share/gatepost/")).exists(), f"{folder} is not shipped")
    else:
        want(re.search(rf"mkdir -p .*{re.escape(folder)}(\s|$)", made, re.M), f"no step makes {folder}")
socket = pathlib.Path(values.get("listen", "").removeprefix("unix:")).parent
want(re.search(rf"install -d .*-m 2750 {re.escape(str(socket))}(\s|$)", made, re.M),
     f"no step makes {socket} before the check")
want(f"ReadWritePaths=-{socket}" in unit, f"the unit may not write {socket}")
want(f"StateDirectory={values.get('state', '').removeprefix('/var/lib/')}\n" in unit, "state")
want(f"LogsDirectory={values.get('log', '').removeprefix('/var/log/')}\n" in unit, "log")
user = re.search(r"^User=(\S+)", unit, re.M).group(1)
want(re.search(rf"adduser .* {user}$", made, re.M), f"no step makes the user {user}")
if "/var/lib/clamav" in values.get("antivirus", ""):
    want("clamav-freshclam" in made, "signatures are required and no step fetches any")
for line in wrong:
    print(line)
if not wrong:
    print(f"{len(values)} keys, {len(folders)} folders")
sys.exit(1 if wrong else 0)
