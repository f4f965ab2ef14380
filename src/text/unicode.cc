// The ICU door for everything but charsets. Tables are made once from ICU's properties, so that the
// loop over a text never calls ICU for Latin, Vietnamese, Cyrillic, Greek or any composed letter.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "src/base/utf8.h"

namespace gatepost::text {

namespace {

const icu::Normalizer2& Nfc() {
  UErrorCode status = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFCInstance(status);
}

const icu::Normalizer2& Nfkd() {
  UErrorCode status = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFKDInstance(status);
}

std::u32string FromIcu(const icu::UnicodeString& s) {
  std::u32string out;
  for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
    out.push_back(static_cast<char32_t>(s.char32At(i)));
  }
  return out;
}

icu::UnicodeString ToIcu(std::u32string_view s) {
  icu::UnicodeString out;
  for (const char32_t c : s) {
    out.append(static_cast<UChar32>(c));
  }
  return out;
}

std::u32string Normalized(const icu::Normalizer2& form, std::u32string_view s) {
  UErrorCode status = U_ZERO_ERROR;
  return FromIcu(form.normalize(ToIcu(s), status));
}

bool IsMark(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ME_MASK)) !=
         0;
}

bool IsBlank(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) != 0 || c == 0x2800;
}

// Marks that go with letters of any script: strokes, circles. Where they are too many or belong to
// no letter they are dropped, so they must come together with their letter.
bool MayFlood(char32_t c) {
  return (c >= 0x300 && c < 0x370) || (c >= 0x483 && c <= 0x489) || (c >= 0x1AB0 && c < 0x1B00) ||
         (c >= 0x1DC0 && c < 0x1E00) || (c >= 0x20D0 && c < 0x2100) || (c >= 0xFE20 && c < 0xFE30);
}

// Everything that renders as nothing and is not a letter of anything. U+00AD included.
bool IsDropped(char32_t c) {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x17B4 ||
         c == 0x17B5 || (c >= 0x180B && c <= 0x180F) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) ||
         (c >= 0x2066 && c <= 0x206F) || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || c == 0xFFA0 || (c >= 0x1D173 && c <= 0x1D17A) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

bool IsSingleQuote(char32_t c) {
  return (c >= 0x2018 && c <= 0x201B) || c == 0x2032 || c == 0x2035 || c == 0x2039 || c == 0x203A ||
         c == 0xB4 || c == 0x275B || c == 0x275C;
}

bool IsDoubleQuote(char32_t c) {
  return c == 0xAB || c == 0xBB || (c >= 0x201C && c <= 0x201F) || c == 0x2033 || c == 0x2036 ||
         (c >= 0x301D && c <= 0x301F) || c == 0x275D || c == 0x275E;
}

// ASCII punctuation for c >= 80: 0 keep, 1 drop, else the byte.
uint16_t PunctuationOf(char32_t c) {
  if (IsDropped(c)) {
    return FormTable::kDrop;
  }
  if (IsBlank(c)) {
    return ' ';
  }
  const uint32_t mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  if ((mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0) {
    return FormTable::kKeep;
  }
  if ((mask & U_GC_PD_MASK) != 0 || c == 0x2212 || c == 0x2043 || c == 0x2500 || c == 0x2501) {
    return '-';
  }
  if (IsSingleQuote(c)) {
    return '\'';
  }
  return IsDoubleQuote(c) ? '"' : '.';
}

char LeetOf(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '!':
    case '|':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    default:
      return c;
  }
}

// The byte that `form` writes for an ASCII character; 0 drops it.
uint8_t AsciiOf(Form form, uint8_t c) {
  if (c == '\n') {
    return c;
  }
  if (c == '\t' || c == '\v' || c == '\f' || c == '\r') {
    return ' ';
  }
  if (c < 0x20 || c == 0x7F) {
    return 0;
  }
  if (form == Form::kFold || form == Form::kLeet) {
    const char lower = AsciiLower(static_cast<char>(c));
    return static_cast<uint8_t>(form == Form::kLeet ? LeetOf(lower) : lower);
  }
  if (form == Form::kCompact && (c == ' ' || c == '.' || c == '-' || c == '_')) {
    return c == ' ' ? static_cast<uint8_t>(' ') : static_cast<uint8_t>(0);
  }
  return c;
}

// Compatibility letters and look-alikes to Latin, accents kept.
std::u32string SkeletonOf(char32_t c) {
  const char32_t alike = LatinLookAlike(c);
  if (alike != c || Nfkd().isInert(static_cast<UChar32>(c)) != 0) {
    return {alike};
  }
  std::u32string apart = Normalized(Nfkd(), std::u32string_view(&c, 1));
  for (char32_t& one : apart) {
    one = LatinLookAlike(one);
  }
  return Normalized(Nfc(), apart);
}

// Letters whose stroke is no mark in Unicode.
char32_t WithoutStroke(char32_t c) {
  switch (c) {
    case U'đ':
    case U'ɖ':
      return U'd';
    case U'ø':
      return U'o';
    case U'ł':
      return U'l';
    case U'ħ':
      return U'h';
    case U'ŧ':
      return U't';
    case U'ƀ':
      return U'b';
    case U'ɨ':
      return U'i';
    case U'ɇ':
      return U'e';
    case U'ⱥ':
      return U'a';
    case U'ⱦ':
      return U't';
    case U'ꝁ':
      return U'k';
    case U'ꝑ':
      return U'p';
    case U'ƶ':
      return U'z';
    case U'ɏ':
      return U'y';
    case U'ɍ':
      return U'r';
    case U'ᵯ':
    case U'ɱ':
      return U'm';
    default:
      return c;
  }
}

std::u32string FoldOf(const std::u32string& skeleton) {
  if (skeleton.size() == 1 &&
      (skeleton[0] < 0x80 || (skeleton[0] >= 0x3400 && skeleton[0] < 0xA000))) {
    return {ToLower(skeleton[0])};
  }
  std::u32string out;
  for (const char32_t c : Normalized(Nfkd(), skeleton)) {
    const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
    if (!IsMark(lower)) {
      out.push_back(WithoutStroke(lower));
    }
  }
  return Normalized(Nfc(), out);
}

class TableBuilder {
 public:
  explicit TableBuilder(Form form) : form_(form) {}

  FormTable Build() {
    table_.code.assign(kTableEnd, FormTable::kKeep);
    for (size_t c = 0; c < 128; ++c) {
      table_.ascii[c] = AsciiOf(form_, static_cast<uint8_t>(c));
    }
    const icu::Normalizer2& nfc = Nfc();
    UErrorCode status = U_ZERO_ERROR;
    for (char32_t c = 0x80; c < kTableEnd; ++c) {
      if (c >= 0xD800 && c < 0xE000) {
        continue;
      }
      const auto icu_c = static_cast<UChar32>(c);
      const bool safe = nfc.isInert(icu_c) != 0 ||
                        (nfc.getCombiningClass(icu_c) == 0 && nfc.hasBoundaryBefore(icu_c) != 0 &&
                         nfc.quickCheck(icu::UnicodeString(icu_c), status) == UNORM_YES);
      // A dropped code point between a letter and its mark must not keep them apart.
      const bool unsafe = !safe || IsDropped(c) || MayFlood(c);
      table_.code[c] =
          static_cast<uint16_t>(CodeFor(c) | (unsafe ? FormTable::kUnsafe : uint16_t{0}));
    }
    return std::move(table_);
  }

 private:
  uint16_t CodeFor(char32_t c) {
    const uint16_t punctuation = PunctuationOf(c);
    if (form_ == Form::kNfc || punctuation == FormTable::kDrop) {
      return punctuation;
    }
    if (IsMark(c)) {
      return form_ == Form::kFold || form_ == Form::kLeet ? FormTable::kDrop : FormTable::kKeep;
    }
    std::u32string text = SkeletonOf(c);
    if (form_ == Form::kFold || form_ == Form::kLeet) {
      text = FoldOf(text);
    }
    std::u32string out;
    for (const char32_t one : text) {
      const uint16_t code = one < 0x80
                                ? table_.ascii[one] == 0 ? FormTable::kDrop : table_.ascii[one]
                                : PunctuationOf(one);
      if (code == FormTable::kKeep) {
        out.push_back(one);
      } else if (code != FormTable::kDrop && !(form_ == Form::kCompact && code == '.') &&
                 !(form_ == Form::kCompact && code == '-')) {
        out.push_back(static_cast<char32_t>(code == '\n' ? ' ' : code));
      }
    }
    if (out.size() == 1 && out[0] == c) {
      return FormTable::kKeep;
    }
    if (out.empty()) {
      return FormTable::kDrop;
    }
    if (out.size() == 1 && out[0] < 0x80) {
      return static_cast<uint16_t>(out[0]);
    }
    return Pooled(out);
  }

  uint16_t Pooled(const std::u32string& text) {
    const auto found = index_.find(text);
    if (found != index_.end()) {
      return found->second;
    }
    const auto code = static_cast<uint16_t>(FormTable::kPool + table_.pool.size());
    if (code >= FormTable::kUnsafe) {
      return FormTable::kKeep;  // cannot happen with today's Unicode: about 9,000 are used
    }
    table_.pool.push_back(text);
    index_.emplace(text, code);
    return code;
  }

  struct Hash {
    size_t operator()(const std::u32string& s) const { return std::hash<std::u32string_view>()(s); }
  };
  Form form_;
  FormTable table_;
  std::unordered_map<std::u32string, uint16_t, Hash> index_;
};

// Sequences of a letter and one or two marks that make a Vietnamese letter, in every order in which
// someone may type them.
using Sequences = std::unordered_map<uint64_t, char32_t>;

uint64_t KeyOf(std::u32string_view s) {
  uint64_t key = 0;
  for (size_t i = 0; i < s.size(); ++i) {
    key |= static_cast<uint64_t>(s[i]) << (21 * i);
  }
  return key;
}

const Sequences& VietnameseSequences() {
  static const Sequences sequences = [] {
    constexpr std::u32string_view kTones = U"\u0300\u0301\u0303\u0309\u0323";
    constexpr std::u32string_view kShaped = U"ăâêôơưĂÂÊÔƠƯ";
    constexpr std::u32string_view kPlain = U"aeiouyAEIOUY";
    Sequences out;
    for (const char32_t letter : kPlain) {
      for (const char32_t tone : kTones) {
        const std::u32string two{letter, tone};
        out.emplace(KeyOf(two), Normalized(Nfc(), two)[0]);
      }
    }
    for (const char32_t letter : kShaped) {
      const std::u32string apart = Normalized(Nfkd(), std::u32string_view(&letter, 1));
      out.emplace(KeyOf(apart), letter);
      for (const char32_t tone : kTones) {
        const std::u32string toned = Normalized(Nfc(), std::u32string{letter, tone});
        const std::u32string base_tone = Normalized(Nfc(), std::u32string{apart[0], tone});
        for (const std::u32string& spelling :
             {std::u32string{letter, tone}, std::u32string{apart[0], apart[1], tone},
              std::u32string{apart[0], tone, apart[1]}, std::u32string{base_tone[0], apart[1]}}) {
          out.emplace(KeyOf(spelling), toned[0]);
        }
      }
    }
    return out;
  }();
  return sequences;
}

}  // namespace

uint16_t FormTable::CodeOf(char32_t c) const {
  if (c < kTableEnd) {
    return code[c];
  }
  return static_cast<uint16_t>(PunctuationOf(c) |
                               (Nfc().isInert(static_cast<UChar32>(c)) != 0 && !IsDropped(c)
                                    ? uint16_t{0}
                                    : FormTable::kUnsafe));
}

const FormTable& TableOf(Form form) {
  switch (form) {
    case Form::kSkel: {
      static const FormTable skel = TableBuilder(Form::kSkel).Build();
      return skel;
    }
    case Form::kFold: {
      static const FormTable fold = TableBuilder(Form::kFold).Build();
      return fold;
    }
    case Form::kLeet: {
      static const FormTable leet = TableBuilder(Form::kLeet).Build();
      return leet;
    }
    case Form::kCompact: {
      static const FormTable compact = TableBuilder(Form::kCompact).Build();
      return compact;
    }
    default: {
      static const FormTable nfc = TableBuilder(Form::kNfc).Build();
      return nfc;
    }
  }
}

void PrepareUnicode() {
  for (const Form form : {Form::kNfc, Form::kSkel, Form::kFold, Form::kLeet, Form::kCompact}) {
    TableOf(form);
  }
  VietnameseSequences();
  CharKindOf(U'a');
  LatinLookAlike(0x80);
}

std::u32string Compose(std::u32string_view sequence) {
  if (sequence.size() == 2 || sequence.size() == 3) {
    const Sequences& known = VietnameseSequences();
    const auto found = known.find(KeyOf(sequence));
    if (found != known.end()) {
      return {found->second};
    }
  }
  if (sequence.size() <= 1 && (sequence.empty() || sequence[0] < 0x300)) {
    return std::u32string(sequence);
  }
  return Normalized(Nfc(), sequence);
}

std::string ToNfc(std::string_view utf8, std::vector<MapPiece>* pieces) {
  const FormTable& table = TableOf(Form::kNfc);
  std::string out;
  out.reserve(utf8.size());
  size_t done = 0;      // copied up to here
  size_t previous = 0;  // where the code point before i starts
  for (size_t i = 0; i < utf8.size();) {
    const size_t at = i;
    if (static_cast<unsigned char>(utf8[i]) < 0x80) {
      previous = i++;
      continue;
    }
    char32_t c = NextCodePoint(utf8, &i);
    if ((table.CodeOf(c) & FormTable::kUnsafe) == 0) {
      previous = at;
      continue;
    }
    const size_t start = std::max(done, std::min(previous, at));
    size_t end = i;
    while (end < utf8.size()) {
      size_t next = end;
      c = NextCodePoint(utf8, &next);
      if (c < 0x80 || (table.CodeOf(c) & FormTable::kUnsafe) == 0) {
        break;
      }
      end = next;
    }
    const icu::UnicodeString piece = icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data() + start, static_cast<int32_t>(end - start)));
    UErrorCode status = U_ZERO_ERROR;
    std::string normal;
    Nfc().normalize(piece, status).toUTF8String(normal);
    if (normal != utf8.substr(start, end - start)) {
      out.append(utf8.substr(done, start - done));
      if (pieces != nullptr) {
        if (pieces->empty()) {
          pieces->push_back({0, 0});
        }
        pieces->push_back({static_cast<uint32_t>(out.size()), static_cast<uint32_t>(start)});
      }
      out += normal;
      done = end;
      if (pieces != nullptr) {
        pieces->push_back({static_cast<uint32_t>(out.size()), static_cast<uint32_t>(end)});
      }
    }
    previous = end;
    i = end;
  }
  out.append(utf8.substr(done));
  if (pieces != nullptr && !pieces->empty()) {
    pieces->push_back({static_cast<uint32_t>(out.size()), static_cast<uint32_t>(utf8.size())});
  }
  return out;
}

bool IsLatinLetter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x1E00 && c <= 0x1EFF);
}

bool IsZeroWidth(char32_t c) { return c >= 0x80 && c != 0xAD && IsDropped(c); }

char32_t ToLower(char32_t c) { return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))); }

char32_t ToUpper(char32_t c) { return static_cast<char32_t>(u_toupper(static_cast<UChar32>(c))); }

}  // namespace gatepost::text
