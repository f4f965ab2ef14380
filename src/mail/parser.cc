// Jobs and readings. Bounds: Limits::mime_parts in all, mime_depth, readings_per_part, and
// reading_expansion times the message for all other readings together.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/parser.h"

#include <algorithm>
#include <utility>

#include "src/mail/identity.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

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
    if (IsMimeFieldLine(content)) {
      return true;
    }
    at = line.end;
  }
  return false;
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
    } else {
      break;
    }
    Do(job);
  }
  JudgeWhole();
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
    labels = ReadLabels(raw_, job.relabel ? &job.text : nullptr, job.digest, &part, &report_);
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
    if (HasMimeFieldAhead(raw_, part.body.begin, part.body.end)) {
      report_.Add(DefectId::kFieldsAfterJunk, node);
      Job again = Child(node, job.range, job);
      again.rules.skip_junk = true;
      Later(node, std::move(again));
    }
  }
  if (scan.blankish && plain && !part.fields.empty()) {
    report_.Add(DefectId::kBlankLineWithSpaces, node);
    Job again = Child(node, job.range, job);
    again.rules.blankish_ends = true;
    Later(node, std::move(again));
  }
  if (scan.bare_cr && !cr_reading_) {
    cr_reading_ = true;
    Job again = Child(0, {0, static_cast<uint32_t>(raw_.size())}, job);
    again.rules.cr_ends_line = true;
    Later(0, std::move(again));
  }
  // A part whose header runs into the next boundary, without even a line end of its own.
  if (!scan.blank_line && !scan.junk && !part.fields.empty() && part.body.empty() &&
      job.parent != UINT32_MAX && job.range.end < parts_[job.parent].body.end &&
      raw_[job.range.end - 1] != '\n') {
    report_.Add(DefectId::kBoundaryInHeader, node);
  }
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
    report_.Add(DefectId::kEightBitHeader, part.index);
  }
  if (!scan.control && !scan.space_before_colon) {
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
  }
}

void Parser::JudgeNesting(uint32_t node, const std::string& boundary) {
  const auto begins = [](const std::string& s, const std::string& with) {
    return s.size() > with.size() && s.compare(0, with.size(), with) == 0;
  };
  for (uint32_t at = node; parts_[at].parent != at;) {
    at = parts_[at].parent;
    if (!working_[at].cut || parts_[at].header == parts_[node].header) {
      continue;
    }
    const std::string& outer = working_[at].boundary;
    if (outer == boundary) {
      report_.Add(DefectId::kInnerUsesOuterBoundary, node);
    } else if (boundary == outer + "--" || outer == boundary + "--") {
      report_.Add(DefectId::kBoundaryLikeClose, node);
    } else if (begins(boundary, outer) || begins(outer, boundary)) {
      report_.Add(DefectId::kBoundaryPrefixOfAnother, node);
    }
  }
}

void Parser::Multipart(uint32_t node, const Labels& labels, const Job& job) {
  {
    Part& part = parts_[node];
    if (part.encoding != Encoding::kIdentity) {
      // RFC 2045 6.4 forbids it; most readers ignore the label, some obey.
      const bool base64 = part.encoding != Encoding::kQuotedPrintable;
      report_.Add(base64 ? DefectId::kEncodedMultipart : DefectId::kEncodingOnComposite, node);
      if (part.encoding != Encoding::kUnknown) {
        part.alternative_encodings.insert(part.alternative_encodings.begin(), part.encoding);
      }
      part.encoding = Encoding::kIdentity;
      auto& others = part.alternative_encodings;
      others.erase(std::remove(others.begin(), others.end(), Encoding::kIdentity), others.end());
    }
  }
  const Range body = parts_[node].body;
  if (parts_[node].depth >= limits_.mime_depth) {
    report_.Add(DefectId::kNestedTooDeep, node);
    return;
  }
  bool done = false;
  std::vector<Delimiter> first;
  for (const BoundaryCandidate& candidate : labels.boundaries) {
    const Delimiters found =
        FindDelimiters(raw_, body, candidate.text, false, job.rules.cr_ends_line, Room() + 1);
    if (!found.any()) {
      continue;
    }
    if (candidate.only_if_used) {
      report_.Add(DefectId::kBoundarySyntax, node);
    }
    if (!done) {
      done = true;
      JudgeNesting(node, candidate.text);
      working_[node].boundary = candidate.text;
      working_[node].cut = true;
      Split(node, body, found, job);
    } else {
      Job again = Child(node, body, job);
      again.kind = Job::Kind::kSplit;
      again.text = candidate.text;
      Later(node, std::move(again));
    }
  }
  if (done) {
    return;
  }
  if (!labels.boundaries.empty()) {
    JudgeNesting(node, labels.boundaries.front().text);
  }
  const std::string guess = GuessBoundary(Slice(raw_, body));
  if (!labels.has_boundary) {
    report_.Add(DefectId::kMultipartWithoutBoundary, guess.empty() ? Grade::kB : Grade::kC, node);
  } else {
    report_.Add(DefectId::kBoundaryNotFound, node);
  }
  if (!guess.empty()) {
    Job again = Child(node, body, job);
    again.kind = Job::Kind::kSplit;
    again.text = guess;
    Later(node, std::move(again));
  }
  if (!IsBlankText(Slice(raw_, body))) {
    Job text = Child(node, body, job);
    text.kind = Job::Kind::kText;
    Later(node, std::move(text));
  }
}

void Parser::SplitJob(const Job& job) {
  const Delimiters found =
      FindDelimiters(raw_, job.range, job.text, job.lenient, job.rules.cr_ends_line, Room() + 1);
  if (found.any()) {
    Split(job.parent, job.range, found, job);
  }
}

// Text before the first boundary or behind the last: to be read, because some reader may.
void Parser::Rest(uint32_t node, Range range, DefectId usual, DefectId mime, const Job& job) {
  const Bytes text = Slice(raw_, range);
  if (IsBlankText(text) || (usual == DefectId::kNonEmptyPreamble && IsUsualPreamble(text))) {
    return;
  }
  report_.Add(usual, node);
  Job again = Child(node, range, job);
  if (StartsWithMimeFields(text)) {
    report_.Add(mime, node);
  } else {
    again.kind = Job::Kind::kText;
  }
  Later(node, std::move(again));
}

void Parser::Split(uint32_t node, Range body, const Delimiters& delimiters, const Job& job) {
  const std::vector<Delimiter>& found = delimiters.found;
  const bool digest = parts_[node].subtype == "digest";
  const bool plain = job.kind == Job::Kind::kEntity;  // not a further cut of the same body
  if (plain) {
    const Range preamble = {body.begin, WithoutLineEnd(raw_, body.begin, found.front().begin)};
    Rest(node, preamble, DefectId::kNonEmptyPreamble, DefectId::kMimeInPreamble, job);
  }
  const size_t room = Room();
  std::vector<Job> children;
  bool closed = false;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].close) {
      closed = true;
      break;
    }
    if (children.size() >= room) {
      report_.Add(DefectId::kTooManyParts, node);
      closed = true;  // whether it is, cannot be told
      break;
    }
    const bool last = children.size() + 1 >= room || i + 1 == found.size();
    uint32_t end = body.end;
    if (!last) {
      end = WithoutLineEnd(raw_, found[i].end, std::max(found[i].end, found[i + 1].begin));
    } else if (i + 1 < found.size() || delimiters.cut) {
      // The rest stays one part, so that nothing is lost.
      const bool ends = i + 2 == found.size() && found[i + 1].close && !delimiters.cut;
      if (ends) {
        end = WithoutLineEnd(raw_, found[i].end, std::max(found[i].end, found[i + 1].begin));
      }
    }
    children.push_back(Child(node, {found[i].end, end}, job));
    children.back().digest = digest;
    children.back().reading = !plain;
  }
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    stack_.push_back(std::move(*child));
  }
  if (!closed) {
    if (plain) {
      report_.Add(DefectId::kMissingCloseBoundary, node);
    }
  } else if (found.back().close) {
    const Range epilogue = {found.back().end, body.end};
    const std::string& boundary = plain ? working_[node].boundary : job.text;
    const Delimiters more =
        FindDelimiters(raw_, epilogue, boundary, false, job.rules.cr_ends_line, 1);
    if (more.any()) {
      // A second close is a slip of the pen; parts behind the first are another reading.
      report_.Add(DefectId::kPartsAfterClose, node);
      Job again = Child(node, epilogue, job);
      again.kind = Job::Kind::kSplit;
      again.text = boundary;
      Later(node, std::move(again));
    }
    if (plain) {
      Rest(node, epilogue, DefectId::kNonEmptyEpilogue, DefectId::kMimeInEpilogue, job);
    }
  }
  if (plain && delimiters.junk_lines + delimiters.in_lines > 0) {
    report_.Add(
        delimiters.junk_lines > 0 ? DefectId::kBoundaryLineWithJunk : DefectId::kBoundaryInText,
        node);
    Job again = Child(node, body, job);
    again.kind = Job::Kind::kSplit;
    again.lenient = true;
    again.text = working_[node].boundary;
    Later(node, std::move(again));
  }
}

void Parser::Composite(uint32_t node, const Job& job) {
  const Range body = parts_[node].body;
  const bool encoded = parts_[node].encoding != Encoding::kIdentity;
  if (encoded) {
    const Line first = LineAt(raw_, body.begin, body.end, false);
    const bool reads_plain = IsFieldLine(raw_.substr(first.begin, first.content_end - first.begin));
    auto& others = parts_[node].alternative_encodings;
    if (std::find(others.begin(), others.end(), Encoding::kIdentity) == others.end()) {
      others.push_back(Encoding::kIdentity);
    }
    if (parts_[node].subtype != "global" || reads_plain) {
      const bool base64 = parts_[node].encoding != Encoding::kQuotedPrintable;
      report_.Add(DefectId::kEncodingOnComposite, reads_plain && base64 ? Grade::kC : Grade::kB,
                  node);
    }
    if (reads_plain) {
      Later(node, Child(node, body, job));
    }
    return;  // decode/ decodes it and parses what comes out
  }
  if (parts_[node].depth >= limits_.mime_depth) {
    report_.Add(DefectId::kNestedTooDeep, node);
    return;
  }
  if (Room() == 0) {
    report_.Add(DefectId::kTooManyParts, node);
    return;
  }
  parts_[node].is_message = true;
  stack_.push_back(Child(node, body, job));
}

void Parser::Leaf(uint32_t node, const Labels& labels, const Job& job) {
  const Range body = parts_[node].body;
  const Bytes text = Slice(raw_, body);
  if (parts_[node].type == "message" &&
      (parts_[node].subtype == "partial" || parts_[node].subtype == "external-body")) {
    report_.Add(
        parts_[node].subtype == "partial" ? DefectId::kPartialMessage : DefectId::kExternalBody,
        node);
    Later(node, Child(node, body, job));
    return;
  }
  bool cut = false;
  if (labels.has_boundary) {
    report_.Add(DefectId::kBoundaryOnSinglePart, node);
    for (const BoundaryCandidate& candidate : labels.boundaries) {
      if (FindDelimiters(raw_, body, candidate.text, false, job.rules.cr_ends_line, 1).any()) {
        cut = true;
        report_.Add(DefectId::kHiddenMultipart, node);
        Job again = Child(node, body, job);
        again.kind = Job::Kind::kSplit;
        again.text = candidate.text;
        Later(node, std::move(again));
      }
    }
  }
  if (job.rules.skip_junk || job.rules.blankish_ends) {
    // Such a reading brings in fields that were body before; they are judged where they stand.
    return;
  }
  const std::string guess = cut ? std::string() : GuessBoundary(text);
  if (!guess.empty()) {
    report_.Add(DefectId::kUndeclaredMultipart, node);
    Job again = Child(node, body, job);
    again.kind = Job::Kind::kSplit;
    again.text = guess;
    Later(node, std::move(again));
  }
  if (StartsWithMimeFields(text)) {
    report_.Add(DefectId::kFieldsInBody, node);
    Later(node, Child(node, body, job));
  }
}

void Parser::Text(const Job& job) {
  if (parts_.size() >= limits_.mime_parts) {
    report_.Add(DefectId::kTooManyParts, job.parent);
    return;
  }
  const uint32_t node = NewPart(job);
  parts_[node].header = {job.range.begin, job.range.begin};
  parts_[node].body = job.range;
  const std::string guess = GuessBoundary(Slice(raw_, job.range));
  if (!guess.empty() && guess != working_[job.parent].boundary && working_[job.parent].cut) {
    Job again = Child(node, job.range, job);
    again.kind = Job::Kind::kSplit;
    again.text = guess;
    report_.Add(DefectId::kUndeclaredMultipart, node);
    Later(node, std::move(again));
  }
}

}  // namespace gatepost::mail
