// Any bytes are a message; the part table keeps its promises (see src/mail/README.md).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "src/base/utf8.h"
#include "src/mail/message.h"

namespace {

using gatepost::Bytes;
using gatepost::Limits;
using gatepost::Range;
using gatepost::mail::Field;
using gatepost::mail::Message;
using gatepost::mail::Part;

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool Inside(Range inner, Range outer) {
  return inner.begin <= inner.end && inner.begin >= outer.begin && inner.end <= outer.end;
}

void CheckPart(const Message& message, const Part& part, uint32_t index) {
  const Range all = {0, static_cast<uint32_t>(message.raw().size())};
  Check(part.index == index);
  Check(Inside(part.header, all) && Inside(part.body, all));
  Check(part.header.end == part.body.begin);
  for (const Field& field : part.fields) {
    Check(Inside(field.whole, part.header));
    Check(Inside(field.name, field.whole) && Inside(field.value, field.whole));
    Check(!field.name.empty());
  }
  uint32_t next = index + 1;
  for (const uint32_t child : part.children) {
    Check(child >= next && child < message.parts().size());
    Check(message.parts()[child].parent == index);
    next = child + 1;
  }
  Check(part.children.empty() || part.children.front() == index + 1);
  if (index > 0) {
    Check(part.parent < index);
    const Part& parent = message.parts()[part.parent];
    Check(part.depth == parent.depth + 1);
    Check(part.alternative || !parent.alternative);
    const Range whole = {parent.header.begin, parent.body.end};
    Check(Inside(part.header, whole) && Inside(part.body, whole));
    if (!part.alternative) {
      Check(Inside(part.header, parent.body) && Inside(part.body, parent.body));
    }
  }
  for (const std::string& name : part.names) {
    Check(gatepost::IsUtf8(name));
  }
  for (const auto& parameter : part.type_parameters) {
    Check(gatepost::IsUtf8(parameter.value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string raw(reinterpret_cast<const char*>(data), size);
  Limits limits;
  // Small limits are reached by small inputs.
  limits.mime_parts = 40;
  limits.mime_depth = 6;
  limits.header_fields = 30;
  limits.header_field_bytes = 2'000;
  limits.defects = 20;
  const Message message = Message::Parse(raw, limits);
  Check(!message.parts().empty() && message.parts().size() <= limits.mime_parts);
  Check(message.root().header.begin == 0 && message.root().body.end == raw.size());
  std::set<std::string> paths;
  for (uint32_t i = 0; i < message.parts().size(); ++i) {
    CheckPart(message, message.parts()[i], i);
    Check(paths.insert(message.parts()[i].path).second);
  }
  for (const auto& defect : message.defects()) {
    Check(defect.part < message.parts().size());
  }
  Check(gatepost::IsUtf8(message.Text(message.root(), "subject")));
  return 0;
}
