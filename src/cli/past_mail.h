// Mail of the past, as `gatepost rules replay` reads it: folders, mailboxes, what is held, what was
// kept.
// LIMITS: 1,000,000 messages; an mbox is read piece by piece, a message at most limits.message.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/mail/envelope.h"

namespace gatepost::record {
class Quarantine;
}

namespace gatepost::cli {

struct PastMessage {
  std::string name;         // a file, "inbox.mbox:17" (the 17th of it), or an id
  std::string bytes;        // as the milter would have seen them
  mail::Envelope envelope;  // directions are classified
  bool marked = false;      // nothing of it may be shown but its name
};

struct PastOptions {
  std::string on;         // a file or folder, "held" or "kept"
  int64_t since_ms = 0;   // 0: all
  std::string client_ip;  // for files: who sent it to us; "" somebody outside
  std::string auth;
};

class PastMail {
 public:
  // Finds the messages; reads only what it needs for that. kInvalid: `on` is nothing of the kind.
  static Result<std::unique_ptr<PastMail>> Open(const gateway::Config& config,
                                                const PastOptions& options);
  ~PastMail();
  PastMail(const PastMail&) = delete;
  PastMail& operator=(const PastMail&) = delete;

  size_t size() const { return entries_.size(); }
  // "maildir", "mbox", "folder", "held", "kept"
  const std::string& kind() const { return kind_; }
  // Thread-safe. kNotFound: left out, because it is older than since.
  Result<PastMessage> Read(size_t index) const;

 private:
  struct Entry {
    std::string name;
    std::string file;                // held: the id
    uint64_t offset = 0, bytes = 0;  // of a message in an mbox; bytes 0: the whole file
    mail::Envelope envelope;         // held, kept
    bool marked = false;
  };
  PastMail(const gateway::Config& config, const PastOptions& options);
  Status AddHeld();
  Status AddKept();
  Status AddFolder(const std::string& folder);
  Status AddMbox(const std::string& file);
  void Guess(PastMessage* message) const;

  const gateway::Config& config_;
  const PastOptions options_;
  std::string kind_;
  std::vector<Entry> entries_;
  std::unique_ptr<record::Quarantine> quarantine_;
};

// A separator of messages in an mbox: "From ", an address, and a date with a time of day and a
// year. Prose that begins a line with "From " has none.
bool IsFromLine(std::string_view line);
// Lines of an mbox that were quoted because they begin with "From " (mboxrd: ">From ", ">>From ").
std::string UnquoteFrom(std::string text);
// RFC 5322 3.3, the time of the first Received field, else of Date; 0: none that can be read.
int64_t DateOf(std::string_view header);

}  // namespace gatepost::cli
