// Vietnamese phonotactics: onset, rime, tone rule. Letters are keyed by one byte each: A = a-breve,
// B = a-circumflex, E = e-circumflex, O = o-circumflex, P = o-horn, U = u-horn, D = d-stroke.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/text/legacy.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr std::array<std::string_view, 168> kRimes = {
    "Ac",   "Am",   "An",  "Ang", "Ap",   "At",   "Bc",   "Bm",   "Bn",   "Bng",  "Bp",   "Bt",
    "Bu",   "By",   "E",   "Ec",  "Ech",  "Em",   "En",   "Eng",  "Enh",  "Ep",   "Et",   "Eu",
    "O",    "Oc",   "Oi",  "Om",  "On",   "Ong",  "Op",   "Ot",   "P",    "Pi",   "Pm",   "Pn",
    "Pp",   "Pt",   "U",   "UPc", "UPi",  "UPm",  "UPn",  "UPng", "UPp",  "UPt",  "UPu",  "Ua",
    "Uc",   "Ui",   "Um",  "Un",  "Ung",  "Ut",   "Uu",   "a",    "ac",   "ach",  "ai",   "am",
    "an",   "ang",  "anh", "ao",  "ap",   "at",   "au",   "ay",   "e",    "ec",   "em",   "en",
    "eng",  "eo",   "ep",  "et",  "i",    "iEc",  "iEm",  "iEn",  "iEng", "iEp",  "iEt",  "iEu",
    "ia",   "ich",  "im",  "in",  "inh",  "ip",   "it",   "iu",   "o",    "oAc",  "oAm",  "oAn",
    "oAng", "oAt",  "oa",  "oac", "oach", "oai",  "oam",  "oan",  "oang", "oanh", "oao",  "oap",
    "oat",  "oay",  "oc",  "oe",  "oem",  "oen",  "oeo",  "oet",  "oi",   "om",   "on",   "ong",
    "ooc",  "oong", "op",  "ot",  "u",    "uBn",  "uBng", "uBt",  "uBy",  "uE",   "uEch", "uEnh",
    "uOc",  "uOi",  "uOm", "uOn", "uOng", "uOt",  "uP",   "ua",   "uc",   "ui",   "um",   "un",
    "ung",  "up",   "ut",  "uy",  "uyEn", "uyEt", "uya",  "uych", "uyn",  "uynh", "uyp",  "uyt",
    "uyu",  "y",    "yEm", "yEn", "yEng", "yEt",  "yEu",  "ych",  "ynh",  "yp",   "yt",   "yu",
};

constexpr std::array<std::string_view, 27> kOnsets = {
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "D",
    "d",   "g",  "h",  "k",  "l",  "m",  "n",  "p",  "r",  "s",  "t",  "v", "x"};

struct Sound {
  char key = 0;
  char tone = 0;  // 0 none, 1 grave, 2 acute, 3 tilde, 4 hook, 5 dot
};

// Both cases of the 134 letters, and ASCII letters.
const std::unordered_map<char32_t, Sound>& Sounds() {
  static const std::unordered_map<char32_t, Sound> sounds = [] {
    constexpr std::u32string_view kBases = U"aeiouyăâêôơư";
    constexpr std::string_view kKeys = "aeiouyABEOPU";
    constexpr std::u32string_view kTones = U"\u0300\u0301\u0303\u0309\u0323";
    std::unordered_map<char32_t, Sound> out;
    for (char32_t c = 'a'; c <= 'z'; ++c) {
      out[c] = {static_cast<char>(c), 0};
      out[c - 32] = {static_cast<char>(c), 0};
    }
    out[U'đ'] = {'D', 0};
    out[U'Đ'] = {'D', 0};
    for (size_t i = 0; i < kBases.size(); ++i) {
      out[kBases[i]] = {kKeys[i], 0};
      out[ToUpper(kBases[i])] = {kKeys[i], 0};
      for (size_t tone = 0; tone < kTones.size(); ++tone) {
        const std::u32string letter = Compose(std::u32string{kBases[i], kTones[tone]});
        const Sound sound{kKeys[i], static_cast<char>(tone + 1)};
        out[letter[0]] = sound;
        out[ToUpper(letter[0])] = sound;
      }
    }
    return out;
  }();
  return sounds;
}

bool IsRime(std::string_view rime, char tone) {
  if (!std::binary_search(kRimes.begin(), kRimes.end(), rime)) {
    return false;
  }
  const char last = rime.back();
  const bool stopped = last == 'c' || last == 'p' || last == 't' ||
                       (last == 'h' && rime.size() > 1 && rime[rime.size() - 2] == 'c');
  return !stopped || tone == 2 || tone == 5;
}

}  // namespace

bool IsSyllable(std::u32string_view word) {
  if (word.empty() || word.size() > 8) {
    return false;
  }
  std::string keys;
  char tone = 0;
  const auto& sounds = Sounds();
  for (const char32_t c : word) {
    const auto sound = sounds.find(c);
    if (sound == sounds.end() || (tone != 0 && sound->second.tone != 0)) {
      return false;
    }
    keys.push_back(sound->second.key);
    tone = sound->second.tone != 0 ? sound->second.tone : tone;
  }
  const std::string_view all = keys;
  if (IsRime(all, tone)) {
    return true;
  }
  for (const std::string_view onset : kOnsets) {
    if (all.size() > onset.size() && all.substr(0, onset.size()) == onset &&
        IsRime(all.substr(onset.size()), tone)) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::text
