// The desk that writes and sends: a thread of the daemon's that looks once a second at what has
// changed in the store of held mail, puts what is to be said into the queue, and sends what is due.
// No message waits for it: it begins where hold, log and answer have ended, from what is on disk.
// LIMITS: one connection to Postfix at a time; 60 notices a look, so that a command or a request to
// stop never waits long.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/mail/envelope.h"
#include "src/notice/options.h"
#include "src/record/quarantine.h"

namespace gatepost::notice {

// What the desk asks of the house, anew at each look: a reload changes it.
struct House {
  Options options;
  mail::Site site;
  std::string state;    // folder
  std::string release;  // Postfix's listener for mail of ours
};

// A file that asks for digests at once; the desk takes it away when they are written.
std::string DigestNowFile(const std::string& state_folder);

class Desk {
 public:
  // `quarantine` must outlive it. `house` is called from the desk's thread.
  Desk(record::Quarantine* quarantine, std::function<House()> house);
  ~Desk();  // ends the thread
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Starts the thread.
  void Start();
  // One look, for tests and for the thread. What fails is said in the journal and tried again.
  void Look();
  // For `gatepost status`: {waiting, trouble}. Any thread.
  Json State() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace gatepost::notice
