#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of facts in src/ruleset/names.cc and the facts that the sources set are the same.
  facts.py TOP"""
import pathlib
import re
import sys

TOP = pathlib.Path(sys.argv[1])
NAME = r'"([a-z]+(?:[.-][a-z0-9]+)+)"'
SETTERS = re.compile(r'(?:SetFact\(|Set(?:True)?\(|facts\)?\[|facts(?:->|\.)emplace\(|'
                     r'LateFact>?\([^;]*?,\s*|(?:k|\.)[Ff]act\s*=?\s*)' + NAME)
# The names that these two rooms alone use; "document.xml" and "document.write" are no facts.
PASSED = re.compile(r'"((?:document\.(?!xml|write)|executable\.|html\.|text\.|url\.)[a-z0-9-]+)"')
# Made from a table or an enum: the line that does it, and what it makes.
TABLES = {'src/virus/names.cc': re.compile(r'"(virus\.[a-z-]+)"'),
          'src/inspect/facts.cc': re.compile(r'"(direction\.)"')}
# Taken out again by the gateway before anybody sees it.
INTERNAL = {'body.likeness'}

text = (TOP / 'src/ruleset/names.cc').read_text()
listed = set(re.findall(NAME.replace('+)+', '*)+') + '|"(unscannable\\.)"',
                        text[text.index('KnownFacts()'):text.index('IsKnownFact')]))
known = {one or other for one, other in listed}
found = set()
for room in ('decode', 'text', 'virus', 'inspect', 'gateway'):
    for file in sorted((TOP / 'src' / room).glob('*.cc')):
        source = re.sub(r'//[^\n]*', '', file.read_text())
        found |= set(SETTERS.findall(source))
        if room in ('decode', 'text'):  # counted, or handed to a helper that sets it
            found |= set(PASSED.findall(source))
        table = TABLES.get(file.relative_to(TOP).as_posix())
        if table:
            found |= set(table.findall(source))
if 'direction.' in found:
    found.remove('direction.')
    found |= {'direction.' + one for one in ('inbound', 'outbound', 'internal', 'relay')}
found = {one for one in found if not one.startswith('unscannable.')} - INTERNAL
wrong = [f'src/ruleset/names.cc: {one} is set by a source but not listed' for one in found - known]
wrong += [f'src/ruleset/names.cc: {one} is listed but no source sets it'
          for one in known - found - {'unscannable.'}]
for line in sorted(wrong):
    print(line)
if not wrong:
    print(f'{len(known)} facts')
sys.exit(1 if wrong else 0)
