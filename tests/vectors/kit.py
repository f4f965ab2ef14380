# SPDX-License-Identifier: GPL-2.0-or-later
"""What the vectors are made of: the payload, mails around it, encoders, small zip files.

A case is one mail with one payload. `decided` says what must come of it:
  found    the payload is found (by the signature or by a rule)
  refused  the payload is found, or the message is grade C; without a payload it must be grade C
  tagged   a defect of any grade or a rule of the shipped packs names it (a fact alone does not)
  held     the policy quarantines or refuses it, the payload's own signature and rules apart
  clean    found, and nothing of grade C: legal, if odd
LISTED says what the list of vectors itself asks for: R refused or held as grade C, Q held, U every reading
scanned, N scanned as it stands and normalised, T tagged, X met by the mail server's configuration. What is
marked U or N must be found, whatever else it is; `unread` gives the reason where no mail program reads a
payload out of it. Everything is deterministic.
"""
import base64
import binascii
import quopri
import struct
import zlib

# 68 bytes like the well-known test virus: letters, digits, punctuation, and no virus.
PAYLOAD = rb'Q7V!K%ZD[4\QX94(T^)7DD)7}$' + b'GATEPOST-VECTOR-TEST-PAYLOAD!$J+J*' + b'kvQz0#Wm'
# Rules look for this; it stands in PAYLOAD as well.
MARK = 'GATEPOST-VECTOR-TEST-PAYLOAD'
PHRASE = 'công văn thử nghiệm số mười bảy'   # the same for text that is Vietnamese
FILE = 'sample.bin'

# Of each vector, as in the list that they come from.
LISTED = {
    'R': '7 9 12-14 17-20 23 25 30 34 36 39 43 44 52 53 55 61 62 68 70-72 75 77 78 80 81 89 90 155 159 161-165',
    'U': '11 15 26 35 37 38 41 42 45 47-51 56 58-60 63-66 69 73 74 76 82-85 95-108 114 148-152 157 158 178 179 181 183'
         ' 184 186',
    'UR': '40 46 54 79 93 94', 'UT': '16 87 88', 'UQ': '57',
    'N': '6 110-113 115-117 120 121 123-126 132 133 140 141 153', 'NT': '8 10 31 118 119 122 127 128 156',
    'T': '21 24 29 32 67 86 109 129-131 134 135 139 144 174', 'TQ': '22 138 175 185', 'TR': '160',
    'Q': '91 92 136 137 154 166-171 173 176 177 182', 'X': '1-3 5 27 28', 'XR': '4',
}


def _listed():
    out = {}
    for mark, numbers in LISTED.items():
        for one in numbers.split():
            first, _, last = one.partition('-')
            for number in range(int(first), int(last or first) + 1):
                assert number not in out, number
                out[number] = mark
    return out


MARKS = _listed()   # those that are not here are about resources, pictures, or ask for nothing
CASES = []
FROM = 'From: sender@outside.example'
TOP = (FROM, 'To: clerk@office.example', 'Subject: papers', 'Date: Mon, 02 Jan 2023 08:00:00 +0700',
       'Message-ID: <v@outside.example>', 'MIME-Version: 1.0')


class Case:
    def __init__(self, vector, name, decided, mail, payload, note, defects, unread):
        self.vector, self.name, self.decided = vector, name, decided
        self.mail, self.payload, self.note, self.defects, self.unread = mail, payload, note, defects, unread


def add(vector, name, decided, mail, payload=True, note='', defects=(), unread=''):
    """payload: is there one to find? defects: ids that must be among those reported. unread: why no mail
    program gets the payload."""
    assert decided in ('found', 'refused', 'tagged', 'held', 'clean'), decided
    full = f'{vector:03d}-{name}'
    assert all(case.name != full for case in CASES), full
    CASES.append(Case(vector, full, decided, mail, payload, note, list(defects), unread))


def b(text):
    return text if isinstance(text, bytes) else text.encode('utf-8')


def lines(*parts):
    """Lines with CRLF, the last one too."""
    return b''.join(b(part) + b'\r\n' for part in parts)


def b64(data, width=76):
    text = base64.b64encode(data)
    return b'\r\n'.join(text[i:i + width] for i in range(0, len(text), width)) + b'\r\n'


def qp_all(data):
    """Every byte as =XX."""
    return b''.join(b'=%02X' % byte for byte in data)


def qp(data):
    return quopri.encodestring(data).replace(b'\n', b'\r\n') + b'\r\n'


def uu(data, name=FILE):
    out = [b'begin 644 ' + b(name)]
    for i in range(0, len(data), 45):
        out.append(binascii.b2a_uu(data[i:i + 45]).rstrip(b'\n'))
    return b'\r\n'.join(out) + b'\r\n`\r\nend\r\n'


def yenc(data, name=FILE):
    body = b''
    for byte in data:
        value = (byte + 42) % 256
        body += b'=' + bytes([(value + 64) % 256]) if value in (0, 10, 13, 61) else bytes([value])
    return (b'=ybegin line=128 size=%d name=%s\r\n' % (len(data), b(name)) + body
            + b'\r\n=yend size=%d\r\n' % len(data))


def crc_hqx(data):
    return binascii.crc_hqx(data, 0)


def binhex(data, name=FILE):
    """BinHex 4.0 (RFC 1741): header, data fork, empty resource fork, run-length coded, 6 bits."""
    head = bytes([len(name)]) + b(name) + b'\0' + b'TEXTttxt' + struct.pack('>HLL', 0, len(data), 0)
    raw = head + struct.pack('>H', crc_hqx(head)) + data + struct.pack('>H', crc_hqx(data)) + b'\0\0'
    raw = raw.replace(b'\x90', b'\x90\0')
    letters = b'!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr'
    bits = ''.join(f'{byte:08b}' for byte in raw)
    bits += '0' * (-len(bits) % 6)
    coded = b':' + bytes(letters[int(bits[i:i + 6], 2)] for i in range(0, len(bits), 6)) + b':'
    wrapped = b'\r\n'.join(coded[i:i + 64] for i in range(0, len(coded), 64))
    return b'(This file must be converted with BinHex 4.0)\r\n\r\n' + wrapped + b'\r\n'


def part(fields, body):
    return lines(*fields) + b'\r\n' + b(body)


FILE_TYPE = f'Content-Type: application/octet-stream; name="{FILE}"'
FILE_SHOWN = f'Content-Disposition: attachment; filename="{FILE}"'
CTE = 'Content-Transfer-Encoding: '


def file_part(cte=CTE + 'base64', body=None, type_field=FILE_TYPE):
    """A part with the payload; cte: one field, a list of them, or raw bytes with line ends."""
    body = b64(PAYLOAD) if body is None else body
    if isinstance(cte, bytes):
        return lines(type_field, FILE_SHOWN) + cte + b'\r\n' + b(body)
    fields = [type_field] + ([cte] if isinstance(cte, str) else list(cte or ())) + [FILE_SHOWN]
    return part([field for field in fields if field], body)


LETTER = part(['Content-Type: text/plain; charset=us-ascii'], 'Please see the paper.\r\n')


def close(data):
    return data if data.endswith(b'\n') else data + b'\r\n'


def cut(boundary, *parts, end=b'--', eol=b'\r\n'):
    """The body of a multipart."""
    boundary = b(boundary)
    out = b''
    for one in parts:
        out += b'--' + boundary + eol + close(b(one))
    return out + (b'--' + boundary + end + eol if end is not None else b'')


def mail(fields, body, top=TOP):
    return lines(*top, *fields) + b'\r\n' + b(body)


def mixed(*parts, boundary='outer', type_field=None, top=TOP):
    field = type_field or f'Content-Type: multipart/mixed; boundary={boundary}'
    return mail([field], cut(boundary, *parts), top=top)


def attached(file):
    return mixed(LETTER, file)


def text_mail(text, charset='utf-8', encode=True, kind='plain', top=TOP):
    body = b(text)
    cte = [CTE + 'base64'] if encode else [CTE + '8bit']
    label = [f'Content-Type: text/{kind}; charset={charset}' if charset else
             f'Content-Type: text/{kind}']
    return mail(label + cte, b64(body) if encode else body + b'\r\n', top=top)


# ---- zip ----------------------------------------------------------------------------------------

def entry(name, data, method=8, **lie):
    """One zip entry as (local header with data, central header without offset). lie: other values
    for a field in one of the two headers: l_name, c_name, l_method, c_method, l_csize, c_csize,
    l_size, c_size, flags, crc, packed."""
    packed = data
    if method == 8:
        coder = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = coder.compress(data) + coder.flush()
    packed = lie.get('packed', packed)
    crc, flags = lie.get('crc', zlib.crc32(data)), lie.get('flags', 0)
    l_name, c_name = b(lie.get('l_name', name)), b(lie.get('c_name', name))
    local = struct.pack('<4s5H3L2H', b'PK\3\4', 20, lie.get('l_flags', flags),
                        lie.get('l_method', method), 0, 0x21, crc,
                        lie.get('l_csize', len(packed)), lie.get('l_size', len(data)),
                        len(l_name), 0) + l_name + packed
    central = (struct.pack('<4s6H3L5H2L', b'PK\1\2', 20, 20, flags, lie.get('c_method', method), 0,
                           0x21, crc, lie.get('c_csize', len(packed)),
                           lie.get('c_size', len(data)), len(c_name), 0, 0, 0, 0, 0, 0)[:42], c_name)
    return local, central


def make_zip(*entries, count=None, listed=None, shift=0, comment=b'', eocd=True, directory=True):
    """entries of entry(); listed: the indices in the directory; shift: added to offsets."""
    body, offsets = b'', []
    for local, _ in entries:
        offsets.append(len(body) + shift)
        body += local
    listed = range(len(entries)) if listed is None else listed
    central = b''.join(entries[i][1][0] + struct.pack('<L', offsets[i]) + entries[i][1][1]
                       for i in listed) if directory else b''
    number = len(listed) if count is None else count
    end = struct.pack('<4s4H2LH', b'PK\5\6', 0, 0, number, number, len(central), len(body) + shift,
                      len(comment)) + comment if eocd else b''
    return body + central + end


def zipped(data=PAYLOAD, name=FILE, **lie):
    return make_zip(entry(name, data, **lie))


def carry(data, name='paper.zip', kind='application/octet-stream'):
    return attached(file_part(body=b64(data), type_field=f'Content-Type: {kind}; name="{name}"')
                    .replace(b(f'filename="{FILE}"'), b(f'filename="{name}"')))
