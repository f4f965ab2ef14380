#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs rules/README.md: writes its files, runs its commands, compares what they print.

    guide.py GATEPOST TOP

A block whose first line is "# file: NAME" is that file. In a block ```console, lines with "$ " are commands;
what stands under one is what it prints, where "..." is anything, a line of its own any number of lines.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

INSTALLED = '/usr/share/gatepost/'
POLICY = '''policy: 1
clauses:
- {name: spam, category: spam, when: {score: {at_least: tag}}, then: {action: tag}}
- {name: unread, category: unscannable, when: {unscannable: true}, then: {action: quarantine}}
'''


def blocks(text):
    for match in re.finditer(r'^```(\w+)\n(.*?)^```$', text, re.M | re.S):
        yield match.group(1), match.group(2), text[:match.start()].count('\n') + 2


def expected_to_regex(lines):
    out = ''
    for line in lines:
        if line == '...':
            out += r'(?:.*\n)*?'
        else:
            out += '.*'.join(re.escape(piece) for piece in line.split('...')) + r'\n'
    return out


def commands(block):
    current = None
    for line in block.splitlines():
        if line.startswith('$ '):
            if current:
                yield current
            current = (line[2:], [])
        else:
            current[1].append(line)
    if current:
        yield current


def main():
    gatepost, top = sys.argv[1], os.path.abspath(sys.argv[2])
    failed = 0
    files = ran = 0
    with open(os.path.join(top, 'rules/README.md'), encoding='utf-8') as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as house:
        os.makedirs(os.path.join(house, 'bin'))
        # In place of the shipped packs, which take seconds to compile each time: their macros, and a policy.
        shutil.copytree(os.path.join(top, 'rules/00-lib'), os.path.join(house, 'shipped/00-lib'))
        with open(os.path.join(house, 'shipped/policy.yaml'), 'w', encoding='ascii') as out:
            out.write(POLICY)
        os.symlink(os.path.abspath(gatepost), os.path.join(house, 'bin/gatepost'))
        environment = dict(os.environ, PATH=os.path.join(house, 'bin') + ':' + os.environ['PATH'],
                           LC_ALL='C.UTF-8', NO_COLOR='1', HOME=house, COLUMNS='100')
        for kind, block, line in blocks(text):
            first, _, rest = block.partition('\n')
            if first.startswith('# file: '):
                files += 1
                path = os.path.join(house, first[len('# file: '):].strip())
                os.makedirs(os.path.dirname(path), exist_ok=True)
                rest = rest.replace(INSTALLED + 'rules', 'shipped')
                rest = rest.replace(INSTALLED + 'schema', os.path.join(top, 'contrib/schema'))
                with open(path, 'w', encoding='utf-8') as out:
                    out.write(rest)
            if kind != 'console':
                continue
            for command, expected in commands(block):
                ran += 1
                with_config = command + ' --config gatepost.yaml'
                done = subprocess.run(with_config, shell=True, cwd=house, env=environment, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                if not re.fullmatch(expected_to_regex(expected), done.stdout):
                    failed += 1
                    print(f'rules/README.md:{line}: {command}\n--- as written\n' + '\n'.join(expected) +
                          f'\n--- as printed (exit {done.returncode})\n{done.stdout}')
    print(f'{files} files, {ran} commands, {failed} not as written')
    return 1 if failed or files < 7 or ran < 9 else 0


if __name__ == '__main__':
    sys.exit(main())
