// LIMITS: kMostLine bytes of a line are shown, around the match; the way from one form to another is
// looked for in lines of up to kMostSearched bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/evidence.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/inspect/codec.h"
#include "src/inspect/wire.h"

namespace gatepost::inspect {

namespace {

using text::Form;
using text::TextView;

constexpr uint32_t kMostSearched = 8'000;

bool InsideCodePoint(const std::string& text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// From the start of the line in which the range begins to the end of that in which it ends.
Range LinesAround(const std::string& text, Range range) {
  Range line = range;
  while (line.begin > 0 && text[line.begin - 1] != '\n') {
    --line.begin;
  }
  while (line.end < text.size() && text[line.end] != '\n') {
    ++line.end;
  }
  return line;
}

// The number-th line (from 1), or an empty range behind the end.
Range LineNumber(const std::string& text, uint32_t number) {
  size_t begin = 0;
  for (uint32_t i = 1; i < number; ++i) {
    const size_t end = text.find('\n', begin);
    if (end == std::string::npos) {
      return {static_cast<uint32_t>(text.size()), static_cast<uint32_t>(text.size())};
    }
    begin = end + 1;
  }
  const size_t end = std::min(text.find('\n', begin), text.size());
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

bool ShowsWhatIsRead(Form form) {
  return form == Form::kNfc || form == Form::kNfcRaw || form == Form::kRaw;
}

// The view of the same text in a form that a person reads; null: none was asked for.
const TextView* Readable(const TextView& view, const std::vector<TextView>& views) {
  const TextView* best = nullptr;
  for (const TextView& other : views) {
    const bool same = other.leaf == view.leaf && other.zone == view.zone &&
                      other.part == view.part && other.path == view.path &&
                      other.undone == view.undone && ShowsWhatIsRead(other.form);
    if (same && (best == nullptr || other.form == Form::kNfc)) {
      best = &other;
    }
  }
  return best;
}

// No form adds or removes a line end (src/text), so a line has one number in all forms of a text;
// within it, both forms know the place of the source. False: not found.
bool Transfer(const TextView& from, const scan::Match& match, const TextView& to, Range* out) {
  const Range first = LineNumber(to.utf8, match.line);
  const auto lines = static_cast<uint32_t>(
      std::count(from.utf8.begin() + match.range.begin, from.utf8.begin() + match.range.end, '\n'));
  const Range last = lines == 0 ? first : LineNumber(to.utf8, match.line + lines);
  if (last.end < first.begin || last.end - first.begin > kMostSearched) {
    return false;
  }
  const Range source = from.SourceOf(match.range);
  Range found = {last.end, first.begin};
  for (uint32_t at = first.begin; at < last.end;) {
    uint32_t next = at + 1;
    while (InsideCodePoint(to.utf8, next)) {
      ++next;
    }
    const Range here = to.SourceOf({at, next});
    if (here.begin < source.end && here.end > source.begin) {
      found.begin = std::min(found.begin, at);
      found.end = next;
    }
    at = next;
  }
  *out = found;
  return found.begin < found.end;
}

}  // namespace

Evidence EvidenceOf(const ruleset::Rule& rule, const scan::Match& match,
                    const std::vector<TextView>& views, const Limits& limits) {
  const TextView& view = views[match.view];
  Evidence one;
  one.part = view.part;
  one.path = view.path;
  one.zone = view.zone;
  one.form = text::ToString(view.form);
  one.expression = match.expression;
  one.start = match.range.begin;
  one.end = match.range.end;
  const Range source = view.SourceOf(match.range);
  one.source_start = source.begin;
  one.source_end = std::max(source.begin, source.end);
  one.line = match.line;
  if (rule.log_snippet) {
    const Bytes matched = Slice(view.utf8, match.range);
    one.text =
        CappedUtf8(view.form == text::Form::kBytes ? ToValidUtf8(matched) : std::string(matched),
                   limits.evidence_text_bytes);
  }
  return one;
}

void AddLine(const scan::Match& match, const std::vector<TextView>& views, Evidence* one) {
  const TextView* view = &views[match.view];
  Range range = match.range;
  if (!ShowsWhatIsRead(view->form)) {
    const TextView* const readable = Readable(*view, views);
    if (readable != nullptr && Transfer(*view, match, *readable, &range)) {
      view = readable;
    }
  }
  const std::string& text = view->utf8;
  Range line = LinesAround(text, range);
  if (range.size() > kMostLine) {
    return;
  }
  // What is too long is cut on both sides alike.
  const auto room = static_cast<uint32_t>(kMostLine - range.size());
  if (line.size() > kMostLine) {
    const uint32_t before = std::min(range.begin - line.begin, room / 2);
    const uint32_t after = std::min(line.end - range.end, room - before);
    line = {range.begin - before, range.end + after};
    while (line.begin < range.begin && InsideCodePoint(text, line.begin)) {
      ++line.begin;
    }
    while (line.end > range.end && InsideCodePoint(text, line.end)) {
      --line.end;
    }
  }
  one->context = std::string(Slice(text, line));
  std::replace(one->context.begin(), one->context.end(), '\n', ' ');
  one->context_start = range.begin - line.begin;
  one->context_end = range.end - line.begin;
}

bool LinesAllowed(const ruleset::RuleSet& rules, const std::vector<bool>& hit) {
  for (size_t i = 0; i < hit.size(); ++i) {
    const ruleset::Rule& rule = rules.rules()[i];
    if (hit[i] && !rule.log_snippet && rule.severity != ruleset::Severity::kInfo) {
      return false;
    }
  }
  return true;
}

}  // namespace gatepost::inspect
