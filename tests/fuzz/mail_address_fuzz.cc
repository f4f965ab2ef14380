// Any bytes parse to an address and to an address list; what is valid stays itself when reparsed.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/base/utf8.h"
#include "src/mail/address.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using gatepost::mail::Address;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Address address = Address::Parse(text);
  const auto check = [](bool holds) {
    if (!holds) {
      std::abort();
    }
  };
  check(gatepost::IsUtf8(address.local()));
  check(gatepost::IsUtf8(address.domain()));
  const Address again = Address::Parse(address.spelling());
  if (address.valid()) {
    check(again.domain() == address.domain());
    check(again.local() == address.local());
    check(address.domain().empty() || address.domain().back() != '.');
    check(address.domain() == gatepost::AsciiLower(address.domain()));
    if (!address.domain().empty() && address.final_domain() == address.domain()) {
      check(address.InDomain(address.domain()));
    }
  }
  const auto list = gatepost::mail::ParseAddressList(text, 50);
  check(list.size() <= 50);
  for (const auto& mailbox : list) {
    check(gatepost::IsUtf8(mailbox.display));
  }
  return 0;
}
