// Base64 (RFC 4648, RFC 2045 6.8): the strict decoder and the lenient ones.
// LIMITS: a reading is at most three quarters of its body; see gatherer.h.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "src/decode/gatherer.h"
#include "src/decode/transfer.h"
#include "src/decode/uuencode.h"

namespace gatepost::decode {

namespace {

constexpr uint8_t kBad = 0xff;
constexpr uint8_t kBlank = 0xfe;
constexpr uint8_t kPad = 0xfd;

constexpr std::array<uint8_t, 256> MakeBase64Table() {
  std::array<uint8_t, 256> table{};
  for (auto& entry : table) {
    entry = kBad;
  }
  for (size_t i = 0; i < 26; ++i) {
    table['A' + i] = static_cast<uint8_t>(i);
    table['a' + i] = static_cast<uint8_t>(26 + i);
  }
  for (size_t i = 0; i < 10; ++i) {
    table['0' + i] = static_cast<uint8_t>(52 + i);
  }
  table['+'] = 62;
  table['/'] = 63;
  table[' '] = table['\t'] = table['\r'] = table['\n'] = kBlank;
  table['='] = kPad;
  return table;
}
constexpr std::array<uint8_t, 256> kBase64 = MakeBase64Table();

uint8_t Value(char c) { return kBase64[static_cast<unsigned char>(c)]; }

// How a lenient reader treats what is not allowed.
struct Base64Style {
  enum class Padding { kStop, kRestart, kIgnore };
  enum class Junk { kSkip, kStop, kDropQuad, kZero };
  Padding padding = Padding::kStop;
  Junk junk = Junk::kSkip;
  bool url_alphabet = false;     // RFC 4648 section 5
  bool restart_at_line = false;  // each line is decoded on its own
  bool drop_dashed = false;      // a line that begins with "--" is a boundary, not data
  size_t skip = 0;               // characters of the alphabet passed over before the first quantum
};

class QuadWriter {
 public:
  explicit QuadWriter(std::string* out) : out_(out) {}
  void Put(uint8_t value) {
    bits_ = bits_ << 6 | value;
    if (++count_ == 4) {
      out_->push_back(static_cast<char>(bits_ >> 16 & 0xff));
      out_->push_back(static_cast<char>(bits_ >> 8 & 0xff));
      out_->push_back(static_cast<char>(bits_ & 0xff));
      bits_ = 0;
      count_ = 0;
    }
  }
  // Ends a quantum that is not full: two characters are a byte, three are two.
  void Flush() {
    if (count_ >= 2) {
      out_->push_back(static_cast<char>(bits_ >> (count_ == 2 ? 4 : 10) & 0xff));
    }
    if (count_ == 3) {
      out_->push_back(static_cast<char>(bits_ >> 2 & 0xff));
    }
    bits_ = 0;
    count_ = 0;
  }
  void Drop() {
    bits_ = 0;
    count_ = 0;
  }
  int count() const { return count_; }

 private:
  std::string* out_;
  uint32_t bits_ = 0;
  int count_ = 0;
};

std::string DecodeBase64Loose(Bytes body, const Base64Style& style) {
  std::string out;
  out.reserve(body.size() / 4 * 3 + 3);
  QuadWriter writer(&out);
  size_t skip = style.skip;
  size_t in_quad = 0;  // characters of the raw quad, for kDropQuad
  bool spoiled = false;
  bool dashed = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    uint8_t value = Value(c);
    if (style.drop_dashed) {
      const bool begins = i == 0 || body[i - 1] == '\n';
      dashed = begins ? body.substr(i, 2) == "--" : dashed;
      if (dashed) {
        continue;
      }
    }
    if (style.url_alphabet && (c == '-' || c == '_')) {
      value = c == '-' ? 62 : 63;
    }
    if (value == kBlank) {
      if (c == '\n' && style.restart_at_line) {
        writer.Flush();
      }
      continue;
    }
    if (skip > 0) {
      if (value < 64) {
        --skip;
      }
      continue;
    }
    if (value == kPad) {
      if (style.padding == Base64Style::Padding::kStop) {
        break;
      }
      if (style.padding == Base64Style::Padding::kRestart) {
        writer.Flush();
      }
      continue;
    }
    if (style.junk == Base64Style::Junk::kDropQuad) {
      if (value == kBad) {
        spoiled = true;
        writer.Drop();
      } else if (!spoiled) {
        writer.Put(value);
      }
      if (++in_quad == 4) {
        in_quad = 0;
        spoiled = false;
      }
      continue;
    }
    if (value == kBad) {
      if (style.junk == Base64Style::Junk::kStop) {
        break;
      }
      if (style.junk == Base64Style::Junk::kSkip) {
        continue;
      }
      value = 0;
    }
    writer.Put(value);
  }
  writer.Flush();
  return out;
}

uint32_t DiagnoseBase64(Bytes body) {
  uint32_t faults = 0;
  size_t in_quantum = 0;
  size_t i = 0;
  for (; i < body.size(); ++i) {
    const uint8_t value = Value(body[i]);
    if (value < 64) {
      in_quantum = (in_quantum + 1) & 3;
    } else if (value == kBad) {
      faults |= kBase64Junk;
    } else if (value == kPad) {
      break;
    }
  }
  if (i == body.size()) {
    return in_quantum == 0 ? faults : faults | kBase64Incomplete;
  }
  size_t pads = 0;
  while (i < body.size() && (Value(body[i]) == kPad || Value(body[i]) == kBlank)) {
    pads += Value(body[i]) == kPad ? 1 : 0;
    ++i;
  }
  if ((in_quantum + pads) != 4) {
    faults |= kBase64Incomplete;
  }
  const Bytes rest = AsciiTrim(body.substr(i));
  if (!rest.empty()) {
    // A footer in plain words holds blanks and punctuation within its lines; data does not.
    const Bytes window = rest.substr(0, 512);
    const bool words = std::any_of(window.begin(), window.end(), [](char c) {
      return c == ' ' || c == '.' || c == ',' || c == ':' || c == '_' || c == '<';
    });
    faults |= words ? kBase64TextAfterPadding : kBase64DataAfterPadding;
  }
  return faults;
}

}  // namespace

void Base64Readings(Bytes body, const Limits& limits, Readings* out) {
  Gatherer gather(body, limits, out);
  std::string strict;
  if (DecodeBase64Strict(body, &strict)) {
    const bool words = ReadsAsWords(body) && !SniffsAsContent(strict);
    gather.Add(std::move(strict), true);
    if (words) {
      gather.Add(std::string(body), false);
    }
    return;
  }
  using Style = Base64Style;
  out->faults |= DiagnoseBase64(body);
  gather.Add(DecodeBase64Loose(body, Style{}), false);
  // The label lies: the body is text, or encoded otherwise.
  if (body.find("begin") != Bytes::npos) {
    UuReadings(body, [&gather](std::string bytes, uint32_t faults) {
      if ((faults & kUuNoBegin) == 0) {
        gather.Add(std::move(bytes), false);
      }
    });
  }
  if (PlausiblyQuotedPrintable(body)) {
    Readings other;
    QpReadings(body, limits, &other);
    if (other.faults == 0) {
      gather.Add(std::move(other.readings.front().bytes), false);
    }
  }
  constexpr size_t kShort = 64;  // no longer than a line of an encoder's
  if (!PlausiblyBase64(body) || ReadsAsWords(body) || body.size() < kShort) {
    gather.Add(std::string(body), false);
  }
  if ((out->faults & kBase64DataAfterPadding) != 0) {
    Style restart;
    restart.padding = Style::Padding::kRestart;
    gather.Add(DecodeBase64Loose(body, restart), false);
    Style ignore;
    ignore.padding = Style::Padding::kIgnore;
    gather.Add(DecodeBase64Loose(body, ignore), false);
  }
  if ((out->faults & kBase64Junk) != 0 && body.find("\n--") != Bytes::npos) {
    Style lines;
    lines.drop_dashed = true;
    gather.Add(DecodeBase64Loose(body, lines), false);
  }
  if ((out->faults & kBase64Junk) != 0) {
    if (body.find_first_of("-_") != Bytes::npos) {
      Style url;
      url.url_alphabet = true;
      gather.Add(DecodeBase64Loose(body, url), false);
    }
    Style quads;
    quads.junk = Style::Junk::kDropQuad;
    gather.Add(DecodeBase64Loose(body, quads), false);
    Style stop;
    stop.junk = Style::Junk::kStop;
    gather.Add(DecodeBase64Loose(body, stop), false);
    Style zero;
    zero.junk = Style::Junk::kZero;
    gather.Add(DecodeBase64Loose(body, zero), false);
  }
  if ((out->faults & (kBase64Junk | kBase64Incomplete)) != 0) {
    Style lines;
    lines.restart_at_line = true;
    lines.padding = Style::Padding::kRestart;
    gather.Add(DecodeBase64Loose(body, lines), false);
    for (size_t skip = 1; skip <= 3; ++skip) {
      Style shifted;
      shifted.skip = skip;
      std::string bytes = DecodeBase64Loose(body, shifted);
      if (SniffsAsContent(bytes)) {
        gather.Add(std::move(bytes), false);
      } else {
        gather.AddIfRoom(std::move(bytes));
      }
    }
  }
}

std::string DecodeBase64Skipping(Bytes body) { return DecodeBase64Loose(body, Base64Style{}); }

bool DecodeBase64Strict(Bytes body, std::string* out) {
  const size_t before = out->size();
  out->resize(before + body.size() / 4 * 3 + 3);
  char* to = out->data() + before;
  const char* from = body.data();
  const char* const end = from + body.size();
  uint32_t bits = 0;
  int count = 0;
  int pads = 0;
  bool good = true;
  while (from != end) {
    if (count == 0 && end - from >= 4) {
      const uint32_t a = Value(from[0]);
      const uint32_t b = Value(from[1]);
      const uint32_t c = Value(from[2]);
      const uint32_t d = Value(from[3]);
      if (((a | b | c | d) & 0xc0) == 0) {
        const uint32_t quad = a << 18 | b << 12 | c << 6 | d;
        to[0] = static_cast<char>(quad >> 16);
        to[1] = static_cast<char>(quad >> 8 & 0xff);
        to[2] = static_cast<char>(quad & 0xff);
        to += 3;
        from += 4;
        continue;
      }
    }
    const uint8_t value = Value(*from++);
    if (value == kBlank) {
      continue;
    }
    if (value == kPad) {
      if (count + ++pads > 4 || count < 2) {
        good = false;
        break;
      }
      continue;
    }
    if (value == kBad || pads > 0) {
      good = false;
      break;
    }
    bits = bits << 6 | value;
    if (++count == 4) {
      to[0] = static_cast<char>(bits >> 16 & 0xff);
      to[1] = static_cast<char>(bits >> 8 & 0xff);
      to[2] = static_cast<char>(bits & 0xff);
      to += 3;
      bits = 0;
      count = 0;
    }
  }
  if (!good || (count != 0 && count + pads != 4)) {
    out->resize(before);
    return false;
  }
  if (count == 2) {
    *to++ = static_cast<char>(bits >> 4 & 0xff);
  } else if (count == 3) {
    *to++ = static_cast<char>(bits >> 10 & 0xff);
    *to++ = static_cast<char>(bits >> 2 & 0xff);
  }
  out->resize(static_cast<size_t>(to - out->data()));
  return true;
}

std::string DecodeBase64Only(Bytes text) {
  const bool only = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '=' || Value(c) < 64;
  });
  if (!only) {
    return {};
  }
  std::string out;
  out.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (Value(c) >= 64) {
      continue;
    }
    bits = (bits << 6U) | Value(c);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFFU));
    }
  }
  return out;
}

bool ReadsAsWords(Bytes body) {
  body = AsciiTrim(body.substr(0, 4096));
  const auto blanks = static_cast<size_t>(std::count(body.begin(), body.end(), ' '));
  return blanks * 20 > body.size();
}

bool PlausiblyBase64(Bytes body) {
  const Bytes window = body.substr(0, 4096);
  size_t letters = 0;
  size_t other = 0;
  size_t blanks = 0;
  for (const char c : window) {
    const uint8_t value = Value(c);
    letters += value < 64 || value == kPad ? 1 : 0;
    other += value == kBad ? 1 : 0;
    blanks += c == ' ' ? 1 : 0;
  }
  return letters >= 8 && other * 10 <= letters && blanks * 20 <= letters;
}

}  // namespace gatepost::decode
