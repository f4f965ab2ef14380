// LIMITS: a message is at most 4 KB; longer values are cut.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/journal.h"

#include <unistd.h>

#include <atomic>

#include "src/base/files.h"
#include "src/base/utf8.h"

namespace gatepost {

namespace {

std::atomic<int> least_loudness{static_cast<int>(Loudness::kInfo)};

}  // namespace

void SetJournalLoudness(Loudness least) { least_loudness = static_cast<int>(least); }

void Journal(Loudness loudness, std::string_view id, std::string_view message,
             std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  if (static_cast<int>(loudness) > least_loudness) {
    return;
  }
  // "<N>" is systemd's priority prefix; journald strips it, a terminal never sees it.
  static const bool to_terminal = isatty(STDERR_FILENO) == 1;
  constexpr int kSyslogPriority[] = {3, 4, 5, 6, 7};
  constexpr const char* kWord[] = {"error", "warning", "notice", "info", "debug"};
  const auto index = static_cast<size_t>(loudness);
  std::string line =
      to_terminal ? std::string() : "<" + std::to_string(kSyslogPriority[index]) + ">";
  line += std::string(id) + " " + kWord[index] + ": " + PrintableUtf8(message, 2'000);
  for (const auto& [key, value] : fields) {
    line += " " + std::string(key) + "=";
    const std::string printable = PrintableUtf8(value, 500);
    line += printable.find(' ') == std::string::npos ? printable : "\"" + printable + "\"";
  }
  line += "\n";
  // One write, so that lines of threads do not mix; there is nobody to tell if it fails.
  static_cast<void>(WriteAll(STDERR_FILENO, line));
}

}  // namespace gatepost
