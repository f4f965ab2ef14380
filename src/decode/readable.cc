// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/readable.h"

#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/decode/charset.h"

namespace gatepost::decode {

namespace {

bool IsAsciiWord(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
}

bool IsPrintable(unsigned char c) {
  return (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

// A letter of UTF-8 beyond ASCII that Latin scripts use (U+00C0 to U+01BF, marks that combine,
// U+1E80 to U+1EFF, punctuation): its length, or 0. By chance one in three hundred places of noise
// begins one, so that one is worth several letters of ASCII.
size_t LatinLetterAt(Bytes b, size_t at) {
  const auto byte = [&](size_t i) {
    return i < b.size() ? static_cast<unsigned char>(b[i]) : static_cast<unsigned char>(0);
  };
  const auto is_tail = [&](size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned char first = byte(at);
  if (((first >= 0xc3 && first <= 0xc6) || first == 0xcc) && is_tail(at + 1)) {
    return 2;
  }
  const bool known = (first == 0xe1 && (byte(at + 1) == 0xba || byte(at + 1) == 0xbb)) ||
                     (first == 0xe2 && byte(at + 1) <= 0x83);
  return known && is_tail(at + 1) && is_tail(at + 2) ? 3 : 0;
}

class Stretches {
 public:
  Stretches(Bytes bytes, uint64_t limit) : bytes_(bytes), limit_(limit) {}

  std::string Run() {
    Narrow();
    for (const size_t high : {size_t{1}, size_t{0}}) {
      Wide(high, 0);
      Wide(high, 1);
    }
    return std::move(out_);
  }

 private:
  void Add(std::string_view line) {
    if (out_.size() + line.size() + 1 <= limit_) {
      out_ += line;
      out_.push_back('\n');
    }
  }

  // Bytes that an 8-bit charset prints, and mostly letters of ASCII: a run of noise is a quarter
  // of them. Short runs count for what they prove: ASCII alone, or letters of UTF-8 in it.
  void Narrow() {
    size_t at = 0;
    while (at < bytes_.size()) {
      if (!IsPrintable(static_cast<unsigned char>(bytes_[at]))) {
        ++at;
        continue;
      }
      const size_t begin = at;
      size_t words = 0;
      for (; at < bytes_.size() && IsPrintable(static_cast<unsigned char>(bytes_[at])); ++at) {
        const auto c = static_cast<unsigned char>(bytes_[at]);
        words += IsAsciiWord(c) ? 1 : 0;
      }
      const Bytes run = bytes_.substr(begin, at - begin);
      constexpr size_t kLong = 24;
      if (run.size() >= kLong && words * 10 >= run.size() * 6) {
        Add(IsUtf8(run) ? std::string(run) : CodePageToUtf8(1252, run));
      } else if (run.size() >= 6) {
        Pieces(run);
      }
    }
  }

  // Pieces of a run that are UTF-8 by themselves.
  void Pieces(Bytes run) {
    size_t at = 0;
    while (at < run.size()) {
      const size_t begin = at;
      size_t letters = 0;
      size_t evidence = 0;
      size_t small_to_large = 0;
      bool only_letters = true;
      while (at < run.size()) {
        const auto c = static_cast<unsigned char>(run[at]);
        const size_t length = c < 0x80 ? 1 : LatinLetterAt(run, at);
        if (length == 0) {
          break;
        }
        letters += length > 1 || IsAsciiWord(c) ? 1 : 0;
        only_letters = only_letters && (length > 1 || (IsAsciiWord(c) && (c < '0' || c > '9')));
        small_to_large +=
            c >= 'A' && c <= 'Z' && at > begin && run[at - 1] >= 'a' && run[at - 1] <= 'z' ? 1 : 0;
        evidence += length > 1 ? 4 * (length - 1) : 1;
        at += length;
      }
      constexpr size_t kEvidence = 16;
      constexpr size_t kOfLetters = 10;  // where there is nothing but letters
      constexpr size_t kLetters = 5;
      // Letters of chance, or of sound, change between small and large at every step.
      const bool words = letters >= kLetters && small_to_large * 8 <= letters;
      if (words && ((evidence >= kEvidence && letters * 10 >= (at - begin) * 6) ||
                    (evidence >= kOfLetters && only_letters))) {
        Add(run.substr(begin, at - begin));
      }
      ++at;
    }
  }

  // UTF-16 whose high byte is that of a Latin letter, six in a row.
  void Wide(size_t high, size_t start) {
    constexpr size_t kShortest = 6;
    std::string run;  // little-endian
    size_t letters = 0;
    const auto end = [&] {
      if (run.size() >= 2 * kShortest && letters * 4 >= run.size()) {
        Add(Utf16LeToUtf8(run));
      }
      run.clear();
      letters = 0;
    };
    for (size_t i = start; i + 1 < bytes_.size(); i += 2) {
      const auto page = static_cast<unsigned char>(bytes_[i + high]);
      const auto low = static_cast<unsigned char>(bytes_[i + 1 - high]);
      const bool ascii = page == 0 && low < 0x80;
      if (page == 0x1e || page == 0x01 || page == 0x03 || page == 0x20 ||
          (page == 0 && IsPrintable(low))) {
        run.push_back(static_cast<char>(low));
        run.push_back(static_cast<char>(page));
        letters += !ascii || IsAsciiWord(low) ? 1 : 0;
      } else {
        end();
      }
    }
    end();
  }

  const Bytes bytes_;
  const uint64_t limit_;
  std::string out_;
};

// How far the frequencies of byte values are from equal, for each byte: text has 8 and more,
// tables and programs 2 and more, what was compressed or encrypted less than 0.1 (bzip2's own
// tables 0.26).
bool IsEven(Bytes window) {
  std::array<uint32_t, 256> counts{};
  for (const char c : window) {
    ++counts[static_cast<unsigned char>(c)];
  }
  const double expected = static_cast<double>(window.size()) / 256;
  double sum = 0;
  for (const uint32_t count : counts) {
    const double off = count - expected;
    sum += off * off / expected;
  }
  constexpr double kMostForEachByte = 0.3;
  return (sum - 255) / static_cast<double>(window.size()) < kMostForEachByte;
}

}  // namespace

std::string ReadableStretches(Bytes bytes, uint64_t limit) { return Stretches(bytes, limit).Run(); }

bool IsNoise(Bytes bytes) {
  constexpr size_t kWindow = 4096;
  constexpr size_t kLeast = 512;
  constexpr size_t kMostWindows = 256;
  if (bytes.size() < kLeast) {
    return false;
  }
  const size_t windows = std::max<size_t>(1, bytes.size() / kWindow);
  const size_t looked_at = std::min(windows, kMostWindows);
  size_t even = 0;
  for (size_t i = 0; i < looked_at; ++i) {
    even += IsEven(bytes.substr(i * windows / looked_at * kWindow, kWindow)) ? 1 : 0;
  }
  return even * 2 >= looked_at;
}

}  // namespace gatepost::decode
