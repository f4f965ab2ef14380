# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 34 to 67: Content-Type and Content-Transfer-Encoding, and the forms of them that mail
programs read differently."""
import gzip
import struct

from kit import (CTE, FILE, FILE_SHOWN, FILE_TYPE, LETTER, MARK, PAYLOAD, add, attached, b64, binhex,
                 cut, file_part, lines, mail, mixed, part, qp_all, uu, yenc)

NAME = 'Content-Transfer-Encoding'


def encoding(vector, name, decided, cte, body=None, **more):
    add(vector, name, decided, attached(file_part(cte=cte, body=body)), **more)


def raw(text):
    return text if isinstance(text, bytes) else text.encode('utf-8')


def duplicate_encodings():
    seven = CTE + '7bit'
    pairs = {
        'b64-qp': (CTE + 'base64', CTE + 'quoted-printable'),
        'qp-b64': (CTE + 'quoted-printable', CTE + 'base64'),
        '7bit-b64': (seven, CTE + 'base64'), 'b64-7bit': (CTE + 'base64', seven),
        'junk-b64': (CTE + 'foo', CTE + 'base64'), 'b64-junk': (CTE + 'base64', CTE + 'foo'),
        'empty-b64': (CTE, CTE + 'base64'), 'b64-empty': (CTE + 'base64', CTE),
        'three': (seven, CTE + 'x', CTE + 'base64'), 'uue-b64': (CTE + 'x-uuencode', CTE + 'base64'),
    }
    for name, fields in pairs.items():
        encoding(34, name, 'refused', list(fields))
    encoding(34, 'payload-in-second', 'refused', [CTE + 'base64', CTE + 'quoted-printable'],
             qp_all(PAYLOAD))
    encoding(35, 'same-twice', 'clean', [CTE + 'base64', CTE + 'base64'])
    encoding(35, 'same-but-case', 'clean', [CTE + 'base64', 'content-transfer-encoding: BASE64'])
    values = ['base64, quoted-printable', 'quoted-printable, base64', 'base64,7bit', '7bit,base64',
              'base64;quoted-printable', 'quoted-printable;base64', 'base64 quoted-printable',
              '7bit base64', 'base64,', ',base64']
    for i, value in enumerate(values):
        encoding(36, f'list-{i}', 'refused', CTE + value)


def lexical():
    for name, value in {'quoted': '"base64"', 'half-quoted': '"base64', 'single': "'base64'",
                        'brackets': '<base64>', 'quote-inside': 'base"64"', 'escaped': 'b\\ase64'}.items():
        encoding(37, name, 'found', CTE + value)
    comments = ['base64(qp)', '(qp)base64', 'base64 (quoted-printable)', '(x) base64 (y)',
                'base(x)64', '(quoted-printable) base64', 'base64(', 'base64)', '(base64)',
                '((x)y)base64', 'base64(x\\)']
    for i, value in enumerate(comments):
        encoding(38, f'comment-{i}', 'found', CTE + value)
    for name, value in {'q': '=?us-ascii?q?base64?=', 'b': '=?utf-8?b?YmFzZTY0?=',
                        'partly': 'base=?us-ascii?q?64?=', 'spaced': '=?us-ascii?q?base?= =?us-ascii?q?64?='}.items():
        encoding(39, name, 'refused', CTE + value)
    encoding(39, 'qp', 'refused', CTE + '=?us-ascii?q?quoted-printable?=', qp_all(PAYLOAD))
    for value in ('x-base64', 'bas64', 'base645', 'base-64', 'base 64', 'b64', 'base64x', 'base64.',
                  'base64;', 'base64;x=y', 'base64/', 'xbase64', 'base_64', 'base128'):
        encoding(40, value.replace(' ', '-blank-').replace(';', '-semicolon').replace('/', '-slash')
                 .replace('=', '-'), 'found', CTE + value)
    encoding(40, 'quotedprintable', 'found', CTE + 'quotedprintable', qp_all(PAYLOAD))
    encoding(40, 'qp', 'found', CTE + 'qp', qp_all(PAYLOAD))
    encoding(41, 'empty', 'found', CTE.strip())
    encoding(41, 'blank', 'found', CTE + '   ')
    encoding(41, 'only-comment', 'found', CTE + '(base64)x(y)'.replace('x', ''))
    encoding(42, 'upper', 'clean', CTE.upper() + 'BASE64')
    encoding(42, 'mixed', 'clean', CTE + 'bAsE64')
    encoding(42, 'tab', 'clean', NAME + ':\tbase64\t')
    encoding(42, 'no-space', 'clean', NAME + ':base64')
    encoding(42, 'vtab', 'found', NAME + ':\vbase64')
    encoding(42, 'formfeed-behind', 'found', NAME + ': base64\f')
    encoding(42, 'two-thousand-spaces', 'clean', CTE + ' ' * 2000 + 'base64')
    encoding(42, 'space-before-colon', 'found', NAME + ' : base64')
    encoding(42, 'tab-before-colon', 'found', NAME + '\t: base64')
    encoding(42, 'nbsp', 'found', raw(NAME + ':\u00a0base64\r\n'))
    for name, field in {'inside-word': CTE + 'ba\r\n se64', 'after-colon': NAME + ':\r\n base64',
                        'after-colon-tab': NAME + ':\r\n\tbase64',
                        'empty-fold': NAME + ':\r\n \r\n base64',
                        'before-colon': NAME + '\r\n : base64',
                        'inside-name': 'Content-Transfer-\r\n Encoding: base64',
                        'with-comment': CTE + '(x\r\n y) base64',
                        'hyphen': CTE + 'base\r\n\t64'}.items():
        encoding(43, name, 'found' if 'after' in name or 'comment' in name else 'refused', field)
    for name, value in {'inside': b'base\x0064', 'before': b'\0base64', 'behind': b'base64\0',
                        'behind-more': b'base64\0x', 'high-bit': b'base64\xff', 'ctrl': b'base64\x01'}.items():
        encoding(44, name, 'refused', raw(CTE) + value + b'\r\n')
    encoding(45, 'after-junk', 'found', raw('junk line\r\n' + CTE + 'base64\r\n'))
    encoding(45, 'after-space-colon', 'found', raw(': x\r\n' + CTE + 'base64\r\n'))
    encoding(45, 'after-http', 'found', raw('HTTP/1.1 200 OK\r\n' + CTE + 'base64\r\n'))
    for name, field in {'comment': NAME + '(x): base64', 'comment-inside': 'Content-(x)Transfer-Encoding: base64',
                        'underscore': 'Content_Transfer_Encoding: base64', 'nul': 'Content-Transfer-Encoding\0: base64',
                        'quoted': '"Content-Transfer-Encoding": base64', 'semicolon': NAME + '; base64',
                        'high': 'Content-Transfer-Encoding\u00a0: base64', 'equals': NAME + '= base64',
                        'double-colon': NAME + ':: base64', 'leading-space': ' ' + CTE + 'base64',
                        'ctrl': '\x01' + CTE + 'base64', 'bom': '\ufeff' + CTE + 'base64'}.items():
        encoding(45, 'name-' + name, 'refused', raw(field) + b'\r\n')


def composite():
    inner = lines('Content-Type: multipart/mixed; boundary=in') + b'\r\n' + cut('in', LETTER, file_part())
    body = cut('in', LETTER, file_part())
    for cte, coded in (('base64', b64(body)), ('quoted-printable', qp_all(body)), ('x-uuencode', uu(body))):
        add(46, 'multipart-' + cte, 'found', mixed(LETTER, part(
            ['Content-Type: multipart/mixed; boundary=in', CTE + cte], coded)))
    add(46, 'multipart-says-base64-and-is-not', 'found', mixed(LETTER, part(
        ['Content-Type: multipart/mixed; boundary=in', CTE + 'base64'], body)))
    add(46, 'root-says-base64-and-is-not', 'found', mail(
        ['Content-Type: multipart/mixed; boundary=in', CTE + 'base64'], body))
    add(46, 'message-says-qp-and-is-not', 'found', mixed(LETTER, part(
        ['Content-Type: message/rfc822', CTE + 'quoted-printable'], mail([], MARK + '\r\n'))))
    for label in ('x-uuencode', 'uuencode', 'x-uue', 'uue'):
        encoding(47, label, 'found', CTE + label, uu(PAYLOAD))
    encoding(47, 'no-begin', 'found', CTE + 'x-uuencode', uu(PAYLOAD).split(b'\r\n', 1)[1])
    encoding(47, 'no-end', 'found', CTE + 'x-uuencode', uu(PAYLOAD).replace(b'`\r\nend\r\n', b''))
    encoding(47, 'text-before', 'found', CTE + 'x-uuencode', b'hello\r\n\r\n' + uu(PAYLOAD))
    encoding(47, 'no-label', 'found', None, uu(PAYLOAD))
    encoding(47, 'in-text', 'found', '', b'see\r\n\r\n' + uu(PAYLOAD) + b'\r\nbye\r\n')
    for label in ('x-yenc', 'yenc', '8bit', 'binary'):
        encoding(48, label, 'found', CTE + label, yenc(PAYLOAD))
    encoding(48, 'no-begin', 'held', CTE + 'x-yenc', yenc(PAYLOAD).split(b'\r\n', 1)[1])
    add(48, 'multipart', 'found', attached(file_part(cte=CTE + '8bit', body=yenc(PAYLOAD).replace(
        b'line=128', b'part=1 total=1 line=128').replace(b'\r\n', b'\r\n=ypart begin=1 end=68\r\n', 1))))
    for label in ('mac-binhex40', 'binhex', 'x-binhex40', 'x-binhex'):
        encoding(49, label, 'found', CTE + label, binhex(PAYLOAD))
    add(49, 'type-application', 'found', attached(file_part(
        cte='', body=binhex(PAYLOAD), type_field='Content-Type: application/mac-binhex40; name=a.hqx')))
    add(49, 'in-text', 'found', mail(['Content-Type: text/plain'], b'see\r\n\r\n' + binhex(PAYLOAD)))
    packed = gzip.compress(PAYLOAD, mtime=0)
    encoding(50, 'x-gzip64', 'found', CTE + 'x-gzip64', b64(packed))
    encoding(50, 'gzip64', 'found', CTE + 'gzip64', b64(packed))
    encoding(50, 'content-encoding', 'found', ['Content-Encoding: gzip', CTE + 'base64'], b64(packed))
    for label in ('8bit', 'binary', '7bit'):
        encoding(51, label, 'found', CTE + label)
    encoding(51, 'qp-lies-base64', 'found', CTE + 'quoted-printable')
    encoding(51, 'base64-lies-qp', 'found', CTE + 'base64', qp_all(PAYLOAD))
    encoding(51, 'base64-lies-plain', 'found', CTE + 'base64', PAYLOAD + b'\r\n')
    encoding(51, 'base64-lies-uu', 'found', CTE + 'base64', uu(PAYLOAD))
    return inner


def types():
    two = cut('in', LETTER, file_part())
    mp, text = 'Content-Type: multipart/mixed; boundary=in', 'Content-Type: text/plain'
    for name, fields in {'text-mixed': (text, mp), 'mixed-text': (mp, text),
                         'octet-mixed': ('Content-Type: application/octet-stream', mp),
                         'two-boundaries': ('Content-Type: multipart/mixed; boundary=no', mp),
                         'two-boundaries-reversed': (mp, 'Content-Type: multipart/mixed; boundary=no'),
                         'empty-mixed': ('Content-Type:', mp), 'mixed-empty': (mp, 'Content-Type:'),
                         'mixed-rfc822': (mp, 'Content-Type: message/rfc822')}.items():
        add(52, name, 'refused', mail(fields, two))
    for i, value in enumerate(('text/plain, multipart/mixed; boundary=in', 'multipart/mixed, text/plain; boundary=in',
                               'multipart/mixed; boundary=in, text/plain', 'text/plain multipart/mixed; boundary=in',
                               'text/plain; multipart/mixed; boundary=in', 'multipart/mixed; text/plain; boundary=in')):
        add(53, f'list-{i}', 'refused', mail(['Content-Type: ' + value], two))
    for i, value in enumerate((
            'multipart/', 'multi/part', 'x-multipart/mixed', 'multipart', 'multipart/mixed/x', 'multipart//mixed',
            'multipart\\mixed', '/mixed', 'multipart/mixed.', 'multipart-mixed', 'mixed', 'multipart/mixedx',
            'multiparty/mixed', 'multipart/\u00e9', 'Multipart/MIXED', 'multipart /mixed', 'multipart/ mixed')):
        add(54, f'type-{i}', 'found', mail(['Content-Type: ' + value + '; boundary=in'], two))
    for i, value in enumerate((
            'multipart/mixed;; boundary=in', 'multipart/mixed boundary=in', 'multipart/mixed, boundary=in',
            'multipart/mixed; ;boundary=in', 'multipart/mixed;boundary=in;', 'multipart/mixed:boundary=in',
            ';multipart/mixed; boundary=in', '<multipart/mixed>; boundary=in', 'multipart/mixed; boundary =in',
            'multipart/mixed; boundary= in', 'multipart/mixed; BOUNDARY=in', 'multipart/mixed; x; boundary=in',
            'multipart/mixed; x=";boundary=no"; boundary=in', 'multipart/mixed\t;\tboundary=in',
            '(x) multipart/mixed; boundary=in', 'multipart/(x)mixed; boundary=in',
            'multipart/mixed (; boundary=no); boundary=in')):
        add(54, f'lexical-{i}', 'found', mail(['Content-Type: ' + value], two))
    for name, field in {'comment': 'Content-Type(x): multipart/mixed; boundary=in',
                        'nested-comment': 'Content-Type((x)y): multipart/mixed; boundary=in',
                        'space': 'Content-Type : multipart/mixed; boundary=in',
                        'underscore': 'Content_Type: multipart/mixed; boundary=in',
                        'fold': 'Content-Type:\r\n multipart/mixed;\r\n\tboundary=in',
                        'fold-before-colon': 'Content-Type\r\n : multipart/mixed; boundary=in',
                        'empty-fold': 'Content-Type: multipart/mixed;\r\n \r\n boundary=in',
                        'nul': 'Content-Type: multipart/mixed\0; boundary=in',
                        'fold-in-type': 'Content-Type: multi\r\n part/mixed; boundary=in',
                        'vtab': 'Content-Type: multipart/mixed;\vboundary=in'}.items():
        add(54, 'field-' + name, 'found', mail([field], two))
    for name, value in {'whole': '=?us-ascii?q?multipart/mixed?=; boundary=in',
                        'subtype': 'multipart/=?us-ascii?q?mixed?=; boundary=in',
                        'with-boundary': '=?us-ascii?q?multipart/mixed;_boundary=in?='}.items():
        add(55, name, 'refused', mail(['Content-Type: ' + value], two))
    for name, value in {'quoted': '"multipart/mixed"; boundary=in', 'half': '"multipart"/mixed; boundary=in',
                        'escaped': 'multi\\part/mixed; boundary=in', 'single': "'multipart/mixed'; boundary=in",
                        'all-quoted': '"multipart/mixed; boundary=in"'}.items():
        add(56, name, 'found', mail(['Content-Type: ' + value], two))
    exe = b'MZ' + b'\0' * 58 + struct.pack('<L', 64) + b'PE\0\0' + b'\0' * 100 + PAYLOAD
    for name, label in {'text': 'text/plain', 'picture': 'image/png', 'pdf': 'application/pdf'}.items():
        add(57, 'program-as-' + name, 'refused', mixed(LETTER, part(
            [f'Content-Type: {label}; name=a.txt', CTE + 'base64'], b64(exe))),
            defects=['TypeContradictsContent'])
    no_mime = tuple(one for one in TOP_FIELDS if not one.startswith('MIME'))
    add(58, 'no-version', 'clean', mail([mp], two, top=no_mime))
    add(58, 'version-wrong', 'clean', mail([mp], two, top=no_mime + ('MIME-Version: 7.0',)))
    whole = mail([mp], two)
    add(59, 'rfc822-base64', 'found', mixed(LETTER, part(['Content-Type: message/rfc822', CTE + 'base64'], b64(whole))))
    add(59, 'rfc822-qp', 'found', mixed(LETTER, part(
        ['Content-Type: message/rfc822', CTE + 'quoted-printable'], qp_all(whole))))
    add(59, 'rfc822-plain', 'clean', mixed(LETTER, part(['Content-Type: message/rfc822'], whole)))
    add(60, 'global', 'clean', mixed(LETTER, part(['Content-Type: message/global'], whole)))
    add(60, 'global-base64', 'clean', mixed(LETTER, part(['Content-Type: message/global', CTE + 'base64'], b64(whole))))
    add(60, 'eml-as-octet-stream', 'found', mixed(LETTER, part(
        ['Content-Type: application/octet-stream; name=a.eml', CTE + 'base64'], b64(whole))))
    for kind in ('partial; id=a; number=1; total=2', 'partial; id=a; number=2; total=2'):
        add(61, 'part-' + kind.split('number=')[1][0], 'refused', mail(['Content-Type: message/' + kind], whole),
            defects=['PartialMessage'])
    add(62, 'external', 'refused', mail(
        ['Content-Type: message/external-body; access-type=URL; URL="http://vector-payload.example/"'], LETTER),
        payload=False, defects=['ExternalBody'])
    add(63, 'digest', 'clean', mixed(whole_digest(), boundary='d', type_field='Content-Type: multipart/digest; boundary=d'))
    add(63, 'digest-base64', 'found', mail(['Content-Type: multipart/digest; boundary=d'], cut(
        'd', part([CTE + 'base64'], b64(whole)))))
    related = cut('in', part(['Content-Type: text/html', 'Content-ID: <a@x>'], '<p>one</p>\r\n'),
                  part(['Content-Type: text/html', 'Content-ID: <b@x>'], f'<p>{MARK}</p>\r\n'))
    for name, start in {'second': '"<b@x>"', 'first': '"<a@x>"', 'nobody': '"<c@x>"'}.items():
        add(66, 'start-' + name, 'clean', mail(
            [f'Content-Type: multipart/related; boundary=in; type="text/html"; start={start}'], related))
    for name, pair in {'html': ('letter', f'<p>{MARK}</p>'), 'plain': (MARK, '<p>letter</p>')}.items():
        add(67, 'only-in-' + name, 'clean', mail(['Content-Type: multipart/alternative; boundary=in'], cut(
            'in', part(['Content-Type: text/plain'], pair[0] + '\r\n'), part(['Content-Type: text/html'], pair[1] + '\r\n'))))


def apple():
    def fork(kind, entries):
        head = struct.pack('>LL', 0x00051607 if kind == 'double' else 0x00051600, 0x20000) + b'\0' * 16
        head += struct.pack('>H', len(entries))
        offset, body = len(head) + 12 * len(entries), b''
        for number, data in entries:
            head += struct.pack('>LLL', number, offset + len(body), len(data))
            body += data
        return head + body
    single = fork('single', [(3, b'a.bin'), (1, PAYLOAD)])
    add(65, 'applefile-single', 'found', mixed(LETTER, part(
        ['Content-Type: application/applefile; name=a.bin', CTE + 'base64'], b64(single))))
    add(65, 'resource-fork', 'found', mixed(LETTER, part(
        ['Content-Type: application/applefile; name=a.bin', CTE + 'base64'], b64(fork('double', [(2, PAYLOAD)])))))
    add(65, 'appledouble', 'found', mail(['Content-Type: multipart/appledouble; boundary=in'], cut(
        'in', part(['Content-Type: application/applefile', CTE + 'base64'], b64(fork('double', [(9, b'\0' * 32)]))),
        file_part())))


def tnef():
    def attribute(level, ident, data):
        return bytes([level]) + struct.pack('<LL', ident, len(data)) + data + struct.pack('<H', sum(data) & 0xffff)
    data = struct.pack('<LH', 0x223e9f78, 1)
    data += attribute(1, 0x00089006, struct.pack('<L', 0x10000))
    data += attribute(2, 0x00069002, b'\1\0' + b'\0' * 12) + attribute(2, 0x00018010, FILE.encode() + b'\0')
    data += attribute(2, 0x0006800f, PAYLOAD)
    for name, kind in {'labelled': 'application/ms-tnef; name=winmail.dat', 'as-octet-stream': 'application/octet-stream'}.items():
        add(64, name, 'found', mixed(LETTER, part(['Content-Type: ' + kind, CTE + 'base64'], b64(data))))
    return data


def whole_digest():
    return b'\r\n' + mail(['Content-Type: application/octet-stream', CTE + 'base64'], b64(PAYLOAD))


TOP_FIELDS = __import__('kit').TOP
duplicate_encodings()
lexical()
composite()
types()
apple()
TNEF = tnef()
