// What our mail says, in Vietnamese and in English. Of held mail it tells what the clear index
// holds and never a word of its text; where a marking was found not even its Message-ID.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/notice/options.h"
#include "src/record/quarantine.h"

namespace gatepost::notice {

// A subject and a text, lines end with '\n'.
struct Text {
  std::string subject, body;
  bool answer = false;       // it answers a mail of the reader's (RFC 3834)
  std::string answers = {};  // that mail's Message-ID
};

// Why mail of a category is held, in one sentence.
std::string ReasonOf(const std::string& category, Language language);
// "20:43 26/11/2026 (+07:00)" or "2026-11-26 20:43 +07:00", on this machine's clock.
std::string LocalTime(int64_t unix_ms, Language language);
// Fit for a line of plain text that a mail program must not turn into a link.
std::string Harmless(Bytes text, size_t max_bytes);

// To a sender of ours: held; then released (to these), denied, deleted.
Text SenderHeld(const record::Held& held, const Options& options);
Text SenderReleased(const record::Held& held, const std::vector<mail::Address>& to,
                    const Options& options);
Text SenderDenied(const record::Held& held, const Options& options);
Text SenderDeleted(const record::Held& held, const Options& options);

// To those who decide, and to who has asked.
enum class RequestNews { kAsked, kApproved, kDenied, kExpired, kUrgent, kNotCountersigned };
Text RequestText(const record::Held& held, const record::ReleaseRequest& request, RequestNews news,
                 const Options& options);
Text PriorityText(const record::Held& held, const std::string& whom, const Options& options);
// `oldest`: some of them; `count`: all.
Text TooLongText(const std::vector<record::Held>& oldest, size_t count, const Options& options);

}  // namespace gatepost::notice
