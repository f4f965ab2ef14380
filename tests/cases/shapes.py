# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases that run.py makes when it runs: the regulation and the stamps in many shapes.

The regulation names every level and bears none, so that nothing above info may come of it, however it
was wrapped, quoted, encoded or attached. A stamp must be found wherever an office program puts it.
"""
import io
import os
import quopri
import re
import textwrap
import unicodedata
import zipfile

import make
from make import DIRECTIONS, DOCX, MARK, W, attachment, b64, docx, escape, expect, head, mixed, simple, word, write

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ('tcvn3', 'tcvn5712', 'vni', 'vps', 'viscii', 'cp1258', 'bkhcm1', 'bkhcm2', 'vietware-f', 'vietware-x')


def old(text, encoding):
    """The text in an encoding from before Unicode, by the table of the text room."""
    table = {}
    with open(os.path.join(HERE, '../../src/text/vietnamese_tables.inc'), encoding='utf-8') as file:
        for point, values in re.findall(r'\{0x([0-9A-F]+),\{([^}]+)\}\}', file.read()):
            code = int(values.split(',')[COLUMNS.index(encoding)], 16)
            table[chr(int(point, 16))] = code.to_bytes(2 if code > 255 else 1, 'big')
    text = unicodedata.normalize('NFC', text).replace('“', '"').replace('”', '"').replace('–', '-')
    return b''.join(table.get(c, c.encode('ascii', 'replace')) for c in text)


def crlf(text):
    return text.replace('\n', '\r\n')


def encoded(way, subject, data, charset, encoding='base64', kind='plain'):
    label = f'; charset={charset}' if charset else ''
    fields = f'Content-Type: text/{kind}{label}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    if encoding == 'base64':
        body = b64(data).encode()
    elif encoding == 'quoted-printable':
        body = quopri.encodestring(data.replace(b'\r\n', b'\n')).replace(b'\n', b'\r\n')
    else:
        body = data
    return (head(way, subject) + fields).encode() + body + b'\r\n'


def page(content, more=''):
    return f'<html><head>{more}</head><body>{content}</body></html>'.encode()


def zipped(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2017, 3, 7, 8, 0, 0)), data)
    return out.getvalue()


def rtf(lines):
    def word_of(c):
        return c if c.isascii() and c not in '\\{}' else f'\\u{ord(c)}?'
    return ('{\\rtf1\\ansi\\ansicpg1252\\uc1 ' + '\\par\n'.join(
        ''.join(word_of(c) for c in line) for line in lines) + '}').encode()


def document(body, others=()):
    """A Word document of raw WordprocessingML; others: (part name, content type, xml)."""
    with zipfile.ZipFile(io.BytesIO(docx(['x']))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    xml = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    members['word/document.xml'] = xml + f'<w:document {W}><w:body>{body}</w:body></w:document>'.encode()
    relations = ''
    for i, (name, kind, content) in enumerate(others):
        members['word/' + name] = xml + content.encode()
        members['[Content_Types].xml'] = members['[Content_Types].xml'].replace(
            b'</Types>', f'<Override PartName="/word/{name}" ContentType="application/vnd.openxmlformats-'
            f'officedocument.wordprocessingml.{kind}+xml"/></Types>'.encode())
        relations += (f'<Relationship Id="rId{i + 1}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
                      f'relationships/{kind}" Target="{name}"/>')
    if relations:
        members['word/_rels/document.xml.rels'] = xml + (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            + relations + '</Relationships>').encode()
    return make.zip_of(list(members.items()))


def para(*texts):
    return '<w:p>' + ''.join(f'<w:r><w:t xml:space="preserve">{escape(t)}</w:t></w:r>' for t in texts) + '</w:p>'


def table(*rows):
    return '<w:tbl>' + ''.join(
        '<w:tr>' + ''.join(f'<w:tc>{"".join(para(p) for p in cell)}</w:tc>' for cell in row) + '</w:tr>'
        for row in rows) + '</w:tbl>'


def text_box(text):
    return ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
            + para(text) + '</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>')


def regulation():
    with open(os.path.join(make.DATA, '464-QD-TU.txt'), encoding='utf-8') as file:
        text = file.read()
    lines = text.split('\n')

    def wrapped(width):
        return '\n'.join('\n'.join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
                         for line in lines)

    def quoted(source, sign='> '):
        return '\n'.join(sign + line for line in source.split('\n'))

    name, subject = 'a', 'Quy định 464 về gửi, nhận văn bản'
    wrap72 = wrapped(72)
    bodies = {f'wrap{width}': wrapped(width) for width in (24, 33, 50, 65, 100, 300)}
    bodies.update({
        'quoted-twice': quoted(quoted(wrapped(60))), 'quoted-bars': quoted(wrap72, '| '),
        'quoted-tight': quoted(wrapped(50), '>'),
        'quoted-wrapped-again': '\n'.join(
            '\n'.join(textwrap.wrap(line, 60, break_long_words=False)) for line in quoted(wrap72).split('\n')),
        'indented': quoted(wrapped(60), '\t'), 'nfd': unicodedata.normalize('NFD', wrap72),
        'double-spaced': wrap72.replace('\n', '\n\n'), 'one-line': ' '.join(text.split()),
        'no-break-spaces': wrap72.replace(' ', '\u00a0')})
    raws = {}
    for codec in ('utf-8', 'utf-16', 'utf-16-le', 'utf-16-be'):
        raws[codec] = (crlf(wrap72).encode(codec), codec, 'base64')
    raws['utf-8-no-label'] = (crlf(wrap72).encode(), '', 'base64')
    raws['utf-8-called-latin1'] = (crlf(wrap72).encode(), 'iso-8859-1', 'base64')
    raws['quoted-printable'] = (crlf(wrap72).encode(), 'utf-8', 'quoted-printable')
    raws['8bit'] = (crlf(wrap72).encode(), 'utf-8', '8bit')
    for encoding in COLUMNS:
        raws[encoding] = (crlf(old(wrap72, encoding).decode('latin-1')).encode('latin-1'), 'iso-8859-1', 'base64')
        narrow = old(wrapped(40), encoding).decode('latin-1')
        raws[encoding + '-wrap40-qp'] = (crlf(narrow).encode('latin-1'), '', 'quoted-printable')
    raws['cp1258-labelled'] = (crlf(old(wrap72, 'cp1258').decode('latin-1')).encode('latin-1'),
                               'windows-1258', 'base64')
    pages = {
        'html-breaks': page('<br>\n'.join(escape(line) for line in wrapped(60).split('\n'))),
        'html-pre': page('<pre>' + escape(wrap72) + '</pre>'),
        'html-divs': page(''.join(f'<div>{escape(line)}</div>' for line in wrap72.split('\n'))),
        'html-cells': page('<table>' + ''.join(f'<tr><td>{escape(line)}</td></tr>' for line in lines) + '</table>'),
        'html-quote': page('<blockquote>' + ''.join(f'<p>{escape(line)}</p>' for line in lines) + '</blockquote>'),
        'html-entities': page(''.join(f'<p>{escape(line)}</p>' for line in lines).encode(
            'ascii', 'xmlcharrefreplace').decode()),
        'html-bold-levels': page(''.join(f'<p>{escape(line)}</p>' for line in lines).replace(
            'tối mật', '<b>tối mật</b>').replace('tuyệt mật', '<i>tuyệt mật</i>')),
    }
    paper = [line.strip() for line in lines]
    short = [line.strip() for line in wrap72.split('\n')]
    files = {
        'docx-wrapped': ('464.docx', docx(short), DOCX),
        'docx-table': ('464.docx', document(table(*[[[line]] for line in paper])), DOCX),
        'docx-runs': ('464.docx', document(''.join(para(*re.findall(r'\S+\s*|^$', line)) for line in paper)), DOCX),
        'txt': ('464-QD-TU.txt', wrap72.encode(), 'text/plain'),
        'txt-utf16': ('464-QD-TU.txt', wrap72.encode('utf-16'), 'application/octet-stream'),
        'txt-tcvn3': ('464-QD-TU.txt', old(wrap72, 'tcvn3'), 'application/octet-stream'),
        'rtf': ('464-QD-TU.rtf', rtf(paper), 'application/rtf'),
        'rtf-wrapped': ('464-QD-TU.rtf', rtf(short), 'application/rtf'),
        'zip-docx': ('464.zip', zipped('464.docx', docx(paper)), 'application/zip'),
    }
    for direction, way in DIRECTIONS.items():
        mails = {key: simple(way, subject, body) for key, body in bodies.items()}
        mails.update({key: encoded(way, subject, *value) for key, value in raws.items()})
        mails.update({key: encoded(way, subject, data, 'utf-8', 'base64', 'html') for key, data in pages.items()})
        mails.update({key: mixed(way, subject, 'Gửi kèm quy định.\n', [attachment(*value)])
                      for key, value in files.items()})
        inner = simple(way, subject, wrap72)
        mails['forwarded'] = mixed(way, 'Fwd: ' + subject, 'Xin chuyển tiếp.\n',
                                   ['Content-Type: message/rfc822\r\n\r\n' + inner])
        for key, mail in mails.items():
            name = f'regulation-{key}-{direction}'
            write(name, mail)
            expect(name, f'The regulation names every level and is none: {key}, {direction}.', way, 'accept',
                   max_severity='info')
