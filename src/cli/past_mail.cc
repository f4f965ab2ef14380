// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/past_mail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <utility>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/cli/house.h"
#include "src/cli/key_tools.h"
#include "src/mail/message.h"
#include "src/record/kept.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostMessages = 1'000'000;
constexpr size_t kHeaderBytes = 1U << 20;
constexpr size_t kGuessedRecipients = 100;
constexpr size_t kBlock = 1U << 20;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Result<std::string> ReadPiece(const std::string& file, uint64_t offset, uint64_t bytes) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return Status::FromErrno(file, errno);
  }
  std::string out(bytes, '\0');
  for (uint64_t at = 0; at < bytes;) {
    const ssize_t got =
        pread(fd.get(), out.data() + at, bytes - at, static_cast<off_t>(offset + at));
    if (got <= 0) {
      return got == 0 ? Status::Io(file + ": became shorter while it was read")
                      : Status::FromErrno(file, errno);
    }
    at += static_cast<uint64_t>(got);
  }
  return out;
}

// The next word between blanks, from *at on.
std::string_view NextWord(std::string_view text, size_t* at) {
  const size_t begin = std::min(text.find_first_not_of(" \t\r\n,", *at), text.size());
  *at = std::min(text.find_first_of(" \t\r\n,", begin), text.size());
  return text.substr(begin, *at - begin);
}

int NumberOf(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

int MonthOf(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  const std::string lower = AsciiLower(word);
  const auto* const found = std::find(kMonths.begin(), kMonths.end(), lower);
  return found == kMonths.end() ? -1 : static_cast<int>(found - kMonths.begin());
}

// "Thu, 26 Nov 2026 17:40:00 +0700 (ICT)"; 0: not one.
int64_t ParseDate(std::string_view text) {
  size_t at = 0;
  std::string_view word = NextWord(text, &at);
  if (!word.empty() && !IsDigit(word.front())) {
    word = NextWord(text, &at);  // the day of the week
  }
  std::tm time{};
  time.tm_mday = NumberOf(word);
  time.tm_mon = MonthOf(NextWord(text, &at));
  const int year = NumberOf(NextWord(text, &at));
  time.tm_year = year < 0 ? -1 : year < 50 ? year + 100 : year < 1'000 ? year : year - 1'900;
  const std::string_view clock = NextWord(text, &at);
  if (time.tm_mday < 1 || time.tm_mday > 31 || time.tm_mon < 0 || year < 0 || year > 9'999 ||
      clock.size() < 5 || clock[2] != ':') {
    return 0;
  }
  time.tm_hour = NumberOf(clock.substr(0, 2));
  time.tm_min = NumberOf(clock.substr(3, 2));
  time.tm_sec = clock.size() >= 8 ? NumberOf(clock.substr(6, 2)) : 0;
  if (time.tm_hour < 0 || time.tm_hour > 23 || time.tm_min < 0 || time.tm_min > 59 ||
      time.tm_sec < 0 || time.tm_sec > 60) {
    return 0;
  }
  int64_t seconds = timegm(&time);
  const std::string_view zone = NextWord(text, &at);
  if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
    const int hours = NumberOf(zone.substr(1, 2));
    const int minutes = NumberOf(zone.substr(3, 2));
    if (hours >= 0 && minutes >= 0) {
      seconds -= (zone[0] == '-' ? -1 : 1) * (hours * 3'600 + minutes * 60);
    }
  }
  return seconds > 0 ? seconds * 1'000 : 0;
}

std::string_view HeaderOf(std::string_view bytes) {
  const size_t end = std::min({bytes.find("\r\n\r\n"), bytes.find("\n\n"), bytes.size()});
  return bytes.substr(0, std::min(std::min(end + 4, bytes.size()), kHeaderBytes));
}

void AddAddresses(const mail::Message& header, const char* name,
                  std::vector<mail::Address>* addresses) {
  for (const mail::Field* field : header.FindFields(header.root(), name)) {
    for (mail::Mailbox& box : mail::ParseAddressList(header.Unfolded(*field))) {
      if (!box.address.is_null() && addresses->size() < kGuessedRecipients &&
          std::find(addresses->begin(), addresses->end(), box.address) == addresses->end()) {
        addresses->push_back(std::move(box.address));
      }
    }
  }
}

}  // namespace

bool IsFromLine(std::string_view line) {
  if (line.rfind("From ", 0) != 0) {
    return false;
  }
  // "From MAILER-DAEMON Thu Nov 26 17:40:00 2026"
  bool time = false;
  bool year = false;
  bool month = false;
  size_t at = 5;
  if (NextWord(line, &at).empty()) {
    return false;
  }
  for (std::string_view word = NextWord(line, &at); !word.empty(); word = NextWord(line, &at)) {
    time = time || (word.size() >= 5 && IsDigit(word[0]) && IsDigit(word[1]) && word[2] == ':' &&
                    IsDigit(word[3]));
    year = year || (word.size() == 4 && NumberOf(word) >= 1'970);
    month = month || MonthOf(word) >= 0;
  }
  return time && year && month;
}

std::string UnquoteFrom(std::string text) {
  if (text.find(">From ") == std::string::npos) {
    return text;
  }
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const size_t quotes = text.find_first_not_of('>', at);
    const bool quoted =
        text[at] == '>' && quotes != std::string::npos && text.compare(quotes, 5, "From ") == 0;
    out.append(text, quoted ? at + 1 : at, end - (quoted ? at + 1 : at));
    at = end;
  }
  return out;
}

int64_t DateOf(std::string_view header) {
  const mail::Message message = mail::Message::Parse(header, Limits());
  for (const char* name : {"received", "date"}) {
    const auto fields = message.FindFields(message.root(), name);
    if (fields.empty()) {
      continue;
    }
    const std::string value(message.Unfolded(*fields.front()));
    const size_t semicolon = name[0] == 'r' ? value.rfind(';') : std::string::npos;
    if (const int64_t at =
            ParseDate(semicolon == std::string::npos ? value : value.substr(semicolon + 1));
        at > 0) {
      return at;
    }
  }
  return 0;
}

PastMail::PastMail(const gateway::Config& config, const PastOptions& options)
    : config_(config), options_(options) {}
PastMail::~PastMail() = default;

Result<std::unique_ptr<PastMail>> PastMail::Open(const gateway::Config& config,
                                                 const PastOptions& options) {
  std::unique_ptr<PastMail> mail(new PastMail(config, options));  // NOLINT: private constructor
  const std::string& on = options.on;
  struct stat info {};
  Status status;
  if (on == "held") {
    status = mail->AddHeld();
  } else if (on == "kept") {
    status = mail->AddKept();
  } else if (stat(on.c_str(), &info) != 0) {
    return Status::Invalid(on +
                           ": no such file or folder; 'held' and 'kept' are mail that "
                           "Gatepost has itself");
  } else if (S_ISDIR(info.st_mode)) {
    const bool maildir = fs::is_directory(on + "/cur") && fs::is_directory(on + "/new");
    mail->kind_ = maildir ? "maildir" : "folder";
    status = maildir ? mail->AddFolder(on + "/cur") : mail->AddFolder(on);
    if (maildir && status.ok()) {
      status = mail->AddFolder(on + "/new");
    }
  } else {
    mail->kind_ = "mbox";
    status = mail->AddMbox(on);
  }
  if (!status.ok()) {
    return status;
  }
  if (mail->entries_.size() > kMostMessages) {
    return Status::Invalid(on + ": more than 1,000,000 messages; name a part of them");
  }
  return mail;
}

Status PastMail::AddHeld() {
  kind_ = "held";
  record::StoreOptions store = config_.custody.ForStore(config_.state);
  store.make = false;
  GATEPOST_ASSIGN_OR_RETURN(quarantine_, record::Quarantine::Open(store));
  record::HeldFilter filter;
  filter.since_ms = options_.since_ms;
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<record::Held> all, quarantine_->List(filter));
  for (const record::Held& one : all) {
    if (one.state != record::HeldState::kDeleted) {
      Entry entry;
      entry.name = one.id;
      entry.file = one.id;
      entry.envelope = one.envelope;
      entry.marked = one.marked;
      entries_.push_back(std::move(entry));
    }
  }
  return {};
}

Status PastMail::AddKept() {
  kind_ = "kept";
  GATEPOST_ASSIGN_OR_RETURN(std::vector<record::KeptMessage> all,
                            record::ListKept(config_.state, options_.since_ms));
  for (record::KeptMessage& one : all) {
    Entry entry;
    entry.name = one.id;
    entry.file = one.file;
    entry.envelope = std::move(one.envelope);
    entries_.push_back(std::move(entry));
  }
  return {};
}

Status PastMail::AddFolder(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (auto it = fs::recursive_directory_iterator(folder, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    const std::string name = it->path().filename().string();
    if (it->is_regular_file(ignored) && name.front() != '.') {
      files.push_back(it->path().string());
    }
  }
  if (error) {
    return Status::FromErrno(folder, error.value());
  }
  std::sort(files.begin(), files.end());
  for (std::string& file : files) {
    const std::string extension = fs::path(file).extension().string();
    if (extension == ".mbox" || extension == ".mbx") {
      GATEPOST_RETURN_IF_ERROR(AddMbox(file));
      continue;
    }
    Entry entry;
    entry.name = file;
    entry.file = std::move(file);
    entries_.push_back(std::move(entry));
  }
  return {};
}

// Where each message begins and ends; a file without any separator is one message.
Status PastMail::AddMbox(const std::string& file) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return Status::FromErrno(file, errno);
  }
  std::vector<uint64_t> begins;
  std::string rest;  // of a line that is not whole yet
  std::string block(kBlock, '\0');
  uint64_t line_at = 0;
  uint64_t size = 0;
  bool blank_before = true;
  const auto line = [&](std::string_view text, uint64_t whole_bytes) {
    if (blank_before && IsFromLine(text)) {
      begins.push_back(line_at);
    }
    blank_before = text.empty() || text == "\r";
    line_at += whole_bytes;
  };
  for (;;) {
    const ssize_t got = pread(fd.get(), block.data(), block.size(), static_cast<off_t>(size));
    if (got < 0) {
      return Status::FromErrno(file, errno);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<uint64_t>(got);
    std::string_view text(block.data(), static_cast<size_t>(got));
    for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      if (rest.empty()) {
        line(text.substr(0, end), end + 1);
      } else {
        const uint64_t whole = rest.size() + end + 1;
        rest.append(text.substr(0, end));
        line(rest, whole);
        rest.clear();
      }
      text.remove_prefix(end + 1);
    }
    rest.append(text);
  }
  if (begins.empty() || begins.front() != 0) {
    Entry entry;
    entry.name = file;
    entry.file = file;
    entries_.push_back(std::move(entry));
    return {};
  }
  for (size_t i = 0; i < begins.size(); ++i) {
    Entry entry;
    entry.name = file + ":" + std::to_string(i + 1);
    entry.file = file;
    entry.offset = begins[i];
    entry.bytes = (i + 1 < begins.size() ? begins[i + 1] : size) - begins[i];
    entries_.push_back(std::move(entry));
  }
  return {};
}

// Who it was from and for, out of its header, as `gatepost scan` does it; what a mailbox server
// noted at delivery (RFC 9228 and its kin) comes before what the sender wrote.
void PastMail::Guess(PastMessage* message) const {
  const mail::Message header = mail::Message::Parse(HeaderOf(message->bytes), config_.limits);
  std::vector<mail::Address> senders;
  if (const auto paths = header.FindFields(header.root(), "return-path"); !paths.empty()) {
    senders.push_back(mail::Address::Parse(AsciiTrim(header.Unfolded(*paths.front()))));
  } else {
    AddAddresses(header, "from", &senders);
  }
  std::vector<mail::Address> recipients;
  AddAddresses(header, "x-original-to", &recipients);
  if (recipients.empty()) {
    AddAddresses(header, "delivered-to", &recipients);
  }
  if (recipients.empty()) {
    AddAddresses(header, "to", &recipients);
    AddAddresses(header, "cc", &recipients);
  }
  if (recipients.empty()) {
    recipients.push_back(mail::Address::Parse(
        "undisclosed@" +
        (config_.site.own_domains.empty() ? "localhost" : config_.site.own_domains.front())));
  }
  mail::Envelope& envelope = message->envelope;
  envelope.sender = senders.empty() ? mail::Address() : senders.front();
  for (mail::Address& address : recipients) {
    envelope.recipients.emplace_back();
    envelope.recipients.back().address = std::move(address);
  }
  envelope.auth_user = options_.auth;
  const bool assumed = options_.client_ip.empty() && options_.auth.empty();
  envelope.client_ip = options_.client_ip.empty() ? "192.0.2.1" : options_.client_ip;
  mail::ClassifyDirections(config_.site, &envelope);
  for (mail::Recipient& one : envelope.recipients) {
    if (assumed && one.direction == mail::Direction::kRelay) {
      one.direction = mail::Direction::kInbound;
    }
  }
}

Result<PastMessage> PastMail::Read(size_t index) const {
  const Entry& entry = entries_[index];
  PastMessage message;
  message.name = entry.name;
  message.marked = entry.marked;
  if (quarantine_ != nullptr) {
    GATEPOST_ASSIGN_OR_RETURN(const record::Held held, quarantine_->Find(entry.file));
    // Nobody's eyes see it: the release service's key is for this, where the category has one.
    const std::optional<record::PrivateKey> service = ServiceKey(config_, held.category);
    GATEPOST_ASSIGN_OR_RETURN(message.bytes,
                              quarantine_->ReadMessage(entry.file, service ? &*service : nullptr));
    message.envelope = entry.envelope;
    // Directions are those of the day it was held.
    return message;
  }
  if (kind_ == "kept") {
    GATEPOST_ASSIGN_OR_RETURN(message.bytes, ReadFile(entry.file));
    message.envelope = entry.envelope;
    mail::ClassifyDirections(config_.site, &message.envelope);
    return message;
  }
  if (entry.bytes > config_.limits.message_bytes + kHeaderBytes) {
    return Status::Invalid(entry.name + ": larger than limits.message");
  }
  Result<std::string> raw =
      entry.bytes > 0 ? ReadPiece(entry.file, entry.offset, entry.bytes) : ReadFile(entry.file);
  if (!raw.ok()) {
    return raw.status();
  }
  const bool from_mbox = entry.bytes > 0;
  message.bytes =
      AsReceived(from_mbox ? UnquoteFrom(std::move(raw).value()) : std::move(raw).value());
  if (from_mbox && message.bytes.size() >= 4 &&
      message.bytes.compare(message.bytes.size() - 4, 4, "\r\n\r\n") == 0) {
    message.bytes.resize(message.bytes.size() - 2);  // the blank line belongs to the mailbox
  }
  const int64_t at = DateOf(HeaderOf(message.bytes));
  if (options_.since_ms > 0) {
    struct stat info {};
    const int64_t known = at > 0                                 ? at
                          : stat(entry.file.c_str(), &info) == 0 ? info.st_mtim.tv_sec * 1'000
                                                                 : 0;
    if (known < options_.since_ms) {
      return Status::NotFound(entry.name + ": older");
    }
  }
  Guess(&message);
  message.envelope.received_at_ms = at > 0 ? at : NowUnixMs();
  return message;
}

}  // namespace gatepost::cli
