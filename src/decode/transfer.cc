// From a label to the readings of a body. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/transfer.h"

#include "src/decode/gatherer.h"
#include "src/decode/macintosh.h"
#include "src/decode/uuencode.h"

namespace gatepost::decode {

namespace {

void UuencodeReadings(Bytes body, const Limits& limits, Readings* out) {
  Gatherer gather(body, limits, out);
  UuReadings(body, [out, &gather](std::string bytes, uint32_t faults) {
    out->faults |= faults;
    gather.Add(std::move(bytes), faults == 0);
  });
  if ((out->faults & kUuNoBegin) != 0 && PlausiblyQuotedPrintable(body)) {  // the label lies
    Readings other;
    QpReadings(body, limits, &other);
    gather.Add(std::move(other.readings.front().bytes), false);
  }
}

}  // namespace

Readings DecodeReadings(Bytes body, mail::Encoding encoding, const Limits& limits) {
  Readings out;
  switch (encoding) {
    case mail::Encoding::kBase64:
      Base64Readings(body, limits, &out);
      break;
    case mail::Encoding::kQuotedPrintable:
      QpReadings(body, limits, &out);
      break;
    case mail::Encoding::kUuencode:
      UuencodeReadings(body, limits, &out);
      break;
    case mail::Encoding::kIdentity:
      out.readings.push_back(Reading{std::string(body), true});
      break;
    case mail::Encoding::kUnknown: {
      // Nobody knows what a reader makes of the label: as it stands, and as whatever it looks like.
      Gatherer gather(body, limits, &out);
      gather.Add(std::string(body), true);
      BinHexFile binhex;
      size_t end = 0;
      if ((body.find(kBinHexLine) != Bytes::npos || AsciiTrim(body).substr(0, 1) == ":") &&
          DecodeBinHex(body, &binhex, &end)) {
        gather.Add(std::move(binhex.data), false);
      }
      for (InlineFile& file : body.find("=ybegin ") != Bytes::npos ? FindInlineFiles(body, limits)
                                                                   : std::vector<InlineFile>()) {
        gather.Add(std::move(file.bytes), false);
      }
      Readings guessed;
      if (PlausiblyBase64(body)) {
        Base64Readings(body, limits, &guessed);
      }
      if (PlausiblyQuotedPrintable(body)) {
        QpReadings(body, limits, &guessed);
      }
      if (body.find("begin") != Bytes::npos) {
        UuencodeReadings(body, limits, &guessed);
      }
      out.faults |= guessed.faults;
      for (Reading& reading : guessed.readings) {
        gather.Add(std::move(reading.bytes), false);
      }
      break;
    }
  }
  return out;
}

std::vector<Reading> DecodeBody(Bytes body, mail::Encoding encoding, const Limits& limits) {
  return DecodeReadings(body, encoding, limits).readings;
}

}  // namespace gatepost::decode
