// How far long work has come. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "src/base/clock.h"

namespace gatepost::cli {

// A bar on stderr, where that is a terminal.
class Progress {
 public:
  explicit Progress(size_t total) : total_(total), begun_(SteadyMs()) {}
  void Show(size_t done) {
    if (!on_) {
      return;
    }
    constexpr size_t kWidth = 30;
    const size_t full = total_ == 0 ? kWidth : kWidth * done / total_;
    const double seconds = static_cast<double>(SteadyMs() - begun_) / 1'000;
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    const long left = rate > 0 ? static_cast<long>(static_cast<double>(total_ - done) / rate) : 0;
    std::fprintf(stderr, "\r[%s%s] %zu/%zu  %.0f/s  %ld:%02ld ", std::string(full, '#').c_str(),
                 std::string(kWidth - full, '.').c_str(), done, total_, rate, left / 60, left % 60);
    shown_ = true;
  }
  ~Progress() {
    if (shown_) {
      std::fputs("\r\033[K", stderr);
    }
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  const size_t total_;
  const int64_t begun_;
  const bool on_ = isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
};

}  // namespace gatepost::cli
