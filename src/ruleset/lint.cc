// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/lint.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/ruleset/shape.h"
#include "src/ruleset/words.h"

namespace gatepost::ruleset {

namespace {

using text::Form;

constexpr size_t kLiteral = 3;          // letters; Hyperscan's filter works from there on
constexpr uint64_t kManyTimes = 1'000;  // of a counted repeat
constexpr uint64_t kStorm = 2;          // characters: shorter matches are everywhere

std::string Utf8(char32_t c) {
  std::string out;
  AppendUtf8(c, &out);
  return out;
}

std::string Named(char32_t c) {
  std::array<char, 16> code{};
  std::snprintf(code.data(), code.size(), "U+%04X", static_cast<unsigned>(c));
  const bool visible = c > 0x20 && (c < 0x7F || c > 0xA0) && !(c >= 0x2000 && c <= 0x200F) &&
                       !(c >= 0x300 && c <= 0x36F);
  return visible ? "'" + Utf8(c) + "' (" + code.data() + ")" : std::string(code.data());
}

// What a form makes of a character between two letters; "" nothing.
std::string InForm(Form form, char32_t c) {
  const std::string view = text::MakeView("subject", form, "x" + Utf8(c) + "x").utf8;
  return view.size() >= 2 ? view.substr(1, view.size() - 2) : std::string();
}

// Which ASCII characters each form keeps: most of all letters of most rules.
using AsciiKept = std::array<std::array<bool, 128>, text::kFormCount>;

AsciiKept FindAsciiKept() {
  AsciiKept kept{};
  for (size_t form = 0; form < kept.size(); ++form) {
    for (char32_t c = 0; c < 128; ++c) {
      kept.at(form).at(c) = InForm(static_cast<Form>(form), c) == Utf8(c);
    }
  }
  return kept;
}

bool CanStand(Form form, char32_t c) {
  static const AsciiKept kept = FindAsciiKept();
  if (c == '\n') {
    return true;  // no character of a line
  }
  return c < 128 ? kept.at(static_cast<size_t>(form)).at(c) : InForm(form, c) == Utf8(c);
}

char32_t OtherCase(char32_t c) {
  if (c < 0x80) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c ^ 0x20U : c;
  }
  // Latin letters of Vietnamese stand in pairs; what is none of them has no other case for us.
  if ((c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x100 && c <= 0x17F)) {
    return c ^ 1U;
  }
  return c >= 0xC0 && c <= 0xFE && c != 0xD7 && c != 0xF7 ? c ^ 0x20U : c;
}

bool LintsForm(Form form) { return form != Form::kRaw && form != Form::kBytes; }

// The first letter that the form never has, as a sentence; "".
std::string DeadLetter(const Shape& shape, Form form, bool caseless) {
  const auto dead = [&](char32_t c) {
    return !CanStand(form, c) && !(caseless && CanStand(form, OtherCase(c)));
  };
  char32_t found = 0;
  bool any = false;
  for (const Letter& letter : shape.letters) {
    if (!letter.in_class && dead(letter.c)) {
      found = letter.c;
      any = true;
      break;
    }
  }
  for (const std::vector<char32_t>& members : shape.classes) {
    if (!any && !members.empty() && std::all_of(members.begin(), members.end(), dead)) {
      found = members.front();
      any = true;
    }
  }
  if (!any) {
    return {};
  }
  const std::string instead = InForm(form, found);
  return std::string("form ") + text::ToString(form) + " never has " + Named(found) +
         (instead.empty() ? ": leave it out" : ": write '" + instead + "'") +
         ", or choose another form";
}

// What only Vietnamese has: letters of Latin-1 are also how its old encodings look in raw text.
bool IsVietnameseComposed(char32_t c) { return c >= 0x1EA0 && c <= 0x1EF9; }

// Zones whose texts people write at length; names, fields and links are a line.
bool IsLongText(const text::Zone& zone) {
  return zone == "body" || zone == "hidden" || zone == "attachment" || zone == "html";
}

struct TonePair {
  const char* on_first;   // hòa
  const char* on_second;  // hoà
};

// The open rimes in which the tone mark stands on either vowel; both spellings are in use.
constexpr std::array<TonePair, 15> kTonePairs{{
    {"òa", "oà"},
    {"óa", "oá"},
    {"ỏa", "oả"},
    {"õa", "oã"},
    {"ọa", "oạ"},
    {"òe", "oè"},
    {"óe", "oé"},
    {"ỏe", "oẻ"},
    {"õe", "oẽ"},
    {"ọe", "oẹ"},
    {"ùy", "uỳ"},
    {"úy", "uý"},
    {"ủy", "uỷ"},
    {"ũy", "uỹ"},
    {"ụy", "uỵ"},
}};

// Does a letter go on behind `at`?
bool LetterAt(const std::string& text, size_t at) {
  if (at >= text.size()) {
    return false;
  }
  const char32_t c = DecodeUtf8(text, at).code_point;
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xC0;
}

// A syllable that is written in two ways of which the expression knows one; "".
std::string OneSpelling(const Expression& expression, const Shape& shape) {
  for (const std::string& run : shape.runs) {
    for (const TonePair& pair : kTonePairs) {
      for (const bool first : {true, false}) {
        const std::string here = first ? pair.on_first : pair.on_second;
        const std::string there = first ? pair.on_second : pair.on_first;
        for (size_t at = run.find(here); at != std::string::npos; at = run.find(here, at + 1)) {
          // "toàn" has one spelling: a consonant follows. "quý" too: its u belongs to the q.
          const bool after_q = at > 0 && (run[at - 1] == 'q' || run[at - 1] == 'Q');
          if (LetterAt(run, at + here.size()) || after_q ||
              expression.expanded.find(there) != std::string::npos) {
            continue;
          }
          return "'" + here + "' is also written '" + there + "': write (?:" + here + "|" + there +
                 "), or use form fold";
        }
      }
    }
  }
  return {};
}

void Slowness(const Shape& shape, bool anchored, bool utf8, std::vector<std::string>* out) {
  if (shape.nested_repeat) {
    out->push_back(
        "a repeat without end inside another one: slow to confirm and it may run into its limit; "
        "give the inner one an end, such as {1,40}");
  }
  if (shape.open_edge) {
    out->push_back(
        "a gap without end ('.*') at the very beginning or end changes nothing and costs "
        "much: leave it out");
  }
  // Between two words it is the way to say "both, in one paragraph"; the words find it.
  if (shape.open_gap && shape.literal_letters < kLiteral) {
    out->push_back(
        "a gap without end ('.*', '[^x]+') and no word to find it by: slow; give it an end, such as "
        ".{0,80}, or spell a word out");
  }
  if (shape.largest_count > kManyTimes) {
    out->push_back(
        "a repeat of more than 1,000 times makes Hyperscan's program large, or a mere "
        "prefilter that PCRE2 confirms: count fewer");
  }
  // A letter outside of ASCII may be rare enough to stand alone.
  if (shape.shortest <= kStorm && !anchored && !utf8) {
    out->push_back(
        "a match may be of one or two characters, which stand everywhere: require more "
        "of a word");
  } else if (shape.literal_letters < kLiteral && shape.shortest > kStorm && !anchored) {
    out->push_back(
        "no run of three characters that each match must hold, so that all text is searched the "
        "slow "
        "way: spell a word out, use form leet or compact for disguised ones, or 'lists:'");
  }
}

bool SameTexts(const std::vector<Expression>& a, const std::vector<Expression>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const Expression& x, const Expression& y) { return x.expanded == y.expanded; });
}

}  // namespace

std::vector<std::string> LintExpression(const Rule& rule, const Expression& expression,
                                        bool searched) {
  const Form form = rule.form;
  const bool caseless = rule.caseless || !searched;  // masks and the like always are
  const bool is_long = std::any_of(rule.zones.begin(), rule.zones.end(), IsLongText);
  std::vector<std::string> out;
  const Shape shape = ShapeOf(expression.expanded);
  if (LintsForm(form)) {
    if (std::string dead = DeadLetter(shape, form, caseless); !dead.empty()) {
      out.push_back(std::move(dead));
    }
    const bool one_blank = form != Form::kNfcRaw;
    if (one_blank && shape.doubled_blank) {
      out.push_back(std::string("form ") + text::ToString(form) +
                    " has no two blanks one behind the other: write one");
    }
  }
  const bool keeps_marks = form == Form::kNfc || form == Form::kNfcRaw || form == Form::kSkel;
  if (form == Form::kRaw && is_long &&
      std::any_of(shape.letters.begin(), shape.letters.end(),
                  [](const Letter& one) { return IsVietnameseComposed(one.c); })) {
    out.push_back(
        "raw text may hold Vietnamese letters in pieces (NFD, or half composed as mail programs "
        "and "
        "old fonts write them), which this never finds: use form nfc");
  }
  if (keeps_marks && searched) {
    if (std::string one = OneSpelling(expression, shape); !one.empty()) {
      out.push_back(std::move(one));
    }
  }
  if (searched && is_long) {
    Slowness(shape, expression.line_anchored, expression.utf8, &out);
  }
  return out;
}

std::string WithBothSpellings(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t length = 0;
    const auto pair = std::find_if(kTonePairs.begin(), kTonePairs.end(), [&](const TonePair& one) {
      for (const std::string_view spelling : {one.on_first, one.on_second}) {
        if (text.substr(at, spelling.size()) == spelling) {
          length = spelling.size();
          return true;
        }
      }
      return false;
    });
    const bool after_q = at > 0 && (text[at - 1] == 'q' || text[at - 1] == 'Q');
    if (length == 0 || after_q || LetterAt(std::string(text), at + length)) {
      out += text[at++];
      continue;
    }
    out += std::string("(?:") + pair->on_first + "|" + pair->on_second + ")";
    at += length;
  }
  return out;
}

void LintRule(const Rule& rule, Diagnostics* diagnostics) {
  for (const Expression& one : rule.match) {
    for (const std::string& said : LintExpression(rule, one, true)) {
      diagnostics->Warning(one.place, said);
    }
  }
  for (const auto* others : {&rule.mask, &rule.unless}) {
    for (const Expression& one : *others) {
      for (const std::string& said : LintExpression(rule, one, false)) {
        diagnostics->Warning(one.place, said);
      }
    }
  }
  for (size_t i = 0; i < rule.match.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (rule.match[i].expanded == rule.match[j].expanded) {
        diagnostics->Warning(rule.match[i].place, "this expression stands in line " +
                                                      std::to_string(rule.match[j].place.line) +
                                                      " already: remove one");
      }
    }
  }
}

void LintOverride(const Rule& rule, const Rule& replaced, Diagnostics* diagnostics) {
  const std::string where = Where(replaced.place);
  const bool same = !rule.has_condition && !replaced.has_condition &&
                    SameTexts(rule.match, replaced.match) && SameTexts(rule.mask, replaced.mask) &&
                    SameTexts(rule.unless, replaced.unless) && rule.zones == replaced.zones &&
                    rule.form == replaced.form && rule.caseless == replaced.caseless &&
                    rule.first_lines == replaced.first_lines && rule.lists == replaced.lists &&
                    rule.score == replaced.score && rule.severity == replaced.severity &&
                    rule.group == replaced.group && rule.level == replaced.level &&
                    rule.mode == replaced.mode && rule.log_snippet == replaced.log_snippet;
  if (same) {
    diagnostics->Warning(rule.place, "rule " + rule.id + " replaces the one in " + where +
                                         " and says the same: remove it, so that later "
                                         "corrections there take effect");
    return;
  }
  if (replaced.mode == Mode::kEnforce && rule.mode == Mode::kShadow) {
    diagnostics->Warning(rule.place, "rule " + rule.id +
                                         " is in shadow mode and hides the enforced "
                                         "one in " +
                                         where +
                                         ", which no longer acts: use another "
                                         "id to try it beside that one");
  }
  if (!replaced.overrides.empty()) {
    diagnostics->Warning(replaced.place, "rule " + rule.id + " replaces the one in " +
                                             replaced.overrides + " and is itself replaced in " +
                                             Where(rule.place) + ": remove this one");
  }
}

std::string LintEntry(std::string_view entry) {
  const auto holds = [&](std::string_view piece) {
    return entry.find(piece) != std::string_view::npos;
  };
  if (holds("://")) {
    return "is an address of a page: list its host alone, or use 'match' in zone url";
  }
  if (holds("/")) {
    return entry.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string_view::npos
               ? "is a network: lists hold single addresses; own networks belong to 'own_networks'"
               : "holds '/', which no word, domain or address of a list has: use 'match'";
  }
  constexpr std::string_view kNever = ",;:\"'<>()[]{}|!$&^\\";
  const size_t sign = entry.find_first_of(kNever);
  if (sign != std::string_view::npos) {
    return "holds '" + std::string(1, entry[sign]) +
           "', which stands in no word, domain or address: one entry a line, without signs";
  }
  const size_t at = entry.find('@');
  if (at != std::string_view::npos && entry.find('@', at + 1) != std::string_view::npos) {
    return "holds two '@': one address a line";
  }
  if (at != std::string_view::npos && at + 1 == entry.size()) {
    return "ends in '@': write the domain behind it";
  }
  if (holds("..")) {
    return "holds two dots one behind the other, which no domain has";
  }
  // What a sentence puts around a word is no part of it (scan); a dot in front means what is below.
  constexpr std::string_view kAround = ".-=+%_";
  if (entry.size() > 1 && kAround.find(entry.back()) != std::string_view::npos) {
    return "ends in '" + std::string(1, entry.back()) + "', which is not taken as part of a word";
  }
  if (entry.size() > 1 && entry.front() != '.' &&
      kAround.find(entry.front()) != std::string_view::npos) {
    return "begins with '" + std::string(1, entry.front()) +
           "', which is not taken as part of a word";
  }
  return {};
}

}  // namespace gatepost::ruleset
