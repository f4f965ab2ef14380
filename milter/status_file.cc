// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/status_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/journal.h"

namespace gatepost::milter {

namespace {

Status Replace(const std::string& path, const std::string& text) {
  const std::string next = path + ".next";
  const Fd file(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!file.valid()) {
    return Status::FromErrno(next, errno);
  }
  GATEPOST_RETURN_IF_ERROR(WriteAll(file.get(), text));
  return std::rename(next.c_str(), path.c_str()) == 0 ? Status::Ok()
                                                      : Status::FromErrno(path, errno);
}

}  // namespace

void WriteStatusFile(const std::string& path, Json state, const OpenMessages& messages,
                     uint64_t spooled_bytes) {
  state["pid"] = getpid();
  state["at"] = Rfc3339(NowUnixMs());
  state["messages"] = messages.total();
  state["open_messages"] = messages.open();
  state["spooled_bytes"] = spooled_bytes;
  const Status written = Replace(path, DumpJson(state) + "\n");
  if (!written.ok()) {
    Journal(Loudness::kWarning, "GP3008", "the status file could not be written",
            {{"reason", written.message()}});
  }
}

}  // namespace gatepost::milter
