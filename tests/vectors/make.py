#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the vectors as case folders: NNN-name/mail.eml and expect.yaml.

    make.py                  the committed ones: the first small case of each vector, in cases/
    make.py --all FOLDER     every variant (run.py does this for itself)

Deterministic: a second run changes nothing.
"""
import os
import sys

import kit
# Each module adds its cases when it is imported.
import headers     # noqa: F401
import labels      # noqa: F401
import structure   # noqa: F401
import encodings_  # noqa: F401
import texts       # noqa: F401
import names       # noqa: F401
import containers  # noqa: F401

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = 20_000  # bytes; a vector whose mails are all larger is made when the tests run


def expect(case):
    out = [f'vector: {case.vector}', f'decided: {case.decided}', f'payload: {str(case.payload).lower()}']
    if case.defects:
        out.append('defects: [' + ', '.join(case.defects) + ']')
    if case.unread:
        out.append('unread: ' + case.unread)
    if case.note:
        out.insert(0, '# ' + case.note)
    return '\n'.join(out) + '\n'


def write(folder, everything):
    seen = set()
    for case in kit.CASES:
        if not everything and (case.vector in seen or len(case.mail) > SMALL):
            continue
        seen.add(case.vector)
        path = os.path.join(folder, case.name)
        os.makedirs(path, exist_ok=True)
        for name, data in (('mail.eml', case.mail), ('expect.yaml', kit.b(expect(case)))):
            with open(os.path.join(path, name), 'wb') as file:
                file.write(data)
    return seen


if __name__ == '__main__':
    if sys.argv[1:2] == ['--all'] and len(sys.argv) == 3:
        write(sys.argv[2], everything=True)
    elif len(sys.argv) == 1:
        write(os.path.join(HERE, 'cases'), everything=False)
    else:
        sys.exit(__doc__)
