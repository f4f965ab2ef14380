// Header fields as SpamAssassin's get() reads them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/mail/address.h"
#include "src/text/assassin.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestValue = 8'192;
constexpr size_t kLongestAll = 65'536;

struct Request {
  std::string field;
  bool raw = false;
  bool addr = false;
  bool name = false;
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
  const auto blank = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  size_t begin = 0;
  while (begin < out.size() && blank(out[begin])) {
    ++begin;
  }
  while (out.size() > begin && blank(out.back())) {
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

std::string Decoded(const std::string& name, const std::string& raw) {
  const std::string value = Unfold(raw);
  if (IsVerbatim(name) || (value.find("=?") == std::string::npos && IsAscii(value))) {
    return value;
  }
  return mail::DecodeEncodedWords(value);
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

std::string All(const mail::Message& message, bool raw) {
  std::string out;
  for (const mail::Field& field : message.root().fields) {
    const std::string name(Slice(message.raw(), field.name));
    if (raw) {
      out += WithLf(Slice(message.raw(), field.whole));
    } else {
      out += name + ": " + Decoded(AsciiLower(name), RawValue(message, field)) + "\n";
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

// The domain as it was written: addresses compare in lower case, expressions need not.
std::string AddressAsWritten(const mail::Address& address, const std::string& value) {
  const std::string canonical = address.local() + "@" + address.domain();
  const auto same = [](char a, char b) { return AsciiLower(a) == AsciiLower(b); };
  const auto found =
      std::search(value.begin(), value.end(), canonical.begin(), canonical.end(), same);
  return found == value.end()
             ? canonical
             : std::string(found, found + static_cast<std::ptrdiff_t>(canonical.size()));
}

}  // namespace

bool ReadAssassinField(const mail::Envelope& envelope, const mail::Message& message,
                       const mail::Part& part, std::string_view field, std::string* out) {
  const Request request = ReadRequest(field);
  if (request.field == "all") {
    *out = All(message, request.raw);
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
    *out = AssassinRelays(message, which == "trusted" || which == "internal");
    return true;
  }
  std::vector<std::string> values;
  for (const std::string& name : FieldsOf(request.field)) {
    for (const mail::Field* one : message.FindFields(part, name)) {
      const std::string raw = RawValue(message, *one);
      if (request.addr || request.name) {
        for (const mail::Mailbox& mailbox : mail::ParseAddressList(Unfold(raw))) {
          if (request.addr && !mailbox.address.domain().empty()) {
            values.push_back(AddressAsWritten(mailbox.address, raw));
          } else if (!request.addr && !mailbox.display.empty()) {
            values.push_back(Collapsed(mailbox.display));
          }
        }
      } else {
        values.push_back(request.raw ? raw : Decoded(name, raw) + "\n");
      }
    }
  }
  if (values.empty()) {
    return false;
  }
  out->clear();
  if (request.last) {
    *out = values.back();
    return true;
  }
  const bool ended = !values[0].empty() && values[0].back() == '\n';
  for (size_t i = 0; i < values.size(); ++i) {
    *out += (i == 0 || ended ? "" : "\n") + values[i];
  }
  return true;
}

}  // namespace gatepost::text
