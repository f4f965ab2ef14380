// ICU's UTS #46 processing; the fast path for plain ASCII names does not touch ICU.
// LIMITS: names longer than 1,000 bytes are not converted.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/idn.h"

#include <unicode/uidna.h>

#include <memory>

namespace gatepost::mail {
namespace {

constexpr size_t kLongest = 1'000;

struct CloseIdna {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};

const UIDNA* Idna() {
  // Immutable once opened, so shared by all threads (ICU documents uidna_* as thread-safe).
  static const std::unique_ptr<UIDNA, CloseIdna> idna = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<UIDNA, CloseIdna>(uidna_openUTS46(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ, &error));
  }();
  return idna.get();
}

bool IsPlainName(Bytes name) {
  if (name.empty() || name.size() > 253) {
    return false;
  }
  size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) {
        return false;
      }
      label = 0;
      continue;
    }
    // The underscore is no host name letter, but mail domains with it exist.
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!letter || ++label > 63) {
      return false;
    }
  }
  return label > 0;
}

}  // namespace

std::string NormalDomain(Bytes domain, bool* valid) {
  *valid = true;
  if (!domain.empty() && domain.front() == '[') {
    *valid = domain.back() == ']';
    return AsciiLower(domain);
  }
  while (!domain.empty() && domain.back() == '.') {
    domain.remove_suffix(1);
  }
  std::string lower = AsciiLower(domain);
  if (IsAscii(lower) || lower.size() > kLongest || Idna() == nullptr) {
    *valid = IsPlainName(lower);
    return lower;
  }
  std::string out(lower.size() * 8 + 64, '\0');
  UErrorCode error = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const int32_t size =
      uidna_nameToASCII_UTF8(Idna(), lower.data(), static_cast<int32_t>(lower.size()), out.data(),
                             static_cast<int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) != 0 || size <= 0 || static_cast<size_t>(size) > out.size()) {
    *valid = false;
    return lower;
  }
  out.resize(static_cast<size_t>(size));
  // An ideographic full stop at the end has become a dot only now.
  while (!out.empty() && out.back() == '.') {
    out.pop_back();
  }
  *valid = info.errors == 0 && IsPlainName(out);
  return IsAscii(out) ? out : lower;
}

std::string ShownDomain(Bytes domain) {
  const std::string lower = AsciiLower(domain);
  const bool plain = IsAscii(domain) && lower.find("xn--") == std::string::npos;
  if (plain || lower.size() > kLongest || Idna() == nullptr) {
    return lower;
  }
  std::string out(lower.size() * 8 + 64, '\0');
  UErrorCode error = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const int32_t size =
      uidna_nameToUnicodeUTF8(Idna(), lower.data(), static_cast<int32_t>(lower.size()), out.data(),
                              static_cast<int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) != 0 || size <= 0 || static_cast<size_t>(size) > out.size()) {
    return lower;
  }
  out.resize(static_cast<size_t>(size));
  return out;
}

}  // namespace gatepost::mail
