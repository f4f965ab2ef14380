// LIMITS: systemd 252 of Debian 12; its successor's Type=notify-reload is served as well.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

namespace gatepost::milter {

namespace {

void Send(const std::string& state) { static_cast<void>(sd_notify(0, state.c_str())); }

}  // namespace

void NotifyReady() { Send("READY=1"); }

void NotifyReloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t us = static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
  Send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
}

void NotifyStopping() { Send("STOPPING=1"); }

void NotifyStatus(const std::string& line) { Send("STATUS=" + line); }

int64_t WatchdogMs() {
  uint64_t us = 0;
  return sd_watchdog_enabled(0, &us) > 0 ? static_cast<int64_t>(us / 2'000) : 0;
}

void KeepWatchdogQuiet() { Send("WATCHDOG=1"); }

}  // namespace gatepost::milter
