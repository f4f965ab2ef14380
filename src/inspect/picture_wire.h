// What travels about pictures: from a worker to the daemon (which pictures to read), from the
// daemon to a picture worker and back (one picture, what stands in it), from the daemon to a worker
// again (what was read). Every side distrusts what it gets. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/inspect/codec.h"
#include "src/picture/draw.h"
#include "src/picture/reading.h"

namespace gatepost::inspect {

constexpr const char* kPicturesHello = "gatepost pictures 3 " GATEPOST_VERSION;
constexpr const char* kPicturesArgument = "--gatepost-pictures";
constexpr uint32_t kMostPictures = 64;               // named by one worker for one message
constexpr uint64_t kMostPictureBytes = 48ULL << 20;  // of all of them together
constexpr size_t kMostReadingBytes =
    picture::kMostText + picture::kMostCodes * (picture::kMostCodeText + 4) + 1'024;

// What is read first: scanned papers, attached pictures, shown ones; then papers whose text was
// read already, for their codes and what pictures they have, and pictures so small that they hold a
// code at most.
enum class PictureRank : uint8_t { kPaper, kAttached, kShown, kCodes };

// A picture of a message that is worth reading.
struct WantedPicture {
  std::string path;   // as decode::Leaf::path, capped
  uint32_t leaf = 0;  // index into Leaves::leaves
  picture::Kind kind = picture::Kind::kImage;
  uint64_t offset = 0, length = 0;  // in the file that the worker filled
  PictureRank rank = PictureRank::kShown;
  // As picture::Request.
  std::vector<uint32_t> drawn_pages;
  std::vector<picture::Region> regions;
  std::vector<uint32_t> code_pages;
  // Unread, it is unscannable.
  bool needed() const { return rank != PictureRank::kCodes; }
};

// What came of it.
struct PictureAnswer {
  uint32_t leaf = 0;
  uint64_t length = 0;  // as wanted, so that another leaf is not taken for it
  bool come = false;    // false: out of time, too many, or the picture worker failed
  picture::Reading reading;
};

void PutWanted(const std::vector<WantedPicture>& wanted, Writer* out);
std::vector<WantedPicture> GetWanted(Reader* in);
void PutAnswers(const std::vector<PictureAnswer>& answers, Writer* out);
std::vector<PictureAnswer> GetAnswers(Reader* in);

std::string EncodeRequest(const picture::Request& request);
Result<picture::Request> DecodeRequest(Bytes wire);
std::string EncodeReading(const picture::Reading& reading);
Result<picture::Reading> DecodeReading(Bytes wire);

std::string EncodeDrawRequest(const picture::DrawRequest& request);
Result<picture::DrawRequest> DecodeDrawRequest(Bytes wire);
std::string EncodeDrawing(const picture::Drawing& drawing);
// Refuses pixels that are not of the size they say, or of a longer side than `longest`.
Result<picture::Drawing> DecodeDrawing(Bytes wire, uint32_t longest);
constexpr size_t kMostDrawingBytes = 3ULL * picture::kMostLongest * picture::kMostLongest + 1'024;

// What a picture worker is told before anything else.
struct PictureWorkerOptions {
  bool draws = false;  // it draws and reads nothing: no languages are loaded
  std::string data;
  bool sandbox = true;
  int parent = 0;  // pid that it dies with
};
std::string EncodePictureOptions(const PictureWorkerOptions& options);
Result<PictureWorkerOptions> DecodePictureOptions(Bytes wire);

}  // namespace gatepost::inspect
