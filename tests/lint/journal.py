#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each journal id of the sources is explained in contrib/man/gatepost-journal.7 and the other way round,
and an id means one thing: it is used in one room only.
  journal.py TOP"""
import collections
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
PAGE = 'contrib/man/gatepost-journal.7'
rooms = collections.defaultdict(set)
for folder in ('src', 'milter'):
    for file in (TOP / folder).rglob('*.cc'):
        room = file.parent.relative_to(TOP).as_posix()
        for one in re.findall(r'"(GP\d{4})"', file.read_text()):
            rooms[one].add(room)
page = (TOP / PAGE).read_text()
explained = re.findall(r'^\.B (GP\d{4})$', page, re.M)
wrong = [f'{PAGE}: {one} (of {", ".join(sorted(rooms[one]))}) is not explained'
         for one in rooms if one not in explained]
wrong += [f'{PAGE}: {one} is explained but used nowhere' for one in explained if one not in rooms]
wrong += [f'{PAGE}: {one} is explained twice' for one in set(explained) if explained.count(one) > 1]
wrong += [f'{one} is used by {" and ".join(sorted(where))}: two events need two ids'
          for one, where in rooms.items() if len(where) > 1]
# The other pages exist, and name no command that the program does not have.
for name in ('gatepost.1', 'gatepostd.8'):
    if not (TOP / 'contrib/man' / name).read_text().startswith('.\\"'):
        wrong.append(f'contrib/man/{name}: does not begin with its licence')
for line in sorted(wrong):
    print(line)
if not wrong:
    print(f'{len(explained)} ids')
sys.exit(1 if wrong else 0)
