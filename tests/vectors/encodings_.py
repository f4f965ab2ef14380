# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 95 to 108: bodies that decoders read differently."""
import base64

from kit import CTE, MARK, PAYLOAD, add, attached, b, b64, file_part, mail, qp, qp_all, uu

CODE = base64.b64encode(PAYLOAD)
TEXT = base64.b64encode(b(f'Please read the paper {MARK} before the meeting\r\n'))


def b64_body(vector, name, body, decided='found'):
    add(vector, name, decided, attached(file_part(body=body)))


def qp_body(vector, name, body, decided='found', unread=''):
    add(vector, name, decided, attached(file_part(cte=CTE + 'quoted-printable', body=body)), unread=unread)


def cut_with(data, between, width=40):
    return between.join(data[at:at + width] for at in range(0, len(data), width)) + b'\r\n'


def in_base64():
    first, second = base64.b64encode(PAYLOAD[:31]), base64.b64encode(PAYLOAD[31:])
    b64_body(95, 'two-runs', first + second + b'\r\n')
    b64_body(95, 'two-runs-two-lines', first + b'\r\n' + second + b'\r\n')
    b64_body(95, 'every-quad', b''.join(base64.b64encode(PAYLOAD[i:i + 2]) for i in range(0, 68, 2)) + b'\r\n')
    b64_body(95, 'every-byte', b''.join(base64.b64encode(PAYLOAD[i:i + 1]) for i in range(68)) + b'\r\n')
    b64_body(95, 'behind-an-end', b'QUJD====' + CODE + b'\r\n')
    b64_body(95, 'one-equals-inside', CODE[:20] + b'=' + CODE[20:] + b'\r\n')
    b64_body(95, 'equals-line', CODE[:40] + b'\r\n====\r\n' + CODE[40:] + b'\r\n')
    b64_body(95, 'equals-first', b'=' + CODE + b'\r\n')
    b64_body(95, 'stop-then-junk', CODE + b'====\r\nQUJDREVGR0g=\r\n')
    for name, junk in {'hash': b'#', 'dot': b'.', 'dash': b'-', 'underscore': b'_', 'percent': b'%', 'colon': b':', 'nul': b'\0',
                       'high': b'\xe9', 'blank': b' ', 'star': b'*', 'bang': b'!'}.items():
        b64_body(96, name, CODE[:21] + junk + CODE[21:] + b'\r\n')
        b64_body(96, name + '-often', junk.join(CODE[i:i + 3] for i in range(0, len(CODE), 3)) + b'\r\n')
    b64_body(96, 'junk-line', CODE[:40] + b'\r\n#-.:_#\r\n' + CODE[40:] + b'\r\n')
    b64_body(96, 'comment', CODE[:40] + b'(--)' + CODE[40:] + b'\r\n')
    b64_body(96, 'url-alphabet', base64.urlsafe_b64encode(b'\xfb\xff\xfe' + PAYLOAD) + b'\r\n')
    for count in (1, 2, 3):
        b64_body(97, f'shift-{count}', b'A' * count + CODE + b'\r\n')
    b64_body(97, 'shift-and-junk', b'A#' + CODE + b'\r\n')
    b64_body(97, 'shift-by-line', b'A\r\n' + CODE + b'\r\n')
    b64_body(97, 'shift-in-the-middle', b'QUJDREVG' * 8 + b'\r\nA' + CODE + b'\r\n')
    for width in (1, 2, 3, 4, 5, 6, 7):
        b64_body(98, f'width-{width}', b64(PAYLOAD, width))
    b64_body(98, 'one-line-lf', CODE + b'\n')
    b64_body(98, 'blank-lines', b'\r\n\r\n'.join(CODE[i:i + 8] for i in range(0, len(CODE), 8)) + b'\r\n')
    b64_body(98, 'cr-lines', b'\r'.join(CODE[i:i + 20] for i in range(0, len(CODE), 20)) + b'\r\n')
    b64_body(98, 'indented', b' '.join(b'\r\n' + CODE[i:i + 20] for i in range(0, len(CODE), 20)) + b'\r\n')
    add(99, 'header-in-body', 'found', attached(file_part(cte='', body=b'Content-Transfer-Encoding: base64\r\n\r\n' + CODE + b'\r\n')))
    add(99, 'header-in-base64-body', 'found', attached(file_part(body=b'Content-Transfer-Encoding: base64\r\n\r\n' + CODE + b'\r\n')))
    b64_body(99, 'begin-base64', b'begin-base64 644 a.bin\r\n' + CODE + b'\r\n====\r\n')
    b64_body(100, 'no-padding', CODE.rstrip(b'=') + b'\r\n')
    b64_body(100, 'one-less', CODE[:-1] + b'\r\n')
    b64_body(100, 'too-much', CODE + b'======\r\n')
    b64_body(100, 'cut', CODE.rstrip(b'=') + b'A\r\n')
    add(101, 'no-label', 'found', attached(file_part(cte='')))
    add(101, 'no-label-one-line', 'found', attached(file_part(cte='', body=CODE + b'\r\n')))
    for name, between in {'hash': b'#', 'dots': b'.', 'blanks': b' ', 'quoted': b'\r\n> ', 'dashes': b'\r\n--\r\n'}.items():
        add(101, 'no-label-junk-' + name, 'found', mail(['Content-Type: text/plain'], cut_with(TEXT, between)))
    add(101, 'no-label-utf-16', 'found', mail(['Content-Type: text/plain'], b64((MARK + '\r\n').encode('utf-16'))))
    add(101, 'among-words', 'found', mail(['Content-Type: text/plain'], b'Please decode ' + TEXT + b' first.\r\n'))
    add(101, 'data-url', 'found', attached(file_part(cte='', body=b'data:application/octet-stream;base64,' + CODE + b'\r\n')))


def in_qp():
    code = qp_all(PAYLOAD)
    qp_body(102, 'lower', code.lower())
    qp_body(102, 'mixed', code.replace(b'=5A', b'=5a').replace(b'=4E', b'=4e'))
    ordinary = qp(PAYLOAD)
    qp_body(102, 'ordinary', ordinary)
    middle = len(code) // 6 * 3
    left, right = code[:middle], code[middle:]
    for name, brk in {'space': b'= \r\n', 'spaces': b'=   \r\n', 'tab': b'=\t\r\n', 'vtab': b'=\v\r\n', 'nul': b'=\0\r\n'}.items():
        qp_body(103, name, left + brk + right)
    for name, junk in {'x': b'=X', 'xx': b'=XX', 'gg': b'=GG', 'equals': b'=', 'two': b'==', 'dash': b'=-', 'zero-x': b'=0x',
                       'four': b'=4', 'space': b'= ', 'nul': b'=\0'}.items():
        qp_body(104, 'inserted-' + name, left + junk + right)
    for name, coded in {'equals-equals': b'==%02X', 'space-hex': b'= %02X', 'lower-x': b'=x%02X', 'zero-x': b'=0x%02X'}.items():
        qp_body(104, 'all-' + name, b''.join(coded % byte for byte in PAYLOAD), 'tagged',
                unread='' if name == 'equals-equals' else 'nothing is known to decode it')
    qp_body(104, 'plain-equals', PAYLOAD[:30] + b'=' + PAYLOAD[30:] + b'\r\n')
    for name, brk in {'lf': b'=\n', 'cr': b'=\r', 'crcrlf': b'=\r\r\n', 'lfcr': b'=\n\r', 'crlf': b'=\r\n', 'crlfcrlf': b'=\r\n=\r\n'}.items():
        qp_body(105, name, left + brk + right)
    inside = [code[:1], code[:2]]
    for i, head in enumerate(inside):
        rest = code[len(head):]
        qp_body(105, f'inside-triple-{i}', head + b'=\r\n' + rest)
    middle_quad = middle + 1
    qp_body(105, 'inside-triple-middle', code[:middle_quad] + b'=\r\n' + code[middle_quad:])
    qp_body(105, 'inside-triple-middle-two', code[:middle_quad + 1] + b'=\r\n' + code[middle_quad + 1:])
    qp_body(105, 'trailing-blanks', left + b'=20' * 0 + b'=\r\n' + right + b'   \r\n')
    qp_body(105, 'at-end', code + b'=')
    qp_body(106, 'long', code * 1)
    qp_body(106, 'very-long', qp_all(b'#' * 2000) + code)
    qp_body(106, 'underscore', ordinary.replace(b' ', b'_'))
    qp_body(106, 'eight-bit', ordinary + b'\xe9\xe9\r\n')


def in_uu():
    code = uu(PAYLOAD)
    def body(name, data, decided='found'):
        add(107, name, decided, attached(file_part(cte=CTE + 'x-uuencode', body=data)))
    rows = code.split(b'\r\n')
    body('too-long', b'\r\n'.join([rows[0], b'_' + rows[1][1:]] + rows[2:]))
    body('too-short', b'\r\n'.join([rows[0], b'!' + rows[1][1:]] + rows[2:]))
    body('checksums', b'\r\n'.join([rows[0], rows[1] + b'x'] + rows[2:]))
    body('blanks-cut', code.replace(b'`\r\nend', b' \r\nend').replace(b'`', b' '))
    body('no-end', code.replace(b'end\r\n', b''))
    body('lower-begin', code.replace(b'begin 644', b'begin 0644'))
    body('no-mode', code.replace(b'begin 644 ', b'begin '))
    body('two-blanks', code.replace(b'begin 644 ', b'begin  644  '))
    body('upper-begin', code.replace(b'begin', b'BEGIN'))
    add(108, 'base64-header', 'found', attached(file_part(body=b'begin-base64 644 a.bin\r\n' + CODE + b'\r\n====\r\n')))
    add(108, 'base64-header-uu-label', 'found', attached(file_part(
        cte=CTE + 'x-uuencode', body=b'begin-base64 644 a.bin\r\n' + CODE + b'\r\n====\r\n')))
    add(108, 'uu-in-base64', 'found', attached(file_part(body=b64(code))))


in_base64()
in_qp()
in_uu()
