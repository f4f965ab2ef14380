// Labels of a part. Every limit here is one of value.h.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/labels.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "src/mail/header.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

// Long names in encoded words are folded between them by most mail programs, Gmail's among them;
// no reader is misled by the fold.
Grade GradeOfFold(const RawParameter& parameter) {
  const Bytes value = AsciiTrim(parameter.value);
  const bool words = value.size() > 4 && value.substr(0, 2) == "=?" &&
                     value.substr(value.size() - 2) == "?=" && HasEncodedWord(value);
  return words ? Grade::kA : Grade::kB;
}

constexpr size_t kLegalBoundary = 70;      // RFC 2046 5.1.1
constexpr size_t kLongestBoundary = 2048;  // where Postfix cuts
constexpr size_t kMostCandidates = 12;

void AddCandidate(std::string text, bool only_if_used, Labels* labels) {
  if (labels->boundaries.size() >= kMostCandidates) {
    return;
  }
  for (const BoundaryCandidate& seen : labels->boundaries) {
    if (seen.text == text) {
      return;
    }
  }
  labels->boundaries.push_back({std::move(text), only_if_used});
}

std::string RightTrimmed(const std::string& s) {
  const size_t last = s.find_last_not_of(" \t");
  return last == std::string::npos ? std::string() : s.substr(0, last + 1);
}

void JudgeBoundary(const RawParameter& raw, const StructuredValue& value, uint32_t part,
                   Labels* labels, Report* report) {
  const std::string& text = raw.value;
  const std::string trimmed(AsciiTrim(text));
  if (trimmed.empty()) {
    report->Add(DefectId::kEmptyBoundary, part);
    AddCandidate("", false, labels);
  }
  if (HasEncodedWord(text)) {
    report->Add(DefectId::kBoundaryEncodedWord, part);
    AddCandidate(DecodeEncodedWords(text), false, labels);
  }
  if (raw.folded) {
    report->Add(DefectId::kBoundaryFolded, part);
    std::string without = text;
    without.erase(std::remove_if(without.begin(), without.end(),
                                 [](char c) { return c == ' ' || c == '\t'; }),
                  without.end());
    AddCandidate(std::move(without), false, labels);
  }
  if (raw.unclosed) {
    report->Add(DefectId::kUnclosedQuote, Grade::kC, part, "boundary");
  }
  if (raw.trailing || raw.list || (raw.spaced && !raw.quoted)) {
    report->Add(DefectId::kBoundarySyntax, part);
  } else if (raw.escaped || raw.comment || (!raw.quoted && text.find('"') != std::string::npos)) {
    report->Add(DefectId::kBoundarySyntax, Grade::kB, part);
  }
  if (trimmed != text && !trimmed.empty()) {
    report->Add(DefectId::kBoundaryWithSpaces, part);
    AddCandidate(RightTrimmed(text), false, labels);
    AddCandidate(trimmed, false, labels);
  }
  if (text.size() > kLongestBoundary) {
    report->Add(DefectId::kBoundaryOverLimit, part);
    AddCandidate(text.substr(0, kLongestBoundary), false, labels);
  } else if (text.size() > kLegalBoundary) {
    report->Add(DefectId::kBoundaryTooLong, part);
  }
  for (const std::string& other : raw.others) {
    AddCandidate(other, false, labels);
  }
  if (!raw.quoted) {
    for (const std::string& junk : value.junk) {
      AddCandidate(text + ";" + junk, true, labels);
    }
  }
}

void ReadBoundaries(const StructuredValue& value, const JoinedParameters& joined, uint32_t part,
                    Labels* labels, Report* report) {
  const RawParameter* first = nullptr;
  bool sections = false;
  std::vector<const RawParameter*> plain;
  for (const RawParameter& raw : value.parameters) {
    if (raw.name == "boundary") {
      first = first == nullptr ? &raw : first;
      plain.push_back(&raw);
      if (raw.value != first->value) {
        report->Add(DefectId::kDuplicateBoundaryParameter, part);
      }
    } else if (raw.name.compare(0, 9, "boundary*") == 0) {
      sections = true;
    }
  }
  labels->has_boundary = first != nullptr || sections;
  for (const RawParameter* raw : plain) {
    AddCandidate(raw->value, false, labels);
  }
  if (sections) {
    bool agrees = first != nullptr;
    for (const Parameter& parameter : joined.parameters) {
      if (parameter.name == "boundary") {
        agrees = agrees && parameter.value == first->value;
        AddCandidate(parameter.value, false, labels);
      }
    }
    if (first != nullptr && !agrees) {
      report->Add(DefectId::kConflictingBoundary2231, part);
    } else if (joined.bad_sections) {
      report->Add(DefectId::kBoundarySyntax, part);
    } else {
      report->Add(DefectId::kBoundary2231, part);
    }
    // A reader without RFC 2231 sees the first section alone.
    for (const RawParameter& raw : value.parameters) {
      if (raw.name.compare(0, 9, "boundary*") == 0) {
        AddCandidate(raw.value, true, labels);
      }
    }
  }
  for (const RawParameter* raw : plain) {
    JudgeBoundary(*raw, value, part, labels, report);
  }
}

bool IsTypeToken(Bytes s) {
  return !s.empty() && s.size() < 128 && std::all_of(s.begin(), s.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+%'*`{|}~").find(c) != std::string_view::npos;
  });
}

void SetType(Bytes type, Bytes subtype, Part* part) {
  part->type = std::string(type);
  part->subtype = std::string(subtype);
}

// From one Content-Type value.
void ReadType(Bytes text, Part* part, Labels* labels, Report* report) {
  const StructuredValue value = ParseStructured(text);
  std::string word = value.word;
  const uint32_t index = part->index;
  if (HasEncodedWord(value.plain)) {
    report->Add(DefectId::kEncodedWordInType, index);
    labels->other_types.push_back(DecodeEncodedWords(Unfold(text)));
    // The decoder of the first word would otherwise find itself again.
    if (HasEncodedWord(labels->other_types.back())) {
      labels->other_types.pop_back();
    }
  }
  const size_t comma = word.find(',');
  if (comma != std::string::npos) {
    report->Add(DefectId::kTypeListWithComma, index);
    const std::string plain = Unfold(text);
    const std::string rest = plain.substr(std::min(plain.find(';'), plain.size()));
    for (size_t at = comma; at != std::string::npos && labels->other_types.size() < 4;) {
      const size_t next = word.find(',', at + 1);
      const std::string piece(AsciiTrim(Bytes(word).substr(
          at + 1, next == std::string::npos ? std::string::npos : next - at - 1)));
      if (!piece.empty()) {
        labels->other_types.push_back(piece + rest);
      }
      at = next;
    }
    word.resize(comma);
  }
  if (value.quoted) {
    report->Add(DefectId::kQuotedType, index);
  }
  if (value.unclosed) {
    report->Add(DefectId::kUnclosedQuote, index, "Content-Type");
  }
  if (value.too_many) {
    report->Add(DefectId::kTooManyParameters, index, "Content-Type");
  }
  if (value.missing_semicolon) {
    report->Add(DefectId::kBadParameter, index, "no semicolon");
  }
  const size_t blank = word.find(' ');
  if (blank != std::string::npos) {
    report->Add(DefectId::kBadContentType, index);
    word.resize(blank);
  }
  const size_t slash = word.find('/');
  const Bytes type = Bytes(word).substr(0, slash);
  const Bytes subtype = slash == std::string::npos ? Bytes() : Bytes(word).substr(slash + 1);
  if (IsTypeToken(type) && IsTypeToken(subtype)) {
    SetType(type, subtype, part);
  } else if (type == "multipart") {
    report->Add(DefectId::kUnknownMultipartSyntax, index);
    SetType(type, IsTypeToken(subtype) ? subtype : Bytes("mixed"), part);
  } else {
    // RFC 2045 5.2: what cannot be understood is text/plain; the default of a digest stays.
    report->Add(DefectId::kBadContentType, index);
    if (type == "text" || type == "html") {
      SetType("text", type == "html" ? Bytes("html") : Bytes("plain"), part);
    } else if (!word.empty()) {
      SetType("application", "octet-stream", part);
      if (part->parent == index) {
        SetType("text", "plain", part);
      }
    }
  }
  JoinedParameters joined = JoinParameters(value.parameters);
  ReadBoundaries(value, joined, index, labels, report);
  for (const RawParameter& raw : value.parameters) {
    if (raw.quoted && raw.folded && raw.name != "boundary") {
      report->Add(DefectId::kFoldInQuotedParameter, GradeOfFold(raw), index, raw.name);
    }
    if (raw.unclosed && raw.name != "boundary") {
      report->Add(DefectId::kUnclosedQuote, index);
    }
  }
  for (const std::string& name : joined.encoded_word_names) {
    // Names in encoded words are what most mail programs write; all readers know them.
    const bool is_name = name == "name" || name == "filename";
    report->Add(DefectId::kEncodedWordInParameter, is_name ? Grade::kA : Grade::kB, index);
  }
  if (joined.bad_sections) {
    report->Add(DefectId::kBadParameterSections, index);
  }
  part->type_parameters = std::move(joined.parameters);
}

struct EncodingReading {
  Encoding encoding = Encoding::kIdentity;
  std::vector<Encoding> others;
};

bool KnownEncoding(std::string_view word, Encoding* out) {
  struct Entry {
    std::string_view word;
    Encoding encoding;
  };
  static constexpr std::array<Entry, 9> kKnown = {{
      {"7bit", Encoding::kIdentity},
      {"8bit", Encoding::kIdentity},
      {"binary", Encoding::kIdentity},
      {"base64", Encoding::kBase64},
      {"quoted-printable", Encoding::kQuotedPrintable},
      {"x-uuencode", Encoding::kUuencode},
      {"uuencode", Encoding::kUuencode},
      {"x-uue", Encoding::kUuencode},
      {"uue", Encoding::kUuencode},
  }};
  for (const Entry& entry : kKnown) {
    if (entry.word == word) {
      *out = entry.encoding;
      return true;
    }
  }
  return false;
}

// Labels that no reader decodes and that sloppy programs write for "as it is".
bool MeansIdentity(std::string_view word) {
  static constexpr std::array<std::string_view, 16> kWords = {
      "7-bit", "8-bit",    "7bits", "8bits", "7 bit",      "8 bit",      "none",    "plain",
      "text",  "us-ascii", "ascii", "utf-8", "iso-8859-1", "text/plain", "unicode", "16bit"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
         word.compare(0, 9, "iso-8859-") == 0 || word.compare(0, 8, "windows-") == 0;
}

constexpr std::array<Encoding, 4> kAllEncodings = {Encoding::kBase64, Encoding::kQuotedPrintable,
                                                   Encoding::kUuencode, Encoding::kIdentity};

EncodingReading ReadEncoding(Bytes text, uint32_t part, Report* report) {
  EncodingReading out;
  const StructuredValue value = ParseStructured(text);
  const std::string& word = value.word;
  if (value.comment) {
    // "base64 (qp)": one reader takes the comment away, another knows no such encoding.
    report->Add(DefectId::kCommentInEncoding, part);
  }
  if (KnownEncoding(word, &out.encoding)) {
    if (value.quoted || !value.junk.empty() || !value.parameters.empty() || value.unclosed) {
      report->Add(DefectId::kEncodingSyntax, part);
      out.others.push_back(Encoding::kIdentity);
    }
    return out;
  }
  if (word.empty()) {
    if (!AsciiTrim(text).empty()) {
      report->Add(DefectId::kEncodingSyntax, part);
    }
    return out;
  }
  if (MeansIdentity(word)) {
    report->Add(DefectId::kEncodingSyntax, part);
    return out;
  }
  static constexpr std::array<std::string_view, 9> kRare = {
      "x-yenc",     "yenc",     "binhex", "mac-binhex40", "x-binhex",
      "x-binhex40", "x-gzip64", "gzip64", "x-macbinary"};
  out.encoding = Encoding::kUnknown;
  if (std::find(kRare.begin(), kRare.end(), word) != kRare.end()) {
    report->Add(DefectId::kUnsupportedEncoding, part);
  } else {
    report->Add(DefectId::kUnrecognizedTransferEncoding, part);
  }
  // What the label contains comes first: "x-base64", "ba se64", "base64, quoted-printable".
  std::string squeezed = word;
  squeezed.erase(std::remove(squeezed.begin(), squeezed.end(), ' '), squeezed.end());
  if (squeezed.find("quoted") != std::string::npos && squeezed.find("64") == std::string::npos) {
    out.others.push_back(Encoding::kQuotedPrintable);
  }
  out.others.insert(out.others.end(), kAllEncodings.begin(), kAllEncodings.end());
  return out;
}

void AddEncoding(Encoding encoding, Part* part) {
  auto& others = part->alternative_encodings;
  if (encoding != part->encoding && encoding != Encoding::kUnknown &&
      std::find(others.begin(), others.end(), encoding) == others.end()) {
    others.push_back(encoding);
  }
}

void ReadEncodings(Bytes raw, const std::vector<const Field*>& fields, Part* part, Report* report) {
  std::string first;
  for (size_t i = 0; i < fields.size() && i < 16; ++i) {
    const Bytes text = Slice(raw, fields[i]->value);
    const EncodingReading reading = ReadEncoding(text, part->index, report);
    std::string word = ParseStructured(text).word;
    if (i == 0) {
      part->encoding = reading.encoding;
      first = std::move(word);
    } else if (word == first) {
      report->Add(DefectId::kDuplicateScalarHeader, Grade::kA, part->index,
                  "Content-Transfer-Encoding");
    } else {
      report->Add(DefectId::kDuplicateTransferEncoding, part->index);
      AddEncoding(reading.encoding, part);
    }
    for (const Encoding other : reading.others) {
      AddEncoding(other, part);
    }
  }
}

void ReadDispositions(Bytes raw, const std::vector<const Field*>& fields, Part* part,
                      Report* report) {
  std::vector<RawParameter> all;
  for (size_t i = 0; i < fields.size() && i < 8; ++i) {
    StructuredValue value = ParseStructured(Slice(raw, fields[i]->value));
    if (i == 0) {
      part->disposition = value.word.substr(0, 64);
    } else {
      report->Add(DefectId::kDuplicateScalarHeader, part->index, "Content-Disposition");
    }
    if (value.too_many) {
      report->Add(DefectId::kTooManyParameters, part->index, "Content-Disposition");
    }
    for (RawParameter& parameter : value.parameters) {
      if (parameter.quoted && parameter.folded) {
        report->Add(DefectId::kFoldInQuotedParameter, GradeOfFold(parameter), part->index,
                    parameter.name);
      }
      if (parameter.unclosed) {
        report->Add(DefectId::kUnclosedQuote, part->index);
      }
      all.push_back(std::move(parameter));
    }
  }
  JoinedParameters joined = JoinParameters(all);
  if (joined.encoded_word) {
    report->Add(DefectId::kEncodedWordInParameter, Grade::kA, part->index);
  }
  if (joined.bad_sections) {
    report->Add(DefectId::kBadParameterSections, part->index);
  }
  part->disposition_parameters = std::move(joined.parameters);
}

}  // namespace

Labels ReadLabels(Bytes raw, const LabelRules& rules, Part* part, Report* report) {
  Labels labels;
  std::vector<const Field*> types;
  std::vector<const Field*> encodings;
  std::vector<const Field*> dispositions;
  for (const Field& field : part->fields) {
    const Bytes name = Slice(raw, field.name);
    MimeField which = MimeFieldOf(name);
    if (which == MimeField::kNone && rules.odd_names && name.size() > 10) {
      Range place;
      uint32_t value = 0;
      which = OddMimeField(std::string(name) + ":", &place, &value);
    }
    switch (which) {
      case MimeField::kType:
        types.push_back(&field);
        break;
      case MimeField::kEncoding:
        encodings.push_back(&field);
        break;
      case MimeField::kDisposition:
        dispositions.push_back(&field);
        break;
      case MimeField::kVersion:
        labels.mime_version = true;
        break;
      case MimeField::kNone:
        break;
    }
  }
  labels.any_mime = !types.empty() || !encodings.empty();
  if (rules.digest) {
    SetType("message", "rfc822", part);
  }
  if (rules.content_type != nullptr) {
    ReadType(*rules.content_type, part, &labels, report);
    labels.other_types.clear();  // these are readings of the part that this one rereads
  } else if (!types.empty()) {
    const std::string first = Unfold(AsciiTrim(Slice(raw, types.front()->value)));
    ReadType(Slice(raw, types.front()->value), part, &labels, report);
    for (size_t i = 1; i < types.size() && i < 8; ++i) {
      std::string other = Unfold(AsciiTrim(Slice(raw, types[i]->value)));
      // A boundary's letters count as they are.
      const bool alike = AsciiEqualsIgnoreCase(other, first) &&
                         AsciiLower(first).find("boundary") == std::string::npos;
      if (other == first || alike) {
        report->Add(DefectId::kDuplicateScalarHeader, Grade::kA, part->index, "Content-Type");
      } else {
        report->Add(DefectId::kDuplicateContentType, part->index);
        labels.other_types.push_back(std::move(other));
      }
    }
  }
  ReadEncodings(raw, encodings, part, report);
  if (!dispositions.empty()) {
    ReadDispositions(raw, dispositions, part, report);
  }
  ReadNames(part, report);
  return labels;
}

}  // namespace gatepost::mail
