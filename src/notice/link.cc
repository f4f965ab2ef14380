// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/link.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <vector>

#include "src/base/digest.h"
#include "src/base/encode.h"
#include "src/base/files.h"

namespace gatepost::notice {

namespace {

constexpr size_t kMacLetters = 64;
constexpr size_t kMostToken = 2'000;
constexpr int64_t kForgetMs = 31 * 86'400'000LL;

// RFC 4648 section 5, without padding.
std::string UrlSafe(Bytes data) {
  std::string out = Base64(data);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  while (!out.empty() && out.back() == '=') {
    out.pop_back();
  }
  return out;
}

int ValueOf(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - '0' + 52;
  }
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool FromUrlSafe(std::string_view text, std::string* out) {
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = ValueOf(c);
    if (value < 0) {
      return false;
    }
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>((bits >> count) & 0xFFU));
    }
  }
  return true;
}

bool IsNumber(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string MailboxFolder(const std::string& state_folder) { return state_folder + "/mailbox"; }

Result<LinkSigner> LinkSigner::Open(const std::string& state_folder, bool make) {
  const std::string folder = MailboxFolder(state_folder);
  const std::string file = folder + "/link.key";
  Result<std::string> key = ReadFile(file);
  if (!key.ok() && key.status().code() == Code::kNotFound && make) {
    GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, 0770));
    GATEPOST_RETURN_IF_ERROR(WriteFileDurably(file, RandomBytes(32)));
    key = ReadFile(file);
  }
  if (!key.ok()) {
    return key.status();
  }
  Key bytes{};
  if (key->size() != bytes.size()) {
    return Status::Invalid(file + ": is no key; remove it and links are signed with a new one");
  }
  std::copy(key->begin(), key->end(), bytes.begin());
  return LinkSigner(bytes);
}

std::string LinkSigner::NumberOf(const std::string& words) const {
  return HmacSha256Hex(key(), "number\n" + words).substr(0, 32);
}

std::string LinkSigner::Sign(const Link& link) const {
  std::string text = link.kind == Link::Kind::kBox ? "box" : "entry";
  for (const std::string& field :
       {link.reader, link.recipient, link.held_id, std::to_string(link.expires_ms), link.number}) {
    if (field.find('\n') != std::string::npos) {
      return "";
    }
    text += "\n" + field;
  }
  return UrlSafe(text) + "." + HmacSha256Hex(key(), "link\n" + text);
}

Result<Link> LinkSigner::Read(std::string_view token, int64_t now_ms) const {
  const Status forged = Status::Invalid("this link was not made here");
  std::string text;
  if (token.size() < kMacLetters + 2 || token.size() > kMostToken ||
      token[token.size() - kMacLetters - 1] != '.' ||
      !FromUrlSafe(token.substr(0, token.size() - kMacLetters - 1), &text) ||
      !EqualSecret(HmacSha256Hex(key(), "link\n" + text),
                   token.substr(token.size() - kMacLetters))) {
    return forged;
  }
  std::vector<std::string> fields(1);
  for (const char c : text) {
    if (c == '\n') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  Link link;
  if (fields.size() != 6 || (fields[0] != "box" && fields[0] != "entry") || !IsNumber(fields[5])) {
    return forged;
  }
  link.kind = fields[0] == "box" ? Link::Kind::kBox : Link::Kind::kEntry;
  link.reader = fields[1];
  link.recipient = fields[2];
  link.held_id = fields[3];
  link.number = fields[5];
  std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), link.expires_ms);
  if (now_ms >= link.expires_ms) {
    return Status::NotFound("this link's time is over");
  }
  return link;
}

Result<UsedLinks> UsedLinks::Open(const std::string& state_folder) {
  const std::string folder = MailboxFolder(state_folder);
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, 0770));
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder + "/used", 0770));
  return UsedLinks(folder + "/used");
}

Result<bool> UsedLinks::Claim(const std::string& number) const {
  const std::string file = folder_ + "/" + number;
  const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) {
    return errno == EEXIST ? Result<bool>(false) : Result<bool>(Status::FromErrno(file, errno));
  }
  GATEPOST_RETURN_IF_ERROR(SyncFolder(folder_));
  return true;
}

bool UsedLinks::IsClaimed(const std::string& number) const {
  return access((folder_ + "/" + number).c_str(), F_OK) == 0;
}

void UsedLinks::GiveBack(const std::string& number) const {
  unlink((folder_ + "/" + number).c_str());
}

void UsedLinks::Tidy(int64_t now_ms) const {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(folder_.c_str()), &closedir);
  if (folder == nullptr) {
    return;
  }
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT: a DIR of our own
    const std::string name = entry->d_name;
    struct stat info {};
    if (IsNumber(name) && stat((folder_ + "/" + name).c_str(), &info) == 0 &&
        static_cast<int64_t>(info.st_mtime) * 1'000 < now_ms - kForgetMs) {
      unlink((folder_ + "/" + name).c_str());
    }
  }
}

}  // namespace gatepost::notice
