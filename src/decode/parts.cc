// LIMITS: Limits::readings_per_part counts all readings of a part, whatever encoding they assume.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/parts.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/openers.h"
#include "src/decode/sniff.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

using mail::DefectId;
using mail::Encoding;
using mail::Part;

void ReportFaults(uint32_t faults, uint32_t part, Collector* out) {
  static constexpr std::pair<uint32_t, DefectId> kNames[] = {
      {kBase64Junk, DefectId::kBase64Junk},
      {kBase64DataAfterPadding, DefectId::kBase64DataAfterPadding},
      {kBase64TextAfterPadding, DefectId::kBase64TextAfterPadding},
      {kBase64Incomplete, DefectId::kBase64Incomplete},
      {kQpBadHex, DefectId::kQuotedPrintableBadHex},
      {kQpLooseBreak, DefectId::kQuotedPrintableLooseBreak},
      {kUuBadLength, DefectId::kUuencodeDamaged},
      {kUuNoBegin, DefectId::kUuencodeDamaged},
      {kReadingsCut, DefectId::kReadingsCut},
  };
  for (const auto& name : kNames) {
    if ((faults & name.first) != 0) {
      out->AddDefect(name.second, part);
    }
  }
}

// What all leaves of one part have in common.
Leaf LeafOf(const Part& part, const Leaf* container) {
  Leaf leaf;
  leaf.part = container == nullptr ? part.index : container->part;
  leaf.part_path = container == nullptr ? part.path : container->part_path;
  leaf.names = part.names;
  if (!part.names.empty()) {
    leaf.name = part.names.front();
  }
  leaf.path = leaf.name.empty() ? part.path : leaf.name;
  if (container != nullptr) {
    leaf.path = container->path + "/" + leaf.path;
    leaf.depth = static_cast<uint16_t>(container->depth + 1);
  }
  leaf.media_type = part.type + "/" + part.subtype;
  if (const mail::Parameter* charset = part.FindTypeParameter("charset")) {
    leaf.charset = charset->value;
  }
  leaf.is_attachment =
      container != nullptr || !leaf.name.empty() || part.disposition == "attachment";
  leaf.is_alternative = part.alternative || (container != nullptr && container->is_alternative);
  return leaf;
}

// Preamble and epilogue: some readers show them. `text` ends with a boundary line or starts after
// one; what every mailer writes there is not worth a leaf.
void AddSurroundings(Bytes text, const Leaf& like, const char* where, Collector* out) {
  text = AsciiTrim(text);
  if (text.empty() || text == "This is a multi-part message in MIME format." ||
      text == "This is a cryptographically signed message in MIME format.") {
    return;
  }
  Leaf leaf = like;
  leaf.path += std::string("/") + where;
  leaf.media_type = "text/plain";
  leaf.is_alternative = true;
  leaf.is_attachment = false;
  leaf.bytes = text;
  out->AddPending(std::move(leaf));
}

// Without the last line: the boundary before the first child.
Bytes WithoutLastLine(Bytes text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  const size_t line = text.rfind('\n');
  return line == Bytes::npos ? Bytes() : text.substr(0, line);
}

Bytes WithoutFirstLine(Bytes text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) {
    text.remove_prefix(1);
  }
  const size_t line = text.find('\n');
  return line == Bytes::npos ? Bytes() : text.substr(line + 1);
}

void AddMultipart(const mail::Message& message, const Part& part, const Leaf& like,
                  const Leaf* container, Collector* out) {
  if (part.subtype == "signed") {
    out->SetFact("message.signed");
  } else if (part.subtype == "encrypted") {
    out->SetFact("message.encrypted");
    out->AddUnscannable(Reason::kEncrypted, like);
  }
  uint32_t first = part.body.end;
  uint32_t last = part.body.begin;
  for (const uint32_t child : part.children) {
    const Part& piece = message.parts()[child];
    if (!piece.alternative && piece.header.begin >= part.body.begin &&
        piece.body.end <= part.body.end) {
      first = std::min(first, piece.header.begin);
      last = std::max(last, piece.body.end);
    }
  }
  const Bytes raw = message.raw();
  if (last <= part.body.begin) {
    AddSurroundings(message.Body(part), like, "body", out);  // no child: all of it is text
  } else {
    AddSurroundings(WithoutLastLine(Slice(raw, Range{part.body.begin, first})), like, "preamble",
                    out);
    AddSurroundings(WithoutFirstLine(Slice(raw, Range{last, part.body.end})), like, "epilogue",
                    out);
  }
  // An encoding on a composite type is illegal (RFC 2045 6.4), and some readers decode it.
  std::vector<Encoding> encodings = part.alternative_encodings;
  encodings.push_back(part.encoding);
  for (const Encoding encoding : encodings) {
    if (encoding == Encoding::kIdentity || encoding == Encoding::kUnknown) {
      continue;
    }
    for (Reading& reading : DecodeBody(message.Body(part), encoding, out->limits())) {
      if (reading.bytes.find("--") == std::string::npos || reading.bytes.size() > out->Room()) {
        continue;
      }
      std::string whole;
      for (const mail::Field* field : message.FindFields(part, "content-type")) {
        whole += Slice(raw, field->whole);
      }
      whole += "\r\n" + reading.bytes;
      if (whole.size() > out->Room()) {
        out->AddUnscannable(Reason::kTooBig, like);
        continue;
      }
      Leaf leaf = like;
      leaf.path += "/decoded";
      leaf.media_type = "message/rfc822";
      leaf.is_alternative = true;
      leaf.depth = static_cast<uint16_t>(container == nullptr ? 0 : container->depth + 1);
      leaf.bytes = out->Keep(std::move(whole));
      out->AddPending(std::move(leaf));
    }
  }
}

// One reading of a part's body; false when the budget has no room for it.
bool AddReading(std::string bytes, const Leaf& like, bool alternative, Collector* out) {
  if (bytes.size() > out->Room()) {
    out->AddUnscannable(Reason::kTooBig, like);
    return false;
  }
  Leaf leaf = like;
  leaf.is_alternative = leaf.is_alternative || alternative;
  leaf.bytes = out->Keep(std::move(bytes));
  out->AddPending(std::move(leaf));
  return true;
}

// All readings of a leaf part. The common cases copy nothing (identity) or decode once.
void AddSingle(const mail::Message& message, const Part& part, Leaf like, Collector* out) {
  const Bytes body = message.Body(part);
  if (part.encoding == Encoding::kIdentity && part.alternative_encodings.empty()) {
    like.bytes = body;
    out->AddPending(std::move(like));
    return;
  }
  if (part.encoding == Encoding::kBase64 && part.alternative_encodings.empty()) {
    std::string bytes;
    if (!ReadsAsWords(body) && DecodeBase64Strict(body, &bytes)) {
      AddReading(std::move(bytes), like, false, out);
      return;
    }
  }
  std::vector<Encoding> encodings = {part.encoding};
  encodings.insert(encodings.end(), part.alternative_encodings.begin(),
                   part.alternative_encodings.end());
  // A label that says nothing: many readers take the body as it stands.
  std::vector<std::string> seen;
  uint64_t room = static_cast<uint64_t>(body.size()) * out->limits().reading_expansion + 4096;
  for (const Encoding encoding : encodings) {
    Readings readings = DecodeReadings(body, encoding, out->limits());
    ReportFaults(encoding == part.encoding ? readings.faults : readings.faults & kReadingsCut,
                 like.part, out);
    for (Reading& reading : readings.readings) {
      if (std::find(seen.begin(), seen.end(), reading.bytes) != seen.end()) {
        continue;
      }
      if (!seen.empty() &&
          (seen.size() >= out->limits().readings_per_part || reading.bytes.size() > room)) {
        out->AddDefect(DefectId::kReadingsCut, like.part);
        break;
      }
      room -= std::min<uint64_t>(room, reading.bytes.size());
      const bool alternative = !seen.empty();
      if (encodings.size() > 1 || readings.readings.size() > 1) {
        seen.push_back(reading.bytes);
      } else {
        seen.emplace_back();
      }
      if (!AddReading(std::move(reading.bytes), like, alternative, out)) {
        return;
      }
    }
  }
}

}  // namespace

namespace {

// A line of a session by which a client sends a message.
bool IsSmtpCommand(Bytes line) {
  for (const Bytes command : {"mail from:", "rcpt to:", "data", "bdat ", "ehlo", "helo", "rset",
                              "noop", "vrfy ", "auth "}) {
    if (AsciiStartsWithIgnoreCase(line, command)) {
      return command.size() > 4 || line.size() == 4 || line[4] == ' ';
    }
  }
  return false;
}

// Mail servers disagree about which line with a dot ends a message: what stands behind one is a
// message of its own to some of them, with the commands that send it or without.
void AddSmuggled(const mail::Message& message, Collector* out) {
  const Bytes raw = message.raw();
  constexpr int kMostPlaces = 16;
  constexpr int kMostDots = 20'000;
  constexpr int kMostCommands = 200;
  constexpr size_t kLongestCommand = 2'000;
  constexpr size_t kHeader = 65'536;  // enough to tell a message by
  const auto is_end = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  int places = 0;
  int dots = 0;
  uint64_t budget = static_cast<uint64_t>(raw.size()) * out->limits().reading_expansion + 1;
  for (size_t at = raw.find("."); at != Bytes::npos; at = raw.find('.', at + 1)) {
    if (at == 0 || at + 1 >= raw.size() || !is_end(raw[at - 1]) || !is_end(raw[at + 1])) {
      continue;
    }
    if (++dots > kMostDots) {
      out->AddDefect(DefectId::kReadingsCut, 0);
      return;
    }
    size_t next = at + 1;
    bool sends = false;
    for (int i = 0; i < kMostCommands; ++i) {
      while (next < raw.size() && is_end(raw[next])) {
        ++next;
      }
      // No server takes longer ones. Hostile lines have no end for miles, and a dot in every third
      // place of them.
      const Bytes most = raw.substr(next, kLongestCommand);
      const Bytes line = most.substr(0, most.find_first_of(Bytes("\r\n", 2)));
      if (line.size() == kLongestCommand || !IsSmtpCommand(line)) {
        break;
      }
      sends = sends || AsciiStartsWithIgnoreCase(line, "mail from:");
      next += line.size();
    }
    const Bytes rest = raw.substr(next);
    if (!sends && !LooksLikeMessage(rest.substr(0, kHeader))) {
      continue;
    }
    if (sends) {
      out->AddDefect(DefectId::kSmuggledMessage, 0);
    }
    budget -= std::min<uint64_t>(budget, rest.size());
    if (++places > kMostPlaces || budget == 0) {
      out->AddDefect(DefectId::kReadingsCut, 0);
      return;
    }
    Leaf leaf;
    leaf.path = "message behind a dot";
    leaf.part_path = message.parts().front().path;
    leaf.media_type = "message/rfc822";
    leaf.is_alternative = true;
    leaf.depth = 1;
    leaf.bytes = rest;
    out->AddPending(std::move(leaf));
  }
}

}  // namespace

void AddParts(const mail::Message& message, const Leaf* container, Collector* out) {
  if (container == nullptr) {
    AddSmuggled(message, out);
  }
  for (const Part& part : message.parts()) {
    Leaf like = LeafOf(part, container);
    if (part.is_multipart) {
      AddMultipart(message, part, like, container, out);
      continue;
    }
    if (part.is_message && !part.children.empty()) {
      like.type = Type::kMessage;
      like.bytes = message.Body(part);
      like.is_container = true;
      out->AddPending(std::move(like));
      continue;
    }
    AddSingle(message, part, std::move(like), out);
  }
}

namespace {

Bytes WithoutBlankLines(Bytes all) {
  return all.substr(std::min(all.find_first_not_of("\r\n"), all.size()));
}

// RFC 4155: a message begins behind a line "From " that stands at the beginning or behind an empty
// line.
void OpenMailbox(size_t leaf, Collector* out) {
  const Bytes all = WithoutBlankLines(out->leaf(leaf).bytes);
  const auto next = [all](size_t from) {
    for (size_t at = all.find("\nFrom ", from); at != Bytes::npos;
         at = all.find("\nFrom ", at + 1)) {
      const size_t line = at > 0 && all[at - 1] == '\r' ? at - 1 : at;
      if (line == 0 || all[line - 1] == '\n') {
        return at + 1;
      }
    }
    return all.size();
  };
  out->leaf(leaf).is_container = true;
  size_t number = 0;
  for (size_t at = 0; at < all.size();) {
    const size_t end = next(at);
    const size_t begin = std::min(all.find('\n', at), all.size() - 1) + 1;
    const std::string name = "message " + std::to_string(++number);
    if (begin < end) {
      if (!out->TakeMember(out->leaf(leaf).path + "/" + name)) {
        return;
      }
      out->AddMember(leaf, name, all.substr(begin, end - begin)).media_type = "message/rfc822";
    }
    at = end;
  }
}

}  // namespace

namespace {

// =C4=90 and the like: two letters at least, each of several bytes of UTF-8.
bool HoldsQuotedLetters(Bytes text) {
  const auto high = [text](size_t at, Bytes first) {
    return at + 2 < text.size() && text[at] == '=' && first.find(text[at + 1]) != Bytes::npos &&
           Bytes("0123456789ABCDEFabcdef").find(text[at + 2]) != Bytes::npos;
  };
  int letters = 0;
  for (size_t at = text.find('='); at != Bytes::npos; at = text.find('=', at + 1)) {
    if (high(at, "CDEFcdef") && high(at + 3, "89ABab") && ++letters == 2) {
      return true;
    }
  }
  return false;
}

}  // namespace

void OpenMessage(size_t leaf, Collector* out) {
  Leaves& leaves = out->leaves();
  const Leaf container = out->leaf(leaf);
  if (IsMailbox(WithoutBlankLines(container.bytes).substr(0, 8192))) {
    OpenMailbox(leaf, out);
    return;
  }
  leaves.nested.push_back(mail::Message::Parse(container.bytes, out->limits()));
  const mail::Message& message = leaves.nested.back();
  for (const mail::Defect& defect : message.defects()) {
    out->AddDefect(defect.id, defect.grade, container.part, "in an attached message");
  }
  out->leaf(leaf).is_container = true;
  AddParts(message, &container, out);
}

namespace {

// Each tag on a line of its own.
std::string TagsOnLines(Bytes xml) {
  std::string out;
  out.reserve(xml.size() + xml.size() / 8);
  for (const char c : xml) {
    if (c == '<') {
      out.push_back('\n');
    }
    out.push_back(c);
    if (c == '>') {
      out.push_back('\n');
    }
  }
  return out;
}

// Base64 that no label announces; `content` is the text of `leaf`.
void AddHiddenBase64(size_t leaf, Bytes content, bool is_usual, Collector* out) {
  const Leaf text = out->leaf(leaf);
  uint32_t faults = 0;
  std::vector<std::string> hidden = FindHiddenBase64(content, out->limits(), &faults, is_usual);
  ReportFaults(faults, text.part, out);
  for (std::string& bytes : hidden) {
    // Another reading of a part may hold what its label already led to.
    const auto& known = out->leaves().leaves;
    if (text.is_alternative && std::any_of(known.begin(), known.end(), [&](const Leaf& other) {
          return other.part == text.part && other.bytes == bytes;
        })) {
      continue;
    }
    if (bytes.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, text);
      return;
    }
    if (!out->TakeMember(text.path + "/base64")) {
      return;
    }
    const bool word = is_usual || (faults & kAmongWords) != 0;
    out->AddDefect(DefectId::kEncodingUnlabelled, word ? mail::Grade::kA : mail::Grade::kB,
                   text.part, word ? "a word of a line" : "");
    Leaf& found = out->AddMember(leaf, "base64", out->Keep(std::move(bytes)));
    found.is_alternative = true;
    found.depth = text.depth;
  }
}

}  // namespace

void OpenText(size_t leaf, Collector* out) {
  const Leaf text = out->leaf(leaf);
  if (text.bytes.find("-----BEGIN PGP MESSAGE-----") != Bytes::npos && !OpenPgpArmour(leaf, out)) {
    out->AddUnscannable(Reason::kEncrypted, text);
    out->SetFact("message.encrypted");
  }
  if (text.bytes.find("-----BEGIN PGP SIGN") != Bytes::npos) {  // SIGNED MESSAGE, SIGNATURE
    out->SetFact("message.signed");
  }
  if (text.type == Type::kXml) {
    AddHiddenBase64(leaf, TagsOnLines(text.bytes), true, out);  // invoices carry their PDF so
    return;
  }
  const bool is_json =
      text.type == Type::kText && (Extension(text.name) == "json" ||
                                   AsciiEqualsIgnoreCase(text.media_type, "application/json"));
  if (is_json) {
    AddHiddenBase64(leaf, text.bytes, true, out);
  }
  if (text.media_type.empty() || is_json) {
    return;  // a file in an archive, not the body of a part: no mail program looks for files in it
  }
  for (InlineFile& file : FindInlineFiles(text.bytes, out->limits())) {
    if (file.bytes.size() > out->Room()) {
      out->AddUnscannable(Reason::kTooBig, text);
      return;
    }
    ReportFaults(file.faults, text.part, out);
    out->AddDefect(DefectId::kInlineFile, text.part);
    out->AddMember(leaf, file.name, out->Keep(std::move(file.bytes))).depth = text.depth;
  }
  // Letters beyond ASCII in quoted-printable that no label announces. Programs forward it like
  // that, so that it is no defect.
  if (!text.is_typed && HoldsQuotedLetters(text.bytes)) {
    Leaf reading = text;
    reading.bytes = {};
    reading.is_typed = true;
    reading.is_alternative = true;
    std::string bytes =
        DecodeBody(text.bytes, Encoding::kQuotedPrintable, out->limits()).front().bytes;
    if (bytes.size() <= out->Room()) {
      reading.bytes = out->Keep(std::move(bytes));
      out->AddPending(std::move(reading));
    } else {
      out->AddUnscannable(Reason::kTooBig, text);
    }
  }
  AddHiddenBase64(leaf, text.bytes, false, out);
}

}  // namespace gatepost::decode
