// Mutations of mail by its lines and words, so that a campaign changes structure more often than it
// breaks the payload. Only libFuzzer calls it; a replay does not.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// libFuzzer's own; weak, so that a replay links without it.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size)
    __attribute__((weak));

namespace gatepost::fuzz {

// Numbers that the seed decides (xorshift).
class Dice {
 public:
  explicit Dice(unsigned seed) : state_(seed | 1U) {}
  size_t operator()(size_t below) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return below == 0 ? 0 : state_ % below;
  }

 private:
  uint32_t state_;
};

class MimeMutator {
 public:
  MimeMutator(std::string mail, unsigned seed) : mail_(std::move(mail)), dice_(seed) {}

  std::string Run() {
    for (size_t rounds = 1 + dice_(3); rounds > 0; --rounds) {
      One();
    }
    return std::move(mail_);
  }

 private:
  // Lines with their ends.
  std::vector<std::string> Lines() const {
    std::vector<std::string> out;
    for (size_t at = 0; at < mail_.size();) {
      const size_t end = std::min(mail_.find('\n', at), mail_.size() - 1) + 1;
      out.push_back(mail_.substr(at, end - at));
      at = end;
    }
    return out;
  }

  void Join(const std::vector<std::string>& lines) {
    mail_.clear();
    for (const std::string& line : lines) {
      mail_ += line;
    }
  }

  // Header fields and boundary lines: where structure is.
  static bool IsStructure(std::string_view line) {
    return line.substr(0, 2) == "--" || line.find("ontent-") != std::string_view::npos ||
           line.find('=') != std::string_view::npos;
  }

  void One() {
    static const std::vector<std::string> words = {";",
                                                   "\"",
                                                   "(x)",
                                                   "(",
                                                   "\\",
                                                   " ",
                                                   "\t",
                                                   std::string(1, '\0'),
                                                   "=",
                                                   ",",
                                                   "--",
                                                   "\r",
                                                   "\v",
                                                   "\f",
                                                   "\xEF",
                                                   "=?us-ascii?b?b3V0ZXI=?=",
                                                   "\"base64\"",
                                                   "x-uuencode",
                                                   "OUTER",
                                                   "boundary=",
                                                   "; boundary=x",
                                                   "; boundary*=us-ascii''x",
                                                   "; boundary*0=o",
                                                   "; boundary*1=uter",
                                                   "base64",
                                                   "quoted-printable",
                                                   "7bit",
                                                   "binary",
                                                   "x-",
                                                   "BASE64",
                                                   "multipart/mixed",
                                                   "text/plain",
                                                   "message/rfc822",
                                                   "=?us-ascii?q?",
                                                   "?=",
                                                   "'",
                                                   "charset=",
                                                   ":",
                                                   " :",
                                                   "%6F"};
    static const std::vector<std::string> fields = {
        "Content-Type: text/plain\r\n",
        "Content-Type: multipart/mixed; boundary=other\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: 7bit\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Type: multipart/mixed\r\n",
        "content-transfer-encoding : base64\r\n",
        "\r\n",
        " \r\n",
        "\t\r\n",
        "--outer\r\n",
        "--outer--\r\n",
        "--other\r\n",
        "--other--\r\n",
        "junk\r\n",
        "Content-Transfer-Encoding: x-uuencode\r\n",
        "begin 644 a.bin\r\n",
        "end\r\n",
        "=\r\n"};
    static const std::vector<std::string> ends = {"\n", "\r",    "\r\r\n", "\n\r",
                                                  "",   "\r\n ", "\r\n\t", " \r\n"};
    std::vector<std::string> lines = Lines();
    if (lines.empty()) {
      return;
    }
    const size_t i = dice_(lines.size());
    std::vector<size_t> structure;
    for (size_t k = 0; k < lines.size(); ++k) {
      if (IsStructure(lines[k])) {
        structure.push_back(k);
      }
    }
    const size_t s = structure.empty() ? i : structure[dice_(structure.size())];
    switch (dice_(10)) {
      case 0:
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), lines[s]);
        break;
      case 1:
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(s));
        break;
      case 2:
        std::swap(lines[i], lines[s]);
        break;
      case 3:
      case 4:
        lines[s].insert(dice_(lines[s].size() + 1), words[dice_(words.size())]);
        break;
      case 5:
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), fields[dice_(fields.size())]);
        break;
      case 6:
        while (!lines[s].empty() && (lines[s].back() == '\n' || lines[s].back() == '\r')) {
          lines[s].pop_back();
        }
        lines[s] += ends[dice_(ends.size())];
        break;
      case 7:
        lines[s].insert(dice_(lines[s].size() + 1), "\r\n ");
        break;
      case 8:
        if (!lines[s].empty()) {
          const size_t at = dice_(lines[s].size());
          const size_t count = 1 + dice_(8);
          for (size_t k = at; k < std::min(at + count, lines[s].size()); ++k) {
            const char lower = static_cast<char>(lines[s][k] | 0x20);
            lines[s][k] =
                lower >= 'a' && lower <= 'z' ? static_cast<char>(lines[s][k] ^ 0x20) : lines[s][k];
          }
        }
        break;
      default:
        if (!lines[s].empty()) {
          lines[s].erase(dice_(lines[s].size()), 1 + dice_(3));
        }
        break;
    }
    Join(lines);
  }

  std::string mail_;
  Dice dice_;
};

inline size_t MutateMail(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (LLVMFuzzerMutate != nullptr && (size == 0 || seed % 4 == 0)) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::string out =
      MimeMutator(std::string(reinterpret_cast<const char*>(data), size), seed / 4 + 1).Run();
  const size_t length = std::min(out.size(), max_size);
  std::memcpy(data, out.data(), length);
  return length;
}

}  // namespace gatepost::fuzz
