// The evasion vectors that concern structure, fields, boundaries, parameters, labels and names.
// Each states which defect names it, how bad that is, and that the payload is in some part all the
// same. SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/mail/mail_testing.h"

namespace gatepost::mail {
namespace {

struct Vector {
  const char* name;
  std::string raw;  // LF; made CRLF
  DefectId defect;
  Grade grade;
  bool payload = true;  // "PAYLOAD" stands in some leaf
};

const char kFrom[] = "From: a@b.example\nMIME-Version: 1.0\n";

std::string Mixed(const std::string& parameter, const std::string& body) {
  std::string mail = kFrom;
  mail.append("Content-Type: multipart/mixed; ").append(parameter);  // g++ 12 warns of + here
  return mail.append("\n\n").append(body);
}

std::string Single(const std::string& fields) {
  return std::string(kFrom) + fields + "\n\nPAYLOAD\n";
}

std::string Cut(const std::string& boundary) {
  return "--" + boundary + "\nContent-Type: application/x-dosexec\n\nPAYLOAD\n--" + boundary +
         "--\n";
}

std::vector<Vector> Headers() {
  return {
      {"7 NUL in a header", Single(std::string("Subject: a\0b", 12)), DefectId::kNulInHeader,
       Grade::kC},
      {"9 lone CR as line end in a part's header",
       Mixed("boundary=b", "--b\nX: 1\rContent-Type: text/html\n\nPAYLOAD\n--b--\n"),
       DefectId::kBareCrInHeader, Grade::kC},
      {"10 8-bit header", Single("Subject: \xE9"), DefectId::kEightBitHeader, Grade::kB},
      {"10 UTF-8 in a header", Single("Subject: \xC3\xA9"), DefectId::kEightBitHeader, Grade::kA},
      {"12 long field", Single("X-Long: " + std::string(110'000, 'x')), DefectId::kHeaderTooLong,
       Grade::kC},
      {"14 no separator, MIME fields after junk",
       Mixed("boundary=b",
             "--b\nX: 1\njunk\nContent-Transfer-Encoding: base64\n\nPAYLOAD\n--b--\n"),
       DefectId::kFieldsAfterJunk, Grade::kC},
      {"7 NUL in a name", std::string("From: a@b.example\nFr\0om: c@d.example\n\nPAYLOAD\n", 46),
       DefectId::kNulInHeader, Grade::kC},
      {"18 fold before the colon", "From: a@b.example\nFrom\n : c@d.example\n\nPAYLOAD\n",
       DefectId::kFieldsAfterJunk, Grade::kC},
      {"18 a mark before a second From",
       "From: a@b.example\n\xEF\xBB\xBF"
       "From: c@d.example\n\nPAYLOAD\n",
       DefectId::kFieldsAfterJunk, Grade::kC},
      {"18 a blank before the first of two", " From: a@b.example\nFrom: c@d.example\n\nPAYLOAD\n",
       DefectId::kFieldsAfterJunk, Grade::kC},
      {"18 From as another field's fold",
       "Subject: y\n From: c@d.example\nFrom: a@b.example\n\nPAYLOAD\n", DefectId::kFieldInFold,
       Grade::kC},
      {"7 a mark before the Subject", "From: a@b.example\n\xEF\xBB\xBFSubject: x\n\nPAYLOAD\n",
       DefectId::kFieldsAfterJunk, Grade::kB},
      {"14 the only From behind junk", "Subject: y\njunk\nFrom: c@d.example\n\nPAYLOAD\n",
       DefectId::kFieldsAfterJunk, Grade::kB},
      {"15 blankish line", std::string(kFrom) + " \nContent-Type: text/html\n\nPAYLOAD\n",
       DefectId::kBlankLineWithSpaces, Grade::kB},
      {"17 two From", "From: a@b.example\nFrom: c@d.example\n\nPAYLOAD\n", DefectId::kDuplicateFrom,
       Grade::kC},
      {"18 folded line that is a From", "From: a@b.example\n From: c@d.example\n\nPAYLOAD\n",
       DefectId::kFieldInFold, Grade::kC},
      {"18 Sender in another field's fold",
       std::string(kFrom) + "X-A: b\n Sender: c@d.example\n\nPAYLOAD\n", DefectId::kFieldInFold,
       Grade::kC},
      {"18 Reply-To in another field's fold",
       std::string(kFrom) + "X-A: b\n\tReply-To: c@d.example\n\nPAYLOAD\n", DefectId::kFieldInFold,
       Grade::kC},
      {"21 another sender", "From: a@b.example\nSender: c@d.example\n\nPAYLOAD\n",
       DefectId::kSenderDiffers, Grade::kA},
      {"26 quoted local part", "From: \"c@d.example\"@b.example\n\nPAYLOAD\n",
       DefectId::kOddAddress, Grade::kA},
      {"30 group", "From: c@d.example: a@b.example;\n\nPAYLOAD\n", DefectId::kGroupInFrom,
       Grade::kC},
      {"31 override in a name", "From: =?utf-8?b?4oCuc3NvYg==?= <a@b.example>\n\nPAYLOAD\n",
       DefectId::kBidiInHeader, Grade::kB},
      {"45 comment in a name", Single("Content-Transfer-Encoding(x): base64"),
       DefectId::kOddFieldName, Grade::kC},
      {"45 field in a fold", Single("X-A: b\n Content-Transfer-Encoding: base64"),
       DefectId::kFieldInFold, Grade::kC},
      {"19 blank before the colon", "From : a@b.example\n\nPAYLOAD\n", DefectId::kSpaceBeforeColon,
       Grade::kC},
      {"20 From twice, differing by case", "From: a@b.example\nfrom: A@b.example\n\nPAYLOAD\n",
       DefectId::kDuplicateFrom, Grade::kC},
      {"22 several addresses", "From: a@b.example, c@d.example\n\nPAYLOAD\n",
       DefectId::kMultipleFromAddresses, Grade::kB},
      {"23 encoded word in the address", "From: <=?utf-8?q?a=40b?=@c.example>\n\nPAYLOAD\n",
       DefectId::kEncodedWordInAddress, Grade::kC},
      {"24 display name is an address", "From: \"boss@own.example\" <x@evil.example>\n\nPAYLOAD\n",
       DefectId::kDisplayNameIsAddress, Grade::kB},
      {"24 display name holds an address",
       "From: \"boss@own.example, Boss\" <x@evil.example>\n\nPAYLOAD\n",
       DefectId::kDisplayNameIsAddress, Grade::kB},
      {"24 display name with a wide sign",
       "From: \"boss \xEF\xBC\xA0 own.example\" <x@evil.example>\n\nPAYLOAD\n",
       DefectId::kDisplayNameIsAddress, Grade::kB},
      {"24 the second address of a display name",
       "From: \"x@evil.example; boss@own.example\" <x@evil.example>\n\nPAYLOAD\n",
       DefectId::kDisplayNameIsAddress, Grade::kB},
      {"25 route", "From: <@a.example:b@c.example>\n\nPAYLOAD\n", DefectId::kSourceRouteInFrom,
       Grade::kC},
      {"29 two subjects", "From: a@b.example\nSubject: 1\nSubject: 2\n\nPAYLOAD\n",
       DefectId::kDuplicateScalarHeader, Grade::kB},
      {"30 unclosed comment", "From: a@b.example (x\n\nPAYLOAD\n", DefectId::kUnclosedInFrom,
       Grade::kC},
  };
}

std::vector<Vector> TypesAndEncodings() {
  const std::string cte = "Content-Transfer-Encoding: ";
  return {
      {"34 two encodings", Single(cte + "base64\n" + cte + "quoted-printable"),
       DefectId::kDuplicateTransferEncoding, Grade::kC},
      {"35 the same encoding twice", Single(cte + "base64\n" + cte + "BASE64"),
       DefectId::kDuplicateScalarHeader, Grade::kA},
      {"36 list of encodings", Single(cte + "base64, quoted-printable"),
       DefectId::kUnrecognizedTransferEncoding, Grade::kC},
      {"37 quoted encoding", Single(cte + "\"base64\""), DefectId::kEncodingSyntax, Grade::kB},
      {"38 comment", Single(cte + "base64(quoted-printable)"), DefectId::kCommentInEncoding,
       Grade::kA},
      {"39 encoded word", Single(cte + "=?us-ascii?q?base64?="),
       DefectId::kUnrecognizedTransferEncoding, Grade::kC},
      {"40 x-base64", Single(cte + "x-base64"), DefectId::kUnrecognizedTransferEncoding, Grade::kC},
      {"42 vertical tab", Single(cte + "\vbase64"), DefectId::kControlCharInHeader, Grade::kC},
      {"43 folded inside the word", Single(cte + "ba\n se64"),
       DefectId::kUnrecognizedTransferEncoding, Grade::kC},
      {"44 NUL inside",
       Single(cte + std::string("base\0"
                                "64",
                                7)),
       DefectId::kNulInHeader, Grade::kC},
      {"46 base64 on a multipart",
       std::string(kFrom) + cte + "base64\nContent-Type: multipart/mixed; boundary=b\n\n" +
           Cut("b"),
       DefectId::kEncodedMultipart, Grade::kC},
      {"48 yEnc", Single(cte + "x-yenc"), DefectId::kUnsupportedEncoding, Grade::kB},
      {"52 two types",
       std::string(kFrom) +
           "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n" + Cut("b"),
       DefectId::kDuplicateContentType, Grade::kC},
      {"53 list of types",
       std::string(kFrom) + "Content-Type: text/plain, multipart/mixed; boundary=b\n\n" + Cut("b"),
       DefectId::kTypeListWithComma, Grade::kC},
      {"54 empty subtype",
       std::string(kFrom) + "Content-Type: multipart/; boundary=b\n\n" + Cut("b"),
       DefectId::kUnknownMultipartSyntax, Grade::kC},
      {"54 x-multipart",
       std::string(kFrom) + "Content-Type: x-multipart/mixed; boundary=b\n\n" + Cut("b"),
       DefectId::kHiddenMultipart, Grade::kC},
      {"55 encoded word as type",
       std::string(kFrom) + "Content-Type: =?us-ascii?q?multipart/mixed?=; boundary=b\n\n" +
           Cut("b"),
       DefectId::kEncodedWordInType, Grade::kC},
      {"56 quoted type", Single("Content-Type: \"text\"/html"), DefectId::kQuotedType, Grade::kB},
      {"58 no MIME-Version",
       "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + Cut("b"),
       DefectId::kMissingMimeVersion, Grade::kA},
      {"61 message/partial", Single("Content-Type: message/partial; id=1; number=1"),
       DefectId::kPartialMessage, Grade::kC},
      {"62 message/external-body", Single("Content-Type: message/external-body; access-type=url"),
       DefectId::kExternalBody, Grade::kC},
      {"99 fields at the start of the body",
       std::string(kFrom) + "\nContent-Transfer-Encoding: base64\n\nPAYLOAD\n",
       DefectId::kFieldsInBody, Grade::kB},
  };
}

std::vector<Vector> Boundaries() {
  const std::string long70(80, 'x');
  const std::string long2k(2'100, 'x');
  return {
      {"68 boundary twice", Mixed("boundary=a; boundary=b", "--a\n\nx\n--a--\n" + Cut("b")),
       DefectId::kDuplicateBoundaryParameter, Grade::kC},
      {"69 only in RFC 2231 form", Mixed("boundary*1=c; boundary*0=ab", Cut("abc")),
       DefectId::kBoundary2231, Grade::kB},
      {"69 conflicting", Mixed("boundary=a; boundary*0=b", "--a\n\nx\n--a--\n" + Cut("b")),
       DefectId::kConflictingBoundary2231, Grade::kC},
      {"70 encoded word", Mixed("boundary=\"=?us-ascii?q?foo?=\"", Cut("foo")),
       DefectId::kBoundaryEncodedWord, Grade::kC},
      {"70 partly encoded", Mixed("boundary=\"abc=?us-ascii?Q?def?=\"", Cut("abcdef")),
       DefectId::kBoundaryEncodedWord, Grade::kC},
      {"71 empty", Mixed("boundary=\"\"", Cut("")), DefectId::kEmptyBoundary, Grade::kC},
      {"72 blanks", Mixed("boundary=\"  \"", Cut("")), DefectId::kEmptyBoundary, Grade::kC},
      {"73 trailing blank", Mixed("boundary=\"foo \"", Cut("foo")), DefectId::kBoundaryWithSpaces,
       Grade::kB},
      {"74 comment", Mixed("boundary=foo(bar)", Cut("foo(bar)")), DefectId::kBoundarySyntax,
       Grade::kB},
      {"75 unclosed quote", Mixed("boundary=\"foo", Cut("foo")), DefectId::kUnclosedQuote,
       Grade::kC},
      {"76 escape", Mixed("boundary=\"fo\\o\"", Cut("fo\\o")), DefectId::kBoundarySyntax,
       Grade::kB},
      {"77 folded", Mixed("boundary=\"foo\n bar\"", Cut("foobar")), DefectId::kBoundaryFolded,
       Grade::kC},
      {"78 semicolon", Mixed("boundary=foo;bar", Cut("foo;bar")), DefectId::kBoundarySyntax,
       Grade::kC},
      {"78 comma", Mixed("boundary=foo,bar", Cut("foo")), DefectId::kBoundarySyntax, Grade::kC},
      {"79 prefix of another",
       Mixed("boundary=foo", "--foo\nContent-Type: multipart/mixed; boundary=foobar\n\n" +
                                 Cut("foobar") + "--foo--\n"),
       DefectId::kBoundaryPrefixOfAnother, Grade::kC},
      {"79 another begins with it",
       Mixed("boundary=foobar", "--foobar\nContent-Type: multipart/mixed; boundary=foo\n\n" +
                                    Cut("foo") + "--foobar--\n"),
       DefectId::kBoundaryPrefixOfAnother, Grade::kB},
      {"80 inner uses outer",
       Mixed("boundary=foo", "--foo\nContent-Type: multipart/mixed; boundary=foo\n\n" + Cut("foo")),
       DefectId::kInnerUsesOuterBoundary, Grade::kC},
      {"81 inner like a close",
       Mixed("boundary=foo",
             "--foo\nContent-Type: multipart/mixed; boundary=\"foo--\"\n\n" + Cut("foo--")),
       DefectId::kBoundaryLikeClose, Grade::kC},
      {"83 no close", Mixed("boundary=foo", "--foo\n\nPAYLOAD\n"), DefectId::kMissingCloseBoundary,
       Grade::kB},
      {"79 as Eudora wrote them",
       Mixed("boundary=\"==1_==_\"",
             "--==1_==_\nContent-Type: multipart/related; boundary=\"==1_==_.REL\"\n\n" +
                 Cut("==1_==_.REL") + "--==1_==_--\n"),
       DefectId::kBoundaryPrefixOfAnother, Grade::kB},
      {"82 the outer's boundary inside an inner part",
       Mixed("boundary=foo",
             "--foo\nContent-Type: multipart/mixed; boundary=in\n\n--in\n\nbegin\n--foo\n\nPAYLOAD"
             "\n--in--\n--foo--\n"),
       DefectId::kMissingCloseBoundary, Grade::kC},
      {"82 a later part with the same boundary is its own",
       Mixed("boundary=foo",
             "--foo\nContent-Type: multipart/mixed; boundary=in\n\n--in\n\nPAYLOAD\n--foo\n"
             "Content-Type: multipart/mixed; boundary=in\n\n" +
                 Cut("in") + "--foo--\n"),
       DefectId::kMissingCloseBoundary, Grade::kB},
      {"84 boundary in a line", Mixed("boundary=foo", "--foo\n\nx --foo\n\nPAYLOAD\n--foo--\n"),
       DefectId::kBoundaryInText, Grade::kA},
      {"85 vertical tab behind it",
       Mixed("boundary=foo", "--foo\n\nx\n--foo\v\n\nPAYLOAD\n--foo--\n"),
       DefectId::kBoundaryLineWithJunk, Grade::kB},
      {"86 over 70", Mixed("boundary=" + long70, Cut(long70)), DefectId::kBoundaryTooLong,
       Grade::kB},
      {"86 over 2048", Mixed("boundary=" + long2k, Cut(long2k)), DefectId::kBoundaryOverLimit,
       Grade::kC},
      {"87 preamble", Mixed("boundary=b", "PAYLOAD\n--b\n\nx\n--b--\n"),
       DefectId::kNonEmptyPreamble, Grade::kA},
      {"87 MIME in the preamble",
       Mixed("boundary=b", "Content-Type: text/html\n\nPAYLOAD\n--b\n\nx\n--b--\n"),
       DefectId::kMimeInPreamble, Grade::kB},
      {"88 epilogue", Mixed("boundary=b", "--b\n\nx\n--b--\nPAYLOAD\n"),
       DefectId::kNonEmptyEpilogue, Grade::kA},
      {"88 parts after the close", Mixed("boundary=b", "--b\n\nx\n--b--\n" + Cut("b")),
       DefectId::kPartsAfterClose, Grade::kB},
      {"90 end marker in the header that declares it",
       std::string(kFrom) + "Content-Type: multipart/mixed; boundary=b\n--b--\nX: 1\n\n--b\n\n"
                            "PAYLOAD\n--b--\n",
       DefectId::kBoundaryInHeader, Grade::kC},
      {"89 boundary in a part's header",
       Mixed("boundary=b", "--b\nContent-Type: text/html\n--b\n\nPAYLOAD\n--b--\n"),
       DefectId::kBoundaryInHeader, Grade::kC},
      {"93 boundary on a single-part type",
       std::string(kFrom) + "Content-Type: text/plain; boundary=b\n\n" + Cut("b"),
       DefectId::kHiddenMultipart, Grade::kC},
      {"94 multipart without boundary",
       std::string(kFrom) + "Content-Type: multipart/mixed\n\n" + Cut("guess"),
       DefectId::kMultipartWithoutBoundary, Grade::kC},
      {"undeclared parts", std::string(kFrom) + "\n" + Cut("guess"), DefectId::kUndeclaredMultipart,
       Grade::kA},
  };
}

std::vector<Vector> FileNames() {
  const std::string cd = "Content-Disposition: attachment; ";
  return {
      {"149 two names",
       Single("Content-Type: application/pdf; name=\"a.pdf\"\n" + cd + "filename=\"b.pdf\""),
       DefectId::kConflictingAttachmentName, Grade::kB},
      {"149 two types",
       Single("Content-Type: text/plain; name=\"a.txt\"\n" + cd + "filename=\"a.exe\""),
       DefectId::kFileTypeConflict, Grade::kC},
      {"150 filename* and filename", Single(cd + "filename*=utf-8''a.exe; filename=\"a.txt\""),
       DefectId::kFileTypeConflict, Grade::kC},
      {"151 gap", Single(cd + "filename*0=\"a\"; filename*2=\".exe\""),
       DefectId::kBadParameterSections, Grade::kB},
      {"152 encoded word in a name", Single(cd + "filename=\"=?utf-8?q?a=2Epdf?=\""),
       DefectId::kEncodedWordInParameter, Grade::kA},
      {"154 right-to-left override", Single(cd + "filename*=utf-8''a%E2%80%AEfdp.exe"),
       DefectId::kNameTrick, Grade::kC},
      {"154 many blanks", Single(cd + "filename=\"a.pdf                    .exe\""),
       DefectId::kNameTrick, Grade::kC},
      {"155 trailing dot", Single(cd + "filename=\"a.exe.\""), DefectId::kNameTrick, Grade::kC},
      {"155 class id", Single(cd + "filename=\"a.{00020820-0000-0000-C000-000000000046}\""),
       DefectId::kNameTrick, Grade::kC},
      {"155 NUL", Single(cd + "filename*=utf-8''a%00.txt"), DefectId::kNameTrick, Grade::kC},
      {"155 a program on the second line", Single(cd + "filename*=utf-8''a.pdf%0A.exe"),
       DefectId::kNameTrick, Grade::kC},
      {"155 a title of two lines", Single(cd + "filename*=utf-8''a%0Ab.pdf"), DefectId::kNameTrick,
       Grade::kB},
      {"156 path", Single(cd + "filename=\"..\\..\\a.txt\""), DefectId::kNameWithPath, Grade::kB},
      {"157 fold inside", Single(cd + "filename=\"a\n b.txt\""), DefectId::kFoldInQuotedParameter,
       Grade::kB},
  };
}

TEST(Vectors, AByteOrderMarkBeforeTheHeaderIsAnEditorsAndReadBothWays) {
  const std::string raw =
      "\xEF\xBB\xBF"
      "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\nPAYLOAD\r\n";
  const Message message = Message::Parse(raw, Limits());
  EXPECT_FALSE(HasGradeC(message)) << Names(message);
  EXPECT_TRUE(std::any_of(message.parts().begin(), message.parts().end(),
                          [](const Part& part) { return part.subtype == "html"; }));
}

void Expect(const std::vector<Vector>& vectors) {
  for (const Vector& vector : vectors) {
    const std::string raw = Crlf(vector.raw);
    const Message message = Message::Parse(raw, Limits());
    const auto found =
        std::find_if(message.defects().begin(), message.defects().end(),
                     [&](const Defect& defect) { return defect.id == vector.defect; });
    ASSERT_NE(found, message.defects().end())
        << vector.name << ": expected " << KindOf(vector.defect).name << ", got " << Names(message);
    EXPECT_EQ(ToChar(found->grade), ToChar(vector.grade)) << vector.name << ": " << Names(message);
    if (vector.grade != Grade::kC) {
      EXPECT_FALSE(HasGradeC(message)) << vector.name << ": " << Names(message);
    }
    if (vector.payload) {
      EXPECT_TRUE(SomePartHolds(message, "PAYLOAD")) << vector.name;
    }
  }
}

TEST(Vectors, HeadersAndIdentity) { Expect(Headers()); }
TEST(Vectors, TypesAndEncodings) { Expect(TypesAndEncodings()); }
TEST(Vectors, Boundaries) { Expect(Boundaries()); }
TEST(Vectors, FileNames) { Expect(FileNames()); }

// Where a payload hides behind a structure, some reading must have it as a part of its own type.
TEST(Vectors, HiddenPartsAreFoundAsParts) {
  std::vector<Vector> vectors = Boundaries();
  const std::vector<Vector> types = TypesAndEncodings();
  vectors.insert(vectors.end(), types.begin(), types.end());
  int checked = 0;
  for (const Vector& vector : vectors) {
    if (vector.raw.find("x-dosexec") == std::string::npos) {
      continue;
    }
    const std::string raw = Crlf(vector.raw);
    const Message message = Message::Parse(raw, Limits());
    const bool found =
        std::any_of(message.parts().begin(), message.parts().end(), [&](const Part& part) {
          return part.subtype == "x-dosexec" && message.Body(part).substr(0, 7) == "PAYLOAD";
        });
    EXPECT_TRUE(found) << vector.name << ": " << Paths(message) << " " << Names(message);
    ++checked;
  }
  EXPECT_GT(checked, 20);
}

TEST(Vectors, LegalButUnusualMailHasNoDefect) {
  const std::vector<std::string> legal = {
      "From: a@b.example\nSubject:\n folded\n\tagain\n\nx\n",
      "From: \"Doe, John\" <j@b.example> (comment (nested))\n\nx\n",
      "From: \"j@b.example, Doe\" <j@b.example>\nDKIM-Signature: v=1; h=Date:\n From:To:Subject\n"
      "Subject: more\n from: the beginning\n\nx\n",
      Mixed("boundary=\"a b'()+_,-./:=?c\"",
            "--a b'()+_,-./:=?c  \t\n\nx\n--a b'()+_,-./:=?c-- \n"),
      Mixed("(comment) BOUNDARY (x) = (y) \"b\" (z)", "--b\n\nx\n--b--\n"),
      Mixed("boundary=b", "--b\n\n--b\nContent-Type: text/html\n\n\n--b--\n"),
      std::string(kFrom) +
          "Content-Type: text/plain; charset*=us-ascii'en'utf-8; format=flowed\n"
          "Content-Transfer-Encoding: QUOTED-Printable\n\nx\n",
      std::string(kFrom) +
          "Content-Type: message/global\nContent-Transfer-Encoding: base64\n\nUXdl\n",
      std::string(kFrom) +
          "Content-Disposition: attachment; filename*0*=utf-8''%C3%A0; "
          "filename*1=\".txt\"\n\nx\n",
  };
  for (const std::string& text : legal) {
    const std::string raw = Crlf(text);
    const Message message = Message::Parse(raw, Limits());
    EXPECT_TRUE(message.defects().empty()) << text << Names(message);
    for (const Part& part : message.parts()) {
      EXPECT_FALSE(part.alternative) << text;
    }
  }
}

}  // namespace
}  // namespace gatepost::mail
