# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 1 to 4, and 68 to 94: messages behind a line with a dot, boundaries, where parts begin and end."""
from kit import (CTE, FILE_SHOWN, FILE_TYPE, LETTER, MARK, PAYLOAD, add, b, b64, cut, file_part, lines,
                 mail, mixed, part)

MP = 'Content-Type: multipart/mixed; '


def parameter(vector, name, decided, text, boundary, **more):
    """A multipart whose parameters are `text` and whose parts are cut with `boundary`."""
    add(vector, name, decided, mail([b(MP) + b(text)], cut(boundary, LETTER, file_part())), **more)


def smuggled():
    """As a server takes them in that does not take the dot for the end: all of it is one message."""
    hidden = mail(['Content-Type: text/plain', CTE + 'quoted-printable'], MARK.replace('-', '=2D').encode() + b'\r\n')
    commands = b'MAIL FROM:<a@outside.example>\r\nRCPT TO:<clerk@office.example>\r\nDATA\r\n'
    for vector, name, dot in ((1, 'lf-dot-crlf', b'\n.\r\n'), (2, 'lf-dot-lf', b'\n.\n'), (3, 'crcrlf', b'\r\n.\r\r\n'),
                              (4, 'nul-dot', b'\r\n\0.\r\n')):
        for kind, sent in (('commands', commands), ('message', b'')):
            # Without commands it is as any letter that quotes one.
            add(vector, f'{name}-{kind}', 'found', mail(['Content-Type: text/plain'], b'Hello' + dot + sent + hidden),
                defects=['SmuggledMessage'] if sent else [])


def boundaries():
    both = cut('one', LETTER) + cut('two', file_part())
    other = cut('two', LETTER) + cut('one', file_part())
    for name, text in {'plain': 'boundary=one; boundary=two', 'quoted': 'boundary="one"; boundary="two"',
                       'case': 'boundary=one; BOUNDARY=two', 'comma': 'boundary=one, boundary=two',
                       'blank': 'boundary=one boundary=two', 'fold': 'boundary=one;\r\n boundary=two',
                       'double-semicolon': 'boundary=one;; boundary=two', 'quoted-plain': 'boundary="one";boundary=two'}.items():
        add(68, name + '-second', 'refused', mail([MP + text], both))
        add(68, name + '-first', 'refused', mail([MP + text], other))
    add(68, 'nested-cut', 'refused', mail([MP + 'boundary=one; boundary=two'], cut(
        'one', part(['Content-Type: text/plain'], 'x\r\n' + cut('two', file_part()).decode('latin-1')))))
    for name, text in {'star': "boundary*=us-ascii''whole", 'star-utf16': "boundary*=utf-16''%FE%FF%00w%00h%00o%00l%00e",
                       'sections': 'boundary*0=wh; boundary*1=ole', 'reordered': 'boundary*1=ole; boundary*0=wh',
                       'encoded-section': "boundary*0*=us-ascii''wh; boundary*1*=%6Fle",
                       'percent': "boundary*=us-ascii''%77hole", 'quoted-star': 'boundary*="us-ascii\'\'whole"'}.items():
        parameter(69, name, 'found', text, 'whole')
    parameter(69, 'gap', 'refused', 'boundary*0=wh; boundary*2=ole', 'whole')
    parameter(69, 'from-one', 'refused', 'boundary*1=wh; boundary*2=ole', 'whole')
    for name, text in {'conflict': "boundary=no; boundary*=us-ascii''whole", 'conflict-sections': 'boundary=no; boundary*0=wh; boundary*1=ole',
                       'conflict-reversed': 'boundary*0=wh; boundary*1=ole; boundary=no',
                       'duplicate-section': 'boundary*0=no; boundary*0=wh; boundary*1=ole'}.items():
        parameter(69, name, 'refused', text, 'whole')
    parameter(69, 'first-section-only', 'refused', 'boundary*0=wh; boundary*1=ole', 'wh')
    for name, text in {'full': 'boundary="=?us-ascii?q?whole?="', 'partial': 'boundary="wh=?us-ascii?Q?ol?=e"',
                       'unquoted': 'boundary==?us-ascii?q?whole?=', 'base64': 'boundary="=?utf-8?b?d2hvbGU=?="',
                       'end': 'boundary="who=?us-ascii?Q?le?="'}.items():
        parameter(70, name, 'refused', text, 'whole')
        parameter(70, name + '-literal', 'refused', text, text.split('=', 1)[1].strip('"'))
    for name, text in {'empty': 'boundary=', 'quoted': 'boundary=""', 'semicolon': 'boundary=; x=y'}.items():
        parameter(71, name, 'refused', text, '')
    parameter(71, 'other-used', 'refused', 'boundary=""', 'whole')
    parameter(72, 'spaces', 'refused', 'boundary="   "', '   ')
    parameter(72, 'spaces-read-as-none', 'refused', 'boundary="   "', '')
    parameter(72, 'tab', 'refused', 'boundary="\t"', '\t')


def spelling():
    for name, text, used in (('trailing', 'boundary="whole "', 'whole'), ('leading', 'boundary=" whole"', 'whole'),
                             ('leading-kept', 'boundary=" whole"', ' whole'), ('trailing-kept', 'boundary="whole "', 'whole '),
                             ('inside', 'boundary="wh ole"', 'wh ole'), ('inside-cut', 'boundary="wh ole"', 'wh'),
                             ('inside-unquoted', 'boundary=wh ole', 'wh ole'), ('inside-unquoted-cut', 'boundary=wh ole', 'wh'),
                             ('before', 'boundary=  whole', 'whole'), ('before-equals', 'boundary  =whole', 'whole'),
                             ('tab-before', 'boundary=\twhole', 'whole'), ('vtab-before', 'boundary=\vwhole', 'whole'),
                             ('behind-unquoted', 'boundary=whole  ', 'whole'), ('tab-inside', 'boundary="wh\tole"', 'wh\tole')):
        parameter(73, name, 'found', text, used)
    for i, (text, used) in enumerate((('boundary=whole(x)', 'whole'), ('boundary=whole(x)', 'whole(x)'),
                                      ('boundary=(x)whole', 'whole'), ('boundary=(x)whole', '(x)whole'),
                                      ('boundary="whole"(x)', 'whole'), ('boundary="whole(x)"', 'whole(x)'),
                                      ('boundary(x)=whole', 'whole'), ('(x)boundary=whole', 'whole'),
                                      ('boundary=who(x)le', 'whole'), ('boundary=(whole', '(whole'),
                                      ('boundary="whole(x)"', 'whole'), ('boundary=who(x)le', 'who'))):
        parameter(74, f'comment-{i}', 'found', text, used)
    for i, (text, used) in enumerate((('boundary="whole', 'whole'), ('boundary="whole', '"whole'), ('boundary=whole"', 'whole'),
                                      ('boundary=whole"', 'whole"'), ('boundary="whole; x=y', 'whole'),
                                      ('boundary="whole; x=y', 'whole; x=y'), ('boundary=who"le"', 'whole'),
                                      ('boundary=who"le"', 'who"le"'), ('boundary="who"le', 'whole'), ('boundary="who"le', 'who'),
                                      ("boundary='whole'", 'whole'), ("boundary='whole'", "'whole'"),
                                      ('boundary=""whole""', 'whole'), ('x="; boundary=whole', 'whole'),
                                      ('x="; boundary=no"; boundary=whole', 'whole'))):
        parameter(75, f'quote-{i}', 'refused' if i not in (14,) else 'found', text, used)
    for i, (text, used) in enumerate((('boundary="who\\le"', 'whole'), ('boundary="who\\le"', 'who\\le'), ('boundary="who\\"le"', 'who"le'),
                                      ('boundary="who\\"le"', 'who\\'), ('boundary=who\\le', 'whole'), ('boundary=who\\le', 'who\\le'),
                                      ('boundary="whole\\"', 'whole'), ('boundary=\\"whole\\"', 'whole'))):
        parameter(76, f'escape-{i}', 'found' if i in (0, 1, 2, 5) else 'refused', text, used)
    for i, (text, used) in enumerate((('boundary="who\r\n le"', 'whole'), ('boundary="who\r\n le"', 'who le'), ('boundary="who\r\n le"', 'who'),
                                      ('boundary=who\r\n le', 'whole'), ('boundary=who\r\n le', 'who'), ('boundary=\r\n whole', 'whole'),
                                      ('boundary\r\n =whole', 'whole'), ('boun\r\n dary=whole', 'whole'), ('boundary="\r\n whole"', 'whole'),
                                      ('boundary="whole\r\n "', 'whole'))):
        parameter(77, f'fold-{i}', 'refused' if i not in (5, 6) else 'found', text, used)
    for i, (text, used) in enumerate((('boundary=who;le', 'who;le'), ('boundary=who;le', 'who'), ('boundary="who;le"', 'who;le'),
                                      ('boundary="who;le"', 'who'), ('boundary=who,le', 'who,le'), ('boundary=who,le', 'who'),
                                      ('boundary=",whole"', ',whole'), ('boundary=whole,', 'whole'), ('boundary=whole;', 'whole;'),
                                      ('boundary=;whole', 'whole'), ('boundary=who=le', 'who=le'), ('boundary=who/le', 'who/le'),
                                      ('boundary=who?le', 'who?le'), ('boundary=<whole>', '<whole>'), ('boundary=<whole>', 'whole'))):
        parameter(78, f'sign-{i}', 'found' if i in (2, 6, 10, 11, 12, 13) else 'refused', text, used)
    for name, text, used in (('inside', b'boundary="who\0le"', b'who\0le'), ('inside-cut', b'boundary="who\0le"', b'who'),
                             ('before', b'boundary=\0whole', b'whole'), ('behind', b'boundary=whole\0', b'whole'),
                             ('behind-quoted', b'boundary="whole"\0', b'whole'), ('in-name', b'boundary\0=whole', b'whole'),
                             ('high', b'boundary="who\xe9le"', b'who\xe9le'), ('high-removed', b'boundary="who\xe9le"', b'whole')):
        parameter(78, 'nul-' + name, 'refused', text, used)
    for name, text in {'colon': 'boundary:whole', 'none': 'boundary whole', 'double': 'boundary==whole', 'short': 'bound=whole',
                       'typo': 'boundry=whole', 'quoted-name': '"boundary"=whole', 'prefix': 'xboundary=whole'}.items():
        parameter(78, 'statement-' + name, 'refused', text, 'whole')


def nesting():
    def nest(outer, inner, **more):
        field = f'Content-Type: multipart/mixed; boundary="{inner}"'
        return mail([MP + f'boundary="{outer}"'], cut(outer, LETTER, part([field], cut(inner, LETTER, file_part(), **more))))
    for name, outer, inner in (('foobar', 'foo', 'foobar'), ('foo-dash', 'foo', 'foo-'), ('reversed', 'foobar', 'foo'),
                               ('space', 'foo', 'foo x'), ('colon', 'foo', 'foo:'), ('number', 'foo', 'foo2')):
        add(79, name, 'found', nest(outer, inner))
    add(79, 'prefix-lines-only', 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER) [:-len('--foo--\r\n')]
        + b'--foobar\r\n' + file_part() + b'--foo--\r\n'))
    add(80, 'same', 'refused', nest('foo', 'foo'))
    add(80, 'same-case', 'found', nest('foo', 'FOO'))
    add(81, 'close', 'refused', nest('foo', 'foo--'))
    add(81, 'close-reversed', 'refused', nest('foo--', 'foo'))
    add(82, 'outer-line-in-base64', 'found', mail([MP + 'boundary=AAAA'], cut('AAAA', part(
        [MP + 'boundary=in'], cut('in', part([FILE_TYPE, CTE + 'base64'], b64(PAYLOAD, 20).replace(
            b'\r\n', b'\r\n--AAAA\r\n\r\n', 1)))))), note='half of the file stands in each part')
    add(82, 'outer-in-encoded-inner', 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER, part(
        ['Content-Type: message/rfc822', CTE + 'base64'], b64(mail([MP + 'boundary=foo'], cut('foo', file_part())))))))
    add(83, 'missing-close', 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER, file_part(), end=None)))
    add(83, 'missing-inner-close', 'found', nest('foo', 'in', end=None))
    add(83, 'missing-both', 'found', nest('foo', 'in', end=None).replace(b'--foo--\r\n', b''))
    add(83, 'close-then-eof', 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER, file_part()).rstrip()))
    body = cut('foo', LETTER, file_part())
    add(84, 'no-crlf-before', 'found', mail([MP + 'boundary=foo'], body.replace(b'paper.\r\n--foo', b'paper.--foo')))
    add(84, 'first-directly-after-header', 'found', lines('From: a@b.example', 'MIME-Version: 1.0', MP + 'boundary=foo') + body)
    add(84, 'space-before', 'found', mail([MP + 'boundary=foo'], body.replace(b'\r\n--foo', b'\r\n --foo')))
    add(84, 'tab-before', 'found', mail([MP + 'boundary=foo'], body.replace(b'\r\n--foo', b'\r\n\t--foo')))
    add(84, 'one-dash', 'refused', mail([MP + 'boundary=foo'], body.replace(b'--foo', b'-foo')))
    add(84, 'three-dashes', 'found', mail([MP + 'boundary=foo'], body.replace(b'--foo', b'---foo')))
    add(84, 'no-dashes', 'refused', mail([MP + 'boundary=foo'], body.replace(b'--foo', b'foo')))
    for name, junk in {'space': b' ', 'tab': b'\t', 'vtab': b'\v', 'formfeed': b'\f', 'nul': b'\0', 'text': b' x', 'dash': b'-',
                       'cr': b'\r', 'nbsp': b'\xc2\xa0', 'spaces': b' ' * 500}.items():
        add(85, 'behind-' + name, 'found', mail([MP + 'boundary=foo'], body.replace(b'--foo\r\n', b'--foo' + junk + b'\r\n')))
    for name, junk in {'space': b' --', 'text': b'--x', 'nul': b'--\0', 'one': b'-', 'dashes': b'-- --', 'space-between': b'- -'}.items():
        add(85, 'close-' + name, 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER, end=junk) + cut('foo', file_part())))
    for name, eol in {'lf': b'\n', 'cr': b'\r', 'crcrlf': b'\r\r\n', 'none': b''}.items():
        add(85, 'eol-' + name, 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER, file_part(), eol=eol)))
    parameter(86, 'over-70', 'found', 'boundary=' + 'x' * 80, 'x' * 80)
    parameter(86, 'over-2048', 'refused', 'boundary=' + 'x' * 2100, 'x' * 2100)
    parameter(86, 'over-2048-cut', 'refused', 'boundary=' + 'x' * 2100, 'x' * 2048)
    parameter(86, 'cut-at-70', 'found', 'boundary=' + 'x' * 80, 'x' * 70)


def around():
    fine = cut('foo', LETTER)
    add(87, 'text', 'found', mail([MP + "boundary=foo"], MARK + "\r\n" + fine.decode()))
    add(87, 'part', 'found', mail([MP + 'boundary=foo'], file_part() + fine))
    add(87, 'uuencoded', 'found', mail([MP + 'boundary=foo'], __import__('kit').uu(PAYLOAD) + fine))
    add(87, 'base64', 'found', mail([MP + 'boundary=foo'], b64(PAYLOAD) + b'\r\n' + fine))
    add(87, 'html', 'found', mail([MP + 'boundary=foo'], f'<html><p>{MARK}</p></html>\r\n'.encode() + fine))
    add(88, 'text', 'found', mail([MP + 'boundary=foo'], fine + b(MARK) + b'\r\n'))
    add(88, 'part', 'found', mail([MP + 'boundary=foo'], fine + file_part()))
    add(88, 'parts-behind-close', 'found', mail([MP + 'boundary=foo'], fine + cut('foo', file_part())))
    add(88, 'uuencoded', 'found', mail([MP + 'boundary=foo'], fine + __import__('kit').uu(PAYLOAD)))
    add(88, 'other-boundary', 'found', mail([MP + 'boundary=foo'], fine + cut('bar', file_part())))
    add(89, 'in-part-header', 'refused', mail([MP + 'boundary=foo'], b'--foo\r\nContent-Type: text/plain\r\n--foo\r\n' + file_part() + b'--foo--\r\n'))
    add(89, 'in-folded-header', 'refused', mail([MP + 'boundary=foo'], b'--foo\r\n' + lines(
        FILE_TYPE, CTE + 'base64', 'X-Note: a') + b'--foo\r\n' + lines(FILE_SHOWN) + b'\r\n' + b64(PAYLOAD) + b'--foo--\r\n'))
    add(89, 'inside-a-value', 'found', mail([MP + 'boundary=foo'], cut('foo', LETTER, part(
        ['X-Note: --foo', FILE_TYPE, CTE + 'base64'], b64(PAYLOAD)))))
    add(89, 'fields-after-boundary-line', 'found', mail([MP + 'boundary=foo'], b'--foo\r\n\r\nx\r\n--foo ' + file_part() + b'--foo--\r\n'))
    add(90, 'in-declaring-header', 'refused', lines('From: a@b.example', 'MIME-Version: 1.0', MP + 'boundary=foo', '--foo--', CTE + '7bit')
        + b'\r\n' + cut('foo', LETTER, file_part()))
    add(90, 'start-in-declaring-header', 'refused', lines('From: a@b.example', 'MIME-Version: 1.0', MP + 'boundary=foo', '--foo')
        + file_part() + b'--foo--\r\n')
    deep = file_part()
    for level in range(40):
        deep = part([MP + f'boundary=l{level}'], cut(f'l{level}', deep))
    add(91, 'multiparts', 'held', mail([MP + 'boundary=foo'], cut('foo', deep)))
    inner = mail([], MARK + '\r\n')
    for _ in range(40):
        inner = mail(['Content-Type: message/rfc822'], inner)
    add(91, 'messages', 'held', inner)
    legal = file_part()
    for level in range(12):
        legal = part([MP + f'boundary=l{level}'], cut(f'l{level}', legal))
    add(91, 'twelve-is-fine', 'clean', mail([MP + 'boundary=foo'], cut('foo', legal)))
    add(92, 'parts', 'held', mail([MP + 'boundary=foo'], cut('foo', *([b'\r\nx\r\n'] * 1100), file_part())))
    for kind in ('text/plain', 'application/octet-stream', 'image/png', 'text/html'):
        add(93, kind.replace('/', '-'), 'found', mail([f'Content-Type: {kind}; boundary=foo'], cut('foo', LETTER, file_part())))
    add(93, 'not-used', 'clean', mail(['Content-Type: text/plain; boundary=foo'], MARK + '\r\n'))
    add(94, 'no-parameter', 'found', mail(['Content-Type: multipart/mixed'], cut('x', LETTER, file_part())))
    add(94, 'no-type', 'found', mail([], cut('x', LETTER, file_part())))
    add(94, 'other-parameter', 'found', mail(['Content-Type: multipart/mixed; charset=utf-8'], cut('x', LETTER, file_part())))
    add(94, 'preamble-first', 'found', mail(['Content-Type: multipart/mixed'], b'see below\r\n\r\n' + cut('x', file_part())))
    add(94, 'wrong-boundary', 'found', mail([MP + 'boundary=y'], cut('x', LETTER, file_part())))


def between_headers():
    """Odd line breaks between fields, and between header and body."""
    for name, eol in {'lf': b'\n', 'cr': b'\r', 'lfcr': b'\n\r', 'crcrlf': b'\r\r\n', 'vt': b'\v', 'ff': b'\f', 'nul': b'\0',
                      'nel': b'\xc2\x85', 'ls': b'\xe2\x80\xa8', 'crnul': b'\r\0', 'crspace': b'\r ', 'lflf': b'\n\n',
                      'crcr': b'\r\r', 'latin-nel': b'\x85', 'rs': b'\x1e'}.items():
        add(14, 'between-' + name, 'refused' if name not in ('lf', 'lflf') else 'found', mixed(
            LETTER, b(FILE_TYPE) + eol + b(CTE + 'base64') + b'\r\n\r\n' + b64(PAYLOAD)))
        add(14, 'between-at-top-' + name, 'refused' if name not in ('lf', 'lflf') else 'found', lines(
            'From: a@b.example', 'MIME-Version: 1.0') + b(FILE_TYPE) + eol + b(CTE + 'base64') + b'\r\n\r\n' + b64(PAYLOAD))
    for name, eol in {'lf': b'\n', 'lflf': b'\n\n', 'crcr': b'\r\r', 'lfcrlf': b'\n\r\n', 'crlflf': b'\r\n\n', 'crlfcr': b'\r\n\r',
                      'crlf-space': b'\r\n \r\n', 'crlf-tab': b'\r\n\t\r\n', 'crlf-vt': b'\r\n\v\r\n', 'crlf-nul': b'\r\n\0\r\n',
                      'crlf-dot': b'\r\n.\r\n', 'crlf-crcrlf': b'\r\n\r\r\n', 'crlf-nbsp': b'\r\n\xc2\xa0\r\n',
                      'crlf-colon': b'\r\n:\r\n', 'crlf-dash': b'\r\n-\r\n', 'crlf-none': b'\r\n'}.items():
        add(14, 'delimiter-' + name, 'found', mixed(LETTER, b(FILE_TYPE) + b'\r\n' + b(CTE + 'base64') + eol + b64(PAYLOAD)))
        add(14, 'delimiter-at-top-' + name, 'found', lines('From: a@b.example', 'MIME-Version: 1.0', FILE_TYPE)
            + b(CTE + 'base64') + eol + b64(PAYLOAD))
    for name, eol in {'crlfcrlf-twice': b'\r\n\r\n\r\n', 'fields-after-blank': b'\r\n\r\n' + b(CTE + 'base64') + b'\r\n\r\n',
                      'blank-then-fields': b'\r\n\r\n\r\n' + b(CTE + 'base64') + b'\r\n\r\n'}.items():
        cte = b'' if 'fields' in name else b'\r\n' + b(CTE + 'base64')
        add(14, 'entity-' + name, 'found', mixed(LETTER, b(FILE_TYPE) + cte + eol + b64(PAYLOAD)))
        add(14, 'entity-at-top-' + name, 'found', lines('From: a@b.example', 'MIME-Version: 1.0') + b(FILE_TYPE) + cte + eol + b64(PAYLOAD))
    add(14, 'first-line-blank', 'found', mixed(LETTER, b'\r\n' + file_part()))
    add(14, 'two-blank-lines-first', 'found', mixed(LETTER, b'\r\n\r\n' + file_part()))
    add(14, 'first-line-space', 'found', mixed(LETTER, b' \r\n' + file_part()))
    add(14, 'first-line-folded', 'found', mixed(LETTER, b' x: y\r\n' + file_part()))
    add(14, 'mbox-from-line', 'found', mixed(LETTER, b'From a@b.example Mon Jan  2 08:00:00 2023\r\n' + file_part()))
    add(14, 'message-begins-blank', 'found', b'\r\n' + mixed(LETTER, file_part()))


smuggled()
boundaries()
spelling()
nesting()
around()
between_headers()
