// Files that a page builds in the browser are opened as if they had been attached.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/script.h"

#include <gtest/gtest.h>

#include "src/decode/leaf.h"

namespace gatepost::decode {
namespace {

// A zip with nothing in it but its end record, and a stub of a program.
constexpr const char* kZip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
// "Tuyệt mật: kế hoạch số 7, không phổ biến"
constexpr const char* kText =
    "VHV54buHdCBt4bqtdDoga+G6vyBob+G6oWNoIHPhu5EgNywga2jDtG5nIHBo4buVIGJp4bq/bg==";

std::vector<std::string> MembersOf(const std::string& page) {
  const std::string raw = "Content-Type: text/html; charset=utf-8\r\n\r\n" + page;
  const mail::Message message = mail::Message::Parse(raw, Limits());
  const Leaves leaves = Decode(message, Limits());
  std::vector<std::string> out;
  for (const Leaf& leaf : leaves.leaves) {
    if (leaf.name == "script") {
      EXPECT_TRUE(leaf.is_attachment);
      out.emplace_back(leaf.bytes);
    }
  }
  return out;
}

TEST(Script, WhatAPageWouldSaveIsAMember) {
  const std::string zip = kZip;
  for (const std::string& page :
       {"<script>var d=atob('" + zip +
            "');var b=new Blob([d]);a.href=URL.createObjectURL(b);</script>",
        "<p>don't</p><SCRIPT>x=\"" + zip.substr(0, 12) + "\" + \"" + zip.substr(12) + "\"</SCRIPT>",
        "<a href=\"data:application/octet-stream;base64," + zip + "\" download=a.zip>x</a>",
        "<a href='DATA:application/zip;base64," + zip + "'>x</a>"}) {
    const std::vector<std::string> members = MembersOf(page);
    ASSERT_EQ(members.size(), 1U) << page;
    EXPECT_EQ(members[0].substr(0, 4), "PK\x05\x06");
  }
}

TEST(Script, EncodedTextIsAMemberToo) {
  const auto members =
      MembersOf(std::string("<script>document.write(atob('") + kText + "'))</script>");
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].substr(0, 13), "Tuyệt mật");
}

TEST(Script, PicturesAndOrdinaryScriptsAreNone) {
  EXPECT_TRUE(
      MembersOf("<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAA"
                "ABAAEAAAIBRAA7'><script>var a='hello, world: this is no base64 at all'</script>")
          .empty());
}

TEST(Script, ManyOpenTagsAndUrisTakeLinearTime) {
  std::string page;
  for (int i = 0; i < 200'000; ++i) {
    page += "<script>data:,";
  }
  EXPECT_LE(MembersOf(page).size(), 16U);
}

}  // namespace
}  // namespace gatepost::decode
