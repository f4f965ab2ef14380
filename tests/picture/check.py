#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails with pictures, end to end: what `gatepost scan --json` finds with `pictures: on` and without.

    check.py GATEPOST [NAME...]      one line a mail; exit 0 when all are as expected
"""
import base64
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import warnings

from PIL import Image

import make

warnings.filterwarnings('ignore', module='PIL')
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOI_MAT = 'VNM-002'
CODE_IN_PIECES = 'VNP-024'
WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
# A rule of the test's own, so that a link in a code is seen in the zone url.
QR_RULE = '''pack: pictures
version: '1'
title: {en: test, vi: test}
jurisdiction: VN
default: on
rules:
  - id: TST-001
    title: {en: test, vi: test}
    why: test
    zones: [url]
    form: nfc
    match: 'login\\.evil\\.example'
    score: 4
    severity: low
    examples: {match: ['https://login.evil.example/'], no_match: ['https://www.example.com/']}
  - id: TST-002
    title: {en: test, vi: test}
    why: test
    zones: [url]
    form: nfc
    match: '(?i)http://login\\.evil\\.example/a'
    score: 4
    severity: low
    examples: {match: ['http://login.evil.example/a'], no_match: ['https://www.example.com/']}
'''


def note(orientation):
    """Tags of a camera that say nothing else."""
    return b'II*\0\x08\0\0\0' + struct.pack('<HHHIHHI', 1, 0x112, 3, 1, orientation, 0, 0)


def small_screen(gif):
    """The frame is larger than the screen says: browsers make the screen larger."""
    return gif[:6] + b'\x0a\0\x0a\0' + gif[10:]


def image(picture, kind='PNG', **options):
    return make.encoded(picture, kind, **options)


def mails():
    """NAME, mail, expected with pictures on: has, hasnot, unscannable."""
    page = make.page()
    plain = make.page(mark=None)
    png = image(page)
    one = lambda media, name, data, where='attachment': make.mail([(media, name, data, where)])
    yield 'png', one('image/png', 'trang.png', png), [TOI_MAT], [], []
    yield 'inline', one('image/png', 'trang.png', png, 'inline'), [TOI_MAT], [], []
    yield 'jpeg-tilted', one('image/jpeg', 'trang.jpg',
                             image(make.page(200, angle=8, whole_angle=2), 'JPEG', quality=80)), [TOI_MAT], [], []
    yield 'grey-tiff', one('image/tiff', 'trang.tif', image(make.page(200, grey=True), 'TIFF')), [TOI_MAT], [], []
    yield 'scan-600', one('image/png', 'trang.png', image(make.page(600, grey=True))), [TOI_MAT], [], []
    yield 'scan-noisy', one('image/png', 'trang.png', image(make.page(noise=4))), [TOI_MAT], [], []
    yield 'upside-down', one('image/png', 'trang.png', image(make.page(200).rotate(180))), [TOI_MAT], [], []
    yield 'pdf', one('application/pdf', 'scan.pdf', make.pdf([page])), [TOI_MAT], [], []
    yield 'pdf-last-page', one('application/pdf', 'scan.pdf', make.pdf([plain, plain, page])), [TOI_MAT], [], []
    yield 'pdf-without-letters', one('application/pdf', 'bao-cao.pdf', make.pdf_without_letters('TỐI MẬT')), \
        [TOI_MAT], [], []
    yield 'docx', one(WORD, 'a.docx', make.docx(image(make.page(140)))), [TOI_MAT], [], []
    yield 'two-copies', make.mail([('image/tiff', 'a.tif', image(page, 'TIFF', compression='tiff_lzw'), 'attachment')] * 2), [TOI_MAT], [], []
    yield 'unmarked', one('image/png', 'trang.png', image(plain)), [], [TOI_MAT], []
    yield 'unmarked-pdf', one('application/pdf', 'scan.pdf', make.pdf([plain])), [], [TOI_MAT], []
    yield 'qr', one('image/png', 'ma.png', image(make.qr('https://login.evil.example/x?y=1')), 'inline'), \
        ['TST-001'], [], []
    yield 'qr-in-pdf', one('application/pdf', 'ma.pdf', make.pdf([make.qr('https://login.evil.example/')])), \
        ['TST-001'], [], []
    yield 'gif-last-frame', one('image/gif', 'dong.gif', image(plain.convert('L'), 'GIF', save_all=True, duration=100,
                                                               append_images=[page.convert('L')])), [TOI_MAT], [], []
    yield 'gif-small-screen', one('image/gif', 'nho.gif', small_screen(image(page.convert('L'), 'GIF'))), [TOI_MAT], [], []
    yield 'data-address', make.mail([('text/html', 'trang.html', b'<img src="data:image/png;base64,'
                                      + base64.b64encode(png) + b'">', 'attachment')]), [TOI_MAT], [], []
    code = make.qr('https://login.evil.example/x?y=1')
    half = code.width // 2
    yield 'qr-in-halves', make.mail([
        ('image/png', 'trai.png', image(code.crop((0, 0, half, code.height))), 'inline'),
        ('image/png', 'phai.png', image(code.crop((half, 0, code.width, code.height))), 'inline')]), \
        [CODE_IN_PIECES], ['TST-001'], []
    # A scan is a scan whatever text it has besides.
    scan = make.page(130)
    footer = 'BT /G 8 Tf 400 10 Td (Scanned by CamScanner) Tj ET'
    text = make.lines_of_text(8)
    pages = lambda name, *of: one('application/pdf', name, make.pdf_of_pages(of))
    yield 'scan-with-footer', pages('a.pdf', ([(scan, make.A4)], footer)), [TOI_MAT], [], []
    yield 'scan-with-layer', pages('a.pdf', ([(scan, make.A4)], make.lines_of_text(8, invisible=True))), [TOI_MAT], [], []
    yield 'scan-with-much-text', pages('a.pdf', ([(scan, make.A4)], text)), [TOI_MAT], [], []
    yield 'stamp-picture-in-pdf', pages('a.pdf', ([], text), ([(make.word('TỐI MẬT', 'red'), (350, 780, 110, 45))], text)), \
        [TOI_MAT], [], []
    yield 'background-in-pdf', pages('a.pdf', *[([(plain, make.A4)], text)] * 12), [], [TOI_MAT], []
    # As a camera was held, and with a note for that or without.
    upright = make.word('TỐI MẬT')
    for orientation in (3, 6, 8):
        yield f'camera-{orientation}', one('image/jpeg', 'a.jpg', make.turned_by_camera(upright, orientation)), [TOI_MAT], [], []
    yield 'camera-mirrored', one('image/jpeg', 'a.jpg', make.turned_by_camera(upright, 5)), [TOI_MAT], [], []
    yield 'camera-wrong', one('image/jpeg', 'a.jpg', image(upright, 'JPEG', exif=b'Exif\0\0' + note(2))), [TOI_MAT], [], []
    yield 'camera-png', one('image/png', 'a.png', make.turned_by_camera(upright, 8, 'PNG')), [TOI_MAT], [], []
    yield 'camera-webp', one('image/webp', 'a.webp', make.turned_by_camera(upright, 6, 'WEBP')), [TOI_MAT], [], []
    for turn in (90, 180, 270):
        yield f'word-turned-{turn}', one('image/png', 'a.png', image(upright.rotate(turn, expand=True))), [TOI_MAT], [], []
    # Codes.
    yield 'qr-small', one('image/png', 'ma.png', image(make.qr('https://login.evil.example/', 1)), 'inline'), ['TST-001'], [], []
    yield 'qr-no-scheme', one('image/png', 'ma.png', image(make.qr('LOGIN.EVIL.EXAMPLE/A')), 'inline'), ['TST-002'], [], []
    yield 'qr-page-12', pages('a.pdf', *[([], text)] * 11, ([(code, (200, 100, 120, 120))], text)), ['TST-001'], [], []
    yield 'qr-frame-30', one('image/gif', 'a.gif', image(
        Image.new('L', code.size, 250), 'GIF', save_all=True, duration=90, append_images=[
            code.convert('L') if i == 29 else Image.new('L', code.size, 100 + i) for i in range(40)])), ['TST-001'], [], []
    third = code.height * 2 // 5
    yield 'qr-corners', make.mail([
        ('image/png', f'{x}{y}.png', image(code.crop((x, y, x + third, y + third))), 'inline')
        for x in (0, code.width - third) for y in (0, code.height - third)]), [CODE_IN_PIECES], ['TST-001'], []
    yield 'unread-format', one('image/jp2', 'anh.jp2', b'\0\0\0\x0cjP  \r\n\x87\n' + bytes(range(256)) * 4), \
        [], [], [('not-read', 'anh.jp2')]
    yield 'bomb', one('image/png', 'bom.png', make.png_bomb()), [], [], [('not-read', 'bom.png')]
    yield 'damaged', one('image/png', 'hong.png', png[:2000]), [], [TOI_MAT], [('not-read', 'hong.png')]
    yield 'too-many', one('application/pdf', 'dai.pdf', make.pdf([make.page(72, mark=None)] * 12, 72)), \
        [], [], [('image-only', 'dai.pdf'), ('not-read', 'dai.pdf')]
    yield 'no-picture', make.mail([]), [], [TOI_MAT], []


def scan(gatepost, folder, names, pictures):
    config = os.path.join(folder, 'gatepost.yaml')
    os.makedirs(os.path.join(folder, 'rules'), exist_ok=True)
    with open(os.path.join(folder, 'rules', 'pictures.yaml'), 'w', encoding='utf-8') as file:
        file.write(QR_RULE)
    with open(config, 'w', encoding='utf-8') as file:
        file.write(f'own_domains: [tinhuyquangtri.vn]\nrules: [{TOP}/rules, rules]\n'
                   f'policy: {TOP}/rules/policy.yaml\nstate: state\nlog: log\nantivirus: off\nworkers: 1\n')
        if pictures:
            # The most that may be asked for: what is read must not depend on what else the machine does.
            file.write('pictures:\n  time: 30s\n')
    files = [os.path.join(folder, name + '.eml') for name in names]
    done = subprocess.run([gatepost, 'scan', '--config', config, '--json'] + files, stdout=subprocess.PIPE,
                          check=False, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def main():
    gatepost, wanted = sys.argv[1], sys.argv[2:]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix='gatepost-pictures-') as folder:
        expected = {}
        for name, raw, has, hasnot, unscannable in mails():
            if not wanted or name in wanted:
                expected[name] = has, hasnot, unscannable
                with open(os.path.join(folder, name + '.eml'), 'wb') as file:
                    file.write(raw)
        begin = time.monotonic()
        status, answers = scan(gatepost, folder, expected, True)
        seconds = time.monotonic() - begin
        if status != 0 or len(answers) != len(expected):
            print(f'gatepost scan: status {status}, {len(answers)} answers to {len(expected)} mails')
            return 1
        for (name, (has, hasnot, unscannable)), answer in zip(expected.items(), answers):
            rules = {rule['id'] for rule in answer['rules']}
            found = sorted((one['reason'], one['path']) for one in answer['unscannable'])
            problems = [f'{one} is missing' for one in has if one not in rules]
            problems += [f'{one} is there' for one in hasnot if one in rules]
            if found != sorted(unscannable):
                problems.append(f'unscannable {found} instead of {sorted(unscannable)}')
            if TOI_MAT in has and answer['action'] == 'accept':
                problems.append('it is accepted')
            wrong += bool(problems)
            print(f"{'FAIL' if problems else 'ok':4} {name:14} {answer['ms'].get('pictures', 0):6.0f} ms"
                  f"  {'; '.join(problems)}")
        status, answers = scan(gatepost, folder, expected, False)
        for name, answer in zip(expected, answers):
            rules = {rule['id'] for rule in answer['rules']}
            marks = [one for one in answer['unscannable'] if one['reason'] == 'not-read']
            if rules & {TOI_MAT, 'TST-001'} or marks or 'pictures' in answer['ms']:
                wrong += 1
                print(f'FAIL {name}: pictures are read although they are off')
        if status != 0 or len(answers) != len(expected):
            wrong += 1
            print('FAIL gatepost scan without pictures')
        print(f'{len(expected)} mails, {wrong} not as expected, {seconds:.1f} s with pictures')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
