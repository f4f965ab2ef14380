# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures and mails for the tests of pictures: pages with a stamp, QR codes, bombs. Made when a test
runs; nothing is stored. The texts are ours and say nothing secret."""
import base64
import io
import os
import random
import struct
import subprocess
import zipfile
import zlib

from PIL import Image, ImageDraw, ImageFont

FONTS = '/usr/share/fonts/truetype/dejavu'
LETTER = [
    'TỈNH ỦY QUẢNG TRỊ                         ĐẢNG CỘNG SẢN VIỆT NAM',
    'BAN TỔ CHỨC',
    'Số 15-BC/BTC                              Quảng Trị, ngày 12 tháng 5 năm 2026',
    '',
    'BÁO CÁO',
    'Kết quả thực hiện nhiệm vụ quý II năm 2026',
    '',
    'Thực hiện chương trình công tác năm, Ban Tổ chức báo cáo kết quả như sau.',
    '1. Công tác cán bộ được triển khai theo đúng kế hoạch, bảo đảm tiến độ.',
    '2. Các huyện, thành phố đã gửi báo cáo đầy đủ và đúng thời hạn quy định.',
    '3. Công tác kiểm tra, giám sát được thực hiện thường xuyên.',
    'Trong quý tới, đề nghị các đơn vị tiếp tục rà soát và tổng hợp số liệu.',
]


def font(points, dpi, bold=False, serif=False):
    name = ('DejaVuSerif' if serif else 'DejaVuSans') + ('-Bold' if bold else '') + '.ttf'
    return ImageFont.truetype(os.path.join(FONTS, name), round(points * dpi / 72))


def stamp(text, dpi, colour=(200, 20, 30), angle=0.0):
    """A stamp as an offset press leaves it: a frame with the word, on nothing, perhaps turned."""
    face = font(16, dpi, bold=True, serif=True)
    left, top, right, bottom = face.getbbox(text)
    pad = round(dpi * 0.08)
    image = Image.new('RGBA', (right - left + 4 * pad, bottom - top + 3 * pad), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((2, 2, image.width - 3, image.height - 3), outline=colour + (255,), width=max(2, dpi // 60))
    draw.text((2 * pad - left, 1.5 * pad - top), text, font=face, fill=colour + (255,))
    return image.rotate(angle, expand=True, resample=Image.BICUBIC)


def page(dpi=150, mark='TỐI MẬT', colour=(200, 20, 30), angle=0.0, over_text=False, whole_angle=0.0,
         lines=None, grey=False, noise=0):
    """An A4 page as a scanner gives it."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    image = Image.new('RGB', (width, height), 'white')
    draw = ImageDraw.Draw(image)
    face = font(11, dpi, serif=True)
    y = round(1.0 * dpi)
    for line in LETTER if lines is None else lines:
        draw.text((round(0.8 * dpi), y), line, font=face, fill=(25, 25, 25))
        y += round(0.3 * dpi)
    if mark:
        one = stamp(mark, dpi, colour, angle)
        where = (round(2.0 * dpi), round(2.95 * dpi)) if over_text else (round(0.8 * dpi), round(0.35 * dpi))
        image.paste(one, where, one)
    if whole_angle:
        image = image.rotate(whole_angle, resample=Image.BICUBIC, fillcolor='white')
    if grey:
        image = image.convert('L')
    if noise:
        dice = random.Random(7)
        dots = image.load()
        for _ in range(width * height * noise // 1000):
            shade = dice.choice((0, 60, 255))
            at = dice.randrange(width), dice.randrange(height)
            dots[at] = shade if grey else (shade, shade, shade)
    return image


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def qr(text, scale=6, margin=4):
    """Drawn by qrencode, as an image."""
    png = subprocess.run(['qrencode', '-o', '-', '-s', str(scale), '-m', str(margin), text], check=True,
                         stdout=subprocess.PIPE).stdout
    return Image.open(io.BytesIO(png)).convert('RGB')


def png_bomb(width=65535, height=65535):
    """A few hundred kilobytes that would unpack to four billion pixels."""
    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
    row = b'\0' * ((width + 7) // 8 + 1)
    packer = zlib.compressobj(9)
    rows = b''.join(packer.compress(row) for _ in range(height)) + packer.flush()
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 1, 0, 0, 0, 0)) +
            chunk(b'IDAT', rows) + chunk(b'IEND', b''))


def pdf(images, dpi=150):
    """A PDF whose only content are pictures of pages, as a scanner makes it."""
    out = io.BytesIO()
    images[0].convert('RGB').save(out, 'PDF', resolution=dpi, save_all=True,
                                  append_images=[one.convert('RGB') for one in images[1:]])
    return out.getvalue()


def pdf_of_pages(pages):
    """A PDF of A4 pages, each a list of (image, (x, y, width, height) in points) and a content stream with text in
    the font /G. Pages may share an image."""
    objects, images, kids = [], {}, []

    def add(one):
        objects.append(one)
        return len(objects)
    add(b'<</Type/Catalog/Pages 2 0 R>>')
    tree = add(b'')
    font = add(b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>')
    for pictures, content in pages:
        named, draws = b'', b''
        for i, (image, (x, y, width, height)) in enumerate(pictures):
            if id(image) not in images:
                data = encoded(image.convert('RGB'), 'JPEG', quality=90)
                images[id(image)] = add(b'<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace'
                                        b'/DeviceRGB/Filter/DCTDecode/Length %d>>stream\n%s\nendstream'
                                        % (image.width, image.height, len(data), data))
            named += b'/I%d %d 0 R' % (i, images[id(image)])
            draws += b'q %d 0 0 %d %d %d cm /I%d Do Q ' % (width, height, x, y, i)
        stream = draws + content.encode('latin-1')
        body = add(b'<</Length %d>>stream\n%s\nendstream' % (len(stream), stream))
        kids.append(add(b'<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</G %d 0 R>>'
                        b'/XObject<<%s>>>>>>' % (tree, body, font, named)))
    objects[tree - 1] = b'<</Type/Pages/Kids[%s]/Count %d>>' % (b' '.join(b'%d 0 R' % one for one in kids), len(kids))
    out = b'%PDF-1.6\n' + b''.join(b'%d 0 obj\n%s\nendobj\n' % (i, one) for i, one in enumerate(objects, 1))
    return out + b'trailer<</Root 1 0 R/Size %d>>\n%%%%EOF\n' % (len(objects) + 1)


A4 = (0, 0, 595, 842)


def lines_of_text(count, invisible=False):
    mode = '3 Tr ' if invisible else ''
    return f'BT {mode}/G 11 Tf 72 760 Td ' + ' '.join(
        f'0 -16 Td (The committee reports the results of quarter {i}) Tj' for i in range(count)) + ' ET'


def turned_by_camera(image, orientation, kind='JPEG'):
    """The pixels as a camera held so gives them, with the note that sets them right."""
    back = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
            6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}[orientation]
    note = Image.Exif()
    note[0x112] = orientation
    return encoded(image.transpose(back) if back is not None else image, kind, exif=note)


def word(text, colour='black'):
    """A picture of one word and nothing else."""
    face = font(30, 100, bold=True)
    left, top, right, bottom = face.getbbox(text)
    image = Image.new('RGB', (right - left + 80, bottom - top + 60), 'white')
    ImageDraw.Draw(image).text((40 - left, 30 - top), text, font=face, fill=colour)
    return image


def glyphs_of(face, text):
    """The numbers of the glyphs that a TrueType font shows `text` with (its cmap, format 4)."""
    tables = {face[at:at + 4]: struct.unpack('>II', face[at + 8:at + 16])
              for at in range(12, 12 + 16 * struct.unpack('>H', face[4:6])[0], 16)}
    cmap = face[tables[b'cmap'][0]:][:tables[b'cmap'][1]]
    subs = [struct.unpack('>HHI', cmap[4 + 8 * i:12 + 8 * i]) for i in range(struct.unpack('>H', cmap[2:4])[0])]
    sub = next(cmap[at:] for platform, _, at in subs if platform in (0, 3) and cmap[at:at + 2] == b'\0\4')
    count = struct.unpack('>H', sub[6:8])[0] // 2
    column = lambda at: struct.unpack(f'>{count}H', sub[at:at + 2 * count])
    ends, starts, deltas, offsets = (column(at) for at in (14, 16 + 2 * count, 16 + 4 * count, 16 + 6 * count))
    out = []
    for code in map(ord, text):
        i = next(i for i in range(count) if ends[i] >= code)
        glyph = 0
        if starts[i] <= code and offsets[i] == 0:
            glyph = (code + deltas[i]) & 0xffff
        elif starts[i] <= code:
            at = 16 + 6 * count + 2 * i + offsets[i] + 2 * (code - starts[i])
            glyph = struct.unpack('>H', sub[at:at + 2])[0]
        out.append(glyph)
    return out


def pdf_without_letters(mark):
    """A page of ordinary text, and over it `mark` in a font that shows its letters and does not tell them."""
    with open(os.path.join(FONTS, 'DejaVuSerif-Bold.ttf'), 'rb') as file:
        face = file.read()
    packed = zlib.compress(face)
    glyphs = ''.join(f'{one:04x}' for one in glyphs_of(face, mark))
    lines = ' '.join(f'0 -20 Td (The committee reports the results of quarter {i}) Tj' for i in range(1, 9))
    page = f'BT /G 11 Tf 72 600 Td {lines} ET BT 1 0 0 rg /F 24 Tf 380 740 Td <{glyphs}> Tj ET'.encode()
    objects = [
        b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Kids[3 0 R]/Count 1>>',
        b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R/G<<'
        b'/Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>',
        b'<</Length %d>>stream\n%s\nendstream' % (len(page), page),
        b'<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+Serif/Encoding/Identity-H/DescendantFonts[6 0 R]>>',
        b'<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+Serif/CIDToGIDMap/Identity/DW 800/FontDescriptor 7 0 R'
        b'/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>',
        b'<</Type/FontDescriptor/FontName/AAAAAA+Serif/Flags 4/FontBBox[-800 -400 1800 1200]/ItalicAngle 0/Ascent 900'
        b'/Descent -200/CapHeight 700/StemV 80/FontFile2 8 0 R>>',
        b'<</Length %d/Length1 %d/Filter/FlateDecode>>stream\n%s\nendstream' % (len(packed), len(face), packed)]
    out = b'%PDF-1.6\n' + b''.join(b'%d 0 obj\n%s\nendobj\n' % (i, one) for i, one in enumerate(objects, 1))
    return out + b'trailer<</Root 1 0 R/Size %d>>\n%%%%EOF\n' % (len(objects) + 1)


def docx(picture, name='image1.png'):
    """A Word document with one picture and hardly any text."""
    out = io.BytesIO()
    kind = name.rsplit('.', 1)[1]
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as box:
        box.writestr('[Content_Types].xml', f'''<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="{kind}" ContentType="image/{kind}"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>''')
        box.writestr('_rels/.rels', '''<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>''')
        box.writestr('word/document.xml', '''<?xml version="1.0" encoding="UTF-8"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Xem trang sau.</w:t></w:r></w:p></w:body></w:document>''')
        box.writestr('word/_rels/document.xml.rels', f'''<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/{name}"/></Relationships>''')
        box.writestr('word/media/' + name, picture)
    return out.getvalue()


def _wrapped(data):
    return base64.encodebytes(data).replace(b'\n', b'\r\n')


def mail(parts, subject='Tai lieu', text='Kinh gui anh chi, xem tep dinh kem.'):
    """`parts`: (media type, name, bytes, disposition)."""
    out = [b'From: van.thu@tinhuyquangtri.vn\r\nTo: nguoi.nhan@example.net\r\nSubject: ', subject.encode(),
           b'\r\nMessage-ID: <pictures@tinhuyquangtri.vn>\r\nDate: Mon, 23 Nov 2026 08:00:00 +0700\r\n'
           b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=frontier\r\n\r\n'
           b'--frontier\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n', text.encode(), b'\r\n']
    for media, name, data, disposition in parts:
        out += [f'--frontier\r\nContent-Type: {media}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
                f'Content-Disposition: {disposition}; filename="{name}"\r\n\r\n'.encode(), _wrapped(data)]
    out.append(b'--frontier--\r\n')
    return b''.join(out)
