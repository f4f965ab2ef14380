// LIMITS: expressions whose beginning is nested more than 100 deep, or takes more than 20,000 steps
// to tell, begin with anything.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/starts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "src/scan/literal.h"

namespace gatepost::scan {

namespace {

using Kind = SyntaxNode::Kind;

constexpr uint32_t kClasses = Starts::kClasses;
constexpr int kDeepest = 100;
constexpr uint32_t kMostSteps = 20'000;

// The first three classes of what a part of an expression matches.
struct Prefixes {
  bool none = false;                        // it may be empty
  uint64_t one = 0;                         // it may be one byte of these
  std::array<uint64_t, kClasses> two = {};  // two bytes; per first class
  std::vector<uint64_t> three;              // or more than that; empty: never

  void NeedThree() {
    if (three.empty()) {
      three.assign(static_cast<size_t>(kClasses) * kClasses, 0);
    }
  }
  bool IsOpen() const {
    return none || one != 0 ||
           std::any_of(two.begin(), two.end(), [](uint64_t set) { return set != 0; });
  }
};

template <typename Do>
void ForEachBit(uint64_t set, Do todo) {
  for (; set != 0; set &= set - 1) {
    todo(static_cast<uint32_t>(__builtin_ctzll(set)));
  }
}

void Unite(const Prefixes& from, Prefixes* to) {
  to->none = to->none || from.none;
  to->one |= from.one;
  for (uint32_t i = 0; i < kClasses; ++i) {
    to->two[i] |= from.two[i];
  }
  if (!from.three.empty()) {
    to->NeedThree();
    for (size_t i = 0; i < from.three.size(); ++i) {
      to->three[i] |= from.three[i];
    }
  }
}

// What begins with `first` and goes on with `second`.
Prefixes Joined(const Prefixes& first, const Prefixes& second) {
  Prefixes out;
  if (first.none) {
    out = second;
  }
  if (!first.three.empty()) {
    out.NeedThree();
    for (size_t i = 0; i < first.three.size(); ++i) {
      out.three[i] |= first.three[i];
    }
  }
  // First and first two classes of `second`, whatever follows them.
  uint64_t heads = second.one;
  std::array<uint64_t, kClasses> pairs = second.two;
  for (uint32_t a = 0; a < kClasses; ++a) {
    for (uint32_t b = 0; !second.three.empty() && b < kClasses; ++b) {
      pairs[a] |= second.three[a * kClasses + b] != 0 ? uint64_t{1} << b : 0;
    }
    heads |= pairs[a] != 0 ? uint64_t{1} << a : 0;
  }
  ForEachBit(first.one, [&](uint32_t a) {
    out.one |= second.none ? uint64_t{1} << a : 0;
    out.two[a] |= second.one;
    for (uint32_t b = 0; b < kClasses; ++b) {
      if (pairs[b] != 0) {
        out.NeedThree();
        out.three[a * kClasses + b] |= pairs[b];
      }
    }
  });
  for (uint32_t a = 0; a < kClasses; ++a) {
    if (second.none) {
      out.two[a] |= first.two[a];
    }
    if (heads != 0 && first.two[a] != 0) {
      out.NeedThree();
      ForEachBit(first.two[a], [&](uint32_t b) { out.three[a * kClasses + b] |= heads; });
    }
  }
  return out;
}

uint64_t BytesBetween(unsigned first, unsigned last) {
  uint64_t set = 0;
  for (unsigned c = first; c <= last; ++c) {
    set |= uint64_t{1} << Starts::ClassOf(static_cast<unsigned char>(c));
  }
  return set;
}

class BeginningOf {
 public:
  explicit BeginningOf(const Syntax& syntax) : syntax_(syntax) {}

  // False: too deep or too long. NOLINTNEXTLINE(misc-no-recursion): kDeepest bounds it.
  bool Of(uint32_t index, int depth, Prefixes* out) {
    if (depth > kDeepest || ++steps_ > kMostSteps) {
      return false;
    }
    const SyntaxNode& node = syntax_.nodes[index];
    switch (node.kind) {
      case Kind::kEmpty:
        out->none = true;
        return true;
      case Kind::kChars:
        OfChars(node.chars, out);
        return true;
      case Kind::kConcat:
        out->none = true;
        for (const uint32_t child : node.children) {
          if (!out->IsOpen()) {
            break;
          }
          Prefixes next;
          if (!Of(child, depth + 1, &next)) {
            return false;
          }
          *out = Joined(*out, next);
        }
        return true;
      case Kind::kAlternate:
        for (const uint32_t child : node.children) {
          Prefixes next;
          if (!Of(child, depth + 1, &next)) {
            return false;
          }
          Unite(next, out);
        }
        return true;
      case Kind::kRepeat:
        return OfRepeat(node, depth, out);
    }
    return false;
  }

 private:
  static void OfChars(const CharSet& chars, Prefixes* out) {
    for (unsigned c = 0; c < 256; ++c) {
      out->one |=
          chars.bytes.test(c) ? uint64_t{1} << Starts::ClassOf(static_cast<unsigned char>(c)) : 0;
    }
    if (chars.wide) {
      // A sequence of UTF-8: two bytes, or more.
      const uint64_t inside = BytesBetween(0x80, 0xBF);
      out->NeedThree();
      ForEachBit(BytesBetween(0xC0, 0xFF), [&](uint32_t lead) {
        out->two[lead] |= inside;
        ForEachBit(inside, [&](uint32_t b) { out->three[lead * kClasses + b] |= inside; });
      });
    }
  }

  // Three rounds that are not empty give three bytes. NOLINTNEXTLINE(misc-no-recursion): as above.
  bool OfRepeat(const SyntaxNode& node, int depth, Prefixes* out) {
    Prefixes child;
    if (node.most > 0 && !Of(node.children[0], depth + 1, &child)) {
      return false;
    }
    Prefixes power;
    power.none = true;
    for (uint32_t n = 0; n <= 3; ++n) {
      const bool last = n == 3;
      if (n >= node.least || last) {
        Unite(power, out);
      }
      if (last || n >= node.most) {
        break;
      }
      power = Joined(power, child);
    }
    return true;
  }

  const Syntax& syntax_;
  uint32_t steps_ = 0;
};

// How probable each class is behind each other; row kClasses: anywhere.
struct Chances {
  std::array<std::array<double, kClasses>, kClasses> after;
  Chances() {
    std::array<std::string, kClasses> example;
    for (int c = 255; c >= 0; --c) {
      const auto byte = static_cast<unsigned char>(c);
      const int folded = FoldByte(Fold::kLower, byte);
      example[Starts::ClassOf(byte)] = std::string(1, static_cast<char>(folded));
    }
    for (uint32_t a = 0; a < kClasses; ++a) {
      for (uint32_t b = 0; b < kClasses; ++b) {
        const double bits = RarityOf(example[a] + example[b]) - RarityOf(example[a]);
        after[a][b] = std::exp2(-bits) * Share(b);
      }
    }
    for (uint32_t a = 0; a < kClasses; ++a) {
      alone[a] = std::exp2(-RarityOf(example[a])) * Share(a);
    }
  }
  // letter_bits.inc tells of one byte: how many a class has.
  static double Share(uint32_t one) {
    constexpr double kDigits = 10;
    constexpr double kStops = 2;
    constexpr double kSigns = 28;
    constexpr double kBeyond = 4;
    return one == 26 ? kDigits : one == 28 ? kStops : one == 30 ? kSigns : one >= 32 ? kBeyond : 1;
  }
  std::array<double, kClasses> alone;
};

}  // namespace

uint32_t Starts::ClassOf(unsigned char byte) {
  if (byte >= 0x80) {
    return 32U + (byte & 31U);
  }
  const unsigned char lower = byte | 0x20U;
  if (lower >= 'a' && lower <= 'z') {
    return lower - 'a';
  }
  if (byte >= '0' && byte <= '9') {
    return 26;
  }
  switch (byte) {
    case ' ':
    case '\t':
      return 27;
    case '.':
    case ',':
      return 28;
    case '\n':
    case '\r':
      return 29;
    default:
      return byte < ' ' ? 31 : 30;
  }
}

Starts Starts::Of(const Syntax& syntax) {
  Starts out;
  Prefixes whole;
  if (!syntax.understood || syntax.nodes.empty() ||
      !BeginningOf(syntax).Of(static_cast<uint32_t>(syntax.nodes.size()) - 1, 0, &whole) ||
      whole.none) {
    return out;
  }
  out.everything_ = false;
  whole.NeedThree();
  out.sets_ = std::move(whole.three);
  // Behind a match that is shorter anything may stand.
  ForEachBit(whole.one, [&](uint32_t a) {
    std::fill_n(out.sets_.begin() + a * kClasses, kClasses, ~uint64_t{0});
  });
  for (uint32_t a = 0; a < kClasses; ++a) {
    ForEachBit(whole.two[a], [&](uint32_t b) { out.sets_[a * kClasses + b] = ~uint64_t{0}; });
  }
  return out;
}

double Starts::bits() const {
  if (everything_) {
    return 0;
  }
  static const Chances kChances;
  double sum = 0;
  for (uint32_t a = 0; a < kClasses; ++a) {
    for (uint32_t b = 0; b < kClasses; ++b) {
      const uint64_t thirds = sets_[a * kClasses + b];
      if (thirds != 0) {
        double third = 0;
        ForEachBit(thirds, [&](uint32_t c) { third += kChances.after[b][c]; });
        sum += kChances.alone[a] * kChances.after[a][b] * third;
      }
    }
  }
  return sum > 0 ? std::max(0.0, -std::log2(sum)) : 0;
}

}  // namespace gatepost::scan
