// What a code point looks like and what it is to a writer of tricks. Tables made once from ICU.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include <array>
#include <unordered_map>

#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr std::u32string_view kLookAlikes =
#include "src/text/look_alikes.inc"
    ;

bool IsInert(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  return icu::Normalizer2::getNFKDInstance(status)->isInert(static_cast<UChar32>(c)) != 0;
}

using LookAlikes = std::unordered_map<char32_t, char32_t>;

// What UTS #39 maps to one ASCII letter and our own table does not have. Latin letters stay: a
// stroke or a hook makes another letter of a living alphabet.
void AddConfusables(LookAlikes* out) {
  UErrorCode status = U_ZERO_ERROR;
  USpoofChecker* checker = uspoof_open(&status);
  if (U_FAILURE(status) != 0) {
    return;
  }
  for (char32_t c = 0x250; c < kTableEnd; ++c) {
    const auto icu_c = static_cast<UChar32>(c);
    const UScriptCode script = uscript_getScript(icu_c, &status);
    const bool skip = (c >= 0x1E00 && c < 0x1F00) || (c >= 0x2E80 && c < 0xA000) ||
                      (c >= 0xAC00 && c < 0xE000) || script == USCRIPT_HAN ||
                      script == USCRIPT_HANGUL || script == USCRIPT_INHERITED ||
                      u_isalpha(icu_c) == 0;
    if (skip || !IsInert(c) || out->count(c) > 0) {
      continue;
    }
    const icu::UnicodeString one(icu_c);
    std::array<UChar, 8> skeleton{};
    const int32_t length =
        uspoof_getSkeleton(checker, 0, one.getBuffer(), one.length(), skeleton.data(),
                           static_cast<int32_t>(skeleton.size()), &status);
    if (U_SUCCESS(status) != 0 && length == 1 && skeleton[0] < 0x80 &&
        u_isalpha(skeleton[0]) != 0) {
      out->emplace(c, static_cast<char32_t>(skeleton[0]));
    }
    status = U_ZERO_ERROR;
  }
  uspoof_close(checker);
}

const LookAlikes& AllLookAlikes() {
  static const LookAlikes table = [] {
    LookAlikes out;
    for (size_t i = 0; i + 1 < kLookAlikes.size(); i += 2) {
      out.emplace(kLookAlikes[i], kLookAlikes[i + 1]);
    }
    for (char32_t letter = 0; letter < 26; ++letter) {
      // Letters in circles and squares, white and black, and the letters that make flags.
      for (const char32_t first : {0x1F150U, 0x1F170U, 0x1F1E6U, 0x1F130U}) {
        out.emplace(first + letter, U'A' + letter);
      }
      // In parentheses: the letter, not "(m)".
      out.emplace(0x249C + letter, U'a' + letter);
      out.emplace(0x1F110 + letter, U'A' + letter);
    }
    AddConfusables(&out);
    return out;
  }();
  return table;
}

bool IsDropped(char32_t c) { return c == 0xAD || IsZeroWidth(c); }

bool IsBlank(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) != 0 || c == 0x2800;
}

bool IsMark(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ME_MASK)) !=
         0;
}

uint8_t KindOf(char32_t c) {
  const auto icu_c = static_cast<UChar32>(c);
  uint8_t out = 0;
  if (IsDropped(c)) {
    return CharKind::kInvisible;
  }
  if (IsBlank(c)) {
    return CharKind::kBlank;
  }
  if (IsMark(c)) {
    return CharKind::kMark;
  }
  const bool letter = u_isalpha(icu_c) != 0;
  // Fancy dress: compatibility forms of a Latin letter, squares and circles. Not ordinals.
  const bool dress = (c >= 0x2100 && c < 0x2140) || (c >= 0x249C && c <= 0x24E9) ||
                     (c >= 0x1D400 && c <= 0x1D7FF) || (c >= 0x1F110 && c <= 0x1F189) ||
                     (c >= 0x1D2C && c <= 0x1D6A) || (c >= 0x2C7C && c <= 0x2C7D) ||
                     (c >= 0x2090 && c <= 0x209C) || (c >= 0x1D00 && c <= 0x1D22) || c == 0x2071 ||
                     c == 0x207F || (c >= 0x2B0 && c <= 0x2B8);
  if (dress && (letter || c >= 0x249C)) {
    out |= CharKind::kStyled;
  }
  if (!letter) {
    return out;
  }
  out |= CharKind::kLetter;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(icu_c, &status);
  switch (script) {
    case USCRIPT_LATIN:
      return out | CharKind::kLatin;
    case USCRIPT_CYRILLIC:
    case USCRIPT_GREEK:
    case USCRIPT_ARMENIAN:
    case USCRIPT_CHEROKEE:
    case USCRIPT_COPTIC:
    case USCRIPT_LISU:
    case USCRIPT_GEORGIAN:
      return out | CharKind::kAlike;
    case USCRIPT_HAN:
    case USCRIPT_HANGUL:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_YI:
      return out | CharKind::kWide;
    default:
      return out | CharKind::kOther;
  }
}

const std::vector<uint8_t>& Kinds() {
  static const std::vector<uint8_t> kinds = [] {
    std::vector<uint8_t> out(kTableEnd);
    for (char32_t c = 0; c < kTableEnd; ++c) {
      out[c] = c >= 0xD800 && c < 0xE000 ? uint8_t{0} : KindOf(c);
    }
    return out;
  }();
  return kinds;
}

}  // namespace

char32_t LatinLookAlike(char32_t c) {
  if (c < 0x80) {
    return c;
  }
  const auto found = AllLookAlikes().find(c);
  return found == AllLookAlikes().end() ? c : found->second;
}

uint8_t CharKindOf(char32_t c) {
  return c < kTableEnd  ? Kinds()[c]
         : IsDropped(c) ? CharKind::kInvisible
         : c < 0x40000  ? uint8_t{CharKind::kLetter | CharKind::kWide}
                        : uint8_t{0};
}

}  // namespace gatepost::text
