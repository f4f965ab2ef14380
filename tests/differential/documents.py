#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Our text of documents beside that of other readers: pdftotext, antiword, catdoc, xls2csv, catppt,
and for the zipped formats the words between the tags of every part that holds text.

  documents.py GATEPOST [--show] [FOLDER...]

Counted are words of two letters or digits and more, NFC and case folded, each as often as it occurs.
`found` is the share of the other reader's words that we give too; `shared` the share of ours that it
gives (low where we read more: properties, hidden sheets, macros). Texts that we convert from fonts of
before Unicode are left out, because no other reader converts them.
Exit 1: a figure under its floor, or a file under 0.90 that EXPLAINED does not name; 77: no documents here.
"""
import argparse
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tests' / 'vietnamese'))
from score import write_config  # noqa: E402
CORPORA = TOP.parent / 'shared' / 'corpora'
WORD = re.compile(r'\w{2,}')
LEAST_FILE = 0.90
# Share of the other reader's words that must be found, over all files; measured, then rounded down.
FLOORS = {'antiword': 0.998, 'catdoc': 0.997, 'pdftotext': 0.998, 'xls2csv': 0.998, 'zip+xml': 0.998}
# File name -> why the other reader has words that we do not.
EXPLAINED = {}
PARTS = re.compile(r'(word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml'
                   r'|xl/(sharedStrings|comments\d*)\.xml|ppt/(slides|notesSlides)/[^/]*\.xml'
                   r'|content\.xml)$')


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return ''
    return done.stdout.decode('utf-8', 'replace') if done.returncode == 0 else ''


def zipped(path):
    """Text between tags; a paragraph's end separates words, a run's end does not."""
    out = []
    try:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if PARTS.match(name):
                    xml = package.read(name).decode('utf-8', 'replace')
                    # Places of shapes are numbers, and old readers' copy of a text box is a copy.
                    xml = re.sub(r'(?s)<mc:Fallback>.*?</mc:Fallback>|<wp:posOffset>.*?</', '</', xml)
                    xml = re.sub(r'<(?:\w+:)?(?:instrText|delInstrText)[ >].*?</[^>]*>', '', xml)
                    xml = re.sub(r'</?(?:\w+:)?(?:p|h|si|tab|br|cr|s|line-break)(?: [^>]*)?/?>', '\n', xml)
                    text = re.sub(r'<[^>]*>', '', xml)
                    for entity, char in (('&lt;', '<'), ('&gt;', '>'), ('&quot;', '"'), ('&apos;', "'")):
                        text = text.replace(entity, char)
                    text = re.sub(r'&#(\d+);', lambda m: chr(int(m[1])), text)
                    out.append(text.replace('&amp;', '&'))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        return ''
    return '\n'.join(out)


READERS = {
    'pdf': [('pdftotext', lambda f: run('pdftotext', '-q', f, '-'))],
    'doc': [('antiword', lambda f: run('antiword', '-w', '0', '-m', 'UTF-8.txt', f)),
            ('catdoc', lambda f: run('catdoc', '-w', '-d', 'utf-8', f))],
    'xls': [('xls2csv', lambda f: run('xls2csv', '-d', 'utf-8', f))],
    'ppt': [('catppt', lambda f: run('catppt', '-d', 'utf-8', f))],
}
for kind in ('docx', 'docm', 'dotx', 'xlsx', 'xlsm', 'pptx', 'pptm', 'odt', 'ods', 'odp'):
    READERS[kind] = [('zip+xml', zipped)]
READERS['dot'] = READERS['doc']
READERS['xlt'] = READERS['xls']
READERS['pps'] = READERS['ppt']


def texts_of(gatepost, config, files):
    """All at once: each start of the program loads the rules."""
    done = subprocess.run([gatepost, 'text', '--json', '--config', config, *map(str, files)],
                          capture_output=True, timeout=600, check=False)
    if done.returncode != 0:
        sys.exit(f'gatepost text gives {done.returncode}: {done.stderr[-300:]}')
    return {one['file']: one['text'] for one in map(json.loads, done.stdout.splitlines())}


def words(text):
    return collections.Counter(WORD.findall(unicodedata.normalize('NFC', text).casefold()))


def share(of, among):
    whole = sum(of.values())
    return sum((of & among).values()) / whole if whole else 1.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('gatepost')
    parser.add_argument('--show', action='store_true', help='the words that are missing')
    parser.add_argument('folders', nargs='*', type=pathlib.Path)
    args = parser.parse_args()
    folders = args.folders or [CORPORA / 'documents', CORPORA / 'parsers']
    files = sorted(f for folder in folders if folder.is_dir() for f in folder.rglob('*')
                   if f.suffix[1:].lower() in READERS and f.is_file()
                   and 'vietnamese-legacy' not in f.parts)
    if not files:
        print('skipped: no documents in', ', '.join(map(str, folders)))
        return 77
    with tempfile.TemporaryDirectory() as folder:
        return compare(args, files, write_config(pathlib.Path(folder)))


def compare(args, files, config):
    total = {}
    wrong = []
    texts = texts_of(args.gatepost, config, files)
    for file in files:
        ours = words(texts[str(file)])
        for name, read in READERS[file.suffix[1:].lower()]:
            if name != 'zip+xml' and shutil.which(name) is None:
                print(f'{name} is not installed (contrib/packages)')
                return 1
            theirs = words(read(str(file)))
            if sum(theirs.values()) < 5:
                continue  # refused, or nothing in it
            found, shared = share(theirs, ours), share(ours, theirs)
            one = total.setdefault(name, [0, 0, 0, 0, 0])
            for i, value in enumerate((1, sum(theirs.values()), found * sum(theirs.values()),
                                       sum(ours.values()), shared * sum(ours.values()))):
                one[i] += value
            note = EXPLAINED.get((file.name, name), '')
            if found < LEAST_FILE or args.show:
                print(f'{found:.3f} {shared:.3f} {name:10} {file.name}  {note}')
                if args.show or not note:
                    print('      missing:', ' '.join(list((theirs - ours).keys())[:25]))
            if found < LEAST_FILE and not note:
                wrong.append(f'{file.name}: {found:.3f} of the words of {name}')
    for name, (count, have, found, own, shared) in sorted(total.items()):
        print(f'{name:10} {count:3.0f} files: found {found / have:.4f} of {have:.0f} words, '
              f'it gives {shared / max(own, 1):.4f} of our {own:.0f}')
        if found / have < FLOORS.get(name, 0.95):
            wrong.append(f'{name}: {found / have:.4f} is under {FLOORS.get(name, 0.95)}')
    for line in wrong:
        print('FAIL', line)
    return 1 if wrong else 0


sys.exit(main())
