// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_watch.h"

#include <sys/stat.h>

#include <cerrno>
#include <set>
#include <utility>

#include "src/record/held_index.h"

namespace gatepost::record {

struct HeldWatch::Inside {
  std::string path;
  std::unique_ptr<HeldIndex> index;
  ino_t inode = 0;
};

HeldWatch::HeldWatch(std::string folder) : inside_(std::make_unique<Inside>()) {
  inside_->path = std::move(folder) + "/index.sqlite";
}
HeldWatch::~HeldWatch() = default;

Status HeldWatch::Open() {
  struct stat info {};
  if (stat(inside_->path.c_str(), &info) != 0) {
    return Status::FromErrno(inside_->path, errno);
  }
  if (inside_->index != nullptr && info.st_ino == inside_->inode) {
    return {};
  }
  inside_->index.reset();  // the file was replaced: who found it damaged has made it anew
  bool fresh = false;
  GATEPOST_ASSIGN_OR_RETURN(inside_->index, HeldIndex::Open(inside_->path, &fresh));
  inside_->inode = info.st_ino;
  return {};
}

Result<std::vector<std::string>> HeldWatch::Changes(HeldPlace* place, int64_t since_ms) {
  std::vector<std::string> ids;
  const Status opened = Open();
  if (opened.code() == Code::kNotFound) {
    return ids;
  }
  GATEPOST_RETURN_IF_ERROR(opened);
  bool anew = place->turn == 0;
  GATEPOST_RETURN_IF_ERROR(inside_->index->Changes(
      place,
      [&](const HeldLine& line) {
        if (!anew || line.held_at_ms >= since_ms) {
          ids.push_back(line.id);
        }
      },
      [&](const std::string& id) { anew |= id.empty(); }));
  return ids;
}

Result<std::vector<Held>> HeldWatch::List(const HeldFilter& filter) {
  const Status opened = Open();
  if (opened.code() == Code::kNotFound) {
    return std::vector<Held>();
  }
  GATEPOST_RETURN_IF_ERROR(opened);
  return inside_->index->List(filter);
}

Status HeldWatch::Each(HeldFilter filter, const std::function<void(Held)>& visit) {
  constexpr uint32_t kPiece = 2'000;
  filter.limit = kPiece;
  std::set<std::string> edge;  // those of the last piece's last millisecond
  for (;;) {
    GATEPOST_ASSIGN_OR_RETURN(std::vector<Held> piece, List(filter));
    const bool last = piece.size() < filter.limit;
    const int64_t oldest = piece.empty() ? 0 : piece.back().held_at_ms;
    const bool one_moment = !piece.empty() && piece.front().held_at_ms == oldest;
    std::set<std::string> next;
    for (Held& held : piece) {
      if (held.held_at_ms == oldest) {
        next.insert(held.id);
      }
      if (edge.count(held.id) == 0) {
        visit(std::move(held));
      }
    }
    if (last) {
      return {};
    }
    edge = std::move(next);
    filter.until_ms = oldest + 1;
    // More than a piece in one millisecond: only a larger piece gets past them.
    filter.limit = one_moment ? filter.limit * 2 : kPiece;
  }
}

}  // namespace gatepost::record
