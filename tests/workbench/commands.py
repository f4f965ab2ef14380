#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands of a rule author, driven from outside: scan, rules test, explain and new, check.

    commands.py GATEPOST TOP [NAME...]
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

GATEPOST, TOP = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])

RULES = '''
- id: T-001
  title: {en: Quick loans, vi: Cho vay nhanh}
  why: Nobody here asked for a loan.
  zones: [subject, body, attachment]
  form: fold
  match: ['<B>vay tien nhanh<E>', '<B>giai ngan trong [0-9]{1,3} phut<E>']
  score: 3
  severity: low
  examples:
    match: ['vay tiền nhanh', 'VAY TIỀN NHANH', 'giải ngân trong 30 phút', {file: examples/loan.eml}]
    no_match: ['vay tiền', 'giải ngân trong ngày', 'nhanh', {file: examples/letter.eml}]
- id: T-002
  title: {en: Accents are kept, vi: Giữ dấu}
  why: So that a line is shown as it was written.
  zones: [subject, body, attachment]
  match: '<B>không thế chấp<E>'
  severity: info
  examples: {match: [không thế chấp, '- không thế chấp -', 'a không thế chấp'], no_match: [thế chấp, 'không', 'khong the chap']}
- id: T-003
  title: {en: A secret word, vi: Từ mật}
  why: Its words are never shown.
  zones: [body]
  match: '<B>hoa sen vàng<E>'
  log: {snippet: false}
  severity: high
  group: secret
  examples: {match: [hoa sen vàng, 'a hoa sen vàng', 'hoa sen vàng.'], no_match: [hoa sen, sen vàng, hoa vàng]}
- id: T-004
  title: {en: A loan on its way out, vi: Gửi ra ngoài}
  why: Conditions have mails as examples too.
  when: {all: [{rule: T-001}, {fact: direction.outbound}]}
  severity: info
  examples:
    match: [{file: examples/loan.eml, direction: outbound}, {rules: [T-001], facts: {direction.outbound: 'true'}}, {rules: [T-001, T-002], facts: {direction.outbound: 'true'}}]
    no_match: [{file: examples/loan.eml}, {file: examples/letter.eml, direction: outbound}, {rules: [T-001]}]
- id: T-005
  title: {en: A list, vi: Danh sách}
  why: The list that found it is named.
  zones: [from]
  lists: [lenders]
  severity: info
  examples: {match: [a@loans.example, b@loans.example, LOANS.example], no_match: [a@b.example, loans, x]}
'''
LOAN = '''From: "Loans" <offers@loans.example>
To: clerk@office.example
Subject: Vay tien nhanh
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Kính gửi quý khách, chúng tôi cho vay tiền nhanh không thế
chấp, giải ngân trong 30 phút, lãi suất ưu đãi.
Liên hệ ngay hôm nay.
'''
LETTER = '''From: friend@elsewhere.example
To: clerk@office.example
Subject: Gap nhau
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Chào anh, chiều nay chúng ta gặp nhau ở văn phòng nhé.
'''
SECRET = LOAN.replace('Liên hệ', 'Mật danh hoa sen vàng, không thế chấp. Liên hệ')


class House:
    def __init__(self, folder):
        self.folder = folder
        self.write('gatepost.yaml', 'own_domains: [office.example]\nrules: [rules]\npolicy: policy.yaml\n'
                   'state: state\nlog: log\nantivirus: off\n')
        self.write('policy.yaml', 'policy: 1\nmarkings: {groups: [secret]}\nclauses:\n- {name: loans, category: '
                   'spam, when: {score: {at_least: 3}}, then: {action: tag}}\n- {name: secrets, category: '
                   'marking, when: {groups: [secret]}, then: {action: quarantine}}\n- {name: unread, category: '
                   'unscannable, when: {unscannable: true}, then: {action: quarantine}}\n')
        self.write('rules/t.yaml', 'pack: t\nlists: {lenders: [loans.example]}\nrules:\n' +
                   textwrap.indent(RULES.lstrip('\n'), '  '))
        self.write('rules/examples/loan.eml', LOAN)
        self.write('rules/examples/letter.eml', LETTER)
        self.write('secret.eml', SECRET)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def run(self, *words, exit_code=0, **environment):
        done = subprocess.run([GATEPOST, *words, '--config', 'gatepost.yaml'], cwd=self.folder, text=True,
                              env={**os.environ, 'LC_ALL': 'C.UTF-8', 'HOME': self.folder, **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == exit_code, f'{words}: exit {done.returncode}\n{done.stdout}'
        return done.stdout

    def scan(self, name):
        return json.loads(self.run('scan', '--json', name))


def has(text, *pieces):
    for piece in pieces:
        assert piece in text, f'{piece!r} is not in\n{text}'


def has_not(text, *pieces):
    for piece in pieces:
        assert piece not in text, f'{piece!r} is in\n{text}'


def below(text, line):
    """What the carets below a line point at."""
    lines = text.splitlines()
    at = next(i for i, one in enumerate(lines) if line in one)
    carets = lines[at + 1]
    return ''.join(c for c, mark in zip(lines[at], carets) if mark == '^')


def evidence(report, rule):
    return next(one for one in report['rules'] if one['id'] == rule)['evidence']


def scan_shows_the_line_the_match_and_the_reason(house):
    said = house.run('scan', '--lang', 'en', '--show-text', 'rules/examples/loan.eml')
    has(said, 'T-001  low +3.0  The rule “Quick loans” found its words in the text and the subject, more than '
        'once: Nobody here asked for a loan.', 'the text, part 0, line 1, bytes ', '<B>vay tien nhanh<E>',
        'the From address', 'list @lenders')
    # The rule sees no accents; the person does.
    assert below(said, 'chúng tôi cho vay tiền nhanh') in ('vay tiền nhanh', 'giải ngân trong 30 phút',
                                                           'không thế chấp'), said
    has(said, 'giải ngân trong 30 phút')


def scan_speaks_vietnamese_by_locale(house):
    said = house.run('scan', 'rules/examples/loan.eml', LC_ALL='', LANG='vi_VN.UTF-8')
    has(said, 'Quy tắc “Cho vay nhanh” khớp với từ ngữ trong nội dung thư và tiêu đề (nhiều chỗ): ', 'dòng 1',
        'điểm 3.0')
    has(house.run('scan', '--lang', 'vi', 'rules/examples/loan.eml'), 'Quy tắc “Cho vay nhanh”')
    has_not(house.run('scan', '--lang', 'en', 'rules/examples/loan.eml', LANG='vi_VN'), 'Quy tắc')


def scan_masks_words_unless_asked(house):
    said = house.run('scan', 'rules/examples/loan.eml')
    has(said, 'Kính gửi quý khách, chúng tôi cho ••• t••• n••••')
    # A rule's expression is no secret; the lines of the mail are.
    has_not('\n'.join(line for line in said.splitlines() if line.startswith('    |')), 'vay tiền', 'giải ngân',
            'không thế', 'thế chấp', 'Vay tien')


def scan_never_shows_what_a_marking_found_nor_lines_beside_it(house):
    for said in (house.run('scan', '--show-text', 'secret.eml'), house.run('scan', '--json', 'secret.eml')):
        has_not(said, '| hoa sen', 'danh hoa sen', '"hoa sen', 'Mật danh')
    report = house.scan('secret.eml')
    secret = evidence(report, 'T-003')[0]
    assert secret['text'] == '' and 'context' not in secret, secret
    assert secret['end'] > secret['start'] and secret['expression']['written'] == '<B>hoa sen vàng<E>'
    assert all('context' not in one for one in evidence(report, 'T-001')), report


def evidence_names_expression_part_and_both_offsets(house):
    places = evidence(house.scan('rules/examples/loan.eml'), 'T-001')
    assert [one['expression']['index'] for one in places] == [0, 1, 0], places
    body = places[0]
    raw = LOAN.split('\n\n', 1)[1].replace('\n', '\r\n').encode()
    assert raw[body['source_start']:body['source_end']].decode() == 'vay tiền nhanh', body
    assert (body['part'], body['zone'], body['view'], body['line']) == ('0', 'body', 'body/fold', 1), body
    assert body['text'] == 'vay tien nhanh', body
    context = body['context']
    shown = context['text'].encode()[context['start']:context['end']].decode()
    assert shown == 'vay tiền nhanh' and context['text'].startswith('Kính gửi quý khách'), context
    # In the second line of a wrapped paragraph.
    assert places[1]['line'] == 2, places[1]
    listed = evidence(house.scan('rules/examples/loan.eml'), 'T-005')[0]
    assert listed['expression'] == {'index': 0, 'list': 'lenders'}, listed


def examples_that_are_mails_are_inspected(house):
    has(house.run('rules', 'test'), '5 rules, 32 examples (5 mails), 0 failed')
    has(house.run('rules', 'test', 'T-004'), '1 rule, 6 examples (3 mails), 0 failed')


def a_mail_that_fails_says_what_stands_in_the_way(house):
    with open(os.path.join(house.folder, 'rules/t.yaml'), encoding='utf-8') as file:
        good = file.read()
    cases = [
        (good.replace("'<B>vay tien nhanh<E>', '<B>giai ngan trong", "'<B>vay tien nhah<E>', '<B>giai ngan trogn"),
         ['examples/loan.eml should match and does not', 'it is found by T-002, T-005']),
        (good.replace('{file: examples/letter.eml}]\n  - id: T-002', '{file: examples/loan.eml}]\n  - id: T-002'),
         ["examples/loan.eml should not match, and 'Vay tien nhanh' does (Subject, subject, line 1)"]),
        (good.replace('direction: outbound}, {rules', 'direction: internal}, {rules'),
         ['rule T-004: ', 'examples/loan.eml should match and does not; it is found by T-001, T-002, T-005']),
    ]
    cases[1][1][0] = 'examples/loan.eml should not match, and '
    for text, pieces in cases:
        assert text != good
        house.write('rules/t.yaml', text)
        has(house.run('rules', 'test', exit_code=1), *pieces)
        # A reload, and `check`, refuse the rules for the same reason.
        said = house.run('check', exit_code=2)
        has(said, 'rules/t.yaml:', ': error: rule T-00')
    house.write('rules/t.yaml', good)


def a_file_may_be_tried_before_it_is_configured(house):
    house.write('other/draft.yaml', '- id: D-001\n  title: {en: D, vi: D}\n  zones: [body]\n  match: '
                "'<B>thưởng lớn<E>'\n  lists: [lenders]\n  severity: info\n  examples: {match: ['thưởng lớn', "
                "'a@loans.example', 'Thưởng lớn'], no_match: [a, b, c]}\n")
    said = house.run('rules', 'test', 'other/draft.yaml', exit_code=1)
    has(said, "other/draft.yaml:7:60: error: rule D-001: 'Thưởng lớn' should match and does not",
        "'caseless: true' would find it", '1 rule, 6 examples, 1 failed')
    has(house.run('rules', 'test', 'rules/t.yaml'), '5 rules')
    has(house.run('rules', 'test', 'nothing.yaml', exit_code=2), 'no rule, pack or file is called so')


def explain_tells_cost_and_home(house):
    house.write('more/t.yaml', '- id: T-002\n  title: {en: Mine, vi: Của ta}\n  zones: [body]\n  match: '
                "['<B>thế chấp nhà<E>', '[a-z]{4}[0-9]{3}']\n  severity: info\n"
                '  examples: {match: [thế chấp nhà, a thế chấp nhà, abcd123], no_match: [a, b, c]}\n')
    house.write('gatepost.yaml', 'own_domains: [office.example]\nrules: [rules, more]\npolicy: policy.yaml\n'
                'state: state\nlog: log\nantivirus: off\n')
    said = house.run('rules', 'explain', 'T-002')
    has(said, 'more/t.yaml:1, overrides ', 'rules/t.yaml:15', "literal 'thế chấp nhà'", 'no literal',
        ' ms to compile, ', ' KB', 'warning    ', 'no run of three characters')
    told = json.loads(house.run('rules', 'explain', '--json', 'T-002'))
    assert [bool(one['literal']) for one in told['cost']] == [True, False], told['cost']
    assert all(one['database_bytes'] > 500 and one['compile_ms'] > 0 for one in told['cost']), told['cost']
    has(house.run('rules', 'explain', 'T-001'), 'asked for  by T-004', 'examples/loan.eml')
    has(house.run('rules', 'explain', 'T-01', exit_code=2), "did you mean 'T-00")


def new_begins_a_rule_that_finds_its_mail_and_no_good_one(house):
    for i in range(30):
        house.write(f'ham/{i}.eml', LETTER.replace('văn phòng', f'quán {i}, giải ngân trong 30 phút nữa'))
    said = house.run('rules', 'new', '--from', 'rules/examples/loan.eml', '--not', 'ham', '--id', 'N-001', '-o',
                     'new/n.yaml' if os.makedirs(os.path.join(house.folder, 'new')) is None else '',
                     '--keep-mail')
    has(said, 'new/n.yaml: rule N-001 with ')
    with open(os.path.join(house.folder, 'new/n.yaml'), encoding='utf-8') as file:
        text = file.read()
    has(text, 'mode: shadow', 'any of the 30 good messages', 'examples/N-001.eml')
    # What good mail says makes no rule.
    has_not('\n'.join(re.findall(r'<B>.*<E>', text)).lower(), 'giải ngân trong')
    said = house.run('rules', 'test', 'new/n.yaml')
    has(said, ' 0 failed')
    has_not(said, 'warning')
    house.write('gatepost.yaml', 'own_domains: [office.example]\nrules: [rules, new]\npolicy: policy.yaml\n'
                'state: state\nlog: log\nantivirus: off\n')
    hits = [one['id'] for one in house.scan('rules/examples/loan.eml')['rules']]
    assert 'N-001' in hits, hits
    for i in range(3):
        assert 'N-001' not in [one['id'] for one in house.scan(f'ham/{i}.eml')['rules']]
    has(house.run('rules', 'new', '--from', 'rules/examples/loan.eml', '-o', 'new/n.yaml', exit_code=2),
        'exists already')
    house.write('empty.eml', 'Subject: a\n\nb\n')
    has(house.run('rules', 'new', '--from', 'empty.eml', exit_code=1), 'write the rule by hand')
    hostile = LOAN.replace('Vay tien nhanh', "x'; {a: [b} # \\ trúng thưởng xe máy").replace(
        'Liên hệ', "mua ngay 'kẻo' hết: [hàng] {xả} kho# đại\thạ giá %s\x07")
    house.write('hostile.eml', hostile)
    house.run('rules', 'new', '--from', 'hostile.eml', '-o', 'new/h.yaml')
    has(house.run('rules', 'test', 'new/h.yaml'), ' 0 failed')


def one_rule(keys, name='D-001', examples='{match: [abcd, abcd b, a abcd], no_match: [x, y, z]}'):
    return f"- id: {name}\n  title: {{en: A title, vi: Tên}}\n{textwrap.indent(keys, '  ')}\n  examples: {examples}\n"


def a_rule_that_does_not_compile_hinders_no_test_of_another(house):
    house.write('rules/broken.yaml', one_rule("zones: [body]\nmatch: '[z-a]bcd'\nseverity: info"))
    said = house.run('rules', 'test', 'D-001', exit_code=2)
    assert said.count('rules/broken.yaml:4:') == 1 and len(said.splitlines()) == 1, said
    has(house.run('rules', 'test', 'T-002'), '1 rule, 6 examples, 0 failed')


def explain_tells_the_condition_as_it_was_understood(house):
    house.write('rules/when.yaml', 'lists: {partners: [a.example]}\nrules:\n' + textwrap.indent(
        one_rule("when:\n  all:\n    - {rule: T-001, zones: [body], places: 2}\n    - any: [{group: secret}, "
                 "{rule: 'T-00*'}]\n    - {not: {fact: auth.spf, is: [pass, none]}}\n    - {list: partners, "
                 "of: sender.domain}\n    - count: {at_least: 2, of: [T-001, T-002]}", 'C-001', '{match: [{rules: [T-001, T-002], '
                 'facts: {sender.domain: a.example}}], no_match: [{rules: [T-003]}]}') +
        one_rule("when: {calc: 'T-001 + 2 * T-002 >= 3'}", 'C-002',
                 "{match: [{rules: [T-001, T-002]}], no_match: [{rules: [T-001 once]}]}") +
        one_rule('when: {all: [T-001, T-002], within_lines: 3}', 'C-003',
                 '{match: [{rules: [T-001, T-002]}], no_match: [{rules: [T-001]}]}'), '  '))
    has(house.run('rules', 'explain', 'C-001'), '\n  when       all of these:\n'
        '               - rule T-001, in body, in 2 places of one text\n'
        '               - any of these:\n'
        '                 - a rule of group secret (1 rule)\n'
        '                 - rule T-00* (any of 5 rules)\n'
        '               - not:\n'
        '                 - fact auth.spf is one of pass, none\n'
        '               - fact sender.domain is in list partners\n'
        '               - at least 2 of these:\n'
        '                 - rule T-001\n'
        '                 - rule T-002\n')
    has(house.run('rules', 'explain', 'C-002'), '\n  when       calc T-001 + 2 * T-002 >= 3\n')
    has(house.run('rules', 'explain', 'C-003'), '\n  when       all of these, within 3 lines:\n')
    when = json.loads(house.run('rules', 'explain', '--json', 'C-001'))['when']
    assert when == {'all': [
        {'rule': 'T-001', 'zones': ['body'], 'places': 2},
        {'any': [{'group': 'secret', 'means': ['T-003']},
                 {'rule': 'T-00*', 'means': ['T-001', 'T-002', 'T-003', 'T-004', 'T-005']}]},
        {'not': {'fact': 'auth.spf', 'is': ['pass', 'none']}}, {'list': 'partners', 'of': 'sender.domain'},
        {'count': {'at_least': 2, 'of': [{'rule': 'T-001'}, {'rule': 'T-002'}]}}]}, when
    calc = json.loads(house.run('rules', 'explain', '--json', 'C-002'))['when']
    assert calc == {'calc': 'T-001 + 2 * T-002 >= 3', 'rules': ['T-001', 'T-002']}, calc
    assert 'when' not in json.loads(house.run('rules', 'explain', '--json', 'T-001'))


def list_refuses_an_unknown_pack_and_names_the_nearest(house):
    has(house.run('rules', 'list', 't'), 'T-001')
    has(house.run('rules', 'list', '20-t', exit_code=2), "no pack is called '20-t', did you mean 't'?")
    has(house.run('rules', 'list', 'zzzzzz', exit_code=2), "no pack is called 'zzzzzz'; there are t")


def what_steers_a_terminal_is_not_printed(house):
    house.write('rules/esc.yaml', '- id: D-001\n  title: {en: "red \\e[31m", vi: "ngược \\u202e txt"}\n  why: "a '
                'bell \\a"\n  zones: [body]\n  match: "abcd"\n  severity: info\n'
                '  examples: {match: [abcd, abcd b, a abcd], no_match: [x, y, z]}\n')
    for words in (('explain', 'D-001'), ('list', 'esc')):
        said = house.run('rules', *words)
        has_not(said, '\x1b', '\u202e', '\x07')
        has(said, 'red \ufffd[31m')
    has(house.run('rules', 'explain', 'D-001'), 'ngược \ufffd txt', 'a bell \ufffd')


def a_link_back_to_its_folder_is_warned_of_and_not_followed(house):
    os.symlink('.', os.path.join(house.folder, 'rules/back'))
    has(house.run('rules', 'test'), '5 rules')
    has(house.run('check'), 'rules/back: warning: leads to a folder that was read already, and is not followed')


def check_warns_of_a_rule_that_has_no_effect(house):
    house.write('rules/idle.yaml', one_rule("zones: [body]\nmatch: abcd"))
    has(house.run('check'), 'rules/idle.yaml:1:3: warning: rule D-001 changes nothing')
    house.write('rules/idle.yaml', one_rule("zones: [body]\nmatch: abcd\nseverity: info"))
    has_not(house.run('check'), 'changes nothing')


def capitals_in_a_form_without_capitals_have_one_advice(house):
    house.write('draft.yaml', one_rule("zones: [body]\nform: fold\nmatch: 'Vay tien'\nseverity: info",
                                       examples="{match: [vay tiền, VAY TIỀN, Vay tien], no_match: [x, y, z]}"))
    said = house.run('rules', 'test', 'draft.yaml', exit_code=1)
    has(said, "draft.yaml:5:10: warning: form fold never has 'V' (U+0056): write 'v'",
        'form fold has no capitals: write the expression in small letters')
    has_not(said, 'caseless')


def explain_finds_the_literal_behind_a_possessive_repeat(house):
    house.write('rules/possessive.yaml', one_rule("zones: [body]\nmatch: ['abcd?+', 'foo++barbaz', '(?:alpha|gamma)-[0-9]']"
                                                  "\nseverity: info"))
    told = json.loads(house.run('rules', 'explain', '--json', 'D-001'))
    assert [one['literal'] for one in told['cost']] == ['abc', 'barbaz', 'alpha|gamma'], told['cost']


def new_refuses_an_id_that_is_taken_and_counts_on_from_its_own(house):
    said = house.run('rules', 'new', '--from', 'rules/examples/loan.eml', '--id', 'T-002', exit_code=2)
    has(said, 'the id T-002 is taken (', 'rules/t.yaml:', 'name another with --id')
    house.run('rules', 'new', '--from', 'rules/examples/loan.eml', '-o', 'rules/first.yaml')
    has(house.run('rules', 'new', '--from', 'rules/examples/loan.eml'), '- id: NEW-002')


def an_exception_for_a_rule_that_it_cannot_take_says_why(house):
    def refused(rule):
        said = house.run('exceptions', 'add', '--rule', rule, '--for', '1d', '--reason', 'a test', exit_code=2)
        assert len(said.splitlines()) == 1, said
        return said

    os.mkdir(os.path.join(house.folder, 'state'))
    with open(os.path.join(house.folder, 'policy.yaml'), encoding='utf-8') as file:
        policy = file.read()
    house.write('policy.yaml', policy + '- {name: bad, category: virus, when: {rules: [T-002]}, then: {action: quarantine}}\n')
    has(refused('T-01'), "no rule is called 'T-01', did you mean 'T-00")
    has(refused('Win.Test.EICAR_HDB-1'), 'gatepost rules list', 'a signature of a virus is no rule')
    has(refused('Q-*'), "no rule is called 'Q-*'")
    has(refused('T-003'), 'T-003 finds markings: no exception ever lets such mail pass')
    has(refused('T-002'), "T-002 is what clause 'bad' (virus) keeps back: no exception ever lets such mail pass")
    assert not os.path.exists(os.path.join(house.folder, 'state/exceptions.json'))
    # Of several it takes those that it may.
    for rule in ('T-001', 'T-*', '*'):
        has(house.run('exceptions', 'add', '--rule', rule, '--for', '1d', '--reason', 'a test'), 'it acts from the next')


def shadow_counts_rules_that_met_nothing_and_says_which_pack_a_line_switches_on(house):
    os.mkdir(os.path.join(house.folder, 'log'))
    house.write('rules/off.yaml', 'pack: off-pack\nversion: 1.0.0\ntitle: {en: Off, vi: Tắt}\ndefault: off\nrules:\n' + textwrap.indent(
        one_rule("zones: [body]\nmatch: abcd\nseverity: low") +
        one_rule("zones: [body]\nmatch: abcd\nseverity: low", 'D-002'), '  '))
    house.write('rules/alone.yaml', one_rule("zones: [body]\nmatch: abcd\nseverity: low\nmode: shadow", 'D-003'))
    found = {one['rule']: one for one in map(json.loads, house.run('rules', 'shadow', '--json').splitlines())}
    assert {name: one['switches_on_pack'] for name, one in found.items()} == {
        'D-001': 'off-pack', 'D-002': 'off-pack', 'D-003': ''}, found
    has(found['D-001']['switch_on'], 'off-pack-on.yaml')
    assert not any(one['waits'] for one in found.values()), found
    said = house.run('rules', 'shadow')
    has(said, '3 more rules in shadow met no message; --json names them.')
    has_not(said, 'D-001')


# What the linter says about the shipped packs, and why it stays.
NUMBERS = 'numbers and short codes of papers have no run of letters in common; these zones are short in practice'
JUSTIFIED = {
    ('10-vn-text/vnc.yaml', 'no run of three'): 'two broken bytes in a row are the sign of double encoding',
    ('20-vn-marking/vnm.yaml', 'no run of three'): NUMBERS + '; letters with nothing between them are the evasion itself',
    ('40-vn-spam/vns.yaml', 'no run of three'): 'words with digits or signs inside have no literal but in form leet, where '
                                                'the digit that gives them away is gone',
    ('60-marking-us/usc.yaml', 'no run of three'): 'portion marks are (S//NF) and the like',
    ('62-marking-nato/nat.yaml', 'no run of three'): 'portion marks are (NS) and the like',
}


def the_shipped_packs_have_no_warning_but_those_that_are_justified(house):
    done = subprocess.run([GATEPOST, 'check', '--json'], cwd=house.folder, text=True, stdout=subprocess.PIPE,
                          env={**os.environ, 'HOME': house.folder}, check=False)
    found = set()
    for line in done.stdout.splitlines():
        one = json.loads(line)
        reasons = [key for key in JUSTIFIED if one['file'].endswith(key[0]) and key[1] in one['message']]
        assert reasons or '/rules/' not in one['file'], one
        found.update(reasons)
    assert found == set(JUSTIFIED), set(JUSTIFIED) - found


TESTS = [the_shipped_packs_have_no_warning_but_those_that_are_justified,
         scan_shows_the_line_the_match_and_the_reason, scan_speaks_vietnamese_by_locale,
         scan_masks_words_unless_asked, scan_never_shows_what_a_marking_found_nor_lines_beside_it,
         evidence_names_expression_part_and_both_offsets, examples_that_are_mails_are_inspected,
         a_mail_that_fails_says_what_stands_in_the_way, a_file_may_be_tried_before_it_is_configured,
         explain_tells_cost_and_home, new_begins_a_rule_that_finds_its_mail_and_no_good_one,
         a_rule_that_does_not_compile_hinders_no_test_of_another,
         explain_tells_the_condition_as_it_was_understood, list_refuses_an_unknown_pack_and_names_the_nearest,
         what_steers_a_terminal_is_not_printed, a_link_back_to_its_folder_is_warned_of_and_not_followed,
         check_warns_of_a_rule_that_has_no_effect, capitals_in_a_form_without_capitals_have_one_advice,
         explain_finds_the_literal_behind_a_possessive_repeat,
         new_refuses_an_id_that_is_taken_and_counts_on_from_its_own,
         an_exception_for_a_rule_that_it_cannot_take_says_why,
         shadow_counts_rules_that_met_nothing_and_says_which_pack_a_line_switches_on]


def main():
    failed = 0
    for test in TESTS:
        if sys.argv[3:] and test.__name__ not in sys.argv[3:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(House(folder))
                print(f'ok      {test.__name__}')
            except (AssertionError, KeyError, StopIteration, IndexError, TypeError) as error:
                failed += 1
                print(f'FAILED  {test.__name__}: {type(error).__name__}: {error}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
