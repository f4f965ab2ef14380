// LIMITS: 64 KB an expanded expression, macros 8 levels deep.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/expression.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"

namespace gatepost::ruleset {

namespace {

constexpr size_t kMaxExpanded = 64U << 10;
constexpr int kMaxLevels = 8;

bool IsNameChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool IsUpperWord(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// The macro-shaped piece at `at` ("<NAME>" or "@NAME"), or "".
std::string SpellingAt(const std::string& text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && IsNameChar(text[end])) {
    ++end;
  }
  if (end == at + 1) {
    return {};
  }
  if (text[at] == '@') {
    return text.substr(at, end - at);
  }
  return end < text.size() && text[end] == '>' ? text.substr(at, end + 1 - at) : std::string();
}

}  // namespace

Macros::Macros() {
  // After ASCII punctuation (src/text/view.h) "no letter and no digit" is one ASCII class.
  const std::string gap = R"([\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f])";
  texts_["<b>"] = gap;
  texts_["<B>"] = "(?:^|" + gap + ")";
  texts_["<E>"] = "(?:$|" + gap + ")";
  texts_["<NL>"] = gap + "*";
  texts_["<J>"] = R"([ ._\-]*)";
  texts_["<GUID>"] = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
}

void Macros::Set(const std::string& spelling, const std::string& text) { texts_[spelling] = text; }

const std::string* Macros::Find(const std::string& spelling) const {
  const auto found = texts_.find(spelling);
  return found == texts_.end() ? nullptr : &found->second;
}

bool Macros::ExpandAll(std::string text, bool without_boundaries, const Place& place,
                       Diagnostics* diagnostics, std::string* out) const {
  std::vector<std::string> names;
  for (int level = 0; level <= kMaxLevels; ++level) {
    std::string next;
    bool changed = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        next.append(text, i, 2);
        ++i;
        continue;
      }
      const std::string spelling =
          text[i] == '<' || text[i] == '@' ? SpellingAt(text, i) : std::string();
      const std::string* replacement = spelling.empty() ? nullptr : Find(spelling);
      if (replacement == nullptr) {
        if (!spelling.empty()) {
          names.push_back(spelling);
        }
        next += text[i];
        continue;
      }
      next +=
          without_boundaries && (spelling == "<B>" || spelling == "<E>") ? "(?:)" : *replacement;
      i += spelling.size() - 1;
      changed = true;
      if (next.size() > kMaxExpanded) {
        diagnostics->Error(place,
                           "with its macros expanded the expression is longer than 64 KB: "
                           "split it, or use 'lists:'");
        return false;
      }
    }
    text = std::move(next);
    if (!changed) {
      break;
    }
    if (level == kMaxLevels) {
      diagnostics->Error(place, "macros are nested deeper than 8 levels; does one use itself?");
      return false;
    }
  }
  // A word that looks like a macro but is none: certainly meant when it is all upper case and in
  // brackets, or near a known name.
  std::vector<std::string> known;
  for (const auto& [spelling, unused] : texts_) {
    known.push_back(spelling);
  }
  for (const std::string& name : names) {
    const bool bracketed = name[0] == '<';
    const std::string_view word =
        std::string_view(name).substr(1, name.size() - (bracketed ? 2 : 1));
    const std::string nearest = word.size() >= 4 ? Nearest(name, known) : std::string();
    if (IsUpperWord(word) && (bracketed || !nearest.empty())) {
      diagnostics->Error(
          place, "unknown macro '" + name + "'" +
                     (nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?") +
                     " (for the sign itself write \\" + name[0] + ")");
      return false;
    }
  }
  *out = std::move(text);
  return true;
}

bool Macros::Expand(const std::string& written, const Place& place, Diagnostics* diagnostics,
                    std::string* expanded, std::string* bare) const {
  if (!ExpandAll(written, false, place, diagnostics, expanded)) {
    return false;
  }
  Diagnostics unused;  // the same text: what it could say has been said
  return ExpandAll(written, true, place, &unused, bare);
}

bool MakeExpression(const std::string& written, const Place& place, const Macros& macros,
                    text::Form form, Diagnostics* diagnostics, Expression* out) {
  std::string bare;
  if (written.size() > kMaxExpanded) {
    diagnostics->Error(place, "the expression is longer than 64 KB: split it, or use 'lists:'");
    return false;
  }
  out->written = written;
  out->place = place;
  if (!macros.Expand(written, place, diagnostics, &out->expanded, &bare)) {
    return false;
  }
  const bool bytes = form == text::Form::kBytes;
  const Anatomy anatomy = Examine(out->expanded);
  for (const std::string& message : anatomy.errors) {
    if (bytes) {
      break;  // Perl's expressions: Hyperscan has them as prefilters, PCRE2 decides
    }
    diagnostics->Error(place, message);
  }
  for (const std::string& message : anatomy.warnings) {
    if (bytes) {
      break;  // they are about letters
    }
    diagnostics->Warning(place, message);
  }
  out->utf8 = anatomy.utf8 && !bytes;
  out->line_anchored = Examine(bare).anchored && !bytes;
  if (!anatomy.errors.empty() && !bytes) {
    return false;
  }
  if (form != text::Form::kRaw && !bytes && !IsAscii(written) &&
      text::MakeView("body", text::Form::kNfcRaw, written).utf8 != written) {
    diagnostics->Warning(place, std::string("the expression is not in NFC, form ") +
                                    text::ToString(form) + " is: write it with composed letters");
  }
  return true;
}

std::string QuoteForExpression(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool sign = c > ' ' && c < 0x7F && (c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
                      (c < 'a' || c > 'z') && c != '_';
    if (sign) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

}  // namespace gatepost::ruleset
