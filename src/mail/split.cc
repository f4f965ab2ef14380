// Boundary search. Each occurrence moves the search to the next line, so the work is linear in the
// body for one boundary; the parser bounds how many boundaries are tried on one byte.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/split.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "src/mail/header.h"

namespace gatepost::mail {
namespace {

// memmem is linear for any needle; string_view::find is not. It is asked window by window, because
// AddressSanitizer looks at all the bytes a call was given: a flood of hits would be quadratic
// there.
size_t Find(Bytes s, Bytes needle, size_t at) {
  constexpr size_t kWindow = 65536;
  while (at < s.size()) {
    const size_t size = std::min(s.size() - at, kWindow + needle.size());
    const void* const found = memmem(s.data() + at, size, needle.data(), needle.size());
    if (found != nullptr) {
      return static_cast<size_t>(static_cast<const char*>(found) - s.data());
    }
    if (size == s.size() - at) {
      break;
    }
    at += kWindow;
  }
  return Bytes::npos;
}

bool IsBlanks(Bytes s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c == ' ' || c == '\t'; });
}

}  // namespace

uint32_t WithoutLineEnd(Bytes raw, uint32_t begin, uint32_t end) {
  if (end > begin && raw[end - 1] == '\n') {
    --end;
    if (end > begin && raw[end - 1] == '\r') {
      --end;
    }
  } else if (end > begin && raw[end - 1] == '\r') {
    --end;
  }
  return std::max(begin, end);
}

Delimiters FindDelimiters(Bytes raw, Range body, const std::string& boundary, bool lenient,
                          bool cr_ends_line, size_t most) {
  Delimiters out;
  const std::string needle = "--" + boundary;
  const Bytes text = raw.substr(0, body.end);
  size_t at = body.begin;
  while ((at = Find(text, needle, at)) != Bytes::npos) {
    const auto begin = static_cast<uint32_t>(at);
    const bool starts_line =
        begin == body.begin || raw[begin - 1] == '\n' || (cr_ends_line && raw[begin - 1] == '\r');
    const auto after = begin + static_cast<uint32_t>(needle.size());
    const Line line = LineAt(raw, after, body.end, cr_ends_line);
    Bytes rest = raw.substr(after, line.content_end - after);
    bool close = false;
    bool whole = IsBlanks(rest);
    if (!whole && rest.substr(0, 2) == "--") {
      rest.remove_prefix(2);
      close = whole = IsBlanks(rest);
    }
    const bool exact = starts_line && whole;
    if (exact || lenient) {
      if (out.found.size() >= most) {
        out.cut = true;
        break;
      }
      out.found.push_back({begin, line.end, exact && close && !lenient});
      if (exact && close && !lenient) {
        break;
      }
    } else if (starts_line) {
      ++out.junk_lines;
    } else {
      ++out.in_lines;
    }
    at = std::max<size_t>(line.end, at + 1);
  }
  return out;
}

std::string BoundaryInOtherCase(Bytes body, const std::string& boundary) {
  size_t at = body.substr(0, 2) == "--" ? 0 : Find(body, "\n--", 0);
  while (at != Bytes::npos) {
    const size_t begin = at + (body[at] == '\n' ? 3 : 2);
    const Bytes text = body.substr(begin, boundary.size());
    if (text.size() == boundary.size() && text != boundary &&
        AsciiEqualsIgnoreCase(text, boundary)) {
      Bytes rest = body.substr(begin + text.size());
      rest = rest.substr(0, rest.find('\n'));
      if (IsBlanks(AsciiTrim(rest)) || AsciiTrim(rest) == "--") {
        return std::string(text);
      }
    }
    at = Find(body, "\n--", begin);
  }
  return {};
}

std::string GuessBoundary(Bytes body) {
  const auto end = static_cast<uint32_t>(body.size());
  size_t at = body.substr(0, 2) == "--" ? 0 : Find(body, "\n--", 0);
  while (at != Bytes::npos) {
    const auto begin = static_cast<uint32_t>(at == 0 && body[0] == '-' ? 0 : at + 1);
    const Line line = LineAt(body, begin, end, false);
    Bytes text = body.substr(begin + 2, line.content_end - begin - 2);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
      text.remove_suffix(1);
    }
    if (!text.empty() && text.size() <= 2'048 && line.end < end &&
        IsMimeFieldLine(body.substr(line.end, std::min<size_t>(200, end - line.end)))) {
      return std::string(text);
    }
    at = Find(body, "\n--", line.content_end);
  }
  return {};
}

bool IsBlankText(Bytes text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

bool IsUsualPreamble(Bytes text) {
  static constexpr std::array<Bytes, 7> kUsual = {
      "This is a multi-part message in MIME format.",
      "This is a multi-part message in MIME format...",
      "This is a multipart message in MIME format.",
      "This is a multipart message in MIME format",
      "This is a MIME-formatted message.",
      "This is a cryptographically signed message in MIME format.",
      "This message is in MIME format.",
  };
  text = AsciiTrim(text);
  return std::any_of(kUsual.begin(), kUsual.end(),
                     [&](Bytes usual) { return AsciiEqualsIgnoreCase(text, usual); });
}

}  // namespace gatepost::mail
