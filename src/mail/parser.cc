// Jobs and readings. Bounds: Limits::mime_parts in all, mime_depth, readings_per_part, and
// reading_expansion times the message for all other readings together.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/parser.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"
#include "src/mail/identity.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsMessageType(const Part& part) {
  return part.type == "message" &&
         (part.subtype == "rfc822" || part.subtype == "global" || part.subtype == "news");
}

// Do the lines up to the next blank one hold a MIME field?
bool HasMimeFieldAhead(Bytes raw, uint32_t at, uint32_t end) {
  while (at < end) {
    const Line line = LineAt(raw, at, end, false);
    const Bytes content = raw.substr(line.begin, line.content_end - line.begin);
    if (content.empty()) {
      return false;
    }
    Range name;
    uint32_t value = 0;
    if (IsMimeFieldLine(content) || OddMimeField(raw.substr(at, std::min<uint32_t>(400, end - at)),
                                                 &name, &value) != MimeField::kNone) {
      return true;
    }
    at = line.end;
  }
  return false;
}

// A From or Subject behind the plain reading's header, and whether it is another From than the one
// in it.
enum class HiddenField : uint8_t { kNone, kOnly, kAnother };

HiddenField FindHiddenFields(Bytes raw, Range range, LineRules rules, uint32_t body,
                             const Limits& limits) {
  rules.skip_junk = true;
  std::string first;
  bool hidden = false;
  bool several = false;
  for (const Field& field : ScanHeader(raw, range, rules, limits).fields) {
    Range name;
    uint32_t value = 0;
    if (AsciiEqualsIgnoreCase(Slice(raw, field.name), "subject")) {
      hidden = hidden || field.whole.begin >= body;
      continue;
    }
    if (!AsciiEqualsIgnoreCase(Slice(raw, field.name), "from") &&
        !OddFromField(Slice(raw, field.whole), &name, &value)) {
      continue;
    }
    const std::string text = Unfold(AsciiTrim(Slice(raw, field.value)));
    several = several || (!first.empty() && text != first);
    first = first.empty() ? text : first;
    hidden = hidden || field.whole.begin >= body;
  }
  return !hidden ? HiddenField::kNone : several ? HiddenField::kAnother : HiddenField::kOnly;
}

// A line that a NUL within its name keeps from being a field.
bool HasNulInName(Bytes line) {
  const Bytes name = line.substr(0, line.find(':'));
  return name.size() < line.size() && name.find('\0') != Bytes::npos &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c == '\0' || (c > 32 && c < 127); });
}

}  // namespace

Message Message::Parse(Bytes raw, const Limits& limits) {
  // Ranges are 32 bits; Limits::message_bytes keeps real mail far below.
  return Parser(raw.substr(0, UINT32_MAX - 1), limits).Run();
}

Message Parser::Run() {
  Job root;
  root.range = {0, static_cast<uint32_t>(raw_.size())};
  stack_.push_back(std::move(root));
  while (true) {
    Job job;
    if (!stack_.empty()) {
      job = std::move(stack_.back());
      stack_.pop_back();
    } else if (!later_.empty()) {
      job = std::move(later_.front());
      later_.pop_front();
    } else if (!judged_) {
      judged_ = true;
      JudgeWhole();  // may ask for one more reading
      continue;
    } else {
      break;
    }
    Do(job);
  }
  return Finish();
}

void Parser::Do(const Job& job) {
  switch (job.kind) {
    case Job::Kind::kEntity:
      Entity(job);
      break;
    case Job::Kind::kText:
      Text(job);
      break;
    case Job::Kind::kSplit:
      SplitJob(job);
      break;
  }
}

size_t Parser::Room() const {
  const size_t used = parts_.size() + stack_.size();
  return used < limits_.mime_parts ? limits_.mime_parts - used : 0;
}

Range Parser::WholeOf(uint32_t node) const {
  return {parts_[node].header.begin, parts_[node].body.end};
}

Parser::Job Parser::Child(uint32_t parent, Range range, const Job& from) const {
  Job job;
  job.parent = parent;
  job.range = range;
  job.rules.cr_ends_line = from.rules.cr_ends_line;
  job.alternative = from.alternative;
  return job;
}

uint32_t Parser::NewPart(const Job& job) {
  const uint32_t parent = job.parent;
  const auto node = static_cast<uint32_t>(parts_.size());
  Part& part = parts_.emplace_back();
  working_.emplace_back().reading = job.reading;
  part.index = node;
  part.parent = parent == UINT32_MAX ? node : parent;
  part.alternative = job.alternative;
  if (parent != UINT32_MAX) {
    part.depth = static_cast<uint16_t>(parts_[parent].depth + 1);
    parts_[parent].children.push_back(node);
  }
  return node;
}

void Parser::Later(uint32_t node, Job job) {
  job.alternative = true;
  job.reading = true;
  job.parent = node;
  const uint64_t most = uint64_t{limits_.reading_expansion} * raw_.size();
  if (working_[node].readings >= limits_.readings_per_part ||
      later_bytes_ + job.range.size() > most || parts_[node].depth >= limits_.mime_depth) {
    report_.Add(DefectId::kTooManyReadings, node);
    return;
  }
  ++working_[node].readings;
  later_bytes_ += job.range.size();
  later_.push_back(std::move(job));
}

void Parser::Entity(const Job& job) {
  if (job.alternative) {
    if (seen_.empty()) {
      for (const Part& part : parts_) {
        seen_.emplace(part.header.begin, part.body.end, 0U, std::string());
      }
    }
    const unsigned rules = (job.rules.cr_ends_line ? 1U : 0U) | (job.rules.skip_junk ? 2U : 0U) |
                           (job.rules.blankish_ends ? 4U : 0U) | (job.relabel ? 8U : 0U);
    if (!seen_.emplace(job.range.begin, job.range.end, rules, job.text).second) {
      return;  // this reading is in the table already
    }
    if (parts_.size() >= limits_.mime_parts) {
      report_.Add(DefectId::kTooManyParts, job.parent);
      return;
    }
  }
  const uint32_t node = NewPart(job);
  HeaderScan scan = ScanHeader(raw_, job.range, job.rules, limits_);
  Labels labels;
  {
    Part& part = parts_[node];
    part.header = {job.range.begin, scan.body};
    part.body = {scan.body, job.range.end};
    part.fields = std::move(scan.fields);
    LabelRules rules;
    rules.content_type = job.relabel ? &job.text : nullptr;
    rules.digest = job.digest;
    rules.odd_names = job.rules.skip_junk;
    labels = ReadLabels(raw_, rules, &part, &report_);
    part.is_multipart = part.type == "multipart";
    if (node == 0 && labels.any_mime && !labels.mime_version) {
      report_.Add(DefectId::kMissingMimeVersion, node);
    }
  }
  JudgeHeader(node, scan, job);
  for (std::string& other : labels.other_types) {
    Job again = Child(node, job.range, job);
    again.rules = job.rules;
    again.relabel = true;
    again.text = std::move(other);
    Later(node, std::move(again));
  }
  if (parts_[node].is_multipart) {
    Multipart(node, labels, job);
  } else if (IsMessageType(parts_[node])) {
    Composite(node, job);
  } else {
    Leaf(node, labels, job);
  }
}

void Parser::JudgeHeader(uint32_t node, const HeaderScan& scan, const Job& job) {
  const Part& part = parts_[node];
  const bool plain = !job.rules.skip_junk && !job.rules.blankish_ends;
  if (scan.mbox_line) {
    report_.Add(DefectId::kMboxFromLine, node);
  }
  if (scan.too_long) {
    report_.Add(DefectId::kHeaderTooLong, node);
  }
  if (scan.too_many) {
    report_.Add(DefectId::kTooManyHeaders, node);
  }
  JudgeFieldBytes(part, scan);
  if ((scan.junk || scan.folded_first) && plain) {
    report_.Add(scan.junk ? DefectId::kNoHeaderBodySeparator : DefectId::kFoldedFirstLine, node);
    JudgeFieldsAhead(node, scan, job);
  }
  const bool fold_from = scan.fold_from && HeadsMessage(node);
  if ((scan.odd_name || scan.fold_field || fold_from) && plain) {
    report_.Add(scan.odd_name ? DefectId::kOddFieldName : DefectId::kFieldInFold, node);
    Job again = Child(node, job.range, job);
    again.rules.skip_junk = true;
    Later(node, std::move(again));
  }
  if (scan.blankish && plain && !part.fields.empty()) {
    report_.Add(DefectId::kBlankLineWithSpaces, node);
    Job again = Child(node, job.range, job);
    again.rules.blankish_ends = true;
    Later(node, std::move(again));
  }
  // Blanks ahead of the first field are its empty fold to some, and the end of the header to
  // others.
  if (scan.blankish && plain && part.fields.empty() &&
      HasMimeFieldAhead(raw_, part.body.begin, part.body.end)) {
    report_.Add(DefectId::kBlankLineWithSpaces, node);
    Job again = Child(node, job.range, job);
    again.rules.skip_junk = true;
    Later(node, std::move(again));
  }
  if (scan.bare_cr) {
    ReadWithCr(job);
  }
  // A part whose header runs into the next boundary, without even a line end of its own.
  if (!scan.blank_line && !scan.junk && !part.fields.empty() && part.body.empty() &&
      job.parent != UINT32_MAX && job.range.end < parts_[job.parent].body.end &&
      raw_[job.range.end - 1] != '\n') {
    report_.Add(DefectId::kBoundaryInHeader, node);
  }
}

bool Parser::HeadsMessage(uint32_t node) const {
  return node == 0 || (!working_[node].reading && parts_[parts_[node].parent].is_message);
}

void Parser::JudgeFieldsAhead(uint32_t node, const HeaderScan& scan, const Job& job) {
  const Range body = parts_[node].body;
  working_[node].no_separator = scan.junk;
  const Line line = LineAt(raw_, body.begin, body.end, job.rules.cr_ends_line);
  if (HasNulInName(raw_.substr(line.begin, line.content_end - line.begin))) {
    report_.Add(DefectId::kNulInHeader, node);
  }
  const bool mime = HasMimeFieldAhead(raw_, body.begin, body.end);
  const HiddenField from = HeadsMessage(node)
                               ? FindHiddenFields(raw_, job.range, job.rules, body.begin, limits_)
                               : HiddenField::kNone;
  if (!mime && from == HiddenField::kNone) {
    return;
  }
  // A byte order mark before the first field is what an editor leaves, not an attacker; and a relay
  // that breaks a line does so before the only From, too.
  const bool mark = body.begin == job.range.begin &&
                    raw_.substr(body.begin, kByteOrderMark.size()) == kByteOrderMark;
  const bool honest = from != HiddenField::kAnother && (mark || !mime);
  report_.Add(DefectId::kFieldsAfterJunk, honest ? Grade::kB : Grade::kC, node);
  Job again = Child(node, job.range, job);
  again.rules.skip_junk = true;
  Later(node, std::move(again));
}

void Parser::ReadWithCr(const Job& from) {
  if (cr_reading_) {
    return;
  }
  cr_reading_ = true;
  Job again = Child(0, {0, static_cast<uint32_t>(raw_.size())}, from);
  again.rules.cr_ends_line = true;
  Later(0, std::move(again));
}

void Parser::JudgeFieldBytes(const Part& part, const HeaderScan& scan) {
  if (scan.nul) {
    report_.Add(DefectId::kNulInHeader, part.index);
  }
  if (scan.bare_cr) {
    report_.Add(DefectId::kBareCrInHeader, part.index);
  }
  if (scan.high) {
    // Well-formed UTF-8 is RFC 6532; anything else is old mail.
    const bool utf8 = IsUtf8(Slice(raw_, part.header));
    report_.Add(DefectId::kEightBitHeader, utf8 ? Grade::kA : Grade::kB, part.index);
  }
  if (!scan.control && !scan.space_before_colon && !scan.high) {
    return;
  }
  for (const Field& field : part.fields) {
    const Bytes name = Slice(raw_, field.name);
    const bool decides =
        AsciiStartsWithIgnoreCase(name, "content-") || AsciiEqualsIgnoreCase(name, "from") ||
        AsciiEqualsIgnoreCase(name, "sender") || AsciiEqualsIgnoreCase(name, "reply-to");
    if (field.name.end < raw_.size() && raw_[field.name.end] != ':') {
      report_.Add(DefectId::kSpaceBeforeColon, decides ? Grade::kC : Grade::kB, part.index);
    }
    const Bytes value = Slice(raw_, field.value);
    const bool control =
        scan.control && std::any_of(value.begin(), value.end(), [](char c) {
          const auto byte = static_cast<unsigned char>(c);
          return (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') || byte == 0x7F;
        });
    if (control) {
      // ESC in a subject is raw ISO-2022-JP; nothing hangs on it.
      report_.Add(DefectId::kControlCharInHeader, decides ? Grade::kC : Grade::kB, part.index);
    }
    // One field inside another's value: some reader takes the byte before it for a line end.
    if ((control || scan.high) && decides &&
        AsciiLower(value).find("content-t") != std::string::npos) {
      report_.Add(DefectId::kFieldInFold, part.index);
    }
  }
}

}  // namespace gatepost::mail
