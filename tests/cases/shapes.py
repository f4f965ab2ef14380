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


def number(mark):
    """The head of a paper as text, its stamp under the number."""
    return ['TỈNH ỦY QUẢNG TRỊ', '*', 'Số 15-CV/TU', mark, 'ĐẢNG CỘNG SẢN VIỆT NAM',
            'Đông Hà, ngày 07 tháng 3 năm 2017', 'Kính gửi các đồng chí,', 'Nội dung văn bản thử.']


def stamped_documents(mark):
    """name -> Word document with the stamp in one of the places where Word can have it."""
    plain = para('Nội dung văn bản thử.')
    left, right = ['TỈNH ỦY QUẢNG TRỊ', '*', 'Số 15-CV/TU'], ['ĐẢNG CỘNG SẢN VIỆT NAM', 'Đông Hà, ngày 07/3/2017']
    half = len(mark) // 2
    header = f'<w:hdr {W}>{para(mark)}</w:hdr>'
    footer = f'<w:ftr {W}>{para(mark + " - Trang 1")}</w:ftr>'
    shape = ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath '
             f'string="{mark}"/></v:shape></w:pict></w:r></w:p>')
    choice = ('<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
              '<mc:Choice Requires="wps"><w:drawing><wps:wsp xmlns:wps="http://schemas.microsoft.com/office/word/2010/'
              f'wordprocessingShape"><wps:txbx><w:txbxContent>{para(mark)}</w:txbxContent></wps:txbx></wps:wsp>'
              '</w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>')
    break_after = ('<w:p><w:r><w:t>Số 15-CV/TU</w:t></w:r><w:r><w:br/></w:r><w:r><w:t>' + mark
                   + '</w:t></w:r></w:p>')
    return {
        'first': document(para(mark) + plain),
        'last': document(plain + para(mark)),
        'letterhead-cell': document(table([left + [mark], right]) + plain),
        'own-cell': document(table([left, right], [[mark], ['']]) + plain),
        'after-letterhead': document(table([left, right]) + para(mark) + plain),
        'one-letter-runs': document(para(*mark) + plain),
        'split-runs': document(para(mark[:half], mark[half:]) + plain),
        'line-break': document(break_after + plain),
        'number-line': document(para('Số 15-CV/TU    ' + mark) + plain),
        'text-box': document(text_box(mark) + plain),
        'drawn-text-box': document(choice + plain),
        'header': document(plain, [('header1.xml', 'header', header)]),
        'footer': document(plain, [('footer1.xml', 'footer', footer)]),
        'watermark': document(plain, [('header1.xml', 'header', f'<w:hdr {W}>{shape}</w:hdr>')]),
        'nfd': document(para(unicodedata.normalize('NFD', mark)) + plain),
        'boxed': document(para('[ ' + mark + ' ]') + plain),
        'spaced': document(para(' '.join(mark)) + plain),
    }


def with_property(key, value):
    """A Word document whose core property (or, for other names, custom property) says the level."""
    with zipfile.ZipFile(io.BytesIO(docx(['Nội dung văn bản thử.']))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    package = 'http://schemas.openxmlformats.org/package/2006/'
    if key in ('category', 'keywords'):
        part, kind = 'docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'
        relation = package + 'relationships/metadata/core-properties'
        content = f'<cp:coreProperties xmlns:cp="{package}metadata/core-properties"><cp:{key}>{value}</cp:{key}></cp:coreProperties>'
    else:
        part, kind = 'docProps/custom.xml', 'application/vnd.openxmlformats-officedocument.custom-properties+xml'
        office = 'http://schemas.openxmlformats.org/officeDocument/2006/'
        relation = office + 'relationships/custom-properties'
        content = (f'<Properties xmlns="{office}custom-properties" xmlns:vt="{office}docPropsVTypes"><property '
                   f'fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{key}"><vt:lpwstr>{value}'
                   '</vt:lpwstr></property></Properties>')
    members[part] = (xml + content).encode()
    members['[Content_Types].xml'] = members['[Content_Types].xml'].replace(
        b'</Types>', f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'.encode())
    members['_rels/.rels'] = members['_rels/.rels'].replace(
        b'</Relationships>', f'<Relationship Id="rId9" Type="{relation}" Target="{part}"/></Relationships>'.encode())
    return make.zip_of(list(members.items()))


def certain(mark):
    """name -> (subject, mail maker): shapes in which the level is certain."""
    paper = number(mark)
    text = '\n'.join(paper)
    found = {
        'text-first-line': lambda way: simple(way, 'Văn bản', mark + '\n' + text.replace(mark + '\n', '')),
        'text-under-number': lambda way: simple(way, 'Văn bản', text),
        'text-last-line': lambda way: simple(way, 'Văn bản', 'Kính gửi đồng chí.\n\n' + mark + '\n'),
        'text-quoted': lambda way: simple(way, 'Văn bản', '\n'.join('> > ' + line for line in paper)),
        'text-starred': lambda way: simple(way, 'Văn bản', text.replace(mark, f'*** {mark} ***')),
        'text-nfd': lambda way: simple(way, 'Văn bản', unicodedata.normalize('NFD', text)),
        'text-spaced': lambda way: simple(way, 'Văn bản', text.replace(mark, ' '.join(mark))),
        'text-no-break-space': lambda way: simple(way, 'Văn bản', text.replace(mark, mark.replace(' ', '\u00a0'))),
        'text-invisible': lambda way: simple(way, 'Văn bản', text.replace(mark, '\u200b'.join(mark))),
        'text-homoglyph': lambda way: simple(way, 'Văn bản', text.replace(
            mark, mark.replace('M', 'М').replace('T', 'Т'))),
        'text-full-width': lambda way: simple(way, 'Văn bản', text.replace(
            mark, mark.replace('M', 'Ｍ').replace('T', 'Ｔ').replace('I', 'Ｉ'))),
        'utf-16': lambda way: encoded(way, 'Văn bản', crlf(text).encode('utf-16'), 'utf-16'),
        'utf-16-no-label': lambda way: encoded(way, 'Văn bản', crlf(text).encode('utf-16'), ''),
        'utf-8-called-latin1': lambda way: encoded(way, 'Văn bản', crlf(text).encode(), 'iso-8859-1'),
        'quoted-printable': lambda way: encoded(way, 'Văn bản', crlf(text).encode(), 'utf-8', 'quoted-printable'),
        'html-paragraph': lambda way: encoded(way, 'Văn bản', page(''.join(
            f'<p>{escape(line)}</p>' for line in paper)), 'utf-8', kind='html'),
        'html-span-letters': lambda way: encoded(way, 'Văn bản', page('<p>Số 15</p><p>' + ''.join(
            f'<span>{c}</span>' for c in mark) + '</p>'), 'utf-8', kind='html'),
        'html-cell': lambda way: encoded(way, 'Văn bản', page(
            f'<table><tr><td>Số 15-CV/TU<br>{mark}</td><td>Đông Hà</td></tr></table>'), 'utf-8', kind='html'),
        'html-entities': lambda way: encoded(way, 'Văn bản', page('<div>' + ''.join(
            f'&#{ord(c)};' for c in mark) + '</div>'), 'utf-8', kind='html'),
        'subject-prefix': lambda way: simple(way, f'[{mark}] Báo cáo quý I', 'Nội dung thử.\n'),
        'subject-reply': lambda way: simple(way, f'Re: FW: {mark} - Báo cáo quý I', 'Nội dung thử.\n'),
        'subject-suffix': lambda way: simple(way, f'Báo cáo quý I ({mark})', 'Nội dung thử.\n'),
        'subject-alone': lambda way: simple(way, mark, 'Nội dung thử.\n'),
        'subject-field': lambda way: simple(way, f'Báo cáo quý I; độ mật: {mark.title()}', 'Nội dung thử.\n'),
        'forwarded': lambda way: mixed(way, 'Fwd: Văn bản', 'Xin chuyển tiếp.\n', [
            'Content-Type: message/rfc822\r\n\r\n' + simple(way, 'Văn bản', text)]),
        'rtf': lambda way: mixed(way, 'Văn bản', 'Gửi kèm.\n', [attachment('a.rtf', rtf(paper), 'application/rtf')]),
        'zip-docx': lambda way: mixed(way, 'Văn bản', 'Gửi kèm.\n', [
            attachment('a.zip', zipped('a.docx', docx(paper)), 'application/zip')]),
        'txt-utf16': lambda way: mixed(way, 'Văn bản', 'Gửi kèm.\n', [
            attachment('a.txt', text.encode('utf-16'), 'application/octet-stream')]),
    }
    for encoding in COLUMNS:
        for label in ('iso-8859-1', ''):
            found[f'{encoding}{"-no-label" if not label else ""}'] = lambda way, e=encoding, l=label: encoded(
                way, 'Van ban', crlf(old(text, e).decode('latin-1')).encode('latin-1'), l)
    for key, data in stamped_documents(mark).items():
        found['docx-' + key] = lambda way, d=data: mixed(way, 'Văn bản', 'Gửi kèm.\n', [attachment('a.docx', d, DOCX)])
    return found


def likely(mark):
    """The same for shapes in which a person looks: names of files, properties."""
    bare = unicodedata.normalize('NFD', mark)
    bare = ''.join(c for c in bare if not unicodedata.combining(c))
    file = lambda name, data=None: lambda way: mixed(way, 'Văn bản', 'Gửi kèm.\n', [
        attachment(name, data or docx(['Nội dung văn bản thử.']), DOCX)])
    found = {
        'file-name': file(f'{mark.capitalize()} 15-CV-TU.docx'),
        'file-name-end': file(f'Báo cáo ({mark}).docx'),
        'file-name-nfd': file(unicodedata.normalize('NFD', f'KH_{mark}_05.docx')),
        'file-name-in-zip': lambda way: mixed(way, 'Văn bản', 'Gửi kèm.\n', [attachment(
            'a.zip', zipped(f'{mark} 15.docx', docx(['Nội dung thử.'])), 'application/zip')]),
        'property-category': file('a.docx', with_property('category', mark.capitalize())),
        'property-keywords': file('a.docx', with_property('keywords', mark)),
        'property-custom': file('a.docx', with_property('Do mat', mark.capitalize())),
        'file-name-ascii': file(f'BC_{bare.title().replace(" ", "")}_2024.docx' if ' ' in bare else f'CV_{bare}_15.docx'),
    }
    if ' ' in bare:
        found['subject-ascii'] = lambda way: simple(way, f'[{bare}] Bao cao', 'Noi dung thu.\n')
    return found


def stamps():
    for level, mark in MARK.items():
        for direction in ('outbound', 'inbound'):
            way = DIRECTIONS[direction]
            for key, mail in certain(mark).items():
                name = f'stamp-{level}-{key}-{direction}'
                write(name, mail(way))
                expect(name, f'{mark}: {key}, {direction}.', way, 'reject' if direction == 'outbound' else 'quarantine',
                       ['CMB-01'])
            for key, mail in likely(mark).items():
                name = f'stamp-{level}-{key}-{direction}'
                write(name, mail(way))
                # A name without diacritics may mean other words (mắt, mặt, mất): inbound it is tagged.
                hint = key == 'file-name-ascii' and direction == 'inbound'
                expect(name, f'{mark}: {key}, {direction}.', way, 'tag' if hint else ['quarantine', 'reject'])
