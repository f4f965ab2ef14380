// Multiparts, messages, leaves, and the readings that their bodies allow. Bounds: see parser.cc.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "src/mail/parser.h"

namespace gatepost::mail {

namespace {

// Eudora, an honest program of millions, named inner boundaries after the outer one.
bool IsEudoras(const std::string& inner, const std::string& outer) {
  return outer.size() > 3 && outer.compare(outer.size() - 3, 3, "==_") == 0 &&
         (inner == outer + ".REL" || inner == outer + ".ALT");
}

bool HasBlankLine(Bytes text) {
  return text.find("\n\n") != Bytes::npos || text.find("\n\r\n") != Bytes::npos;
}

}  // namespace

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
    } else if (begins(boundary, outer)) {
      // RFC 2046 5.1.1: it suffices that a line begins with the boundary, so a strict reader ends
      // this part at its own first boundary line.
      report_.Add(DefectId::kBoundaryPrefixOfAnother,
                  IsEudoras(boundary, outer) ? Grade::kB : Grade::kC, node);
    } else if (begins(outer, boundary)) {
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
      if (base64 && !labels.has_boundary) {
        // "multipart/x-zip" of a file, a web archive under its own type: nobody can cut it.
        report_.Add(DefectId::kEncodedMultipart, Grade::kB, node);
      } else {
        report_.Add(base64 ? DefectId::kEncodedMultipart : DefectId::kEncodingOnComposite, node);
      }
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
      if (working_[node].no_separator && found.found.front().close &&
          !HasBlankLine(Slice(raw_, {body.begin, found.found.front().begin}))) {
        report_.Add(DefectId::kBoundaryInHeader, node);
      }
      JudgeNesting(node, candidate.text);
      working_[node].boundary = candidate.text;
      working_[node].cut = true;
      Split(node, body, found, job);
      const std::string other = BoundaryInOtherCase(Slice(raw_, body), candidate.text);
      if (!other.empty()) {
        report_.Add(DefectId::kBoundaryInOtherCase, node);
        SplitLater(node, body, other, job);
      }
    } else {
      SplitLater(node, body, candidate.text, job);
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
  } else if (IsBlankText(Slice(raw_, body))) {
    // A header alone, as delivery reports return it: nobody sees anything in it.
    report_.Add(DefectId::kBoundaryNotFound, Grade::kA, node);
  } else {
    report_.Add(DefectId::kBoundaryNotFound, node);
  }
  if (!guess.empty()) {
    SplitLater(node, body, guess, job);
  }
  if (!IsBlankText(Slice(raw_, body))) {
    Job text = Child(node, body, job);
    text.kind = Job::Kind::kText;
    Later(node, std::move(text));
  }
}

void Parser::SplitLater(uint32_t node, Range body, std::string boundary, const Job& job) {
  Job again = Child(node, body, job);
  again.kind = Job::Kind::kSplit;
  again.text = std::move(boundary);
  Later(node, std::move(again));
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

// A boundary line of the outer multipart ended this one before its own close. A reader that looks
// for the innermost boundary only goes on to that close, and takes the outer's line for content.
void Parser::ReadPastOuter(uint32_t node, const Job& job) {
  uint32_t outer = node;
  while (parts_[outer].parent != outer) {
    outer = parts_[outer].parent;
    if (working_[outer].cut) {
      break;
    }
  }
  const std::string& boundary = working_[node].boundary;
  const Range behind = {parts_[node].body.end, parts_[outer].body.end};
  if (outer == node || !working_[outer].cut || working_[outer].boundary == boundary ||
      behind.begin >= behind.end) {
    return;
  }
  const Delimiters found =
      FindDelimiters(raw_, behind, boundary, false, job.rules.cr_ends_line, Room() + 1);
  // A later part may have the same boundary and declare it: that one is its own.
  if (!found.any() || !found.found.back().close ||
      Slice(raw_, {behind.begin, found.found.front().begin}).find(boundary) != Bytes::npos) {
    return;
  }
  report_.Add(DefectId::kMissingCloseBoundary, Grade::kC, node);
  SplitLater(outer, {parts_[node].body.begin, behind.end}, boundary, job);
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
      ReadPastOuter(node, job);  // regrades: its close stands behind the outer's boundary
    }
  } else if (found.back().close) {
    const Range epilogue = {found.back().end, body.end};
    const std::string& boundary = plain ? working_[node].boundary : job.text;
    const Delimiters more =
        FindDelimiters(raw_, epilogue, boundary, false, job.rules.cr_ends_line, 1);
    if (more.any()) {
      // A second close is a slip of the pen; parts behind the first are another reading.
      report_.Add(DefectId::kPartsAfterClose, node);
      SplitLater(node, epilogue, boundary, job);
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
        SplitLater(node, body, candidate.text, job);
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
    SplitLater(node, body, guess, job);
  }
  if (StartsWithMimeFields(text)) {
    const bool are_told =
        parts_[node].type == "text" && parts_[node].subtype == "rfc822-headers";  // RFC 6522
    report_.Add(DefectId::kFieldsInBody, are_told ? Grade::kA : Grade::kB, node);
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
