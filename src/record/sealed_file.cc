// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/sealed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/utf8.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr std::string_view kMagic = "GPSEAL1\n";
constexpr size_t kLength = 4;  // of a frame, little-endian, before it
static_assert(kMagic.size() + kStreamHeaderBytes + kLength + kStreamPiece + kStreamOverhead ==
              kSealedHead);

std::string Frame(std::string sealed) {
  std::string frame(kLength, '\0');
  for (size_t i = 0; i < kLength; ++i) {
    frame[i] = static_cast<char>((sealed.size() >> (8 * i)) & 0xFF);
  }
  return frame + sealed;
}

std::string Bound(const std::string& id) { return "gatepost held 1 " + id; }

// Cuts the frames off, one after the other.
class Frames {
 public:
  Frames(Bytes sealed, const std::string& id, const Secret& key)
      : rest_(sealed),
        opener_(key, Bound(id),
                sealed.substr(std::min(kMagic.size(), sealed.size()), kStreamHeaderBytes)) {
    well_ = rest_.substr(0, kMagic.size()) == kMagic &&
            rest_.size() >= kMagic.size() + kStreamHeaderBytes;
    if (well_) {
      rest_.remove_prefix(kMagic.size() + kStreamHeaderBytes);
    }
  }
  Status Next(std::string* plain, bool* last) {
    size_t size = 0;
    if (!well_ || rest_.size() < kLength) {
      return Status::Invalid("the sealed content is damaged, or cut");
    }
    for (size_t i = 0; i < kLength; ++i) {
      size |= static_cast<size_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(kLength);
    if (size > kStreamPiece + kStreamOverhead || size > rest_.size()) {
      return Status::Invalid("the sealed content is damaged, or cut");
    }
    GATEPOST_RETURN_IF_ERROR(opener_.Open(rest_.substr(0, size), plain, last));
    rest_.remove_prefix(size);
    return {};
  }
  bool AtEnd() const { return rest_.empty(); }

 private:
  Bytes rest_;
  StreamOpener opener_;
  bool well_ = false;
};

Status WordsFromText(const std::string& text, SealedWords* words) {
  const Result<Json> json = ParseJson("sealed words", text);
  if (!json.ok() || !json->is_object()) {
    return Status::Invalid("the sealed content is damaged");
  }
  for (const auto& [key, out] :
       {std::pair{"subject", &words->subject}, std::pair{"header_from", &words->header_from}}) {
    if (const auto found = json->find(key); found != json->end() && found->is_string()) {
      *out = found->get<std::string>();
    }
  }
  return {};
}

}  // namespace

Status WriteSealed(const std::string& folder, const std::string& path, const std::string& id,
                   const Secret& key, const SealedWords& words, int from_fd) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd fd, CreateHeld(folder, path));
  StreamSealer sealer(key, Bound(id));
  const std::string said = DumpJson(
      {{"subject", ToValidUtf8(words.subject)}, {"header_from", ToValidUtf8(words.header_from)}});
  std::string out(kMagic);
  out += sealer.header();
  // Words are bounded by the inspection; whatever they are, they must fit into one frame.
  out += Frame(sealer.Seal(said.size() <= kStreamPiece ? said : std::string("{}"), false));
  std::string piece(kStreamPiece, '\0');
  off_t at = 0;
  for (bool last = false; !last;) {
    size_t have = 0;
    while (have < piece.size() && !last) {
      const ssize_t got = pread(from_fd, piece.data() + have, piece.size() - have, at);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return Status::FromErrno("read of the message", errno);
      }
      last = got == 0;
      have += static_cast<size_t>(got);
      at += got;
    }
    out += Frame(sealer.Seal(Bytes(piece.data(), have), last));
    if (const Status written = WriteAll(fd.get(), out); !written.ok()) {
      return {written.code(), path + ": " + written.message()};
    }
    out.clear();
  }
  WipeString(&piece);
  return fsync(fd.get()) == 0 ? Status() : Status::FromErrno(path, errno);
}

Status OpenSealed(Bytes sealed, const std::string& id, const Secret& key, SealedWords* words,
                  std::string* message) {
  Frames frames(sealed, id, key);
  std::string plain;
  bool last = false;
  GATEPOST_RETURN_IF_ERROR(frames.Next(&plain, &last));
  GATEPOST_RETURN_IF_ERROR(WordsFromText(plain, words));
  message->clear();
  while (!last) {
    GATEPOST_RETURN_IF_ERROR(frames.Next(&plain, &last));
    *message += plain;
  }
  return frames.AtEnd() ? Status() : Status::Invalid("the sealed content is damaged");
}

Status OpenSealedWords(Bytes head, const std::string& id, const Secret& key, SealedWords* words) {
  Frames frames(head, id, key);
  std::string plain;
  bool last = false;
  GATEPOST_RETURN_IF_ERROR(frames.Next(&plain, &last));
  return WordsFromText(plain, words);
}

}  // namespace gatepost::record
