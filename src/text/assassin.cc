// Bodies, and which zone is made of what.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/assassin.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/decode/transfer.h"
#include "src/text/assassin_uri.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestLine = 2'048;
constexpr size_t kBodyPart = 50'000;
constexpr size_t kRawPart = 500'000;
constexpr size_t kNearBy = 1'024;

// What is no hexadecimal pair stays as it is; blanks before a line end go.
std::string DecodeQuotedPrintable(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    const char c = in[i];
    if (c == ' ' || c == '\t') {
      size_t end = i;
      while (end < in.size() && (in[end] == ' ' || in[end] == '\t')) {
        ++end;
      }
      if (end < in.size() && in[end] == '\n') {
        i = end - 1;
        continue;
      }
      out.append(in, i, end - i);
      i = end - 1;
    } else if (c == '=' && i + 1 < in.size()) {
      size_t next = i + 1;
      while (next < in.size() && (in[next] == ' ' || in[next] == '\t')) {
        ++next;
      }
      if (next < in.size() && in[next] == '\n') {
        i = next;
      } else if (i + 2 < in.size() && HexValue(in[i + 1]) >= 0 && HexValue(in[i + 2]) >= 0) {
        out += static_cast<char>(HexValue(in[i + 1]) * 16 + HexValue(in[i + 2]));
        i += 2;
      } else {
        out += c;
      }
    } else {
      out += c;
    }
  }
  return out;
}

// Perl's \s at text[at], of characters or of bytes; its bytes, or 0.
size_t BlankAt(std::string_view text, size_t at, bool wide) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80 || !wide) {
    return IsBlankByte(text[at]) ? 1 : 0;
  }
  const Utf8Unit unit = DecodeUtf8(text, at);
  const char32_t c = unit.code_point;
  const bool blank = c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
                     c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
  return unit.valid && blank ? unit.bytes : 0;
}

// Runs of blanks to one, runs with two line ends to a line end, NUL too.
std::string Collapse(std::string_view text, bool wide) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (BlankAt(text, i, wide) == 0) {
      out += text[i] == '\0' ? '\n' : text[i];
      ++i;
      continue;
    }
    size_t end = i;
    size_t first = std::string_view::npos;
    size_t last = 0;
    while (end < text.size()) {
      const size_t blank = BlankAt(text, end, wide);
      if (blank == 0) {
        break;
      }
      if (text[end] == '\n') {
        first = std::min(first, end);
        last = end;
      }
      end += blank;
    }
    if (first != std::string_view::npos && last > first) {
      out += first > i ? " " : "";
      out += '\n';
      out += last + 1 < end ? " " : "";
    } else {
      out += ' ';
    }
    i = end;
  }
  return out;
}

// Each character as one byte; none is beyond U+00FF.
std::string AsBytes(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (size_t at = 0; at < utf8.size();) {
    const Utf8Unit unit = DecodeUtf8(utf8, at);
    out += static_cast<char>(static_cast<unsigned char>(unit.code_point & 0xFFU));
    at += unit.bytes;
  }
  return out;
}

// At `most` characters, or soon behind at a line end or a blank.
std::string_view CutRendered(std::string_view text, size_t most) {
  if (text.size() <= most) {
    return text;
  }
  size_t at = 0;
  for (size_t characters = 0; characters < most && at < text.size(); ++characters) {
    at += DecodeUtf8(text, at).bytes;
  }
  if (at >= text.size()) {
    return text;
  }
  for (const char sign : {'\n', ' '}) {
    const size_t found = text.find(sign, at);
    if (found != std::string_view::npos && found - at <= kNearBy) {
      return text.substr(0, found + 1);
    }
  }
  return text.substr(0, at);
}

std::string_view CutRaw(std::string_view text) {
  if (text.size() <= kRawPart) {
    return text;
  }
  for (const char sign : {'\n', '>', ' '}) {
    const size_t found = text.find(sign, kRawPart);
    if (found != std::string_view::npos && found - kRawPart <= kNearBy) {
      return text.substr(0, found + 1);
    }
  }
  return text.substr(0, kRawPart);
}

// Lines with their ends, long ones cut behind a blank.
std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
    text.remove_prefix(line.size());
    while (line.size() > kLongestLine) {
      const size_t blank = line.rfind(' ', kLongestLine);
      const size_t length = blank == std::string_view::npos ? kLongestLine : blank + 1;
      out.emplace_back(line.substr(0, length));
      line.remove_prefix(length);
    }
    out.emplace_back(line);
  }
  return out;
}

// Stretches of about 2 to 4 KB that end at a line end, a '>' or a blank.
void AddStretches(std::string_view text, Pieces* out) {
  if (text.size() <= kLongestLine) {
    out->Add(text);
    return;
  }
  size_t at = 0;
  while (text.size() - at > 2 * kLongestLine) {
    size_t end = at + kLongestLine;
    for (const char sign : {'\n', '>', ' '}) {
      const size_t found = text.find(sign, at + kLongestLine);
      if (found != std::string_view::npos && found - at + 1 <= 2 * kLongestLine) {
        end = found;
        break;
      }
    }
    out->Add(text.substr(at, end + 1 - at));
    at = end + 1;
  }
  if (at < text.size()) {
    out->Add(text.substr(at));
  }
}

bool EndsInHtml(const std::string& name) {
  const std::string lower = AsciiLower(name);
  const auto ends = [&](std::string_view with) {
    return lower.size() > with.size() &&
           lower.compare(lower.size() - with.size(), with.size(), with) == 0;
  };
  return ends(".htm") || ends(".html") || ends(".shtm") || ends(".shtml");
}

}  // namespace

std::string WithLf(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\r' || i + 1 >= bytes.size() || bytes[i + 1] != '\n') {
      out += bytes[i];
    }
  }
  return out;
}

void AssassinReader::Prepare() {
  if (prepared_) {
    return;
  }
  prepared_ = true;
  for (const mail::Part& part : message_.parts()) {
    // Second readings are ours alone: to SpamAssassin a plain text that quotes a message is a text.
    const bool opened =
        std::any_of(part.children.begin(), part.children.end(),
                    [&](uint32_t child) { return !message_.parts()[child].alternative; });
    if (part.alternative || opened) {
      continue;
    }
    const bool plain_text = part.type == "text" && part.subtype != "x-vcard" &&
                            part.subtype != "calendar" && part.subtype != "html";
    const bool multipart = part.type == "multipart";
    Part one;
    one.part = &part;
    one.html = (part.type == "text" && part.subtype == "html") ||
               (!part.names.empty() && EndsInHtml(part.names[0]));
    one.shown = one.html || plain_text || multipart;
    one.text = one.shown || part.type == "text" || part.type == "message";
    if (!one.text) {
      parts_.push_back(std::move(one));  // leaves a blank in the body
      continue;
    }
    std::string raw = WithLf(message_.Body(part));
    if (part.index != 0 && part.encoding != mail::Encoding::kBase64) {
      // Within a multipart, SpamAssassin breaks longer lines.
      std::string broken;
      for (const std::string_view rest = raw; const std::string& line : [&] {
             std::vector<std::string> lines;
             for (size_t at = 0; at < rest.size();) {
               const size_t end = rest.find('\n', at);
               const size_t next = end == std::string_view::npos ? rest.size() : end + 1;
               lines.emplace_back(rest.substr(at, next - at));
               at = next;
             }
             return lines;
           }()) {
        size_t at = 0;
        for (; line.size() - at > kLongestLine; at += kLongestLine) {
          broken.append(line, at, kLongestLine);
          broken += '\n';
        }
        broken.append(line, at);
      }
      raw = std::move(broken);
    }
    if (part.encoding == mail::Encoding::kQuotedPrintable) {
      one.decoded = WithLf(DecodeQuotedPrintable(raw));
    } else if (part.encoding == mail::Encoding::kBase64) {
      one.decoded = WithLf(decode::DecodeBase64Skipping(raw));
    } else {
      one.decoded = std::move(raw);
    }
    parts_.push_back(std::move(one));
  }
}

const std::vector<std::string>& AssassinReader::Body() {
  if (has_body_) {
    return body_;
  }
  has_body_ = true;
  Prepare();
  std::string text;
  bool wide = false;
  for (const Part& part : parts_) {
    if (!text.empty()) {
      text += '\n';
    }
    if (!part.shown) {
      continue;
    }
    const mail::Parameter* charset = part.part->FindTypeParameter("charset");
    AssassinText shown =
        ReadForAssassin(part.decoded, charset == nullptr ? "us-ascii" : charset->value, false);
    if (part.html && !shown.utf8.empty()) {
      shown = RenderAssassinHtml(shown, &html_uris_, &tags_);
      has_html_ = true;
    }
    text += CutRendered(shown.utf8, kBodyPart);
    wide = wide || shown.wide;
  }
  std::string subject;
  const std::vector<const mail::Field*> fields = message_.FindFields(message_.root(), "subject");
  if (!fields.empty()) {
    // The last one, as the whole array of them in scalar context.
    std::string all;
    ReadAssassinField(envelope_, message_, message_.root(), "subject:last", &relays_, &all);
    subject = all;
  }
  if (subject.empty()) {
    subject = "\n";
  }
  body_ = SplitLines(subject + Collapse(wide ? text : AsBytes(text), wide));
  return body_;
}

Pieces AssassinReader::Rawbody() {
  Prepare();
  Pieces out;
  for (const Part& part : parts_) {
    if (!part.text || (part.part->type == "text" && part.part->subtype == "calendar")) {
      continue;
    }
    AddStretches(CutRaw(part.decoded), &out);
  }
  return out;
}

Pieces AssassinReader::Uris() {
  const std::vector<std::string>& body = Body();
  Pieces out;
  std::set<std::string> seen;
  constexpr size_t kMostUris = 2'000;
  for (const std::vector<std::string>& uris : {FindAssassinUris(body), html_uris_}) {
    for (const std::string& uri : uris) {
      for (std::string& one : CanonicalUris(uri)) {
        if (seen.size() < kMostUris && seen.insert(one).second) {
          out.Add(one);
        }
      }
    }
  }
  return out;
}

Pieces AssassinReader::Full() const {
  Pieces out;
  out.Add(WithLf(message_.raw()));
  return out;
}

Pieces AssassinReader::Fields() const {
  Pieces out;
  for (const mail::Field& field : message_.root().fields) {
    out.Add(Slice(message_.raw(), field.name));
  }
  return out;
}

Pieces AssassinReader::Header(std::string_view field) {
  Pieces out;
  std::string value;
  if (ReadAssassinField(envelope_, message_, message_.root(), field, &relays_, &value)) {
    out.Add(value);
  }
  return out;
}

Pieces AssassinReader::MimeHeader(std::string_view field) {
  Pieces out;
  for (const mail::Part& part : message_.parts()) {
    std::string value;
    if (!part.alternative && ReadAssassinField(envelope_, message_, part,
                                               std::string(field) + ":last", &relays_, &value)) {
      out.Add(value);
    }
  }
  return out;
}

Pieces AssassinReader::Read(std::string_view zone) {
  constexpr std::string_view kHeader = "sa:header:";
  constexpr std::string_view kMime = "sa:mime:";
  Pieces out;
  if (zone == "sa:body" || zone == "sa:body-only") {
    bool skip = zone == "sa:body-only";
    for (const std::string& line : Body()) {
      if (!skip) {
        out.Add(line);
      }
      skip = false;
    }
  } else if (zone == "sa:rawbody") {
    out = Rawbody();
  } else if (zone == "sa:uri") {
    out = Uris();
  } else if (zone == "sa:full") {
    out = Full();
  } else if (zone == "sa:fields") {
    out = Fields();
  } else if (zone == "sa:checks") {
    out = Checks();
  } else if (zone.substr(0, kHeader.size()) == kHeader) {
    out = Header(zone.substr(kHeader.size()));
  } else if (zone.substr(0, kMime.size()) == kMime) {
    out = MimeHeader(zone.substr(kMime.size()));
  }
  return out;
}

}  // namespace gatepost::text
