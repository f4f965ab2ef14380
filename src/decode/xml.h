// The door to expat: events of an XML file. Entities that the file declares are refused (no bombs,
// no external ones); names are given without their prefix, so that a renamed one changes nothing.
// Namespaces are not resolved: no two elements that matter here share a local name and differ in
// meaning, and expat takes half the time without.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace gatepost::decode {

// The attributes of one element; valid during the call.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  // By local name; "" when absent (or empty).
  std::string_view Get(std::string_view local_name) const;
  size_t size() const;
  // By position. REQUIRES: i < size(). Names as written, prefix included.
  std::string_view name(size_t i) const { return pairs_[2 * i]; }
  std::string_view value(size_t i) const { return pairs_[2 * i + 1]; }

 private:
  const char** pairs_;
};

// Receives events; names are local names, text is UTF-8 in pieces.
class XmlSink {
 public:
  virtual ~XmlSink() = default;
  virtual void Start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void End(std::string_view name) = 0;
  virtual void Text(std::string_view utf8) = 0;
};

struct XmlOutcome {
  bool complete = false;  // false: not well-formed; the sink got what stood before `stopped_at`
  bool entities = false;  // declared entities: parsing stopped there
  size_t stopped_at = 0;
};

// Total.
XmlOutcome ParseXml(Bytes xml, XmlSink* sink);

// The local name of the root element, without parsing the rest; "" when there is none.
std::string XmlRoot(Bytes xml);

// What stands between tags, tags replaced by line ends, the five predefined and numeric entities
// resolved: for XML that is broken.
std::string StripTags(Bytes xml);

}  // namespace gatepost::decode
