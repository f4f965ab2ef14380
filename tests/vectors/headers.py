# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 1 to 33: transport, raw bytes, and who the message says it is from."""
from kit import (CTE, FILE_SHOWN, FILE_TYPE, FROM, LETTER, MARK, PAYLOAD, TOP, add, attached, b64, cut,
                 file_part, lines, mail, mixed, part, text_mail)

PLAIN = 'Content-Type: text/plain; charset=utf-8'
BODY = 'Good morning.\r\n'


def top_with(*fields, drop=('From',)):
    return tuple(fields) + tuple(one for one in TOP if one.split(':')[0] not in drop)


def sender(name, vector, decided, *fields, defects=()):
    add(vector, name, decided, mail([PLAIN], BODY, top=top_with(*fields)), payload=False,
        defects=defects)


def transport():
    add(6, 'bare-lf', 'found', mixed(LETTER, file_part()).replace(b'\r\n', b'\n', 20))
    add(6, 'bare-lf-in-headers', 'found', mixed(
        LETTER, FILE_TYPE.encode() + b'\nContent-Transfer-Encoding: base64\n\r\n' + b64(PAYLOAD)))
    add(7, 'nul-in-subject', 'refused', mail(
        [PLAIN], BODY, top=top_with(FROM, 'Subject: a\0b', drop=('From', 'Subject'))), payload=False)
    add(7, 'nul-in-content-type', 'refused', attached(
        file_part(type_field='Content-Type: application/\0octet-stream')))
    add(7, 'nul-in-name', 'refused', attached(file_part(cte=b'Content-\0Transfer-Encoding: base64\r\n')))
    add(8, 'nul-in-text', 'found', mail([PLAIN], b'one\0two ' + MARK.encode() + b'\r\n'))
    add(8, 'nul-inside-the-words', 'found', mail([PLAIN], b'GATEPOST-\0VECTOR-TEST-\0PAYLOAD\r\n'))
    add(9, 'cr-in-part-header', 'refused', attached(
        FILE_TYPE.encode() + b'\rContent-Transfer-Encoding: base64\r\n\r\n' + b64(PAYLOAD)))
    add(9, 'cr-is-every-line-end', 'found', mixed(
        LETTER, file_part().replace(b'\r\n', b'\r')))
    add(9, 'cr-in-body-cuts-parts', 'found', mail(
        ['Content-Type: multipart/mixed; boundary=outer'],
        cut('outer', LETTER, file_part()).replace(b'\r\n', b'\r')))
    add(9, 'cr-before-boundary', 'found', mail(
        ['Content-Type: multipart/mixed; boundary=outer'],
        b'--outer\r\n\r\nletter\r--outer\r' + file_part() + b'--outer--\r\n'))
    add(10, 'latin1-subject', 'tagged', mail(
        [PLAIN], BODY, top=top_with(FROM, b'Subject: caf\xe9', drop=('From', 'Subject'))),
        payload=False, defects=['EightBitHeader'])
    add(10, 'utf8-subject', 'clean', mail(
        [PLAIN], MARK + '\r\n', top=top_with(FROM, 'Subject: Công văn', drop=('From', 'Subject'))))
    add(10, 'broken-utf8-name', 'tagged', mixed(LETTER, part(
        [b'Content-Type: application/octet-stream; name="a\xc3\x28.bin"', CTE + 'base64'],
        b64(b'nothing here, really'))), payload=False, defects=['EightBitHeader'])
    add(11, 'long-line', 'clean', mail([PLAIN], 'x ' * 3000 + MARK + ' y' * 3000 + '\r\n'))
    add(11, 'long-base64-line', 'clean', attached(file_part(body=b64(b'#' + b'x' * 4000 + PAYLOAD, 9999))))
    add(11, 'split-by-relay', 'found', mail(
        [PLAIN], 'x' * 980 + ' GATEPOST-VECTOR-\r\n TEST-PAYLOAD\r\n'),
        note='Postfix puts CRLF SP into lines over 998 bytes')
    add(12, 'header-over-limit', 'refused', mail(
        [PLAIN], BODY, top=TOP + ('X-Long: ' + 'x' * 110000,)), payload=False)
    add(12, 'content-type-over-limit', 'refused', mixed(LETTER, file_part(
        type_field='Content-Type: application/octet-stream; x="' + 'y' * 110000 + '"')))
    add(13, 'headers-over-limit', 'refused', mail(
        [PLAIN], BODY, top=TOP + tuple(f'X-{i}: y' for i in range(1200))), payload=False)
    add(13, 'encoding-behind-the-limit', 'refused', attached(part(
        [f'X-{i}: y' for i in range(1200)] + [FILE_TYPE, CTE + 'base64'], b64(PAYLOAD))))
    add(14, 'no-blank-line', 'refused', attached(
        lines(FILE_TYPE, CTE + 'base64', FILE_SHOWN) + b64(PAYLOAD)))
    add(14, 'junk-line', 'refused', attached(
        lines(FILE_TYPE, 'this is no field', CTE + 'base64') + b'\r\n' + b64(PAYLOAD)))
    add(14, 'junk-line-at-the-top', 'refused', lines(*TOP, 'no field', FILE_TYPE, CTE + 'base64')
        + b'\r\n' + b64(PAYLOAD))
    add(14, 'colon-missing', 'refused', attached(
        lines(FILE_TYPE, 'Content-Transfer-Encoding base64') + b'\r\n' + b64(PAYLOAD)))
    add(15, 'blank-with-space', 'found', attached(
        lines(FILE_TYPE, ' ', CTE + 'base64') + b'\r\n' + b64(PAYLOAD)))
    add(15, 'blank-with-tab-then-body', 'found', attached(
        lines(FILE_TYPE, CTE + 'base64', '\t') + b64(PAYLOAD)))
    add(15, 'blank-with-space-at-the-top', 'found',
        lines(*TOP, FILE_TYPE, CTE + 'base64', ' ') + b64(PAYLOAD))
    whole = mixed(LETTER, file_part())
    add(16, 'ends-in-the-file', 'found', whole[:whole.rindex(b'--outer--')])
    add(16, 'ends-in-a-boundary', 'found', whole[:whole.rindex(b'--outer--') + 5])
    add(16, 'ends-in-a-quantum', 'found', whole[:whole.rindex(b'\r\n--outer--') - 1])


def identity():
    sender('two-from', 17, 'refused', FROM, 'From: boss@office.example', defects=['DuplicateFrom'])
    sender('two-from-same', 17, 'tagged', FROM, FROM, defects=['DuplicateFrom'])
    sender('three-from', 17, 'refused', FROM, 'From: a@office.example', 'From: b@office.example')
    sender('from-leading-space', 18, 'refused', ' From: boss@office.example', FROM)
    sender('from-leading-space-second', 18, 'refused', FROM, ' From: boss@office.example',
           'X-Other: 1')
    sender('from-fold-before-colon', 18, 'refused', 'From\r\n : boss@office.example', FROM)
    sender('from-space-colon', 19, 'refused', 'From : sender@outside.example',
           defects=['SpaceBeforeColon'])
    sender('from-tab-colon', 19, 'refused', 'From\t: sender@outside.example', FROM)
    sender('from-differs-by-case', 20, 'refused', FROM, 'FROM: boss@office.example')
    sender('from-address-case', 20, 'refused', FROM, 'fROM: Sender@Outside.example')
    sender('sender-differs', 21, 'tagged', FROM, 'Sender: boss@office.example',
           defects=['SenderDiffers'])
    sender('resent-from-differs', 21, 'tagged', FROM, 'Resent-From: boss@office.example',
           defects=['SenderDiffers'])
    sender('two-addresses', 22, 'tagged', 'From: a@outside.example, boss@office.example',
           defects=['MultipleFromAddresses'])
    sender('two-addresses-no-comma', 22, 'tagged', 'From: <a@outside.example> <boss@office.example>')
    sender('two-addresses-semicolon', 22, 'tagged', 'From: a@outside.example; boss@office.example')
    sender('encoded-word-address', 23, 'refused',
           'From: =?utf-8?b?Ym9zc0BvZmZpY2UuZXhhbXBsZQ==?=@outside.example',
           defects=['EncodedWordInAddress'])
    sender('encoded-word-whole', 23, 'refused', 'From: =?utf-8?q?=3Cboss=40office=2Eexample=3E?=')
    sender('encoded-word-in-brackets', 23, 'refused', 'From: <=?utf-8?q?boss=40office=2Eexample?=>')
    sender('name-is-address', 24, 'tagged', 'From: "boss@office.example" <x@outside.example>',
           defects=['DisplayNameIsAddress'])
    sender('name-is-encoded-address', 24, 'tagged',
           'From: =?utf-8?q?boss=40office=2Eexample?= <x@outside.example>',
           defects=['DisplayNameIsAddress'])
    sender('name-is-address-in-brackets', 24, 'tagged',
           'From: "<boss@office.example>" <x@outside.example>', defects=['DisplayNameIsAddress'])
    sender('name-is-address-comment', 24, 'tagged',
           'From: x@outside.example (boss@office.example)')
    sender('route', 25, 'refused', 'From: <@office.example:x@outside.example>',
           defects=['SourceRouteInFrom'])
    sender('route-two', 25, 'refused', 'From: <@a.example,@office.example:x@outside.example>')
    sender('quoted-pair', 26, 'tagged', 'From: "boss\\@office.example" <x@outside.example>')
    sender('comment-in-address', 26, 'tagged', 'From: boss(office)@(x)outside.example')
    sender('quoted-local-part', 26, 'tagged', 'From: "boss@office.example"@outside.example')
    sender('two-subjects', 29, 'tagged', FROM, 'Subject: other', defects=['DuplicateScalarHeader'])
    sender('two-dates', 29, 'tagged', FROM, 'Date: Tue, 03 Jan 2023 08:00:00 +0700',
           defects=['DuplicateScalarHeader'])
    sender('two-message-ids', 29, 'tagged', FROM, 'Message-ID: <w@outside.example>',
           defects=['DuplicateScalarHeader'])
    sender('group', 30, 'refused', 'From: boss@office.example: x@outside.example;')
    sender('group-empty', 30, 'refused', 'From: boss@office.example:;')
    sender('unclosed-comment', 30, 'refused', 'From: x@outside.example (boss@office.example',
           defects=['UnclosedInFrom'])
    sender('unclosed-quote', 30, 'refused', 'From: "boss@office.example <x@outside.example>')
    sender('unclosed-bracket', 30, 'refused', 'From: <boss@office.example')
    add(31, 'bidi-in-subject', 'found', mail([PLAIN], BODY, top=top_with(
        FROM, 'Subject: ' + MARK[:9] + '\u202e\u202c' + MARK[9:], drop=('From', 'Subject'))))
    add(31, 'bidi-in-name', 'tagged', mail([PLAIN], BODY, top=top_with(
        'From: =?utf-8?b?4oCuc3NvYg==?= <x@outside.example>')), payload=False)
    sender('two-to', 32, 'tagged', FROM, 'To: other@office.example', defects=['DuplicateScalarHeader'])
    sender('two-cc', 32, 'tagged', FROM, 'Cc: a@office.example', 'Cc: b@office.example',
           defects=['DuplicateScalarHeader'])
    add(33, 'list-and-arc-are-ignored', 'clean', mail([PLAIN], MARK + '\r\n', top=top_with(
        FROM, 'List-Id: <office.example>', 'List-Unsubscribe: <mailto:x@office.example>',
        'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=office.example; s=a; t=1; b=AAAA')))
    add(33, 'text-is-scanned-all-the-same', 'clean', text_mail(MARK, top=top_with(
        FROM, 'Precedence: list', 'List-Id: <bulk.office.example>')))


transport()
identity()
