// Header fields as SpamAssassin's get() reads them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/decode/transfer.h"
#include "src/mail/address.h"
#include "src/text/assassin.h"
#include "src/text/assassin_uri.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestValue = 8'192;
constexpr size_t kLongestAll = 65'536;

struct Request {
  std::string field;
  bool raw = false;
  bool addr = false;
  bool name = false;
  bool first = false;
  bool last = false;
};

Request ReadRequest(std::string_view field) {
  Request out;
  const size_t colon = std::min(field.find(':'), field.size());
  out.field = AsciiLower(field.substr(0, colon));
  for (size_t at = colon; at < field.size();) {
    const size_t next = std::min(field.find(':', at + 1), field.size());
    const std::string_view word = field.substr(at + 1, next - at - 1);
    out.raw = out.raw || word == "raw";
    out.addr = out.addr || word == "addr";
    out.name = out.name || word == "name";
    out.first = out.first || word == "first";
    out.last = out.last || word == "last";
    at = next;
  }
  return out;
}

std::string RawValue(const mail::Message& message, const mail::Field& field) {
  std::string value = WithLf(Slice(message.raw(), {field.value.begin, field.whole.end}));
  value.resize(std::min(value.size(), kLongestValue));
  return value;
}

// Folds to one blank, ends trimmed.
std::string Unfold(const std::string& raw) {
  std::string out;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\n' && i + 1 < raw.size() && (raw[i + 1] == ' ' || raw[i + 1] == '\t')) {
      while (i + 1 < raw.size() && (raw[i + 1] == ' ' || raw[i + 1] == '\t')) {
        ++i;
      }
      out += ' ';
    } else {
      out += raw[i];
    }
  }
  size_t begin = 0;
  while (begin < out.size() && IsBlankByte(out[begin])) {
    ++begin;
  }
  while (out.size() > begin && IsBlankByte(out.back())) {
    out.pop_back();
  }
  out.erase(0, begin);
  out.erase(std::remove(out.begin(), out.end(), '\n'), out.end());
  return out;
}

// Fields in which encoded words are not read.
bool IsVerbatim(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {
      "received",     "message-id",  "date", "resent-message-id", "resent-date", "references",
      "mime-version", "in-reply-to", "list-"};
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view one) {
    return one.back() == '-' ? name.substr(0, one.size()) == one : name == one;
  });
}

// "=?CHARSET?B?...?=" at text[at].
struct EncodedWord {
  std::string charset;  // lower case, as written
  char kind = 'q';
  std::string_view text;
  size_t end = 0;  // 0: there is none
};

EncodedWord EncodedWordAt(std::string_view text, size_t at) {
  EncodedWord out;
  if (!HasPrefix(text.substr(at), "=?")) {
    return out;
  }
  size_t end = at + 2;
  while (end < text.size() &&
         (IsAlnum(text[end]) || text[end] == '*' || text[end] == '_' || text[end] == '-')) {
    ++end;
  }
  if (end == at + 2 || end + 2 >= text.size() || text[end] != '?' || text[end + 2] != '?') {
    return out;
  }
  out.charset = AsciiLower(text.substr(at + 2, end - at - 2));
  out.kind = AsciiLower(text[end + 1]);
  const size_t begin = end + 3;
  const size_t close = text.find('?', begin);
  if ((out.kind != 'b' && out.kind != 'q') || close == std::string_view::npos ||
      close + 1 >= text.size() || text[close + 1] != '=') {
    return out;
  }
  out.text = text.substr(begin, close - begin);
  out.end = close + 2;
  return out;
}

std::string BytesOf(const EncodedWord& word) {
  if (word.kind == 'b') {
    return decode::DecodeBase64Skipping(word.text);
  }
  std::string out;
  for (size_t i = 0; i < word.text.size(); ++i) {
    const char c = word.text[i];
    if (c == '=' && i + 2 < word.text.size() && HexValue(word.text[i + 1]) >= 0 &&
        HexValue(word.text[i + 2]) >= 0) {
      out += static_cast<char>(HexValue(word.text[i + 1]) * 16 + HexValue(word.text[i + 2]));
      i += 2;
    } else {
      out += c == '_' ? ' ' : c;
    }
  }
  return out;
}

// Words in one charset that touch are decoded together: some cut within a character.
std::string DecodeWords(std::string_view value) {
  std::string out;
  std::string bytes;
  std::string charset;
  const auto flush = [&] {
    const std::string name = charset.substr(0, charset.find('*'));
    out += charset.empty() ? bytes : ReadForAssassin(bytes, name, true).utf8;
    bytes.clear();
  };
  for (size_t at = 0; at < value.size();) {
    const EncodedWord word = EncodedWordAt(value, at);
    if (word.charset != charset || (word.end == 0 && !charset.empty())) {
      flush();
      charset = word.end == 0 ? "" : word.charset;
    }
    if (word.end == 0) {
      bytes += value[at++];
      continue;
    }
    bytes += BytesOf(word);
    at = word.end;
    size_t next = at;
    while (next < value.size() && IsBlankByte(value[next])) {
      ++next;
    }
    at = EncodedWordAt(value, next).end > 0 ? next : at;
  }
  flush();
  return out;
}

std::string DecodedValue(const std::string& name, const std::string& raw) {
  std::string value = Unfold(raw);
  if (!IsAscii(value)) {
    value = ReadForAssassin(value, "utf-8", false).utf8;
  }
  return IsVerbatim(name) || value.find("=?") == std::string::npos ? value : DecodeWords(value);
}

std::string Collapsed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || (c >= 9 && c <= 13)) {
      out += !out.empty() && out.back() != ' ' ? " " : "";
    } else {
      out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') {
    out.pop_back();
  }
  if (out.size() > 1 && out.front() == '\'' && out.back() == '\'') {
    out = out.substr(1, out.size() - 2);
  }
  return out;
}

// Fields from the Received with that number (from 0) on, or those before it: "all-external" and
// "all-trusted" of SpamAssassin, whose trust ends there.
constexpr size_t kEveryField = SIZE_MAX;
std::string All(const mail::Message& message, bool raw, size_t from, size_t to) {
  std::string out;
  size_t received = 0;
  for (const mail::Field& field : message.root().fields) {
    const std::string name(Slice(message.raw(), field.name));
    received += AsciiLower(name) == "received" ? 1 : 0;
    if (received < from || received > to) {
      continue;
    }
    if (raw) {
      out += WithLf(Slice(message.raw(), field.whole));
    } else {
      out += name + ": " + DecodedValue(AsciiLower(name), RawValue(message, field)) + "\n";
    }
    if (out.size() > kLongestAll && !raw) {
      break;
    }
  }
  return out;
}

std::vector<std::string> FieldsOf(std::string_view request) {
  if (request == "tocc") {
    return {"to", "cc"};
  }
  if (request == "messageid") {
    return {"x-message-id", "resent-message-id", "x-original-message-id", "message-id"};
  }
  return {std::string(request)};
}

}  // namespace

bool ReadAssassinField(const mail::Envelope& envelope, const mail::Message& message,
                       const mail::Part& part, std::string_view field, AssassinRelays* relays,
                       std::string* out) {
  const Request request = ReadRequest(field);
  if (request.field == "all") {
    *out = All(message, request.raw, 0, kEveryField);
    return !out->empty();
  }
  if (request.field == "all-external" || request.field == "all-untrusted") {
    *out = All(message, request.raw, relays->TrustedFields() + 1, kEveryField);
    return !out->empty();
  }
  if (request.field == "all-internal" || request.field == "all-trusted") {
    *out = All(message, request.raw, 0, relays->TrustedFields());
    return !out->empty();
  }
  if (request.field == "envelopefrom") {
    const mail::Address& sender = envelope.sender;
    *out = sender.valid() && !sender.domain().empty() ? sender.local() + "@" + sender.domain()
                                                      : sender.spelling();
    return true;
  }
  constexpr std::string_view kRelays = "x-spam-relays-";
  if (request.field.substr(0, kRelays.size()) == kRelays) {
    const std::string_view which = std::string_view(request.field).substr(kRelays.size());
    *out = relays->Hops(which == "trusted" || which == "internal");
    return true;
  }
  struct Named {
    std::string name;
    const mail::Field* field;
  };
  std::vector<Named> fields;
  for (const std::string& name : FieldsOf(request.field)) {
    for (const mail::Field* one : message.FindFields(part, name)) {
      fields.push_back({name, one});
    }
  }
  if (fields.empty()) {
    return false;
  }
  if (request.first || request.last) {
    fields = {request.first ? fields.front() : fields.back()};
  }
  std::vector<std::string> values;
  for (const Named& one : fields) {
    std::string raw = RawValue(message, *one.field);
    if (part.index != 0) {
      raw.erase(0, std::min(raw.find_first_not_of(" \t\n"), raw.size()));
    }
    if (!request.addr && !request.name) {
      values.push_back(request.raw ? raw : DecodedValue(one.name, raw) + "\n");
      continue;
    }
    for (AssassinMailbox& mailbox : ReadAssassinMailboxes(raw)) {
      if (request.addr && mailbox.has_address) {
        values.push_back(std::move(mailbox.address));
      } else if (!request.addr && mailbox.has_name) {
        values.push_back(request.raw ? mailbox.name
                                     : Collapsed(DecodedValue(one.name, mailbox.name)));
      }
    }
  }
  if (values.empty()) {
    return false;
  }
  out->clear();
  const bool ended = !values[0].empty() && values[0].back() == '\n';
  for (size_t i = 0; i < values.size(); ++i) {
    *out += (i == 0 || ended ? "" : "\n") + values[i];
  }
  return true;
}

}  // namespace gatepost::text
