// What is read of pictures beyond what must be: places on pages that have their text, small
// pictures, corners of codes, links in codes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/inspect/channel.h"
#include "src/inspect/code_links.h"
#include "src/inspect/picture_pass.h"
#include "src/inspect/picture_wire.h"

namespace gatepost::inspect {
namespace {

using picture::Outcome;

TEST(CodeLinks, AreWhatATelephoneOpens) {
  EXPECT_EQ(LinksOfCode("evil-site.top"), "http://evil-site.top\n");
  EXPECT_EQ(LinksOfCode("DICHVUCONGG.TOP/VN"), "http://DICHVUCONGG.TOP/VN\n");
  EXPECT_EQ(LinksOfCode("evil-site.top:8080/a?b=c"), "http://evil-site.top:8080/a?b=c\n");
  EXPECT_EQ(LinksOfCode("http:\\\\evil-site.top\\a?b\\c"), "http://evil-site.top/a?b\\c\n");
  EXPECT_EQ(LinksOfCode("https:evil-site.top"), "https://evil-site.top\n");
  EXPECT_EQ(LinksOfCode("URLTO:evil-site.top"), "http://evil-site.top\n");
  EXPECT_EQ(LinksOfCode("MEBKM:TITLE:a;URL:http\\://evil-site.top;;"), "http://evil-site.top\n");
  EXPECT_EQ(LinksOfCode("MECARD:N:A;URL:evil-site.top;;"), "http://evil-site.top\n");
  EXPECT_EQ(LinksOfCode("BEGIN:VCARD\r\nitem1.URL;type=pref:evil-site.top\r\nEND:VCARD"),
            "http://evil-site.top\n");
  for (const char* none : {"https://www.example.com/", "", "Hello world", "a@example.com", "12.50",
                           "..", ".top", "1.2.3", "WIFI:S:home;P:x.y;;", "00020101021238570010A0",
                           "BEGIN:VCARD\nNOTE:evil.top\nEND:VCARD"}) {
    EXPECT_EQ(LinksOfCode(none), "") << none;
  }
}

TEST(CodeLinks, AreTotalAndLinear) {
  for (const char* head : {"", "MEBKM:", "BEGIN:VCARD", "http:"}) {
    for (const char* piece : {"\\", ";", "a.", "URL:", "\n"}) {
      std::string code = head;
      for (int i = 0; i < 100'000; ++i) {
        code += piece;
      }
      LinksOfCode(code);
    }
  }
}

// A document with its text, and what decode/ says could be drawn of it.
decode::Leaves PaperWithPlaces(Bytes bytes, bool more) {
  decode::Leaves leaves;
  decode::Leaf leaf;
  leaf.path = "plan.pdf";
  leaf.type = decode::Type::kPdf;
  leaf.bytes = bytes;
  leaf.is_attachment = true;
  leaves.leaves.push_back(leaf);
  decode::PagePictures& pictures = leaves.pictures[0];
  pictures.places = {{4, {0, 0, 1000, 1000}}, {7, {900, 0, 1000, 500}}};
  pictures.code_pages = {4, 7};
  pictures.more = more;
  return leaves;
}

PictureAnswer AnswerTo(Outcome outcome, size_t length, uint32_t leaf = 0) {
  PictureAnswer answer;
  answer.leaf = leaf;
  answer.length = length;
  answer.come = true;
  answer.reading.outcome = outcome;
  return answer;
}

TEST(PicturePassTest, PlacesOnPagesTravelToTheReader) {
  decode::Leaves leaves = PaperWithPlaces("%PDF-", false);
  const Result<Fd> file = MemFd("test", "");
  ASSERT_TRUE(file.ok());
  PicturePass first(1'000'000, file->get());
  first.Visit(&leaves);
  ASSERT_EQ(first.wanted().size(), 1U);
  EXPECT_FALSE(first.wanted()[0].needed()) << "its text was read";
  Writer out;
  PutWanted(first.wanted(), &out);
  const std::string wire = out.Take();
  Reader in(wire);
  const std::vector<WantedPicture> back = GetWanted(&in);
  ASSERT_TRUE(in.AtEnd());
  ASSERT_EQ(back[0].regions.size(), 2U);
  EXPECT_EQ(back[0].regions[1].page, 7U);
  EXPECT_EQ(back[0].regions[1].box, (std::array<uint16_t, 4>{900, 0, 1000, 500}));
  EXPECT_EQ(back[0].code_pages, (std::vector<uint32_t>{4, 7}));
  picture::Request request;
  request.regions = back[0].regions;
  request.more = 3;
  request.code_pages = back[0].code_pages;
  const Result<picture::Request> asked = DecodeRequest(EncodeRequest(request));
  ASSERT_TRUE(asked.ok());
  EXPECT_EQ(asked->regions[1].box, request.regions[1].box);
  EXPECT_EQ(asked->more, 3U);
  EXPECT_EQ(asked->code_pages, request.code_pages);
  request.regions[0].box[2] = 1'001;
  EXPECT_FALSE(DecodeRequest(EncodeRequest(request)).ok()) << "outside of the page";
}

TEST(PicturePassTest, WhatNeedNotBeReadAndWasNotIsAFactAndNoReason) {
  const std::string bytes = "%PDF-";
  const auto facts = [&](bool more, const std::vector<PictureAnswer>& answers) {
    decode::Leaves leaves = PaperWithPlaces(bytes, more);
    PicturePass(1'000'000, answers).Visit(&leaves);
    EXPECT_TRUE(leaves.unscannable.empty());
    return leaves.facts.count("picture.pages-left");
  };
  PictureAnswer answer = AnswerTo(Outcome::kRead, bytes.size());
  EXPECT_EQ(facts(false, {answer}), 0U);
  EXPECT_EQ(facts(true, {answer}), 1U) << "more places than are listed";
  EXPECT_EQ(facts(false, {}), 1U) << "nobody answered";
  answer.reading.regions_left = true;
  EXPECT_EQ(facts(false, {answer}), 1U);
  answer.reading.regions_left = false;
  answer.reading.codes_left = true;
  EXPECT_EQ(facts(false, {answer}), 1U);
  const Result<picture::Reading> back = DecodeReading(EncodeReading(answer.reading));
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(back->codes_left);
  EXPECT_FALSE(back->regions_left);
}

std::string PngHeader(uint32_t width, uint32_t height) {
  std::string out("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  for (const uint32_t side : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>(side >> shift));
    }
  }
  return out + std::string(9, '\1');
}

decode::Leaves PicturesOf(const std::vector<std::string>& files) {  // which outlive it
  decode::Leaves leaves;
  for (const std::string& file : files) {
    decode::Leaf leaf;
    leaf.path = std::to_string(leaves.leaves.size()) + ".png";
    leaf.type = decode::Type::kImage;
    leaf.bytes = file;
    leaves.leaves.push_back(leaf);
  }
  return leaves;
}

TEST(PicturePassTest, ASmallPictureIsLookedAtForCodesAndNotMissed) {
  const std::vector<std::string> files = {PngHeader(37, 37), PngHeader(20, 60), PngHeader(90, 90)};
  decode::Leaves leaves = PicturesOf(files);
  const Result<Fd> file = MemFd("test", "");
  ASSERT_TRUE(file.ok());
  PicturePass first(1'000'000, file->get());
  first.Visit(&leaves);
  ASSERT_EQ(first.wanted().size(), 2U);
  EXPECT_EQ(first.wanted()[0].path, "2.png");
  EXPECT_TRUE(first.wanted()[0].needed());
  EXPECT_EQ(first.wanted()[1].path, "0.png");
  EXPECT_FALSE(first.wanted()[1].needed());
  PicturePass(1'000'000, std::vector<PictureAnswer>()).Visit(&leaves);
  ASSERT_EQ(leaves.unscannable.size(), 1U);
  EXPECT_EQ(leaves.unscannable[0].path, "2.png");
}

TEST(PicturePassTest, CornersOfOneSizeInTwoPicturesArePartsOfACode) {
  const std::vector<std::string> files = {PngHeader(90, 90), PngHeader(91, 90), PngHeader(92, 90)};
  const auto facts = [&](std::vector<uint32_t> corners) {
    decode::Leaves leaves = PicturesOf(files);
    std::vector<PictureAnswer> answers;
    for (uint32_t i = 0; i < corners.size(); ++i) {
      answers.push_back(AnswerTo(Outcome::kRead, files[i].size(), i));
      answers.back().reading.corner = corners[i];
    }
    PicturePass(1'000'000, answers).Visit(&leaves);
    return leaves.facts.count("picture.code-part");
  };
  EXPECT_EQ(facts({96, 0, 100}), 1U);
  EXPECT_EQ(facts({96, 0, 0}), 0U) << "one is a logo";
  EXPECT_EQ(facts({96, 200, 0}), 0U) << "of another size";
}

TEST(PicturePassTest, ACodeWithoutASchemeIsALink) {
  const std::vector<std::string> files = {PngHeader(90, 90)};
  decode::Leaves leaves = PicturesOf(files);
  PictureAnswer answer = AnswerTo(Outcome::kRead, files[0].size());
  answer.reading.codes = {"evil-site.top"};
  PicturePass(1'000'000, {answer}).Visit(&leaves);
  ASSERT_EQ(leaves.texts.size(), 3U);
  EXPECT_EQ(leaves.texts[1].utf8, "evil-site.top\n");
  EXPECT_EQ(leaves.texts[2].zone, "url");
  EXPECT_EQ(leaves.texts[2].utf8, "http://evil-site.top\n");
}

}  // namespace
}  // namespace gatepost::inspect
