// Reading a parsed message, and the last step of parsing: pre-order, paths, checks of the whole.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/message.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/mail/identity.h"
#include "src/mail/parser.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

constexpr size_t kLongestLine = 998;  // RFC 5322 2.1.1

// "" for the root, "2" for "2.0": what the numbers of the parts inside are put behind.
Bytes Base(Bytes path) {
  if (path == "0") {
    return {};
  }
  if (path.size() > 2 && path.substr(path.size() - 2) == ".0") {
    path.remove_suffix(2);
  }
  return path;
}

std::string PathOf(const Part& parent, bool reading, uint32_t number) {
  std::string out(Base(parent.path));
  if (!reading && parent.is_message) {
    // The message inside part "2" is "2.0"; inside one that is itself such a root, "2.1.0".
    const bool root = parent.path == "0" || out.size() != parent.path.size();
    if (root) {
      out += out.empty() ? "1" : ".1";
    }
    return out + ".0";
  }
  if (reading && parent.path != "0") {
    out = parent.path;  // "2.0.a1" is no reading of "2"
  }
  if (!out.empty()) {
    out += '.';
  }
  if (reading) {
    out += 'a';
  }
  return out + std::to_string(number);
}

}  // namespace

const Parameter* Part::FindTypeParameter(std::string_view name) const {
  for (const Parameter& parameter : type_parameters) {
    if (AsciiEqualsIgnoreCase(parameter.name, name)) {
      return &parameter;
    }
  }
  return nullptr;
}

std::vector<const Field*> Message::FindFields(const Part& part, std::string_view name) const {
  std::vector<const Field*> out;
  for (const Field& field : part.fields) {
    if (AsciiEqualsIgnoreCase(Slice(raw_, field.name), name)) {
      out.push_back(&field);
    }
  }
  return out;
}

std::string Message::Text(const Part& part, std::string_view name) const {
  for (const Field& field : part.fields) {
    if (AsciiEqualsIgnoreCase(Slice(raw_, field.name), name)) {
      return DecodeEncodedWords(Unfolded(field));
    }
  }
  return {};
}

std::string Message::Unfolded(const Field& field) const {
  return Unfold(AsciiTrim(Slice(raw_, field.value)));
}

void Parser::JudgeWhole() {
  JudgeIdentity(raw_, parts_.front(), &report_);
  const size_t body = parts_.front().body.begin;
  if (raw_.find('\0', body) != Bytes::npos) {
    report_.Add(DefectId::kNulInBody, 0);
  }
  bool bare_cr = false;
  bool bare_lf = false;
  bool crlf = false;
  bool long_line = false;
  for (size_t at = 0; at < raw_.size();) {
    const size_t newline = raw_.find('\n', at);
    const size_t end = newline == Bytes::npos ? raw_.size() : newline;
    const bool has_cr = newline != Bytes::npos && end > at && raw_[end - 1] == '\r';
    const size_t content = end - (has_cr ? 1 : 0);
    crlf = crlf || has_cr;
    bare_lf = bare_lf || (newline != Bytes::npos && !has_cr);
    long_line = long_line || content - at > kLongestLine;
    if (!bare_cr && at >= body && content > at) {
      bare_cr = std::memchr(raw_.data() + at, '\r', content - at) != nullptr;
    }
    at = end + 1;
  }
  if (bare_cr) {
    report_.Add(DefectId::kBareCr, 0);
    // Only a boundary or a field behind it makes that another message.
    if (raw_.find("\r--", body) != Bytes::npos || raw_.find("\rContent-", body) != Bytes::npos) {
      ReadWithCr(Job());
    }
  }
  if (crlf && bare_lf) {
    report_.Add(DefectId::kBareLf, 0);
  }
  if (long_line) {
    report_.Add(DefectId::kLongLine, 0);
  }
}

Message Parser::Finish() {
  Message out;
  out.raw_ = raw_;
  const auto count = static_cast<uint32_t>(parts_.size());
  // Pre-order with a stack of our own; plain children come first in each list already, because
  // other readings are worked off later.
  std::vector<uint32_t> order;
  std::vector<uint32_t> place(count);
  std::vector<uint32_t> stack = {0};
  order.reserve(count);
  while (!stack.empty()) {
    const uint32_t node = stack.back();
    stack.pop_back();
    place[node] = static_cast<uint32_t>(order.size());
    order.push_back(node);
    const auto& children = parts_[node].children;
    stack.insert(stack.end(), children.rbegin(), children.rend());
  }
  out.parts_.reserve(count);
  for (const uint32_t node : order) {
    out.parts_.push_back(std::move(parts_[node]));
    Part& part = out.parts_.back();
    part.index = place[node];
    part.parent = place[part.parent];
    for (uint32_t& child : part.children) {
      child = place[child];
    }
  }
  out.parts_.front().path = "0";
  for (Part& part : out.parts_) {
    uint32_t plain = 0;
    uint32_t other = 0;
    for (const uint32_t child : part.children) {
      const bool reading = working_[order[child]].reading;
      out.parts_[child].path = PathOf(part, reading, reading ? ++other : ++plain);
    }
  }
  out.defects_ = std::move(report_.defects());
  for (Defect& defect : out.defects_) {
    defect.part = place[defect.part];
  }
  std::stable_sort(out.defects_.begin(), out.defects_.end(),
                   [](const Defect& a, const Defect& b) { return a.part < b.part; });
  out.unlisted_defects_ = report_.unlisted();
  return out;
}

}  // namespace gatepost::mail
