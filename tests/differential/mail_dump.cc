// Prints our reading of each file named on the command line as one JSON object a line, for
// compare.py: parts with path, type, encoding, names, and the raw body's size and digest.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/mail/message.h"

namespace {

using gatepost::Json;
using gatepost::Limits;
using gatepost::mail::Message;
using gatepost::mail::Part;

const char* EncodingName(gatepost::mail::Encoding encoding) {
  switch (encoding) {
    case gatepost::mail::Encoding::kIdentity:
      return "identity";
    case gatepost::mail::Encoding::kBase64:
      return "base64";
    case gatepost::mail::Encoding::kQuotedPrintable:
      return "quoted-printable";
    case gatepost::mail::Encoding::kUuencode:
      return "uuencode";
    case gatepost::mail::Encoding::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Json Describe(const std::string& path, const Message& message) {
  Json out;
  out["file"] = path;
  out["parts"] = Json::array();
  for (const Part& part : message.parts()) {
    Json row;
    row["path"] = part.path;
    row["type"] = part.type + "/" + part.subtype;
    row["encoding"] = EncodingName(part.encoding);
    row["names"] = part.names;
    // Readings hang below their part; a leaf that has some is one all the same.
    row["leaf"] = std::all_of(part.children.begin(), part.children.end(), [&](uint32_t child) {
      return message.parts()[child].alternative && !part.alternative;
    });
    row["multipart"] = part.is_multipart;
    row["alternative"] = part.alternative;
    row["size"] = part.body.size();
    row["sha256"] = gatepost::Sha256Hex(message.Body(part));
    out["parts"].push_back(std::move(row));
  }
  out["defects"] = Json::array();
  for (const auto& defect : message.defects()) {
    out["defects"].push_back(gatepost::mail::KindOf(defect.id).name);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream stream(argv[i], std::ios::binary);
    const std::string raw{std::istreambuf_iterator<char>(stream), {}};
    std::printf("%s\n", gatepost::DumpJson(Describe(argv[i], Message::Parse(raw, Limits()))).c_str());
  }
  return 0;
}
