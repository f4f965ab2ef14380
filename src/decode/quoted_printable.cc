// Quoted-printable (RFC 2045 6.7): the strict reading, and those of lenient readers.
// LIMITS: a reading is at most the size of its body; see gatherer.h.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstring>

#include "src/base/hex.h"
#include "src/decode/gatherer.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

bool IsPadding(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\0'; }

// The end of a soft line break that starts after '=' at `at`, or npos. Blanks before the line's
// end are transport padding (RFC 2045 6.7 rule 3); other blanks, lone CRs and doubled ones are
// loose.
size_t SoftBreakEnd(Bytes body, size_t at, bool* loose) {
  size_t i = at;
  while (i < body.size() && IsPadding(body[i])) {
    ++i;
  }
  *loose = *loose || i > at;
  if (i == body.size()) {
    return i;
  }
  size_t cr = i;
  while (cr < body.size() && body[cr] == '\r') {
    ++cr;
  }
  if (cr < body.size() && body[cr] == '\n') {
    *loose = *loose || cr > i + 1;
    // "\n\r" is one line end to some.
    const bool lfcr = cr == i && cr + 1 < body.size() && body[cr + 1] == '\r' &&
                      !(cr + 2 < body.size() && body[cr + 2] == '\n');
    *loose = *loose || lfcr;
    return cr + (lfcr ? 2 : 1);
  }
  if (cr > i) {
    *loose = true;
    return i + 1;
  }
  return Bytes::npos;
}

// What becomes of '=' without two hexadecimal digits.
enum class BadHex : uint8_t { kKeep, kDropThree, kDropSign, kDropTwo };

// strict_break: only "=" directly before the end of a line is a soft break.
std::string DecodeQp(Bytes body, BadHex bad, bool strict_break, uint32_t* faults) {
  std::string out;
  out.reserve(body.size());
  size_t i = 0;
  while (i < body.size()) {
    const void* found = std::memchr(body.data() + i, '=', body.size() - i);
    const size_t stop = found == nullptr
                            ? body.size()
                            : static_cast<size_t>(static_cast<const char*>(found) - body.data());
    out.append(body.data() + i, stop - i);
    i = stop;
    if (i == body.size()) {
      break;
    }
    if (i + 2 < body.size() && HexValue(body[i + 1]) >= 0 && HexValue(body[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexValue(body[i + 1]) << 4 | HexValue(body[i + 2])));
      i += 3;
      continue;
    }
    bool loose = false;
    const size_t end = SoftBreakEnd(body, i + 1, &loose);
    if (end != Bytes::npos && !(loose && strict_break)) {
      *faults |= loose ? kQpLooseBreak : 0U;
      i = end;
      continue;
    }
    *faults |= kQpBadHex;
    ++i;
    if (bad == BadHex::kKeep) {
      out.push_back('=');
    }
    const int drop = bad == BadHex::kDropThree ? 2 : bad == BadHex::kDropTwo ? 1 : 0;
    for (int k = 0; k < drop && i < body.size() && body[i] != '\r' && body[i] != '\n'; ++k) {
      ++i;
    }
  }
  return out;
}

// Soft line breaks taken out before anything is decoded, so that "=4=\r\n1" is "=41".
std::string WithoutSoftBreaks(Bytes body) {
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    bool loose = false;
    const size_t end = body[i] == '=' ? SoftBreakEnd(body, i + 1, &loose) : Bytes::npos;
    if (end == Bytes::npos) {
      out.push_back(body[i]);
    } else {
      i = end - 1;
    }
  }
  return out;
}

// Blanks at the ends of lines removed before decoding, as RFC 2045 asks.
std::string WithoutTrailingBlanks(Bytes body) {
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\n' || body[i] == '\r') {
      while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) {
        out.pop_back();
      }
    }
    out.push_back(body[i]);
  }
  return out;
}

}  // namespace

void QpReadings(Bytes body, const Limits& limits, Readings* out) {
  Gatherer gather(body, limits, out);
  uint32_t faults = 0;
  std::string first = DecodeQp(body, BadHex::kKeep, false, &faults);
  out->faults |= faults;
  const bool binary = first.find('\0') != std::string::npos;
  gather.Add(std::move(first), faults == 0);
  uint32_t ignored = 0;
  if ((faults & kQpBadHex) != 0) {
    if (body.find("=\n") != Bytes::npos || body.find("=\r") != Bytes::npos) {
      gather.Add(DecodeQp(WithoutSoftBreaks(body), BadHex::kKeep, false, &ignored), false);
    }
    for (const BadHex bad : {BadHex::kDropThree, BadHex::kDropSign, BadHex::kDropTwo}) {
      gather.AddIfRoom(DecodeQp(body, bad, false, &ignored));
    }
  }
  if ((faults & kQpLooseBreak) != 0) {
    gather.Add(DecodeQp(body, BadHex::kKeep, true, &ignored), false);
  }
  if (binary && (body.find(" \n") != Bytes::npos || body.find(" \r") != Bytes::npos ||
                 body.find("\t\n") != Bytes::npos || body.find("\t\r") != Bytes::npos)) {
    gather.Add(DecodeQp(WithoutTrailingBlanks(body), BadHex::kKeep, false, &ignored), false);
  }
}

bool PlausiblyQuotedPrintable(Bytes body) {
  const Bytes window = body.substr(0, 16384);
  for (size_t at = window.find('='); at != Bytes::npos; at = window.find('=', at + 1)) {
    if (at + 2 < window.size() &&
        ((HexValue(window[at + 1]) >= 0 && HexValue(window[at + 2]) >= 0) ||
         window[at + 1] == '\n' || window[at + 1] == '\r')) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::decode
