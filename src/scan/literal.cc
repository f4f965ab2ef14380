// LIMITS: 64 words for a part that is only words, 4,096 for a choice of parts; words of 64 bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/literal.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstring>
#include <set>

namespace gatepost::scan {

namespace {

using Kind = SyntaxNode::Kind;

constexpr size_t kMostWords = 64;
constexpr size_t kMostChoices = 4'096;
constexpr size_t kMostFactor = 16;
constexpr size_t kMostLength = 64;
constexpr size_t kShortestWord = 3;
constexpr double kLeastBits = 4;
// A word near the beginning is worth more than a rarer one behind a repeat without end.
constexpr double kEndlessPenalty = 16;

constexpr uint8_t kBits[33][32] = {
#include "src/scan/letter_bits.inc"
};

size_t ClassOf(unsigned char c) {
  return c >= 'a' && c <= 'z'    ? static_cast<size_t>(c - 'a')
         : c >= 'A' && c <= 'Z'  ? static_cast<size_t>(c - 'A')
         : c >= '0' && c <= '9'  ? 26
         : c == ' ' || c == '\t' ? 27
         : c == '.'              ? 28
         : c == '\n'             ? 31
         : c >= 0x80             ? 30
                                 : 29;
}

// What a part of an expression matches, seen through a fold.
struct Piece {
  bool exact = true;                      // `words` are all it can be; else they mean nothing
  std::vector<std::string> words = {""};  // folded, sorted, without repetition
  uint32_t lead = 0;                      // most bytes before the first kept character
  uint32_t least = 0, most = 0;           // bytes
  std::vector<std::string> head;          // where not exact: it begins with one of these, if any
  uint32_t head_lead = 0;
  Required best;  // the best that is not known from `words`
};

double Worth(const Required& required) {
  if (required.literals.empty()) {
    return -100;
  }
  const bool endless = std::any_of(required.literals.begin(), required.literals.end(),
                                   [](const Literal& l) { return l.most == kEndless; });
  return required.bits - 0.25 * std::log2(static_cast<double>(required.literals.size())) -
         (endless ? kEndlessPenalty : 0);
}

void Consider(Required candidate, Required* best) {
  if (Worth(candidate) > Worth(*best)) {
    *best = std::move(candidate);
  }
}

double BitsOf(const std::vector<Literal>& literals) {
  double sum = 0;
  for (const Literal& literal : literals) {
    sum += std::exp2(-RarityOf(literal.text));
  }
  return sum > 0 ? -std::log2(sum) : 0;
}

// The words of an exact piece that stands so far behind the beginning.
Required FromWords(const std::vector<std::string>& words, uint32_t lead, uint32_t least,
                   uint32_t most) {
  Required out;
  for (const std::string& word : words) {
    if (word.size() < kShortestWord) {
      return {};
    }
    out.literals.push_back({word, least, AddWidths(most, lead)});
  }
  out.bits = BitsOf(out.literals);
  return out;
}

Required Shifted(Required required, uint32_t least, uint32_t most) {
  for (Literal& literal : required.literals) {
    literal.least = AddWidths(literal.least, least);
    literal.most = AddWidths(literal.most, most);
  }
  return required;
}

bool HasEmpty(const std::vector<std::string>& words) { return !words.empty() && words[0].empty(); }

void Unique(std::vector<std::string>* words) {
  std::sort(words->begin(), words->end());
  words->erase(std::unique(words->begin(), words->end()), words->end());
}

// Words of one piece behind words of another; false: too many.
bool Cross(const Piece& next, std::vector<std::string>* words) {
  if (next.words.size() > kMostFactor && words->size() > 1) {
    return false;
  }
  if (words->size() * next.words.size() > kMostWords) {
    return false;
  }
  std::vector<std::string> out;
  for (const std::string& a : *words) {
    for (const std::string& b : next.words) {
      if (a.size() + b.size() > kMostLength) {
        return false;
      }
      out.push_back(a + b);
    }
  }
  Unique(&out);
  *words = std::move(out);
  return true;
}

class Finder {
 public:
  Finder(const Syntax& syntax, Fold fold) : syntax_(syntax), fold_(fold) {}

  Required Run() {
    for (const SyntaxNode& node : syntax_.nodes) {
      switch (node.kind) {
        case Kind::kEmpty:
          pieces_.emplace_back();
          break;
        case Kind::kChars:
          pieces_.push_back(OfChars(node.chars));
          break;
        case Kind::kConcat:
          pieces_.push_back(OfConcat(node));
          break;
        case Kind::kAlternate:
          pieces_.push_back(OfAlternate(node));
          break;
        case Kind::kRepeat:
          pieces_.push_back(OfRepeat(node));
          break;
      }
    }
    Piece& whole = pieces_.back();
    Required best = std::move(whole.best);
    if (whole.exact) {
      Consider(FromWords(whole.words, whole.lead, 0, 0), &best);
    }
    return best.bits >= kLeastBits ? best : Required();
  }

 private:
  Piece OfChars(const CharSet& chars) const {
    Piece piece;
    piece.least = 1;
    piece.most = chars.wide ? 4 : 1;
    std::set<std::string> words;
    if (chars.wide) {
      if (fold_ == Fold::kLower) {
        piece.exact = false;
        return piece;
      }
      words.insert("");
    }
    for (unsigned c = 0; c < 256 && words.size() <= kMostFactor; ++c) {
      if (chars.bytes.test(c)) {
        const int folded = FoldByte(fold_, static_cast<unsigned char>(c));
        words.insert(folded == kDropped ? std::string()
                                        : std::string(1, static_cast<char>(folded)));
      }
    }
    piece.exact = !words.empty() && words.size() <= kMostFactor;
    piece.words.assign(words.begin(), words.end());
    piece.lead = piece.exact && HasEmpty(piece.words) ? piece.most : 0;
    return piece;
  }

  Piece OfConcat(const SyntaxNode& node) {
    Piece out;
    Piece run;  // the words of the last children, as far as they are few
    uint32_t run_least = 0;
    uint32_t run_most = 0;
    for (const uint32_t child : node.children) {
      Piece& next = pieces_[child];
      Consider(Shifted(std::move(next.best), out.least, out.most), &out.best);
      if (next.exact) {
        std::vector<std::string> words = run.words;
        if (next.words.size() > 1) {
          Consider(FromWords(run.words, run.lead, run_least, run_most), &out.best);
        }
        const bool open = HasEmpty(run.words);
        if (Cross(next, &words)) {
          if (open) {
            run.lead = std::max(run.lead, AddWidths(run.most, next.lead));
          }
          run.words = std::move(words);
          run.most = AddWidths(run.most, next.most);
        } else {
          Consider(FromWords(run.words, run.lead, run_least, run_most), &out.best);
          out.exact = false;
          run_least = out.least;
          run_most = out.most;
          run.words = next.words;
          run.lead = next.lead;
          run.most = next.most;
        }
      } else {
        Consider(FromWords(run.words, run.lead, run_least, run_most), &out.best);
        if (!next.head.empty()) {
          Piece head;
          head.words = next.head;
          std::vector<std::string> words = run.words;
          if (Cross(head, &words)) {
            const uint32_t lead = HasEmpty(run.words)
                                      ? std::max(run.lead, AddWidths(run.most, next.head_lead))
                                      : run.lead;
            Consider(FromWords(words, lead, run_least, run_most), &out.best);
          }
        }
        out.exact = false;
        run = Piece();
        run_least = AddWidths(out.least, next.least);
        run_most = AddWidths(out.most, next.most);
      }
      out.least = AddWidths(out.least, next.least);
      out.most = AddWidths(out.most, next.most);
      next = Piece();
    }
    if (out.exact) {
      out.words = std::move(run.words);
      out.lead = run.lead;
    } else {
      Consider(FromWords(run.words, run.lead, run_least, run_most), &out.best);
      out.words.clear();
    }
    return out;
  }

  Piece OfAlternate(const SyntaxNode& node) {
    Piece out;
    out.words.clear();
    out.least = kEndless;
    bool every = true;  // has something required
    Required required;
    for (const uint32_t child : node.children) {
      Piece& next = pieces_[child];
      out.least = std::min(out.least, next.least);
      out.most = std::max(out.most, next.most);
      out.exact = out.exact && next.exact;
      if (out.exact) {
        out.lead = std::max(out.lead, next.lead);
        out.words.insert(out.words.end(), next.words.begin(), next.words.end());
        out.exact = out.words.size() <= kMostWords;
      }
      Required best = std::move(next.best);
      if (next.exact) {
        Consider(FromWords(next.words, next.lead, 0, 0), &best);
      }
      every = every && !best.literals.empty() &&
              required.literals.size() + best.literals.size() <= kMostChoices;
      if (every) {
        required.literals.insert(required.literals.end(), best.literals.begin(),
                                 best.literals.end());
      }
      next = Piece();
    }
    Unique(&out.words);
    if (every) {
      required.bits = BitsOf(required.literals);
      out.best = std::move(required);
    }
    return out;
  }

  Piece OfRepeat(const SyntaxNode& node) {
    Piece& child = pieces_[node.children[0]];
    Piece out;
    out.least = MultiplyWidth(child.least, node.least);
    out.most = MultiplyWidth(child.most, node.most);
    if (node.least > 0) {
      out.best = std::move(child.best);
      if (child.exact) {
        Consider(FromWords(child.words, child.lead, 0, 0), &out.best);
      }
    }
    const bool nothing = child.exact && child.words.size() == 1 && child.words[0].empty();
    if (nothing) {
      out.lead = out.most;
      child = Piece();
      return out;
    }
    out.exact = child.exact && node.most <= 4;
    if (out.exact) {
      // The powers, least to most.
      std::vector<std::string> all;
      std::vector<std::string> power = {""};
      uint32_t lead = 0;
      for (uint32_t n = 0; out.exact; ++n) {
        if (n >= node.least) {
          all.insert(all.end(), power.begin(), power.end());
        }
        if (n == node.most) {
          break;
        }
        lead = HasEmpty(child.words) ? AddWidths(lead, child.most) : child.lead;
        out.exact = Cross(child, &power) && all.size() <= kMostWords;
      }
      Unique(&all);
      out.exact = out.exact && all.size() <= kMostWords;
      out.words = std::move(all);
      out.lead = HasEmpty(child.words) ? out.most : lead;
    }
    if (!out.exact) {
      out.words.clear();
      // The first rounds alone are words, too.
      std::vector<std::string> power = {""};
      Required best;
      for (uint32_t n = 0; child.exact && n < std::min<uint32_t>(node.least, 8); ++n) {
        if (!Cross(child, &power)) {
          break;
        }
        const uint32_t lead = HasEmpty(child.words) ? out.most : child.lead;
        Consider(FromWords(power, lead, 0, 0), &best);
        out.head = power;
        out.head_lead = lead;
      }
      Consider(std::move(best), &out.best);
    }
    child = Piece();
    return out;
  }

  const Syntax& syntax_;
  const Fold fold_;
  std::vector<Piece> pieces_;
};

}  // namespace

int FoldByte(Fold fold, unsigned char byte) {
  const bool upper = byte >= 'A' && byte <= 'Z';
  const auto lower = static_cast<unsigned char>(upper ? byte + ('a' - 'A') : byte);
  if (fold == Fold::kLower) {
    return byte >= '\t' && byte <= '\r' ? ' ' : lower;
  }
  switch (lower) {
    case '0':
      return 'o';
    case '1':
    case 'l':
      return 'i';
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    case '7':
      return 't';
    default:
      break;
  }
  const bool kept = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
  return kept ? lower : kDropped;
}

namespace {

// Eight bytes at a time: letters to lower case, blanks of all kinds to ' '. The high bit of a byte
// of `at_least(c)` says whether it is at least c, both below 80.
void LowerAll(std::string_view text, char* out) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  constexpr uint64_t kHigh = 0x80 * kOnes;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= text.size(); i += sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + i, sizeof(bytes));
    const uint64_t low = bytes & ~kHigh;
    const auto at_least = [&](uint64_t c) { return low + (0x80 - c) * kOnes; };
    const uint64_t ascii = ~bytes & kHigh;
    const uint64_t capital = (at_least('A') ^ at_least('Z' + 1)) & ascii;
    const uint64_t blank = (at_least('\t') ^ at_least('\r' + 1)) & ascii;
    const uint64_t blanks = (blank >> 7U) * 0xFF;
    bytes = ((bytes + (capital >> 2U)) & ~blanks) | (blanks & (' ' * kOnes));
    std::memcpy(out + i, &bytes, sizeof(bytes));
  }
  for (; i < text.size(); ++i) {
    out[i] = static_cast<char>(FoldByte(Fold::kLower, static_cast<unsigned char>(text[i])));
  }
}

}  // namespace

bool FoldText(Fold fold, std::string_view text, std::string* folded, std::vector<uint32_t>* kept) {
  folded->resize(text.size());
  if (fold == Fold::kLower) {
    LowerAll(text, folded->data());
    return false;
  }
  static const std::array<int16_t, 256> kTable = [] {
    std::array<int16_t, 256> table = {};
    for (size_t c = 0; c < table.size(); ++c) {
      table[c] = static_cast<int16_t>(FoldByte(Fold::kCompact, static_cast<unsigned char>(c)));
    }
    return table;
  }();
  kept->resize(text.size());
  size_t size = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int16_t c = kTable[static_cast<unsigned char>(text[i])];
    (*folded)[size] = static_cast<char>(c);
    (*kept)[size] = static_cast<uint32_t>(i);
    size += c != kDropped ? 1 : 0;
  }
  folded->resize(size);
  kept->resize(size);
  return true;
}

Required FindRequired(const Syntax& syntax, Fold fold) {
  if (!syntax.understood || syntax.nodes.empty()) {
    return {};
  }
  return Finder(syntax, fold).Run();
}

bool KeepAscii(Syntax* syntax) {
  std::bitset<256> ascii;
  for (size_t c = 0; c < 0x80; ++c) {
    ascii.set(c);
  }
  std::vector<bool> possible(syntax->nodes.size(), true);
  for (size_t i = 0; i < syntax->nodes.size(); ++i) {
    SyntaxNode& node = syntax->nodes[i];
    std::vector<uint32_t>& children = node.children;
    const auto is_possible = [&](uint32_t child) { return possible[child]; };
    switch (node.kind) {
      case Kind::kEmpty:
        break;
      case Kind::kChars:
        node.chars.bytes &= ascii;
        node.chars.wide = false;
        possible[i] = node.chars.bytes.any();
        break;
      case Kind::kConcat:
        possible[i] = std::all_of(children.begin(), children.end(), is_possible);
        break;
      case Kind::kAlternate:
        children.erase(std::remove_if(children.begin(), children.end(),
                                      [&](uint32_t child) { return !possible[child]; }),
                       children.end());
        possible[i] = !children.empty();
        break;
      case Kind::kRepeat:
        possible[i] = possible[children[0]] || node.least == 0;
        if (!possible[children[0]]) {
          node = SyntaxNode();
        }
        break;
    }
    if (!possible[i]) {
      node = SyntaxNode();
    }
  }
  return possible.empty() || possible.back();
}

bool IsWorthMore(const Required& these, const Required& those) {
  return Worth(these) > Worth(those);
}

double RarityOf(std::string_view folded) {
  double eighths = 0;
  size_t row = 0;
  for (const char c : folded) {
    const size_t column = ClassOf(static_cast<unsigned char>(c));
    eighths += kBits[row][column];
    row = column + 1;
  }
  return std::min(eighths / 8, 48.0);
}

}  // namespace gatepost::scan
