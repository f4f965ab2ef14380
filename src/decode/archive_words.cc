// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/archive_words.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostBytes = 1U << 20;
constexpr size_t kMostFolders = 10'000;

// With slashes of one kind and one at the end.
std::string FolderOf(std::string_view name) {
  std::string out = Collector::CleanName(name);
  std::replace(out.begin(), out.end(), '\\', '/');
  while (!out.empty() && out.back() == '/') {
    out.pop_back();
  }
  return out + "/";
}

}  // namespace

void ArchiveWords::AddLine(std::string_view line, std::string* out) {
  if (line.empty()) {
    return;
  }
  if (out->size() + line.size() >= kMostBytes) {
    cut_ = true;
    return;
  }
  out->append(line);
  out->push_back('\n');
}

void ArchiveWords::Comment(Bytes text) {
  AddLine(IsUtf8(text) ? std::string(text) : Collector::CleanName(text), &comments_);
}

void ArchiveWords::Link(std::string_view target) { AddLine(Collector::CleanName(target), &links_); }

void ArchiveWords::Folder(std::string_view name) {
  if (folders_.size() < kMostFolders) {
    folders_.insert(FolderOf(name));
  } else {
    cut_ = true;
  }
}

void ArchiveWords::File(std::string_view name) {
  const size_t slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos && files_.size() < kMostFolders) {
    files_.insert(FolderOf(name.substr(0, slash)));
  }
}

std::string ArchiveWords::Take() {
  std::string empty;
  for (const std::string& folder : folders_) {
    const auto next = files_.lower_bound(folder);
    if (next == files_.end() || next->compare(0, folder.size(), folder) != 0) {
      AddLine(folder.substr(0, folder.size() - 1), &empty);
    }
  }
  return std::move(comments_) + links_ + empty;
}

}  // namespace gatepost::decode
