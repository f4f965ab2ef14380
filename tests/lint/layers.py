#!/usr/bin/env python3
"""Checks src/LAYERS against every #include: rooms see only the rooms they may, each third-party
header is included by its doors alone. Prints file:line for each breach."""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
rooms, doors, breaches = {}, {}, []
for number, line in enumerate((top / "src/LAYERS").read_text().splitlines(), 1):
    line = line.split("#")[0].strip()
    if not line:
        continue
    kind, rest = line.split(" ", 1)
    name, _, values = rest.partition(":")
    if kind == "door":
        doors[name.strip()] = values.split()
        continue
    for other in values.split():
        if other not in rooms:
            breaches.append(f"src/LAYERS:{number}: {name} names '{other}', which is not above it")
    rooms[name.strip()] = set(values.split())

files = [f for folder in ("src", "milter") for f in (top / folder).rglob("*")
         if f.suffix in (".h", ".cc", ".inc")]
for file in sorted(files):
    relative = file.relative_to(top).as_posix()
    room = "milter" if relative.startswith("milter/") else relative.split("/")[1]
    if room not in rooms:
        breaches.append(f"{relative}:1: room '{room}' is not in src/LAYERS")
        continue
    for number, line in enumerate(file.read_text().splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not include:
            continue
        path = include.group(2)
        if include.group(1) == '"':
            parts = path.split("/")
            other = parts[1] if parts[0] == "src" else parts[0]
            if other != room and other not in rooms[room]:
                breaches.append(f"{relative}:{number}: room '{room}' may not include '{path}'")
        for header, places in doors.items():
            if path.startswith(header) and relative not in places:
                breaches.append(f"{relative}:{number}: '{path}' belongs behind {' or '.join(places)}")
print("\n".join(breaches) or f"{len(files)} files keep the layers")
sys.exit(bool(breaches))
