#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs rules/README.md: writes its files, runs its commands, compares what they print.

    guide.py GATEPOST TOP

A block whose first line is "# file: NAME" is that file. In a block ```console, lines with "$ " are commands;
what stands under one is what it prints, where "..." is anything, a line of its own any number of lines. Once without
a gateway, once with one that runs from the first command on.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

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


class Gateway:
    """gatepostd for the guide's configuration, behind the back of who follows it; None: there is none."""

    def __init__(self, program, house):
        self.journal = os.path.join(house, 'journal')
        with open(self.journal, 'wb') as journal:
            self.process = subprocess.Popen([program, '--config', 'gatepost.yaml'], cwd=house, stderr=journal)
        end = time.monotonic() + 120
        while b'GP3015' not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                self.close()
                sys.exit(f'gatepostd did not start:\n{self.said().decode()}')
            time.sleep(0.05)

    def said(self):
        with open(self.journal, 'rb') as journal:
            return journal.read()

    def close(self):
        self.process.terminate()
        return self.process.wait(60)


def follow(text, gatepost, top, daemon):
    """Who has a gateway runs everything, who has none leaves `reload` out. (files, commands, not as written)"""
    files = ran = failed = 0
    gateway = None
    with tempfile.TemporaryDirectory() as house:
        os.makedirs(os.path.join(house, 'bin'))
        # In place of the shipped packs, which take seconds to compile each time: their macros, and a policy.
        shutil.copytree(os.path.join(top, 'rules/00-lib'), os.path.join(house, 'shipped/00-lib'))
        with open(os.path.join(house, 'shipped/policy.yaml'), 'w', encoding='ascii') as out:
            out.write(POLICY)
        os.symlink(os.path.abspath(gatepost), os.path.join(house, 'bin/gatepost'))
        environment = dict(os.environ, PATH=os.path.join(house, 'bin') + ':' + os.environ['PATH'],
                           LC_ALL='C.UTF-8', NO_COLOR='1', HOME=house, COLUMNS='100')
        try:
            for kind, block, line in blocks(text):
                first, _, rest = block.partition('\n')
                if first.startswith('# file: '):
                    files += 1
                    path = os.path.join(house, first[len('# file: '):].strip())
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    rest = rest.replace(INSTALLED + 'rules', 'shipped')
                    rest = rest.replace(INSTALLED + 'schema', os.path.join(top, 'contrib/schema'))
                    if path.endswith('/gatepost.yaml'):
                        rest += f'listen: unix:{house}/milter\n'
                    with open(path, 'w', encoding='utf-8') as out:
                        out.write(rest)
                if kind != 'console':
                    continue
                if daemon and gateway is None:
                    # The gateway began with the first rule in its folder.
                    gateway = Gateway(os.path.join(os.path.dirname(os.path.abspath(gatepost)), 'gatepostd'), house)
                for command, expected in commands(block):
                    if not daemon and command in ('gatepost reload', 'gatepost rules shadow'):
                        continue
                    ran += 1
                    with_config = command + ' --config gatepost.yaml'
                    done = subprocess.run(with_config, shell=True, cwd=house, env=environment, text=True,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                    should_fail = any(': error: ' in one for one in expected)
                    if not re.fullmatch(expected_to_regex(expected), done.stdout) or \
                            (done.returncode != 0) != should_fail:
                        failed += 1
                        print(f'rules/README.md:{line}: {command}' + (' (with a gateway)' if daemon else '') +
                              '\n--- as written\n' + '\n'.join(expected) +
                              f'\n--- as printed (exit {done.returncode})\n{done.stdout}')
                    if command.startswith('gatepost scan') and \
                            done.stdout.endswith('answered by the running gatepostd, generation 2\n') != daemon:
                        failed += 1
                        print(f'rules/README.md:{line}: {command}: who answered?\n{done.stdout}')
        finally:
            if gateway is not None and gateway.close() != 0:
                failed += 1
                print('gatepostd ended badly:\n' + gateway.said().decode())
    return files, ran, failed


def main():
    gatepost, top = sys.argv[1], os.path.abspath(sys.argv[2])
    bad = False
    with open(os.path.join(top, 'rules/README.md'), encoding='utf-8') as file:
        text = file.read()
    for daemon in (False, True):
        files, ran, failed = follow(text, gatepost, top, daemon)
        print(f'{"with" if daemon else "without"} a gateway: {files} files, {ran} commands, {failed} not as written')
        bad = bad or failed > 0 or files < 7 or ran < (12 if daemon else 9)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
