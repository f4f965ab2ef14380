// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/mail_file.h"

#include <algorithm>

#include "src/mail/message.h"

namespace gatepost::mail {

namespace {

constexpr size_t kHeaderBytes = 1U << 20;
constexpr size_t kMostRecipients = 100;

void AddAddresses(const Message& header, const char* name, std::vector<std::string>* out) {
  for (const Field* field : header.FindFields(header.root(), name)) {
    for (const Mailbox& box : ParseAddressList(header.Unfolded(*field))) {
      if (!box.address.is_null() && out->size() < kMostRecipients) {
        out->push_back(box.address.spelling());
      }
    }
  }
}

}  // namespace

std::string AsReceived(std::string file) {
  if (file.rfind("From ", 0) == 0 && file.rfind("From :", 0) != 0) {
    const size_t line_end = file.find('\n');
    file.erase(0, line_end == std::string::npos ? file.size() : line_end + 1);
  }
  if (file.find("\r\n") != std::string::npos) {
    return file;
  }
  std::string out;
  out.reserve(file.size() + file.size() / 32);
  for (const char c : file) {
    if (c == '\n') {
      out += "\r\n";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Parties PartiesOf(Bytes message, const Limits& limits) {
  size_t end = message.find("\r\n\r\n");
  end = end == Bytes::npos ? message.size() : end + 4;
  const Message header = Message::Parse(message.substr(0, std::min(end, kHeaderBytes)), limits);
  Parties parties;
  std::vector<std::string> senders;
  const auto paths = header.FindFields(header.root(), "return-path");
  if (paths.empty()) {
    AddAddresses(header, "from", &senders);
  } else {
    senders.emplace_back(AsciiTrim(header.Unfolded(*paths.front())));
  }
  parties.sender = senders.empty() ? "" : senders.front();
  AddAddresses(header, "to", &parties.recipients);
  AddAddresses(header, "cc", &parties.recipients);
  return parties;
}

}  // namespace gatepost::mail
