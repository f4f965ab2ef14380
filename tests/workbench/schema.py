#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The published JSON Schemas: as the program prints them, valid themselves, and of one mind with the loaders.

    schema.py GATEPOST TOP

The oracle is python3-jsonschema. Four promises: contrib/schema is what `gatepost schema` prints; all YAML that
is shipped or documented validates; for every map the keys of the schema are those that the loader takes
(it lists them when it meets an unknown one); what the loader refuses for its shape the schema refuses too.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml

KINDS = ['rules', 'policy', 'config']
failures = []


def check(good, message):
    if not good:
        failures.append(message)


class Loader(yaml.SafeLoader):
    """Scalars as YAML 1.2 has them: 'on' is a text, dates are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers
            if tag not in ('tag:yaml.org,2002:bool', 'tag:yaml.org,2002:timestamp')]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver('tag:yaml.org,2002:bool', re.compile(r'^(?:true|false)$'), list('tf'))


def load(text):
    return yaml.load(text, Loader)  # noqa: S506: a SafeLoader


class House:
    """A folder with a configuration, for asking the loaders."""

    def __init__(self, gatepost, top, folder):
        self.gatepost, self.top, self.folder = gatepost, top, folder
        os.makedirs(os.path.join(folder, 'rules/examples'))
        with open(os.path.join(folder, 'rules/examples/a.eml'), 'w', encoding='ascii') as file:
            file.write('Subject: nothing\n\nnothing\n')

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def said(self, kind, text):
        """What `gatepost check` says with this file in its place."""
        self.write('rules/a.yaml', text if kind == 'rules' else RULES_GOOD[0])
        self.write('policy.yaml', text if kind == 'policy' else POLICY_GOOD[0])
        self.write('gatepost.yaml', text if kind == 'config' else CONFIG_GOOD[0])
        done = subprocess.run([self.gatepost, 'check', '--json', '--config', 'gatepost.yaml'], text=True,
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]


EXAMPLES = '    examples: {match: [abcd, abcd, abcd], no_match: [x, y, z]}\n'
HEAD = 'rules:\n  - id: A-1\n    title: {en: R, vi: R}\n'
TEXT = HEAD + '    zones: [body]\n    match: abcd\n'
WHEN = HEAD + '    severity: info\n    when: %s\n' \
    '    examples: {match: [{rules: []}], no_match: [{rules: []}]}\n'
RULES_GOOD = [
    TEXT + '    severity: info\n' + EXAMPLES,
    TEXT + '    score: 2\n    caseless: on\n    mode: shadow\n    log: {snippet: off}\n    form: skel\n' + EXAMPLES,
    'pack: p\nversion: 1.0\ndefault: on\ntitle: T\nlaw: x\nmacros: {<X>: a, "@y": [b, c]}\nlists: {l: [a.example]}\n',
    '- id: A-1\n  title: {en: R, vi: R}\n  zones: header:Subject\n  match: [abcd]\n  examples: {match: abcd, '
    'no_match: [{zone: "header:subject", text: x}]}\n',
    'id: A-1\ntitle: R\nzones: any\nlists: l\nexamples: {match: a@b.example, no_match: x}\n',
    TEXT + '    examples: {match: [abcd, {text: abcd}, {text: abcd, zone: body}], no_match: [x, 1, '
    '{file: examples/a.eml, direction: outbound}]}\n    severity: info\n',
]
CLAUSE = '- {name: a, category: spam, when: %s, then: {action: tag}}\n'
POLICY = 'policy: 1\nthresholds: {tag: 5, reject: 15}\nclauses:\n'
POLICY_GOOD = [
    POLICY + CLAUSE % '{infected: true}',
    POLICY + CLAUSE % '{any: [{score: {at_least: tag, below: 9}}, {facts: {attachment.count: {at_least: 2}}}]}',
    POLICY + CLAUSE % '{direction: inbound, rules: "A-*", severity: low, not: {facts: {sender.null: true}}}',
    POLICY + CLAUSE % '{defects: {grade: C}, unscannable: [encrypted], role: abuse}',
]
CONFIG = 'own_domains: [a.example]\nrules: rules\npolicy: policy.yaml\nstate: state\nlog: log\n'
CONFIG_GOOD = [
    CONFIG + 'antivirus: off\n',
    CONFIG + 'antivirus: {mode: optional, database: db, max_age: 7d}\nlimits: {message: 1M, queue_deadline: 5s}\n'
    'workers: 2\nlisten: unix:sock\nmode: observe\nown_networks: [10.0.0.0/8]\n',
]

# Shapes that both refuse.
REFUSED = {
    'rules': [
        TEXT + '    sevirity: high\n' + EXAMPLES,
        TEXT + '    severity: hihg\n' + EXAMPLES,
        TEXT + '    score: five\n' + EXAMPLES,
        TEXT + '    score: 101\n' + EXAMPLES,
        TEXT + '    caseless: maybe\n' + EXAMPLES,
        TEXT + '    form: nfcc\n' + EXAMPLES,
        TEXT + '    mode: on\n' + EXAMPLES,
        TEXT + '    log: {snipet: false}\n' + EXAMPLES,
        TEXT + '    first_lines: -1\n' + EXAMPLES,
        TEXT + '    level: secret\n' + EXAMPLES,
        TEXT,
        TEXT + '    examples: {match: [abcd]}\n',
        TEXT + '    examples: {match: [{txt: abcd}], no_match: [x]}\n',
        TEXT + '    examples: {match: [{file: a.eml, direction: up}], no_match: [x]}\n',
        HEAD + '    match: abcd\n' + EXAMPLES,
        HEAD + '    zones: [body]\n' + EXAMPLES,
        HEAD + '    zones: [boddy]\n    match: abcd\n' + EXAMPLES,
        HEAD + '    zones: {body: yes}\n    match: abcd\n' + EXAMPLES,
        'rules:\n  - title: R\n    zones: [body]\n    match: abcd\n' + EXAMPLES,
        'rules:\n  - id: A 1\n    title: R\n    zones: [body]\n    match: abcd\n' + EXAMPLES,
        'rules:\n  id: A-1\n', 'rule: []\n', 'pack: a b\n',
        WHEN % '{fact: sender.our}', WHEN % '{all: [{fact: sender.ours}], any: [{fact: sender.ours}]}',
        WHEN % '{}', WHEN % '{fact: sender.ours, equals: x}', WHEN % '{rule: A-1, within_lines: 3}',
        WHEN % '{list: l}', WHEN % '{count: {of: [{fact: sender.ours}]}}',
        WHEN % '{fact: sender.ours}\n    zones: [body]',
    ],
    'policy': [
        'clauses: []\n', 'policy: 2\nclauses: []\n', 'policy: 1\n', POLICY + CLAUSE % '{infect: true}',
        POLICY + CLAUSE % '{direction: outwards}', POLICY + CLAUSE % '{facts: {sender.nul: true}}',
        POLICY + CLAUSE % '{score: {at_most: 3}}', POLICY + CLAUSE % '{score: {at_least: much}}',
        POLICY + CLAUSE % '{severity: grave}', POLICY + CLAUSE % '{levels: [secret]}',
        POLICY + CLAUSE % '{defects: {grade: D}}', POLICY + CLAUSE % '{unscannable: [encripted]}',
        POLICY + CLAUSE % '{sender: {adress: a@b.example}}', POLICY + CLAUSE % '{role: root}',
        POLICY + '- {name: A b, category: spam, when: {}, then: {action: tag}}\n',
        POLICY + '- {name: a, category: spam, then: {action: tag}}\n',
        POLICY + '- {name: a, category: spam, when: {}, then: {action: hold}}\n',
        POLICY + '- {name: a, category: spam, when: {}, then: {}}\n',
        POLICY + '- {name: a, category: spam, when: {}, then: {action: reject, text: {en: no}}}\n',
        POLICY + '- {name: a, category: spam, mode: on, when: {}, then: {action: tag}}\n',
    ],
    'config': [
        'rules: rules\npolicy: policy.yaml\n', 'own_domains: [a.example]\npolicy: policy.yaml\n',
        'own_domains: [a.example]\nrules: rules\n', CONFIG + 'antivirus: offf\n', CONFIG + 'mode: watch\n',
        CONFIG + 'listen: /run/sock\n', CONFIG + 'workers: 0\n', CONFIG + 'worker: 2\n',
        CONFIG + 'limits: {message: big}\n', CONFIG + 'limits: {mesage: 1M}\n',
        CONFIG + 'limits: {queue_deadline: 5}\n', CONFIG + 'antivirus: {databse: x}\n', CONFIG + 'pictures: maybe\n',
        CONFIG + 'pictures: {image: 3}\n', CONFIG + 'antivirus: {mode: maybe}\n',
    ],
}

# A map with an unknown key, and where its properties stand in the schema.
UNKNOWN = 'zzzzzzzzzz'
MAPS = [
    ('rules', f'{UNKNOWN}: 1\n' + RULES_GOOD[0], 'definitions/pack'),
    ('rules', TEXT + f'    {UNKNOWN}: 1\n' + EXAMPLES, 'definitions/text-rule'),
    ('rules', TEXT + f'    title: {{{UNKNOWN}: 1}}\n'.replace('title', 'log') + EXAMPLES,
     'definitions/text-rule/properties/log'),
    ('rules', TEXT + f'    examples: {{match: [abcd], no_match: [x], {UNKNOWN}: 1}}\n',
     'definitions/text-rule/properties/examples'),
    ('rules', TEXT + f'    examples: {{match: [{{text: abcd, {UNKNOWN}: 1}}], no_match: [x]}}\n',
     'definitions/example/anyOf/1'),
    ('rules', TEXT + f'    examples: {{match: [abcd], no_match: [{{file: examples/a.eml, {UNKNOWN}: 1}}]}}\n',
     'definitions/mail'),
    ('rules', WHEN % '{fact: sender.ours}' + f'    {UNKNOWN}: 1\n', 'definitions/condition-rule'),
    ('rules', WHEN % f'{{count: {{at_least: 1, of: [{{fact: sender.ours}}], {UNKNOWN}: 1}}}}',
     'definitions/condition/anyOf/1/properties/count'),
    ('policy', f'{UNKNOWN}: 1\n' + POLICY_GOOD[0], ''),
    ('policy', f'markings: {{{UNKNOWN}: 1}}\n' + POLICY_GOOD[0], 'properties/markings'),
    ('policy', POLICY_GOOD[0].replace('tag: 5', f'{UNKNOWN}: 5'), 'properties/thresholds'),
    ('policy', POLICY + f'- {{name: a, category: spam, {UNKNOWN}: 1, when: {{}}, then: {{action: tag}}}}\n',
     'definitions/clause'),
    ('policy', POLICY + CLAUSE % f'{{{UNKNOWN}: 1}}', 'definitions/when'),
    ('policy', POLICY + CLAUSE % f'{{sender: {{{UNKNOWN}: 1}}}}', 'definitions/when/properties/sender'),
    ('policy', POLICY + CLAUSE % f'{{recipient: {{{UNKNOWN}: 1}}}}', 'definitions/when/properties/recipient'),
    ('policy', POLICY + CLAUSE % f'{{score: {{{UNKNOWN}: 1}}}}', 'definitions/when/properties/score'),
    ('policy', POLICY + CLAUSE % f'{{defects: {{{UNKNOWN}: 1}}}}', 'definitions/when/properties/defects'),
    ('policy', POLICY + f'- {{name: a, category: spam, when: {{}}, then: {{action: tag, {UNKNOWN}: 1}}}}\n',
     'definitions/then'),
    ('config', CONFIG + f'{UNKNOWN}: 1\n', ''),
    ('config', CONFIG + f'limits: {{{UNKNOWN}: 1}}\n', 'properties/limits'),
    ('config', CONFIG + f'antivirus: {{{UNKNOWN}: 1}}\n', 'properties/antivirus/anyOf/1'),
    ('config', CONFIG + f'pictures: {{{UNKNOWN}: 1}}\n', 'properties/pictures/anyOf/1'),
    ('config', CONFIG + f'keep: {{sample: 5%, {UNKNOWN}: 1}}\n', 'properties/keep'),
    ('config', CONFIG + f'custody: {{{UNKNOWN}: 1}}\n', 'properties/custody'),
    ('config', CONFIG + f'heads: {{{UNKNOWN}: 1}}\n', 'properties/heads'),
]
# Keys of a condition's own kinds only: each is asked of the loader beside the kind it belongs to.
CONDITION_KINDS = {'all': '[{fact: sender.ours}]', 'any': '[{fact: sender.ours}]', 'not': '{fact: sender.ours}',
                   'count': '{at_least: 1, of: [{fact: sender.ours}]}', 'rule': 'A-1', 'group': 'g',
                   'fact': 'sender.ours', 'list': 'l', 'calc': 'A-1 > 0'}


def at(schema, path):
    node = schema
    for step in path.split('/') if path else []:
        node = node[int(step)] if isinstance(node, list) else node[step]
    return node


def loader_keys(findings):
    for one in findings:
        if f"unknown key '{UNKNOWN}'" in one['message'] and ': it may hold ' in one['message']:
            return set(one['message'].split(': it may hold ')[1].split(', '))
    return None


def check_keys(house, schemas):
    for kind, text, path in MAPS:
        keys = loader_keys(house.said(kind, text))
        wanted = set(at(schemas[kind], path)['properties'])
        if path == 'definitions/condition-rule' and keys:
            # Those of the other kind are taken only to be refused with a better sentence.
            keys -= {'zones', 'form', 'match', 'mask', 'unless', 'first_lines', 'lists', 'caseless', 'times'}
        if path == 'definitions/text-rule' and keys:
            keys -= {'when'}
        check(keys == wanted, f'{kind}, {path}: the loader takes {sorted(keys or [])}, the schema has '
              f'{sorted(wanted)}')
    keys = set()
    for word, value in CONDITION_KINDS.items():
        keys |= loader_keys(house.said('rules', WHEN % f'{{{word}: {value}, {UNKNOWN}: 1}}')) or set()
    wanted = set(at(schemas['rules'], 'definitions/condition/anyOf/1')['properties'])
    check(keys == wanted, f'conditions: the loader takes {sorted(keys)}, the schema has {sorted(wanted)}')


def shipped(top):
    for folder, _, names in os.walk(os.path.join(top, 'rules')):
        for name in sorted(names):
            if name.endswith('.yaml'):
                yield 'policy' if name == 'policy.yaml' else 'rules', os.path.join(folder, name)
    yield 'config', os.path.join(top, 'contrib/gatepost.yaml')


def documented(top):
    """YAML blocks of the READMEs that are whole files."""
    for name, kind in (('rules/README.md', 'rules'), ('src/ruleset/README.md', 'rules')):
        with open(os.path.join(top, name), encoding='utf-8') as file:
            for block in re.findall(r'^```yaml\n(.*?)^```$', file.read(), re.M | re.S):
                if 'examples:' in block:
                    yield kind, name, block


def main():
    gatepost, top = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    schemas, validators = {}, {}
    for kind in KINDS:
        printed = subprocess.run([gatepost, 'schema', kind], text=True, stdout=subprocess.PIPE, check=True).stdout
        path = os.path.join(top, f'contrib/schema/{kind}.schema.json')
        with open(path, encoding='utf-8') as file:
            check(file.read() == printed, f'{path} is not what the program prints: gatepost schema {kind} > {path}')
        schemas[kind] = json.loads(printed)
        jsonschema.Draft7Validator.check_schema(schemas[kind])
        validators[kind] = jsonschema.Draft7Validator(schemas[kind])

    def complaint(kind, text):
        value = load(text)
        return '' if value is None else '; '.join(
            f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validators[kind].iter_errors(value))

    count = 0
    for kind, path in shipped(top):
        with open(path, encoding='utf-8') as file:
            said = complaint(kind, file.read())
        check(not said, f'{path}: {said}')
        count += 1
    for kind, name, block in documented(top):
        said = complaint(kind, block)
        check(not said, f'{name}: {said}\n{block}')
        count += 1
    with tempfile.TemporaryDirectory() as folder:
        house = House(gatepost, top, folder)
        for kind, all_good in (('rules', RULES_GOOD), ('policy', POLICY_GOOD), ('config', CONFIG_GOOD)):
            for text in all_good:
                said = complaint(kind, text)
                check(not said, f'the schema refuses {kind}:\n{text}{said}')
        for kind, texts in REFUSED.items():
            for text in texts:
                check(complaint(kind, text), f'the schema takes {kind}:\n{text}')
                errors = [one for one in house.said(kind, text) if one['severity'] == 'error']
                check(errors, f'the loader takes {kind}:\n{text}')
        check_keys(house, schemas)
    for failure in failures:
        print(failure)
    refused = sum(map(len, REFUSED.values()))
    print(f'{count} files valid, {refused} mistakes refused by both, {len(MAPS) + 1} maps compared, '
          f'{len(failures)} failures')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
