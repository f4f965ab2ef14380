// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/trail.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "src/base/clock.h"
#include "src/base/files.h"

namespace gatepost::console {

struct Trail::Inside {
  std::string file, node;
  mutable std::mutex mutex;
  Fd fd;
};

Trail::Trail(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Trail::~Trail() = default;

Result<std::unique_ptr<Trail>> Trail::Open(const std::string& state, const std::string& node) {
  auto inside = std::make_unique<Inside>();
  inside->file = state + "/console/trail.jsonl";
  inside->node = node;
  inside->fd.Reset(open(inside->file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!inside->fd.valid()) {
    return Status::FromErrno(inside->file, errno);
  }
  return std::unique_ptr<Trail>(new Trail(std::move(inside)));  // NOLINT: private
}

Status Trail::Append(const Note& note) {
  Json details = Json::object();
  for (const auto& [name, value] : note.details) {
    details[name] = value;
  }
  const Json record = {{"at", Rfc3339(NowUnixMs())},  {"node", inside_->node},
                       {"kind", note.kind},           {"actor", note.actor},
                       {"on_behalf", note.on_behalf}, {"via", note.via},
                       {"reason", note.reason},       {"held_id", note.held_id},
                       {"client_ip", note.client_ip}, {"details", details}};
  const std::lock_guard<std::mutex> lock(inside_->mutex);
  GATEPOST_RETURN_IF_ERROR(WriteAll(inside_->fd.get(), DumpJson(record) + "\n"));
  return fsync(inside_->fd.get()) == 0 ? Status() : Status::FromErrno(inside_->file, errno);
}

Status Trail::Read(const std::function<bool(const Json& record)>& visit,
                   int64_t /*since_ms*/) const {
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(inside_->file));
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const Json record = Json::parse(text.substr(at, end - at), nullptr, false);
    if (record.is_object() && !visit(record)) {
      break;
    }
    at = end + 1;
  }
  return {};
}

}  // namespace gatepost::console
