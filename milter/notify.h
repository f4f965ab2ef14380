// What systemd is told (sd_notify(3)). Nothing happens when it does not listen.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace gatepost::milter {

void NotifyReady();
void NotifyReloading();  // then NotifyReady again
void NotifyStopping();
void NotifyStatus(const std::string& line);
// How often KeepWatchdogQuiet must be called, milliseconds; 0: nobody watches.
int64_t WatchdogMs();
void KeepWatchdogQuiet();

}  // namespace gatepost::milter
