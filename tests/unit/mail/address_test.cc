// Whose is it: the spellings that hide a domain from a naive test.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/address.h"

#include <gtest/gtest.h>

#include "src/mail/envelope.h"
#include "src/mail/message.h"

namespace gatepost::mail {
namespace {

TEST(Address, KeyFoldsCaseExtensionDotAndBrackets) {
  EXPECT_EQ(Address::Parse(" <John+Tag@Example.COM.> ").key(), "john@example.com");
  EXPECT_EQ(Address::Parse("john@example.com"), Address::Parse("JOHN+x@EXAMPLE.com"));
  EXPECT_EQ(Address::Parse("<John@Example.COM>").spelling(), "John@Example.COM");
  EXPECT_EQ(Address::Parse("+tag@example.com").key(), "+tag@example.com");
}

TEST(Address, NullSenderIsNullAndValid) {
  EXPECT_TRUE(Address::Parse("<>").is_null());
  EXPECT_TRUE(Address::Parse("").valid());
  EXPECT_EQ(Address::Parse("<>").key(), "");
}

TEST(Address, UnicodeDomainsBecomeALabels) {
  EXPECT_EQ(Address::Parse("a@bücher.example").domain(), "xn--bcher-kva.example");
  EXPECT_EQ(Address::Parse("a@ｇｍａｉｌ。ｃｏｍ").domain(), "gmail.com");
  EXPECT_TRUE(Address::Parse("a@xn--bcher-kva.example").InDomain("BÜCHER.example"));
}

TEST(Address, HiddenDomainsAreTheFinalOnes) {
  EXPECT_EQ(Address::Parse("user%gmail.com@own.example").final_domain(), "gmail.com");
  EXPECT_EQ(Address::Parse("\"user@gmail.com\"@own.example").final_domain(), "gmail.com");
  EXPECT_EQ(Address::Parse("gmail.com!user@own.example").final_domain(), "gmail.com");
  EXPECT_EQ(Address::Parse("<@own.example,@b.example:user@gmail.com>").domain(), "gmail.com");
  EXPECT_FALSE(Address::Parse("user%gmail.com@own.example").InDomain("own.example"));
  EXPECT_FALSE(Address::Parse("user%gmail.com@own.example").InDomain("gmail.com"));
}

TEST(Address, QuotedLocalPartsAreUnquoted) {
  const Address address = Address::Parse("\"a \\\"b\"@host.example");
  EXPECT_EQ(address.local(), "a \"b");
  EXPECT_EQ(address.domain(), "host.example");
  EXPECT_TRUE(address.valid());
  EXPECT_EQ(Address::Parse("u@[192.0.2.1]").domain(), "[192.0.2.1]");
}

TEST(Address, NonsenseIsNotValidButDoesNotFail) {
  for (const char* text : {"a", "a@", "@b", "a@b@c", "a b@c.example", "\"a@b.example", "(a@b.example",
                           "<a@b.example", "a@b..example", "a@-\x01.example"}) {
    EXPECT_FALSE(Address::Parse(text).valid()) << text;
  }
  EXPECT_TRUE(Address::Parse("postmaster").valid());
}

TEST(Address, InDomainHoldsForSubdomainsOnly) {
  const Address address = Address::Parse("a@mail.office.example");
  EXPECT_TRUE(address.InDomain("office.example"));
  EXPECT_FALSE(address.InDomain("ffice.example"));
  EXPECT_FALSE(address.InDomain("x.mail.office.example"));
  EXPECT_FALSE(address.InDomain(""));
}

TEST(AddressList, NamesGroupsCommentsAndQuotes) {
  const auto list = ParseAddressList(
      "\"Doe, J\" <j@a.example>, team: b@c.example, =?utf-8?q?H=C3=A0?= <h@d.example>;,\r\n"
      " k@e.example (Kim (K)), \"x y\"@f.example");
  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(list[0].display, "Doe, J");
  EXPECT_EQ(list[0].address.key(), "j@a.example");
  EXPECT_EQ(list[1].address.key(), "b@c.example");
  EXPECT_EQ(list[2].display, "Hà");
  EXPECT_EQ(list[3].address.key(), "k@e.example");
  EXPECT_EQ(list[4].address.local(), "x y");
}

TEST(AddressList, IsBoundedAndNeverDropsTheLastOne) {
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many += "a@b.example,";
  }
  EXPECT_EQ(ParseAddressList(many, 10).size(), 10U);
  EXPECT_EQ(ParseAddressList("a@b.example, <c@d.example", 10).size(), 2U);
}

TEST(Networks, FourSixAndMapped) {
  const std::vector<std::string> networks = {"10.0.0.0/8", "2001:db8::/33", "192.0.2.7", "nonsense"};
  EXPECT_TRUE(InNetworks("10.255.1.2", networks));
  EXPECT_TRUE(InNetworks("::ffff:10.1.1.1", networks));
  EXPECT_TRUE(InNetworks("192.0.2.7", networks));
  EXPECT_FALSE(InNetworks("192.0.2.8", networks));
  EXPECT_TRUE(InNetworks("2001:db8:7fff::1", networks));
  EXPECT_FALSE(InNetworks("2001:db8:8000::1", networks));
  EXPECT_FALSE(InNetworks("", networks));
  EXPECT_FALSE(InNetworks("10.1.1.1", {"::/0"}));
  EXPECT_TRUE(InNetworks("10.1.1.1", {"0.0.0.0/0"}));
  EXPECT_FALSE(InNetworks("2001:db8::1", {"0.0.0.0/0"}));
  EXPECT_TRUE(IsNetwork("10.0.0.0/8"));
  for (const char* bad : {"10.0.0.0/33", "10.0.0/8", "x", "", "10.0.0.0/", "10.0.0.0/a", "::/129"}) {
    EXPECT_FALSE(IsNetwork(bad)) << bad;
  }
}

Site OurSite() {
  Site site;
  site.own_domains = {"office.example", ".branch.example"};
  site.own_networks = {"10.0.0.0/8"};
  site.trusted_relays = {"10.0.0.5"};
  return site;
}

Direction DirectionOf(Envelope envelope, const char* recipient) {
  envelope.recipients.push_back({Address::Parse(recipient)});
  ClassifyDirections(OurSite(), &envelope);
  return envelope.recipients.front().direction;
}

TEST(Directions, ComeFromTheConnectionNotFromTheSenderAddress) {
  Envelope outside;
  outside.client_ip = "198.51.100.1";
  outside.sender = Address::Parse("boss@office.example");
  EXPECT_EQ(DirectionOf(outside, "a@office.example"), Direction::kInbound);
  EXPECT_EQ(DirectionOf(outside, "a@gmail.com"), Direction::kRelay);
  Envelope inside;
  inside.client_ip = "10.1.1.1";
  EXPECT_EQ(DirectionOf(inside, "a@office.example"), Direction::kInternal);
  EXPECT_EQ(DirectionOf(inside, "a@gmail.com"), Direction::kOutbound);
  Envelope front = inside;
  front.client_ip = "10.0.0.5";
  EXPECT_EQ(DirectionOf(front, "a@office.example"), Direction::kInbound);
  front.auth_user = "someone";
  EXPECT_EQ(DirectionOf(front, "a@gmail.com"), Direction::kOutbound);
  EXPECT_EQ(DirectionOf(Envelope(), "a@gmail.com"), Direction::kOutbound);
}

TEST(Directions, AHackedAddressIsNotOurs) {
  Envelope inside;
  inside.client_ip = "10.1.1.1";
  EXPECT_EQ(DirectionOf(inside, "u%gmail.com@office.example"), Direction::kOutbound);
  EXPECT_EQ(DirectionOf(inside, "u@x.branch.example"), Direction::kInternal);
  EXPECT_EQ(DirectionOf(inside, "u@branch.example"), Direction::kOutbound);
  EXPECT_EQ(DirectionOf(inside, "u@sub.office.example"), Direction::kOutbound);
}

TEST(Words, DecodeJoinAndStayWellFormed) {
  EXPECT_EQ(DecodeEncodedWords("=?utf-8?b?ww==?= =?utf-8?b?qA==?="), "è");
  EXPECT_EQ(DecodeEncodedWords("a =?iso-8859-1?q?=E9_b?= c"), "a é b c");
  EXPECT_EQ(DecodeEncodedWords("=?utf-8?q?a?=\r\n =?utf-8?q?b?="), "ab");
  EXPECT_EQ(DecodeEncodedWords("=?gb2312?B?xOO6ww==?="), "你好");
  EXPECT_EQ(DecodeEncodedWords("caf\xE9"), "café");
  EXPECT_EQ(DecodeEncodedWords("=?x?y"), "=?x?y");
  EXPECT_EQ(DecodeEncodedWords("=?utf-8*vi?Q?m=E1=BA=ADt?="), "mật");
}

}  // namespace
}  // namespace gatepost::mail
