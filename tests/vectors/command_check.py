#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line over mails: `gatepost defects FOLDER` counts and names; `--rcpt` takes one value.

    command_check.py GATEPOST
"""
import json
import os
import subprocess
import sys
import tempfile

import kit
import run

PLAIN = ['Content-Type: text/plain']


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


def check_defects(gatepost, config, folder):
    mails = os.path.join(folder, 'mails')
    os.makedirs(os.path.join(mails, 'deeper'))
    two = tuple(kit.TOP) + ('From: other@office.example',)
    for name, mail in {'fine.eml': kit.mail(PLAIN, 'x\r\n'), 'deeper/fine.eml': kit.mail(PLAIN, 'y\r\n'),
                       'deeper/odd.eml': kit.mail(PLAIN, 'z\r\n', top=two)}.items():
        with open(os.path.join(mails, name), 'wb') as file:
            file.write(mail)
    code, out, err = call(gatepost, 'defects', '--config', config, '--json', mails)
    report = json.loads(out)
    assert code == 0, err
    assert report['mails'] == 3 and report['worst_grade'] == {'none': 2, 'A': 0, 'B': 0, 'C': 1}, report
    assert {'id': 'DuplicateFrom', 'grade': 'C', 'mails': 1, 'times': 1} in report['defects'], report
    assert [one['file'] for one in report['grade_c']] == [os.path.join(mails, 'deeper/odd.eml')], report
    assert abs(report['grade_c_percent'] - 100 / 3) < 0.01, report
    code, out, _ = call(gatepost, 'defects', '--config', config, '--max-c', '0.1', mails)
    assert code == 1 and 'DuplicateFrom' in out and 'deeper/odd.eml' in out and '33.333 %' in out, out
    assert call(gatepost, 'defects', '--config', config, os.path.join(folder, 'nothing'))[0] == 1
    assert call(gatepost, 'defects')[0] == 2


def check_recipients(gatepost, config, folder):
    mail = os.path.join(folder, 'mails', 'fine.eml')
    code, out, err = call(gatepost, 'scan', '--config', config, '--json', '--rcpt', 'a@office.example', mail)
    assert code == 0, err
    assert [one['rcpt'] for one in json.loads(out)['recipients']] == ['a@office.example'], out
    code, out, err = call(gatepost, 'scan', '--config', config, '--json', '--rcpt', 'a@office.example',
                          '--rcpt', 'b@office.example', mail, mail)
    assert code == 0, err
    assert [[one['rcpt'] for one in json.loads(line)['recipients']] for line in out.splitlines()] == [
        ['a@office.example', 'b@office.example']] * 2, out


def main():
    with tempfile.TemporaryDirectory(prefix='gatepost-vectors-') as folder:
        config = run.write_config(folder)
        check_defects(os.path.abspath(sys.argv[1]), config, folder)
        check_recipients(os.path.abspath(sys.argv[1]), config, folder)
    print('gatepost defects and scan --rcpt: as they should')


if __name__ == '__main__':
    main()
