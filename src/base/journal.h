// The operator's journal: few messages, one line each, key=value at the end, to stderr or to the
// systemd journal (sd_journal, when stderr is connected to it). Never a word of mail content.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gatepost {

enum class Loudness { kError, kWarning, kNotice, kInfo, kDebug };

// Thread-safe. `id` is stable ("GP2001") and explained in contrib/man/gatepost-journal.7. Values
// are made printable.
void Journal(Loudness loudness, std::string_view id, std::string_view message,
             std::initializer_list<std::pair<std::string_view, std::string>> fields = {});
// Messages less important than this are dropped; kInfo at start.
void SetJournalLoudness(Loudness least);

}  // namespace gatepost
