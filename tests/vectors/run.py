#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the vectors through `gatepost scan --json` and prints found, refused, unscannable, held, tagged,
noticed and MISSED apart.

    run.py GATEPOST [--only GLOB] [--verbose]      the vectors, made anew by make.py
    run.py GATEPOST --folder DIR [--verbose]       any folder of mails: what is not flagged, one a line

A mail's outcome is the first that holds: found (its payload by signature or rule), refused (grade C),
unscannable, held (by the policy, for another reason), tagged (another defect, or a rule of the shipped
packs), noticed (a fact and nothing else: no one is told), MISSED. Where a case says `found`, or its vector is
marked U or N in the list (kit.py), it is a failure to refuse only; a case that is to be held is inspected
again without the payload's signature. The exit code is 0 when every case is as decided.
"""
import argparse
import collections
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import yaml

import kit
import make

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
COMMITTED = os.path.join(HERE, 'cases')
BATCH = 400
WORDS = ('found', 'refused', 'unscannable', 'held', 'tagged', 'noticed', 'MISSED')


def write_config(folder, antivirus=True):
    signatures = os.path.join(folder, 'signatures')
    os.makedirs(signatures, exist_ok=True)
    digest, size = hashlib.md5(kit.PAYLOAD).hexdigest(), len(kit.PAYLOAD)
    with open(os.path.join(signatures, 'vectors.hdb'), 'w', encoding='ascii') as file:
        file.write(f'{digest}:{size}:Gatepost.Vector\n')
    with open(os.path.join(signatures, 'vectors.ndb'), 'w', encoding='ascii') as file:
        file.write(f'Gatepost.Vector.Begin:0:*:{kit.PAYLOAD.hex()}\n')
    config = {
        'listen': 'unix:' + os.path.join(folder, 'sock'),
        'own_domains': ['office.example'], 'authserv_id': 'mx.office.example',
        'rules': [os.path.join(TOP, 'rules'), os.path.join(HERE, 'rules')],
        'policy': os.path.join(TOP, 'rules', 'policy.yaml'),
        'state': os.path.join(folder, 'state'), 'log': os.path.join(folder, 'log'),
        'antivirus': {'database': signatures} if antivirus else 'off',
        'limits': {'inspect_deadline': '28s'},   # a mail of 9 MB on a busy machine
    }
    path = os.path.join(folder, 'gatepost.yaml' if antivirus else 'no-signatures.yaml')
    with open(path, 'w', encoding='utf-8') as file:
        yaml.safe_dump(config, file)
    return path


def scan(gatepost, config, files):
    reports = {}
    for start in range(0, len(files), BATCH):
        some = files[start:start + BATCH]
        done = subprocess.run(
            [gatepost, 'scan', '--config', config, '--json', '--rcpt', 'clerk@office.example',
             '--from', 'sender@outside.example'] + some, capture_output=True, timeout=900, check=False)
        for line in done.stdout.decode('utf-8', 'replace').splitlines():
            report = json.loads(line)
            reports[report['file']] = report
        if done.returncode != 0:
            print(done.stderr.decode('utf-8', 'replace')[-2000:], file=sys.stderr)
    return reports


def outcome(report):
    """(word, found by what, grades of the defects, reasons)."""
    by = [one['id'] for one in report['rules'] if one['id'].startswith('VEC-')]
    by += ['signature' for one in report['infections'] if 'Gatepost.Vector' in one['name']][:1]
    grades = {one['grade'] for one in report['defects']}
    reasons = sorted({one['reason'] for one in report['unscannable']})
    others = [one['id'] for one in report['rules'] if not one['id'].startswith('VEC-')
              and one['mode'] == 'enforce' and one['severity'] != 'info']
    # What texts, pages and links do to hide: facts that rules can use.
    signs = [name for name in report['facts'] if name.split('.')[0] in ('text', 'html', 'url', 'document', 'executable', 'picture')
             and name != 'html.hidden']
    if by:
        word = 'found'
    elif 'C' in grades:
        word = 'refused'
    elif reasons:
        word = 'unscannable'
    elif report['action'] in ('quarantine', 'reject'):
        word = 'held'
    elif grades or others or report['action'] == 'tag':
        word = 'tagged'
    else:
        word = 'noticed' if signs else 'MISSED'
    return word, by, grades, reasons


def judge(expected, report, unsigned):
    """(the outcome, what is wrong with it); unsigned: the report without the payload's signature, where asked."""
    word, _, grades, reasons = outcome(report)
    decided = expected['decided']
    wrong = []
    if decided in ('found', 'clean') and word != 'found':
        wrong.append('only ' + word if word != 'MISSED' else 'missed')
    if decided == 'clean' and 'C' in grades:
        wrong.append('legal, and grade C')
    if decided == 'refused' and not (word == 'refused' or (expected['payload'] and word == 'found')):
        wrong.append(word + ', not refused')
    if decided == 'held' and unsigned['action'] not in ('quarantine', 'reject'):
        wrong.append('the policy says ' + unsigned['action'])
    if decided == 'tagged' and word in ('noticed', 'MISSED'):
        wrong.append('nobody is told')
    marks = kit.MARKS.get(expected['vector'], '')
    if expected['payload'] and 'unread' not in expected and word != 'found' and ('U' in marks or 'N' in marks):
        wrong.append('marked ' + marks + ': to be found')
    ids = {one['id'] for one in report['defects']}
    for name in expected.get('defects', []):
        if name not in ids:
            wrong.append('no defect ' + name)
    if 'unscannable' in expected and expected['unscannable'] not in reasons:
        wrong.append('not unscannable(' + expected['unscannable'] + ')')
    return word, wrong


def describe(report):
    return ' '.join(f"{one['id']}/{one['grade']}" for one in report['defects']) + ' ' + ' '.join(
        f"unscannable({one['reason']})" for one in report['unscannable'])


def committed():
    """Cases that stand in the repository must be what make.py makes."""
    return sorted(os.listdir(COMMITTED))


def run_vectors(gatepost, folder, options):
    config = write_config(folder)
    made = os.path.join(folder, 'made')
    make.write(made, everything=True)
    failed = 0
    for name in committed():
        for file in ('mail.eml', 'expect.yaml'):
            with open(os.path.join(COMMITTED, name, file), 'rb') as one, \
                    open(os.path.join(made, name, file), 'rb') as two:
                if one.read() != two.read():
                    print(f'FAIL {name}/{file} is not what make.py makes')
                    failed += 1
    cases = []
    for name in sorted(os.listdir(made)):
        if options.only and not fnmatch.fnmatchcase(name, options.only):
            continue
        with open(os.path.join(made, name, 'expect.yaml'), encoding='utf-8') as file:
            expected = yaml.safe_load(file)
        cases.append((name, expected, os.path.join(made, name, 'mail.eml')))
    reports = scan(gatepost, config, [mail for _, _, mail in cases])
    held = scan(gatepost, write_config(folder, antivirus=False),
                [mail for _, expected, mail in cases if expected['decided'] == 'held'])
    counts, by_mark = collections.Counter(), collections.defaultdict(collections.Counter)
    for name, expected, mail in cases:
        report = reports.get(mail)
        word, wrong = ('MISSED', ['no report']) if report is None else judge(expected, report, held.get(mail, report))
        counts[word] += 1
        by_mark[kit.MARKS.get(expected['vector'], '-')][word] += 1
        failed += bool(wrong)
        if wrong or options.verbose:
            print(f"{'FAIL' if wrong else 'ok  '} {name} ({expected['decided']}): {word}; "
                  f"{'; '.join(wrong)} [{describe(report) if report else ''}]")
    alone = [name for name, _, mail in cases if mail in reports
             and outcome(reports[mail])[1] == ['signature']]
    if options.verbose:
        print('found by the signature alone:', *alone)
    print(f'{len(alone)} were found by the signature alone (libclamav parses mail too)')
    print('in the list:' + ''.join(f'{word:>12}' for word in WORDS))
    for mark, row in sorted(by_mark.items()):
        print(f'{mark:12}' + ''.join(f'{row[word]:12}' for word in WORDS))
    print(f'{len(cases)} mails of {len({one["vector"] for _, one, _ in cases})} vectors: '
          + ', '.join(f'{word} {counts[word]}' for word in WORDS) + f'; {failed} not as decided')
    return 1 if failed or not cases else 0


def run_folder(gatepost, folder, options):
    config = write_config(folder)
    files = sorted(os.path.join(at, name) for at, _, names in os.walk(options.folder) for name in names)
    reports = scan(gatepost, config, files)
    counts = collections.Counter()
    for file in files:
        report = reports.get(file)
        word = 'MISSED' if report is None else outcome(report)[0]
        word = 'infected' if report and report['infections'] else word
        counts[word] += 1
        if word == 'MISSED' or options.verbose:
            print(f'{word:12} {os.path.relpath(file, options.folder)} {describe(report) if report else ""}')
    print(f'{len(files)} files: ' + ', '.join(f'{word} {count}' for word, count in sorted(counts.items())))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('gatepost')
    parser.add_argument('--only', help='names of cases, with * and ?')
    parser.add_argument('--folder', help='mails of another collection instead of the vectors')
    parser.add_argument('--verbose', action='store_true', help='a line for each mail')
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='gatepost-vectors-')
    try:
        work = run_folder if options.folder else run_vectors
        return work(os.path.abspath(options.gatepost), folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
