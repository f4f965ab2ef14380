#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every case: what `gatepost scan --json` says about mail.eml against expect.yaml.

    run.py GATEPOST [NAME...]      GATEPOST: the program; NAMEs: only these cases

A case is a folder with mail.eml and expect.yaml:

    scan: {from: A, rcpt: [B], client_ip: IP, auth: USER, config: {KEY: VALUE}}
    action: reject                 one action or a list of permitted ones
    clause: NAME                   the policy clause that decides
    rules: {has: [ID], not: [ID]}  enforced or shadow hits; `not` takes globs
    max_severity: info             no enforced rule above it
    defects: {has: [ID]}
    unscannable: [REASON]
    infected: true                 at least one infection

The cases of the regulation and the stamps are made when this runs (make.py, shapes.py). One line is printed for each case;
the exit code is 0 when all are as expected.
"""
import base64
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import yaml

import make
import shapes

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SEVERITIES = ['info', 'low', 'medium', 'high', 'critical']
KEYS = {'scan', 'action', 'clause', 'rules', 'max_severity', 'defects', 'unscannable', 'infected'}


def eicar():
    """In two pieces, so that a scanner does not take this file for the test virus."""
    return (r'X5O!P%@AP[4\PZX54(P^)7CC)7}' + '$EICAR-STANDARD-' + 'ANTIVIRUS-TEST-FILE!$H+H*').encode()


def write_config(folder, extra):
    """A configuration of its own, so that the machine's daemon and folders are not touched."""
    signatures = os.path.join(folder, 'signatures')
    os.makedirs(signatures, exist_ok=True)
    with open(os.path.join(signatures, 'test.hdb'), 'w', encoding='ascii') as file:
        file.write(f'{hashlib.md5(eicar()).hexdigest()}:{len(eicar())}:Eicar-Test-Signature\n')
    config = {
        'listen': 'unix:' + os.path.join(folder, 'sock'),
        'own_domains': ['tinhuyquangtri.vn'],
        'authserv_id': 'mx.tinhuyquangtri.vn',
        'rules': [os.path.join(TOP, 'rules')],
        'policy': os.path.join(TOP, 'rules', 'policy.yaml'),
        'state': os.path.join(folder, 'state'),
        'log': os.path.join(folder, 'log'),
        'antivirus': {'database': signatures},
    }
    config.update(extra)
    number = hashlib.sha256(json.dumps(extra, sort_keys=True).encode()).hexdigest()[:8]
    path = os.path.join(folder, f'gatepost-{number}.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        yaml.safe_dump(config, file, allow_unicode=True)
    return path


def load_cases(folders, wanted):
    cases = []
    for folder in folders:
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name, 'expect.yaml')
            if os.path.isfile(path) and (not wanted or name in wanted):
                with open(path, encoding='utf-8') as file:
                    expected = yaml.safe_load(file)
                unknown = set(expected) - KEYS
                if unknown:
                    sys.exit(f'{path}: unknown keys {sorted(unknown)}')
                cases.append((name, os.path.join(folder, name, 'mail.eml'), expected))
    return cases


def prepare(mail, folder, name):
    """mail.eml with what is put in at run time."""
    with open(mail, 'rb') as file:
        data = file.read()
    if b'@EICAR@' not in data:
        return mail
    path = os.path.join(folder, name + '.eml')
    with open(path, 'wb') as file:
        file.write(data.replace(b'@EICAR@', base64.b64encode(eicar())))
    return path


def scan(gatepost, config, envelope, mails):
    sender, rcpt, client_ip, auth = envelope
    command = [gatepost, 'scan', '--config', config, '--json', '--from', sender]
    for one in rcpt:
        command += ['--rcpt', one]
    if client_ip:
        command += ['--client-ip', client_ip]
    if auth:
        command += ['--auth', auth]
    done = subprocess.run(command + mails, capture_output=True, timeout=600, check=False)
    reports = {}
    for line in done.stdout.decode('utf-8', 'replace').splitlines():
        report = json.loads(line)
        reports[report['file']] = report
    if done.returncode != 0 or len(reports) != len(mails):
        print(done.stderr.decode('utf-8', 'replace'), file=sys.stderr)
        print(f'gatepost scan ended with {done.returncode}, {len(reports)} of {len(mails)} reports',
              file=sys.stderr)
    return reports


def check(expected, report):
    """What is wrong, a list of sentences."""
    wrong = []
    permitted = expected.get('action', [])
    permitted = [permitted] if isinstance(permitted, str) else permitted
    if permitted and report['action'] not in permitted:
        wrong.append(f"action {report['action']} by clause {report.get('clause')!r}, not "
                     f"{' or '.join(permitted)}")
    if 'clause' in expected and report.get('clause') != expected['clause']:
        wrong.append(f"clause {report.get('clause')!r}, not {expected['clause']!r}")
    hits = {rule['id']: rule for rule in report['rules']}
    rules = expected.get('rules') or {}
    for rule in rules.get('has', []):
        if rule not in hits:
            wrong.append(f'{rule} did not hit')
    for glob in rules.get('not', []):
        for rule in hits:
            if fnmatch.fnmatchcase(rule, glob):
                wrong.append(f'{rule} hit')
    if 'max_severity' in expected:
        most = SEVERITIES.index(expected['max_severity'])
        for rule in hits.values():
            if rule['mode'] == 'enforce' and SEVERITIES.index(rule['severity']) > most:
                wrong.append(f"{rule['id']} hit ({rule['severity']})")
    defects = {defect['id'] for defect in report['defects']}
    for defect in (expected.get('defects') or {}).get('has', []):
        if not any(fnmatch.fnmatchcase(found, defect) for found in defects):
            wrong.append(f'no defect {defect} among {sorted(defects)}')
    reasons = {one['reason'] for one in report['unscannable']}
    for one in report['unscannable']:
        if not one['path'] and [each['reason'] for each in report['unscannable']].count(one['reason']) > 1:
            wrong.append(f'unscannable({one["reason"]}) is told of a part and again of the whole message')
    for reason in expected.get('unscannable') or []:
        if reason not in reasons:
            wrong.append(f'not unscannable({reason}) but {sorted(reasons)}')
    if 'infected' in expected and bool(report['infections']) != expected['infected']:
        wrong.append(f"infections {report['infections']}")
    return wrong


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    gatepost, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    folder = tempfile.mkdtemp(prefix='gatepost-cases-')
    try:
        made = os.path.join(folder, 'made')
        os.makedirs(made)
        make.OUT = made
        make.regulation()
        shapes.regulation()
        shapes.stamps()
        cases = load_cases([HERE, made], wanted)
        groups = {}
        for name, mail, expected in cases:
            way = expected.get('scan') or {}
            envelope = (way.get('from', ''), tuple(way.get('rcpt', [])), way.get('client_ip', ''),
                        way.get('auth', ''))
            config = write_config(folder, way.get('config') or {})
            groups.setdefault((config, envelope), []).append(
                (name, prepare(mail, folder, name), expected))
        failed = 0
        for (config, envelope), members in groups.items():
            reports = scan(gatepost, config, envelope, [mail for _, mail, _ in members])
            for name, mail, expected in members:
                report = reports.get(mail)
                wrong = ['no report'] if report is None else check(expected, report)
                failed += bool(wrong)
                ids = ' '.join(r['id'] for r in report['rules']) if report else ''
                print(f"{'FAIL' if wrong else 'ok  '} {name}: "
                      + ('; '.join(wrong) + f'  [{ids}]' if wrong else f"{report['action']} {ids}"),
                      flush=True)
        print(f'{len(cases) - failed} of {len(cases)} cases as expected')
        return 1 if failed or not cases else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
