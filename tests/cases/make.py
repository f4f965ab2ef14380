#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the generated cases: a folder each with mail.eml and expect.yaml.

The cases of the regulation are large and alike: run.py makes them when it runs.
Deterministic: fixed dates, boundaries and zip times, so that a second run changes nothing. What must
not stand in the repository in clear (the EICAR string) is put in by run.py when it runs.

    make.py [FOLDER]      FOLDER defaults to the one this script is in
"""
import base64
import hashlib
import io
import os
import re
import sys
import textwrap
import unicodedata
import zipfile
from email.header import Header

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, '..', 'data')
OUT = sys.argv[1] if len(sys.argv) > 1 else HERE

OWN = 'vanthuvanphong@tinhuyquangtri.vn'
DIRECTIONS = {
    'outbound': dict(sender=OWN, rcpt='vanthu@quangtri.gov.vn', auth=OWN, client_ip='192.0.2.10'),
    'internal': dict(sender=OWN, rcpt='bantochuc@tinhuyquangtri.vn', auth=OWN,
                     client_ip='192.0.2.10'),
    'inbound': dict(sender='vanthu@quangtri.gov.vn', rcpt=OWN, auth='', client_ip='192.0.2.77'),
}


def scalar(value):
    return "'" + str(value).replace("'", "''") + "'"


def flow(values):
    return '[' + ', '.join(scalar(v) for v in values) + ']'


def expect(name, comment, direction, action, rules_has=(), rules_not=(), **more):
    """Writes NAME/expect.yaml. direction is a key of DIRECTIONS or such a map."""
    way = DIRECTIONS[direction] if isinstance(direction, str) else direction
    lines = ['# ' + comment]
    scan = {'from': scalar(way['sender']), 'rcpt': flow([way['rcpt']])}
    if way.get('auth'):
        scan['auth'] = scalar(way['auth'])
    scan['client_ip'] = scalar(way['client_ip'])
    lines.append('scan: {' + ', '.join(f'{k}: {v}' for k, v in scan.items()) + '}')
    lines.append('action: ' + (action if isinstance(action, str) else flow(action)))
    rules = []
    if rules_has:
        rules.append('has: ' + flow(rules_has))
    if rules_not:
        rules.append('not: ' + flow(rules_not))
    if rules:
        lines.append('rules: {' + ', '.join(rules) + '}')
    for key, value in more.items():
        lines.append(f'{key}: {value}')
    with open(os.path.join(OUT, name, 'expect.yaml'), 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')


def word(text):
    return text if text.isascii() else Header(text, 'utf-8', maxlinelen=70).encode(linesep='\r\n')


def head(way, subject, more=()):
    fields = [f'From: <{way["sender"]}>', f'To: <{way["rcpt"]}>', 'Subject: ' + word(subject),
              'Date: Tue, 07 Mar 2017 08:00:00 +0700',
              f'Message-ID: <case.{abs(hash_of(subject)):x}@{way["sender"].split("@")[-1]}>',
              'MIME-Version: 1.0']
    return '\r\n'.join(fields + list(more)) + '\r\n'


def hash_of(text):
    value = 5381
    for byte in text.encode():
        value = (value * 33 + byte) % (1 << 48)
    return value


def b64(data):
    text = base64.b64encode(data).decode()
    return '\r\n'.join(textwrap.wrap(text, 76)) + '\r\n'


def plain_part(body, charset='utf-8', raw=None):
    data = raw if raw is not None else body.replace('\n', '\r\n').encode(charset)
    return (f'Content-Type: text/plain; charset={charset}\r\n'
            'Content-Transfer-Encoding: base64\r\n\r\n' + b64(data))


def attachment(name, data, media_type):
    ascii_name = name if name.isascii() else None
    disposition = (f'filename="{name}"' if ascii_name else "filename*=utf-8''" + ''.join(
        chr(b) if chr(b) in 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_'
        else f'%{b:02X}' for b in name.encode()))
    return (f'Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment;\r\n {disposition}\r\n\r\n' + b64(data))


def mixed(way, subject, body, parts, more=()):
    mark = '=_gatepost_case'
    text = head(way, subject, list(more) + [f'Content-Type: multipart/mixed; boundary="{mark}"'])
    for part in [plain_part(body)] + parts:
        text += f'\r\n--{mark}\r\n{part}'
    return text + f'\r\n--{mark}--\r\n'


def simple(way, subject, body, charset='utf-8', raw=None, more=()):
    return head(way, subject, more) + plain_part(body, charset, raw)


def write(name, mail):
    os.makedirs(os.path.join(OUT, name), exist_ok=True)
    data = mail if isinstance(mail, bytes) else mail.encode('utf-8')
    with open(os.path.join(OUT, name, 'mail.eml'), 'wb') as file:
        file.write(data)


def escape(text):
    return text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('"', '&quot;')


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2017, 3, 7, 8, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(paragraphs, header=None, capitals=None):
    """A small Word document; `header` becomes a page header; the paragraph `capitals` is drawn in capitals."""
    xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    caps = '<w:rPr><w:caps/></w:rPr>'
    body = ''.join(f'<w:p><w:r>{caps if p == capitals else ""}<w:t xml:space="preserve">{escape(p)}</w:t></w:r></w:p>'
                   for p in paragraphs)
    overrides = ('<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
                 'officedocument.wordprocessingml.document.main+xml"/>')
    members = []
    if header is not None:
        overrides += ('<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-'
                      'officedocument.wordprocessingml.header+xml"/>')
    members.append(('[Content_Types].xml', xml + '<Types xmlns="http://schemas.openxmlformats.org/package/'
                    '2006/content-types"><Default Extension="rels" ContentType="application/vnd.'
                    'openxmlformats-package.relationships+xml"/>' + overrides + '</Types>'))
    members.append(('_rels/.rels', xml + '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
                    '2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
                    'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
                    '</Relationships>'))
    members.append(('word/document.xml', xml + f'<w:document {W}><w:body>{body}</w:body></w:document>'))
    if header is not None:
        members.append(('word/_rels/document.xml.rels', xml + '<Relationships xmlns="http://schemas.'
                        'openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
                        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" '
                        'Target="header1.xml"/></Relationships>'))
        members.append(('word/header1.xml', xml + f'<w:hdr {W}><w:p><w:r><w:t>{escape(header)}</w:t>'
                        '</w:r></w:p></w:hdr>'))
    return zip_of(members)


DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
MARK = {'tuyet-mat': 'TUYỆT MẬT', 'toi-mat': 'TỐI MẬT', 'mat': 'MẬT'}
RULE = {'tuyet-mat': 'VNM-001', 'toi-mat': 'VNM-002', 'mat': 'VNM-003'}
PAPER = ['TỈNH ỦY QUẢNG TRỊ', '*', 'Số 15-CV/TU', '{mark}', 'ĐẢNG CỘNG SẢN VIỆT NAM',
         'Đông Hà, ngày 07 tháng 3 năm 2017', 'Kính gửi các đồng chí,', 'Nội dung văn bản thử.']


def regulation():
    """The regulation that the founding user follows, in five shapes and three directions."""
    with open(os.path.join(DATA, '464-QD-TU.txt'), encoding='utf-8') as file:
        text = file.read()
    lines = text.split('\n')
    shapes = {'paragraphs': text}
    for width in (40, 60, 72, 78):
        shapes[f'wrap{width}'] = '\n'.join(
            '\n'.join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
            for line in lines)
    shapes['quoted'] = '\n'.join('> ' + line for line in shapes['wrap72'].split('\n'))
    for direction, way in DIRECTIONS.items():
        for shape in list(shapes) + ['html', 'docx']:
            name = f'regulation-{shape}-{direction}'
            subject = 'Quy định 464 về gửi, nhận văn bản'
            if shape == 'html':
                page = '<html><body>' + ''.join(f'<p>{escape(l)}</p>\n' for l in lines) + '</body></html>'
                mail = head(way, subject) + ('Content-Type: text/html; charset=utf-8\r\n'
                                             'Content-Transfer-Encoding: base64\r\n\r\n'
                                             + b64(page.encode()))
            elif shape == 'docx':
                mail = mixed(way, subject, 'Gửi kèm quy định.\n',
                             [attachment('464-QD-TU.docx', docx([l.strip() for l in lines]), DOCX)])
            else:
                mail = simple(way, subject, shapes[shape])
            write(name, mail)
            expect(name, f'The regulation names every level and is none: {shape}, {direction}.', way,
                   'accept', max_severity='info')


def markings():
    for key, mark in MARK.items():
        for direction, way in DIRECTIONS.items():
            name = f'marking-{key}-{direction}'
            write(name, simple(way, 'Công văn', f'Kính gửi đồng chí,\n\n{mark}\n\nNội dung thử.\n'))
            expect(name, f'{mark} on a line of its own, {direction}: out is refused, in is held.', way,
                   'quarantine' if direction == 'inbound' else 'reject', [RULE[key], 'CMB-01'])
    way = DIRECTIONS['outbound']
    for key, mark in MARK.items():
        paper = [line.format(mark=mark) for line in PAPER]
        write(f'marking-docx-{key}', mixed(way, 'Gửi văn bản', 'Gửi kèm văn bản.\n',
                                           [attachment('van-ban.docx', docx(paper), DOCX)]))
        expect(f'marking-docx-{key}', f'{mark} under the number in a document.', way, 'reject',
               [RULE[key], 'CMB-01'])
    write('marking-docx-header', mixed(way, 'Gửi văn bản', 'Gửi kèm văn bản.\n', [
        attachment('van-ban.docx', docx(['Nội dung thử.'], 'TỐI MẬT'), DOCX)]))
    expect('marking-docx-header', 'A stamp in the page header only.', way, 'reject',
           ['VNM-028', 'CMB-01'])
    write('marking-subject', simple(way, '[MẬT] Báo cáo quý I', 'Nội dung thử.\n'))
    expect('marking-subject', 'The level in front of the subject.', way, 'reject',
           ['VNM-007', 'CMB-01'])
    # The same stamp in other spellings of Unicode and in legacy alphabets.
    nfd = unicodedata.normalize('NFD', 'TỐI MẬT')
    for shape, mark in (('nfc', 'TỐI MẬT'), ('nfd', nfd), ('hybrid', 'TÔ\u0301I MÂ\u0323T')):
        body = f'Số 15-CV/TU\n{mark}\nNội dung thử.\n'
        write(f'stamp-{shape}', simple(way, 'Văn bản', body))
        expect(f'stamp-{shape}', f'TỐI MẬT, {shape}.', way, 'reject', ['VNM-002', 'CMB-01'])
    for shape, raw, has in (('tcvn3', b'\r\nT\xe8I M\xcbT\r\n\r\n', 'VNM-040'),
                            ('vni', b'\r\nTO\xc1I MA\xc4T\r\n\r\n', 'VNM-041')):
        write(f'stamp-{shape}', simple(way, 'Van ban', '', 'iso-8859-1', raw))
        expect(f'stamp-{shape}', f'TỐI MẬT in {shape}, called iso-8859-1.', way, 'reject',
               [has, 'CMB-01'])


def tricks():
    """The same stamp where a machine might miss what a person sees, and the other way round."""
    out = DIRECTIONS['outbound']
    seen = '<html><body><p>Kính gửi</p><div style="{style}">{mark}</div><p>Nội dung thử.</p></body></html>'
    def page(way, style, mark):
        return (head(way, 'Văn bản') + 'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n'
                '\r\n' + b64(seen.format(style=style, mark=mark).encode()))
    write('trick-uppercase', page(out, 'text-transform:uppercase', 'tối mật'))
    expect('trick-uppercase', 'Typed in small letters, shown in capitals.', out, 'reject', ['VNM-002', 'CMB-01'])
    for name, mark, has in (('stroke', 'TỐI/MẬT', 'VNM-002'), ('bar', 'TỐI|MẬT', 'VNM-002'),
                            ('emphasis', '*TỐI* *MẬT*', 'VNM-002'), ('split', 'TỐ*I M/ẬT', 'VNM-002'),
                            ('overlay', 'T\u0336Ố\u0336I\u0336 M\u0336Ậ\u0336T\u0336', 'VNM-054'),
                            ('strokes-in-letters', 'ŦỐƗ MẬŦ', 'VNM-054')):
        write(f'trick-{name}', simple(out, 'Văn bản', f'Số 15-CV/TU\n{mark}\nNội dung thử.\n'))
        expect(f'trick-{name}', f'TỐI MẬT as a reader sees it: {name}.', out, 'reject', [has, 'CMB-01'])
    write('trick-caps-docx', mixed(out, 'Gửi văn bản', 'Gửi kèm văn bản.\n', [
        attachment('van-ban.docx', docx(['Số 15-CV/TU', 'tối mật', 'Nội dung thử.'], capitals='tối mật'), DOCX)]))
    expect('trick-caps-docx', 'Small letters that Word draws as capitals.', out, 'reject', ['VNM-002', 'CMB-01'])
    for direction, action in (('outbound', 'quarantine'), ('internal', 'tag'), ('inbound', 'tag')):
        way = DIRECTIONS[direction]
        write(f'hidden-stamp-{direction}', page(way, 'display:none', 'TỐI MẬT'))
        expect(f'hidden-stamp-{direction}', f'A stamp that no reader sees, {direction}.', way, action,
               ['VNM-060'], ['CMB-01', 'VNM-002'])
    lure = dict(sender='a@outside.example', rcpt=OWN, client_ip='192.0.2.77')
    code = base64.b64encode(b'MZ' + bytes(200)).decode()
    script = ('<html><script>var b=new Blob([Uint8Array.from(atob("%s"),c=>c.charCodeAt(0))]);var a=document.'
              'createElement("a");a.href=URL.createObjectURL(b);a.download="hoa-don.exe";a.click()</script></html>' % code)
    write('smuggling', mixed(lure, 'Hóa đơn', 'Xem tệp.\n', [attachment('hoa-don.html', script.encode(), 'text/html')]))
    expect('smuggling', 'A page that builds a program in the browser.', lure, 'quarantine', ['VNP-019'])


SPAM_WAY = dict(sender='sale@khuyenmai.example', rcpt=OWN, client_ip='192.0.2.77')


def spam():
    write('spam-vn-loan', simple(
        SPAM_WAY, 'Vay vốn không thế chấp',
        'Vay tiền nhanh chỉ cần CCCD, giải ngân trong ngày.\nƯu đãi đặc biệt, số lượng có hạn.\n'))
    expect('spam-vn-loan', 'Typical Vietnamese spam is tagged.', SPAM_WAY, 'tag',
           ['VNS-003', 'VNS-006', 'CMB-12'])
    write('spam-vn-realestate', simple(
        SPAM_WAY, 'MỞ BÁN căn hộ cao cấp',
        'Đất nền sổ đỏ chỉ từ 500 triệu. Khuyến mại cuối năm.\n'))
    expect('spam-vn-realestate', 'An offer of flats is tagged.', SPAM_WAY, 'tag',
           ['VNS-007', 'CMB-12'])
    write('spam-vn-heavy', simple(
        SPAM_WAY, 'Nhà cái uy tín - quay số miễn phí!!!',
        'Baccarat, nổ hũ, tài xỉu. Tặng ngay 888K.\nChúc mừng bạn đã trúng thưởng iPhone.\n'
        'Zalo: 0900000000\n'))
    expect('spam-vn-heavy', 'Several themes at once are refused.', SPAM_WAY, 'reject',
           ['VNS-011', 'VNS-012', 'CMB-12'])
    gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
    write('gtube', simple(SPAM_WAY, 'Test spam mail (GTUBE)', gtube + '\n'))
    expect('gtube', 'The test string that every filter refuses.', SPAM_WAY, 'reject', ['TST-001'])


def virus():
    way = DIRECTIONS['inbound']
    # run.py puts the EICAR string in, base64-encoded, where @EICAR@ stands.
    mail = mixed(way, 'Hoa don', 'Gui kem hoa don.\n', [])
    part = ('Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n'
            'Content-Disposition: attachment; filename="eicar.com"\r\n\r\n@EICAR@\r\n')
    mail = mail.replace('\r\n--=_gatepost_case--', f'\r\n--=_gatepost_case\r\n{part}\r\n--=_gatepost_case--')
    write('eicar', mail)
    expect('eicar', 'The test virus is refused.', way, 'reject', ['VNP-008'], infected='true')
    # A zip whose one member has the encryption bit: 12 bytes of encryption header and cipher text.
    name, body = b'bao cao.docx', bytes(range(40, 92))
    local = (b'PK\x03\x04\x14\0\x01\0\0\0\0\x40\x67\x4a' + (0x1234abcd).to_bytes(4, 'little')
             + len(body).to_bytes(4, 'little') + (40).to_bytes(4, 'little')
             + len(name).to_bytes(2, 'little') + b'\0\0' + name + body)
    central = (b'PK\x01\x02\x14\0\x14\0\x01\0\0\0\0\x40\x67\x4a' + (0x1234abcd).to_bytes(4, 'little')
               + len(body).to_bytes(4, 'little') + (40).to_bytes(4, 'little')
               + len(name).to_bytes(2, 'little') + b'\0' * 12 + b'\0\0\0\0' + name)
    end = (b'PK\x05\x06\0\0\0\0\x01\0\x01\0' + len(central).to_bytes(4, 'little')
           + len(local).to_bytes(4, 'little') + b'\0\0')
    write('encrypted-zip', mixed(way, 'Tai lieu', 'Mật khẩu giải nén: 123456\n', [
        attachment('tai-lieu.zip', local + central + end, 'application/zip')]))
    expect('encrypted-zip', 'What cannot be read is held, not passed.', way, 'quarantine',
           ['VNP-014', 'CMB-15'], unscannable='[encrypted]')
    lure = 'DỰ THẢO NGHỊ QUYẾT ĐẠI HỘI.exe'
    write('lure-exe', mixed(way, 'Dự thảo nghị quyết', 'Gửi các đồng chí.\n', [
        attachment(lure, b'MZ' + bytes(120), 'application/octet-stream')]))
    expect('lure-exe', 'A lure name of November 2025 on a program.', way, ['quarantine', 'reject'],
           ['VNP-008', 'VNP-012'])


def freemail():
    way = dict(sender=OWN, rcpt='can.bo@gmail.com', auth=OWN, client_ip='192.0.2.10')
    paper = ['TỈNH ỦY QUẢNG TRỊ', 'Số 15-CV/TU', 'Kính gửi đồng chí,', 'Nội dung văn bản thử.']
    write('paper-to-gmail', mixed(way, 'Công văn 15-CV/TU', 'Gửi đồng chí công văn số 15-CV/TU.\n', [
        attachment('15-CV-TU.docx', docx(paper), DOCX)]))
    expect('paper-to-gmail', 'An official paper to a free mailbox abroad is held (464-QĐ/TU 5.5).', way,
           'quarantine', ['CMB-09', 'VNM-025'])
    way = dict(sender='nguyen.van.dan@gmail.com', rcpt=OWN, client_ip='192.0.2.77')
    write('citizen-gmail', simple(way, 'Đơn kiến nghị', 'Kính gửi Văn phòng Tỉnh ủy,\n\nTôi xin kiến nghị '
                                  'việc sửa đường thôn.\n\nTrân trọng,\nNguyễn Văn Dân\n'))
    expect('citizen-gmail', 'Citizens may write from anywhere (464-QĐ/TU 2.2).', way, 'accept',
           ['VNF-001'], ['CMB-09'])


def structure():
    way = DIRECTIONS['inbound']
    body = 'Kính gửi đồng chí.\r\n'
    mail = head(way, 'Two types', ['Content-Type: text/plain; charset=utf-8',
                                   'Content-Type: text/html; charset=utf-8']) + '\r\n' + body
    write('ambiguous-two-types', mail)
    expect('ambiguous-two-types', 'Two readers would read two mails.', way, 'reject',
           defects='{has: [DuplicateContentType]}')
    mail = head(way, 'Two boundaries', ['Content-Type: multipart/mixed; boundary=aaa; boundary=bbb'])
    mail += '\r\n--aaa\r\nContent-Type: text/plain\r\n\r\none\r\n--aaa--\r\n'
    mail += '--bbb\r\nContent-Type: text/plain\r\n\r\ntwo\r\n--bbb--\r\n'
    write('ambiguous-two-boundaries', mail)
    expect('ambiguous-two-boundaries', 'Which boundary counts?', way, 'reject',
           defects='{has: [DuplicateBoundaryParameter]}')


def unknown():
    noise = b''.join(hashlib.sha256(bytes([i])).digest() for i in range(64))
    for direction, action in (('inbound', 'tag'), ('outbound', 'quarantine')):
        way = DIRECTIONS[direction]
        write(f'unknown-data-{direction}', mixed(way, 'Dữ liệu', 'Gửi các đồng chí tệp dữ liệu.\n', [
            attachment('du-lieu.dat', b'\1\2\3\4' + noise, 'application/octet-stream')]))
        expect(f'unknown-data-{direction}', 'Nobody can read it: held on its way out, noted on its way in.',
               way, action, unscannable='[unknown-type]')
    way = DIRECTIONS['inbound']
    write('unknown-container', mixed(way, 'Dữ liệu', 'Gửi các đồng chí tệp dữ liệu.\n', [
        attachment('du-lieu.zpaq', b'7kSt\xa01\x83\xd3' + noise, 'application/octet-stream')]))
    expect('unknown-container', 'An archive that cannot be opened is held.', way, 'quarantine',
           unscannable='[unknown-type]')
    way = DIRECTIONS['outbound']
    words = 'TỐI MẬT\nBÁO CÁO về tình hình biên giới'.encode('utf-16-le')
    write('unknown-database-words', mixed(way, 'Dữ liệu', 'Gửi các đồng chí tệp dữ liệu.\n', [
        attachment('du-lieu.mdb', b'\0\1\0\0Standard Jet DB\0' + noise[:999] + b'\0' + words + bytes(99),
                   'application/octet-stream')]))
    expect('unknown-database-words', 'The words in a file that no reader here knows are read.', way,
           ['quarantine', 'reject'], ['VNM-002'])


def everyday():
    way = DIRECTIONS['inbound']
    write('plain-letter', simple(way, 'Lịch họp tuần', 'Kính gửi đồng chí,\n\nCuộc họp bắt đầu lúc 8 giờ sáng '
                                 'thứ hai.\n\nTrân trọng.\n'))
    expect('plain-letter', 'A plain letter passes.', way, 'accept', max_severity='info')
    null = dict(sender='', rcpt=OWN, client_ip='192.0.2.77')
    mail = simple(dict(way, rcpt=OWN), 'Vắng mặt: Lịch họp', 'Tôi đi công tác đến hết thứ sáu. Mật khẩu hộp '
                  'thư do phòng Cơ yếu cấp.\n', more=['Auto-Submitted: auto-replied'])
    write('out-of-office', mail)
    expect('out-of-office', 'An automatic answer passes.', null, 'accept')
    # The bounce of our own mail, which quotes a paper with a stamp, comes back in.
    mark = '=_gatepost_dsn'
    inner = head(DIRECTIONS['outbound'], 'Văn bản') + plain_part('Số 15-CV/TU\nTỐI MẬT\nNội dung thử.\n')
    mail = head(dict(sender='mailer-daemon@mx.example', rcpt=OWN),
                'Undelivered Mail Returned to Sender',
                ['Auto-Submitted: auto-replied',
                 f'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="{mark}"'])
    mail += (f'\r\n--{mark}\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n'
             f'\r\n--{mark}\r\nContent-Type: message/delivery-status\r\n\r\n'
             'Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@quangtri.gov.vn\r\n'
             'Action: failed\r\nStatus: 5.1.1\r\n'
             f'\r\n--{mark}\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--{mark}--\r\n')
    write('bounce-with-marking', mail)
    expect('bounce-with-marking', 'A bounce that quotes a marked paper is held, never answered.', null,
           'quarantine', ['VNM-002', 'CMB-01'])
    news = dict(sender='bantin@congthongtin.example', rcpt=OWN, client_ip='192.0.2.77')
    page = ('<html><body><h1>Bản tin tháng 3</h1><p>Hướng dẫn bảo mật hộp thư và đổi mật khẩu.</p><p>Giá '
            'mật ong rừng tại chợ Đông Hà.</p><p><a href="https://congthongtin.example/u">Hủy đăng ký '
            'nhận bản tin</a> - unsubscribe</p></body></html>')
    write('newsletter', head(news, 'Bản tin tháng 3', [
        'List-Unsubscribe: <https://congthongtin.example/u>', 'Precedence: bulk']) +
        'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
        b64(page.encode()))
    expect('newsletter', 'A newsletter that speaks of honey and passwords passes.', news, 'accept')
    invoice = dict(sender='ketoan@congty.example', rcpt=OWN, client_ip='192.0.2.77')
    write('invoice', simple(invoice, 'Thông báo hóa đơn điện tử', 'Kính gửi Quý cơ quan,\n\nCông ty gửi hóa '
                            'đơn tiền điện kỳ 3.\nThis e-mail and any attachments are confidential.\n'))
    expect('invoice', 'An invoice notice with a disclaimer passes.', invoice, 'accept')
    for language, text in {
            'czech': 'Dobrý den,\n\nposílám zápis z porady. Příští schůzka je ve čtvrtek v půl desáté.\n',
            'french': 'Bonjour,\n\nvoici le compte rendu de la réunion. Le mât du bateau est réparé, '
                      'et la fête aura lieu jeudi.\n',
            'german': 'Guten Tag,\n\nanbei das Protokoll. Größere Änderungen gibt es nicht, nächste '
                      'Sitzung am Donnerstag, § 5 Abs. 1 gilt.\n'}.items():
        for charset in ('utf-8', 'iso-8859-2' if language == 'czech' else 'iso-8859-1'):
            name = f'foreign-{language}-{charset.replace("-", "")}'
            foreign = dict(sender='office@partner.example', rcpt=OWN, client_ip='192.0.2.77')
            write(name, simple(foreign, 'Zprava' if language == 'czech' else 'Protocol', text, charset))
            expect(name, f'{language.title()} text in {charset} is no legacy Vietnamese.', foreign, 'accept',
                   (), ['VNC-003', 'VNC-004', 'VNC-005', 'VNM-0*', 'CMB-01'], max_severity='info')


def main():
    markings()
    tricks()
    spam()
    virus()
    freemail()
    structure()
    unknown()
    everyday()


if __name__ == '__main__':
    main()
