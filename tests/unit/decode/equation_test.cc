// Formulas as objects: honest ones, and what exploits of the equation editor look like.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/equation.h"

#include <gtest/gtest.h>

#include "src/decode/reader.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

std::string Zeros(size_t count) { return std::string(count, '\0'); }

std::string Native(const std::string& records) {
  const std::string body = "\x03\x01\x01\x03" + Zeros(1) + records;
  return Le(28, 2) + Le(0x20000, 4) + Le(0xc1c5, 2) + Le(body.size(), 4) + Zeros(16) + body;
}

// x squared over a matrix, in a font of its own.
std::string Formula() {
  return std::string("\x0a\x01\x12\x83x\0\x03\x1c\0\0", 10) +
         std::string("\x0b\x01\x12\x88\x32\0\0\0", 8) +
         std::string("\x08\x80\x02Times New Roman\0", 19) + std::string("\x09\x65\x80\x01", 4) +
         std::string("\x05\0\0\0\x02\x02\0\0", 8) + Zeros(3);
}

TEST(Formula, WhatTheEditorWritesIsUnderstood) {
  EXPECT_TRUE(IsSoundFormula(Native(Formula())));
  EXPECT_TRUE(IsSoundFormula(Native("\x0a\x01") + "behind it"));
}

TEST(Formula, WhatTheEditorDoesNotWriteIsNoFormula) {
  const std::string honest = Formula();
  const std::string name(40, 'A');
  for (const std::string& odd :
       {"\x08\x5a\x5a" + name + Zeros(1),                  // CVE-2017-11882
        "\x08\x5a\x5a" + std::string(32, 'A') + Zeros(1),  // CVE-2018-0802
        std::string("\x08\x5a\x5a\x01\xeb\0", 6), std::string("\x05\0\0\0\x20\x02", 6) + Zeros(30),
        std::string("\x05\0\0\0\x02\xff", 6) + Zeros(80),  // CVE-2018-0798
        std::string("\x03\xff\0\0", 4), std::string("\x0f"), std::string("\x07"),
        std::string("\x21"), std::string("\x02\x83"), std::string("\x08\x80\x02Times")}) {
    EXPECT_FALSE(IsSoundFormula(Native(honest + odd))) << Hex(odd);
  }
  std::string other = Native(honest);
  other[28] = '\x02';
  EXPECT_FALSE(IsSoundFormula(other)) << "another version";
  other = Native(honest);
  PutLittle(1000, 8, 4, &other);
  EXPECT_FALSE(IsSoundFormula(other)) << "more bytes than there are";
  const std::string whole = Native(honest);
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_FALSE(IsSoundFormula(whole.substr(0, cut))) << cut;
  }
  EXPECT_TRUE(IsSoundFormula(Native(std::string(1'000'000, '\x0a'))));
}

TEST(Formula, OnlyOneThatOverrunsTheEditorIsDoubtfulInOtherDocuments) {
  const auto doubtful = [](const std::string& native) {
    return Fact(OpenBytes("a.doc", MakeCfb({{"Equation Native", native}}), Limits()),
                "document.ole-doubtful");
  };
  const std::string name(40, 'A');
  EXPECT_TRUE(doubtful(Native("\x0a\x01\x08\x5a\x5a" + name + Zeros(1))));
  EXPECT_TRUE(doubtful(Native(Formula() + std::string("\x05\0\0\0\x02\xff", 6) + Zeros(80))));
  EXPECT_FALSE(doubtful(Native(Formula())));
  EXPECT_FALSE(doubtful(Native("\x11\x21 a ruler \x08\x5a\x5a" + name)));
  EXPECT_FALSE(
      doubtful(Native("\x0a\x08\x5a\x5a"
                      "cut")));
  std::string newer = Native("\x0a\x01\x08\x5a\x5a" + name);
  newer[28] = '\x05';
  EXPECT_FALSE(doubtful(newer)) << "MathType";
  EXPECT_FALSE(doubtful(""));
}

// The object of RTF with this stream in a compound file of the equation editor.
std::string Object(const std::string& native, const std::string& stream = "Equation Native",
                   const std::string& more =
                       "\x01"
                       "CompObj") {
  std::string file = MakeCfb({{stream, native}, {more, Zeros(30)}});
  const size_t root = (LittleEndian(file).U32(0x30) + 1) * 512 + 0x50;
  file.replace(root, 16, std::string("\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16));
  return Le(0x501, 4) + Le(2, 4) + Le(11, 4) + "Equation.3" + Zeros(1) + Le(0, 8) +
         Le(file.size(), 4) + file + Le(0x501, 4) + Le(0, 4);
}

std::string Digits(const std::string& bytes) {
  std::string out;
  for (const char c : Hex(bytes)) {
    out.push_back(c);
    out += out.size() % 129 == 128 ? "\r\n" : "";
  }
  return out;
}

bool Doubtful(const std::string& rtf) {
  return Fact(OpenBytes("a.rtf", "{\\rtf1 x" + rtf + "}", Limits()), "document.ole-doubtful");
}

std::string Rtf(const std::string& digits, const std::string& words = "\\objemb") {
  return "{\\object" + words + "{\\*\\objclass Equation.3}\\objw400\\objh300{\\*\\objdata " +
         digits + "}{\\result{\\pict\\pngblip 89504e47}}}";
}

TEST(Rtf, AFormulaThatIsUnderstoodIsNotDoubtful) {
  EXPECT_TRUE(IsSoundFormulaObject(Object(Native(Formula()))));
  const std::string one = Rtf(Digits(Object(Native(Formula()))));
  EXPECT_FALSE(Doubtful(one));
  EXPECT_FALSE(Doubtful(one + one));
  EXPECT_FALSE(Doubtful("no object"));
  EXPECT_FALSE(Doubtful("{\\field{\\*\\fldinst {EMBED Equation.3}}{\\fldrslt " + one + "}}"));
  EXPECT_FALSE(Doubtful("{\\field{\\*\\fldinst {EMBED Equation.3}}{\\fldrslt x}}"));
  EXPECT_FALSE(Doubtful("{\\*\\datastore 0105000002000000}"));
  EXPECT_TRUE(Fact(OpenBytes("a.rtf", "{\\rtf1 " + one + "}", Limits()), "document.ole-object"));
}

TEST(Rtf, OtherObjectsStayDoubtful) {
  const std::string digits = Digits(Object(Native(Formula())));
  const std::string font = "\x08\x5a\x5a" + std::string(44, 'A') + Zeros(1);
  EXPECT_TRUE(Doubtful(Rtf(Digits(Object(Native(font))))));
  EXPECT_TRUE(Doubtful("Equation.3")) << "the class of the editor with nothing that is understood";
  EXPECT_TRUE(Doubtful(Rtf(digits) + "{\\*\\objclass EQUATION.3}"));
  EXPECT_TRUE(Doubtful(Rtf(digits, "\\objemb\\objupdate")));
  EXPECT_TRUE(Doubtful(Rtf(digits, "\\objautlink")));
  EXPECT_TRUE(Doubtful(Rtf("{\\junk}" + digits)));
  EXPECT_TRUE(Doubtful(Rtf("\\junk " + digits)));
  EXPECT_TRUE(Doubtful(Rtf("z" + digits)));
  EXPECT_TRUE(Doubtful(Rtf(digits + "0")));
  EXPECT_TRUE(Doubtful(Rtf("\\bin2 aa" + digits)));
  EXPECT_TRUE(Doubtful(Rtf(digits) + Rtf("01050000")));
  EXPECT_TRUE(Doubtful(Rtf(digits) + "{\\*\\OBJDATA 0105}"));
  EXPECT_TRUE(Doubtful("{\\objdata " + digits + "}")) << "no destination for all readers";
  EXPECT_TRUE(Doubtful("{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata 0105}}"));
  EXPECT_TRUE(Doubtful(Rtf(Digits(Object(Native(Formula()), "\x01Ole10Native")))));
  EXPECT_TRUE(Doubtful(Rtf(Digits(Object(Native(Formula()), "Equation Native", "Contents")))));
  std::string other = Object(Native(Formula()));
  other[8 + 4 + 9] = '2';
  EXPECT_TRUE(Doubtful(Rtf(Digits(other)))) << "another class";
  other = Object(Native(Formula()));
  const size_t editor = other.find("\x02\xce\x02");
  other[editor] = '\x03';
  EXPECT_TRUE(Doubtful(Rtf(Digits(other)))) << "another class of the file";
  const std::string whole = Object(Native(Formula()));
  for (size_t cut = 0; cut < whole.size() - 8; cut += 7) {
    EXPECT_FALSE(IsSoundFormulaObject(whole.substr(0, cut))) << cut;
  }
}

}  // namespace
}  // namespace gatepost::decode
