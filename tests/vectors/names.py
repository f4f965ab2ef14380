# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 149 to 158: names of files. The payload is the name vector-payload.exe (rule VEC-008), or a file
whose danger stands in its name."""
import base64

from kit import CTE, FILE_TYPE, LETTER, MARK, PAYLOAD, add, attached, b, b64, mail, mixed, part

NAME = 'vector-payload.exe'
OCTETS = 'Content-Type: application/octet-stream'
SHOWN = 'Content-Disposition: attachment'
WORDS = b64(b'plain words of a letter\r\n')


def named(vector, name, decided, *fields, body=WORDS, **more):
    add(vector, name, decided, mixed(LETTER, part([*fields, CTE + 'base64'], body)), **more)


def two_names():
    # One field says this, the other that: both are the file's name.
    named(149, 'other-in-type', 'found', f'{OCTETS}; name={NAME}', f'{SHOWN}; filename=letter.txt')
    named(149, 'other-in-disposition', 'found', f'{OCTETS}; name=letter.txt', f'{SHOWN}; filename={NAME}')
    named(149, 'twice-in-one-field', 'found', OCTETS, f'{SHOWN}; filename=letter.txt; filename={NAME}')
    named(149, 'twice-reversed', 'found', OCTETS, f'{SHOWN}; filename={NAME}; filename=letter.txt')
    named(149, 'two-dispositions', 'found', OCTETS, f'{SHOWN}; filename=letter.txt', f'{SHOWN}; filename={NAME}')
    star = "filename*=utf-8''vector%2Dpayload.exe"
    named(150, 'star-last', 'found', OCTETS, f'{SHOWN}; filename=letter.txt; {star}')
    named(150, 'star-first', 'found', OCTETS, f'{SHOWN}; {star}; filename=letter.txt')
    named(150, 'star-benign', 'found', OCTETS, f"{SHOWN}; filename={NAME}; filename*=utf-8''letter.txt")
    named(150, 'star-in-type', 'found', f"{OCTETS}; name*=us-ascii'en'vector%2dpayload%2eexe", SHOWN)
    named(150, 'star-quoted', 'found', OCTETS, f'{SHOWN}; filename*="utf-8\'\'vector%2Dpayload.exe"')
    named(150, 'star-no-charset', 'found', OCTETS, f'{SHOWN}; filename*=vector%2Dpayload.exe')
    named(150, 'star-no-encoding', 'found', OCTETS, f"{SHOWN}; filename*=utf-8''vector-payload.exe")
    for name, pieces in {
            'in-order': '*0=vector-; filename*1=payload; filename*2=.exe',
            'reversed': '*2=.exe; filename*1=payload; filename*0=vector-',
            'encoded': "*0*=utf-8''vector%2D; filename*1*=payload; filename*2*=%2Eexe",
            'mixed': "*0*=utf-8''vector%2D; filename*1=payload; filename*2*=%2Eexe",
            'quoted': '*0="vector-"; filename*1="payload.exe"',
            'from-one': '*1=vector-; filename*2=payload.exe',
            'leading-zeros': '*00=vector-; filename*01=payload.exe',
            'letter-case': '*0=vector-; FILENAME*1=payload.exe'}.items():
        named(151, name, 'found', OCTETS, f'{SHOWN}; filename{pieces}')
    named(151, 'beside-plain', 'found', OCTETS, f'{SHOWN}; filename=letter.txt; filename*0=vector-; filename*1=payload.exe')
    named(151, 'piece-twice', 'held', OCTETS, f'{SHOWN}; filename*0=letter; filename*0=vector-; filename*1=payload.exe')
    named(151, 'gap', 'tagged', OCTETS, f'{SHOWN}; filename*0=vector-; filename*2=payload.exe')
    word = lambda text, coding='b', charset='utf-8': (
        f'=?{charset}?b?' + base64.b64encode(text.encode(charset)).decode() + '?=' if coding == 'b' else
        f'=?{charset}?q?' + ''.join(f'={c:02X}' for c in text.encode(charset)) + '?=')
    for name, text in {'whole': f'"{word(NAME)}"', 'unquoted': word(NAME), 'q': f'"{word(NAME, "q")}"',
                       'partly': f'"vector-{word("payload")}.exe"', 'two-words': f'"{word("vector-")} {word("payload.exe")}"',
                       'folded': f'"{word("vector-")}\r\n {word("payload.exe")}"', 'latin1': f'"{word(NAME, "q", "iso-8859-1")}"',
                       'in-extension': f'"vector-payload.{word("exe")}"'}.items():
        named(152, name, 'found', OCTETS, f'{SHOWN}; filename={text}')
    wide = ''.join(f'%{c:02X}' for c in NAME.encode('utf-16-be'))
    named(153, 'rfc2231-utf-16', 'found', OCTETS, f"{SHOWN}; filename*=utf-16be''{wide}")
    named(153, 'word-utf-16', 'found', OCTETS, f'{SHOWN}; filename="{word(NAME, "b", "utf-16-be")}"')
    named(153, 'rfc2231-utf-7', 'found', OCTETS, f"{SHOWN}; filename*=utf-7''vector-payload%2BAC4-exe")


def odd_names():
    for name, text in {'double': f'paper.pdf.{NAME}', 'spaces': 'paper.pdf' + ' ' * 80 + NAME, 'rlo': 'paper-\u202efdp.exe',
                       'exe-behind-dots': 'paper.doc....exe', 'nbsp': 'paper.pdf' + '\u00a0' * 30 + '.exe'}.items():
        named(154, name, 'held', OCTETS, f'{SHOWN}; filename="{text}"', body=b64(b'MZ' + bytes(64) + PAYLOAD))
    for name, text in {'dot': NAME + '.', 'space': NAME + ' ', 'dots': NAME + ' . .', 'clsid': 'letter.txt.{00020C01-0000-0000-C000-000000000046}'}.items():
        named(155, name, 'tagged' if name == 'clsid' else 'found', OCTETS, f'{SHOWN}; filename="{text}"', payload=name != 'clsid')
    add(155, 'nul', 'refused', mixed(LETTER, part([OCTETS, f'{SHOWN}; filename="{NAME}\0.txt"', CTE + 'base64'], WORDS)))
    for name, text in {'stream': NAME + '::$DATA', 'path': '../../' + NAME, 'windows-path': 'C:\\\\x\\\\' + NAME, 'share': '\\\\\\\\host\\\\' + NAME,
                       'slash-inside': 'a/b/' + NAME}.items():
        named(156, name, 'found', OCTETS, f'{SHOWN}; filename="{text}"')
    named(156, 'device', 'tagged', OCTETS, f'{SHOWN}; filename="con.txt"', payload=False)
    named(157, 'folded', 'found', OCTETS, f'{SHOWN}; filename="vector-\r\n payload.exe"', note='unfolded, the blank stays or goes')
    named(157, 'folded-tab', 'found', OCTETS, f'{SHOWN}; filename="vector-\r\n\tpayload.exe"')
    named(157, 'folded-before', 'found', OCTETS, f'{SHOWN};\r\n\tfilename=\r\n "{NAME}"')
    named(158, 'no-name', 'found', OCTETS, body=b64(PAYLOAD))
    named(158, 'no-name-no-type', 'found', body=b64(PAYLOAD))
    named(158, 'no-name-executable', 'held', OCTETS, body=b64(b'MZ' + bytes(64) + PAYLOAD))


two_names()
odd_names()
