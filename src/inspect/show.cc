// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/show.h"

#include <algorithm>
#include <memory>

#include "src/base/utf8.h"
#include "src/decode/passwords.h"
#include "src/inspect/codec.h"
#include "src/inspect/protocol.h"
#include "src/inspect/wire.h"
#include "src/mail/message.h"
#include "src/text/html_safe.h"
#include "src/text/view.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kMostTexts = 500;
constexpr size_t kMostTextBytes = 2U << 20;
constexpr size_t kMostPages = 20;
constexpr size_t kMostPageBytes = 1U << 20;
constexpr size_t kMostHeaders = 500;
constexpr size_t kMostValue = 2'000;
constexpr size_t kMostMarks = 5'000;
constexpr size_t kMostRuleId = 200;

// Where in a text a stretch of its source shows: texts go back to their source in pieces, so each
// code point is asked once and the answers are kept.
class Places {
 public:
  explicit Places(const text::TextView& view) : view_(view) {
    sources_.reserve(view.utf8.size());
    for (size_t at = 0; at < view.utf8.size();) {
      const Utf8Unit unit = DecodeUtf8(view.utf8, at);
      const auto begin = static_cast<uint32_t>(at);
      sources_.push_back({begin, view.SourceOf({begin, begin + unit.bytes})});
      at += unit.bytes;
    }
  }
  // An empty range: nowhere.
  Range Find(uint32_t source_begin, uint32_t source_end) const {
    Range found{UINT32_MAX, 0};
    for (size_t i = 0; i < sources_.size(); ++i) {
      const Range& source = sources_[i].second;
      if (source.begin < source_end && source.end > source_begin) {
        const uint32_t end = i + 1 < sources_.size() ? sources_[i + 1].first
                                                     : static_cast<uint32_t>(view_.utf8.size());
        found.begin = std::min(found.begin, sources_[i].first);
        found.end = std::max(found.end, end);
      }
    }
    return found.begin == UINT32_MAX ? Range{} : found;
  }

 private:
  const text::TextView& view_;
  std::vector<std::pair<uint32_t, Range>> sources_;
};

bool IsHit(const Evidence& evidence, const text::TextView& view) {
  return evidence.zone == view.zone && evidence.part == view.part && evidence.path == view.path;
}

void Mark(const std::vector<RuleHit>& hits, const text::TextView& view, ShownText* out,
          size_t* marks_left) {
  std::unique_ptr<Places> places;
  for (const RuleHit& hit : hits) {
    for (const Evidence& evidence : hit.evidence) {
      if (!IsHit(evidence, view) || *marks_left == 0) {
        continue;
      }
      Range range;
      if (evidence.form == text::ToString(view.form) && evidence.end <= view.utf8.size() &&
          evidence.start < evidence.end &&
          (evidence.text.empty() ||
           view.utf8.compare(evidence.start, evidence.text.size(), evidence.text) == 0)) {
        range = {evidence.start, evidence.end};
      } else {
        if (places == nullptr) {
          places = std::make_unique<Places>(view);
        }
        range = places->Find(evidence.source_start, evidence.source_end);
      }
      if (!range.empty() && range.end <= out->utf8.size()) {
        out->marks.push_back({range.begin, range.end, hit.id});
        --*marks_left;
      }
    }
  }
}

}  // namespace

Shown Show(const mail::Envelope& envelope, Bytes raw, const Tools& tools, const Limits& limits) {
  Shown shown;
  shown.findings = Inspect(envelope, raw, tools, limits);
  const mail::Message message = mail::Message::Parse(raw, limits);
  for (const mail::Field& field : message.root().fields) {
    if (shown.headers.size() == kMostHeaders) {
      break;
    }
    shown.headers.emplace_back(
        CappedUtf8(Slice(raw, field.name), 200),
        CappedUtf8(mail::DecodeEncodedWords(message.Unfolded(field)), kMostValue));
  }
  const decode::Leaves leaves = decode::DecodeWith(message, limits, tools.passwords);
  text::Wanted wanted;
  for (const char* zone :
       {"subject", "body", "hidden", "attachment", "filename", "docprops", "header-footer"}) {
    wanted.Add(zone, text::Form::kNfc);
  }
  const text::Views views = text::BuildViews(envelope, message, leaves, wanted, limits);
  size_t left = kMostTextBytes;
  size_t marks_left = kMostMarks;
  for (const text::TextView& view : views.views) {
    if (view.undone || view.utf8.empty() || left == 0 || shown.texts.size() == kMostTexts) {
      continue;
    }
    ShownText text;
    text.part = CappedUtf8(view.part, kMostPath);
    text.path = CappedUtf8(view.path, kMostPath);
    text.zone = view.zone;
    text.utf8 = view.utf8.size() <= left ? view.utf8 : CappedUtf8(view.utf8, left);
    left -= std::min(left, text.utf8.size());
    Mark(shown.findings.hits, view, &text, &marks_left);
    shown.texts.push_back(std::move(text));
  }
  size_t page_bytes = kMostPageBytes;
  for (const decode::Leaf& leaf : leaves.leaves) {
    if ((leaf.type == decode::Type::kHtml || leaf.media_type == "text/html") &&
        !leaf.is_container && !leaf.bytes.empty() && shown.pages.size() < kMostPages) {
      const Bytes bytes = leaf.bytes.substr(0, kMostPageBytes);
      std::string page = text::SafeHtml(text::ToUtf8(bytes, leaf.charset, nullptr));
      if (page.size() <= page_bytes) {
        page_bytes -= page.size();
        shown.pages.emplace_back(CappedUtf8(leaf.path, kMostPath), std::move(page));
      }
    }
  }
  return shown;
}

std::string EncodeShown(const Shown& shown, const Limits& limits) {
  Writer out;
  out.Raw(EncodeFindingsWithin(shown.findings, limits));
  out.U32(static_cast<uint32_t>(shown.headers.size()));
  for (const auto& [name, value] : shown.headers) {
    out.Text(name, kMostValue);
    out.Text(value, kMostValue);
  }
  out.U32(static_cast<uint32_t>(shown.texts.size()));
  for (const ShownText& text : shown.texts) {
    out.Text(text.part, kMostPath);
    out.Text(text.path, kMostPath);
    out.Text(text.zone, kMostPath);
    out.Text(text.utf8, kMostTextBytes);
    out.U32(static_cast<uint32_t>(text.marks.size()));
    for (const ShownMark& mark : text.marks) {
      out.U32(mark.begin);
      out.U32(mark.end);
      out.Text(mark.rule, kMostRuleId);
    }
  }
  out.U32(static_cast<uint32_t>(shown.pages.size()));
  for (const auto& [path, page] : shown.pages) {
    out.Text(path, kMostPath);
    out.Text(page, kMostPageBytes);
  }
  return out.Take();
}

Result<Shown> DecodeShown(Bytes wire, const ruleset::RuleSet& rules, const Limits& limits) {
  Reader in(wire);
  Shown shown;
  GATEPOST_ASSIGN_OR_RETURN(
      shown.findings,
      DecodeFindings(in.Raw(limits.findings_bytes + kReplyOverhead), rules, limits));
  for (uint32_t left = in.Count(kMostHeaders, 8); left > 0; --left) {
    std::string name = in.Text(kMostValue);
    shown.headers.emplace_back(std::move(name), in.Text(kMostValue));
  }
  for (uint32_t left = in.Count(kMostTexts, 20); left > 0; --left) {
    ShownText text;
    text.part = in.Text(kMostPath);
    text.path = in.Text(kMostPath);
    text.zone = in.Text(kMostPath);
    text.utf8 = in.Text(kMostTextBytes);
    for (uint32_t marks = in.Count(kMostMarks, 12); marks > 0; --marks) {
      ShownMark mark;
      mark.begin = in.U32();
      mark.end = in.U32();
      mark.rule = in.Text(kMostRuleId);
      if (mark.begin >= mark.end || mark.end > text.utf8.size()) {
        in.Fail();
      }
      text.marks.push_back(std::move(mark));
    }
    shown.texts.push_back(std::move(text));
  }
  for (uint32_t left = in.Count(kMostPages, 8); left > 0; --left) {
    std::string path = in.Text(kMostPath);
    shown.pages.emplace_back(std::move(path), in.Text(kMostPageBytes));
  }
  if (!in.AtEnd()) {
    return Status::Invalid("what the worker shows is damaged");
  }
  return shown;
}

}  // namespace gatepost::inspect
