// Signed heads of a chain: every second or thousand records the site's key signs the hashes that
// have come since the head before. A chain alone shows any change but not a rewrite or a cut at the
// end; a head that was kept elsewhere does. Format in src/record/README.md.
// LIMITS: a head covers at most 4,096 records; whoever has the site's signing key can sign anew,
// so heads are handed elsewhere daily.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/base/seal.h"

namespace gatepost::record {

constexpr size_t kMaxCovers = 4'096;

// The site's key (Ed25519), made when missing: FILE holds the secret key as hex, 0600, FILE.pub the
// public one. Thread-safe.
class Signer {
 public:
  static Result<std::unique_ptr<Signer>> Open(const std::string& file);
  const std::string& public_hex() const { return public_hex_; }
  // Over `text`, as hex.
  std::string SignHex(Bytes text) const;

 private:
  std::string public_hex_;
  Secret secret_;
};
// FILE.pub, or any file that holds 64 hex digits: as lower-case hex.
Result<std::string> ReadPublicKey(const std::string& file);

struct Head {
  std::string log;  // "decisions", "audit"
  std::string node;
  std::string at;                   // RFC 3339
  uint64_t seq = 0;                 // of the last record it covers
  std::vector<std::string> covers;  // hashes of the records up to seq, at least that one
  std::string key;                  // who signed, hex
  std::string signature;            // hex

  uint64_t first() const { return seq + 1 - covers.size(); }
  // What is signed.
  std::string Text() const;
  bool SignatureFitsKey(const std::string& public_hex) const;
};
void SignHead(const Signer& signer, Head* head);
Json HeadToJson(const Head& head);
// Everything is checked: heads come back from elsewhere. The signature is not.
bool HeadFromJson(const Json& json, Head* out);

// Where the heads of a segment stand.
std::string HeadsFile(const std::string& segment);
// Lines that are no heads are passed to `damaged` with their number; may be empty.
Status ReadHeads(const std::string& file, const std::function<void(Head head)>& visit,
                 const std::function<void(uint64_t line)>& damaged = {});

// A segment that was taken away for good, as far as the chain needs it: what it held, from where
// to where. Signed like a head.
struct Pruned {
  std::string log, node, at, segment, by;
  uint64_t first_seq = 0, last_seq = 0;
  std::string first_prev, last_hash, sha256;  // sha256: of the segment's bytes
  std::string key, signature;

  std::string Text() const;
};
void SignPruned(const Signer& signer, Pruned* pruned);
Json PrunedToJson(const Pruned& pruned);
bool PrunedFromJson(const Json& json, Pruned* out);
// The file beside the segments that holds the summaries, oldest first.
std::string PrunedFile(const std::string& log_path, const std::string& name);

}  // namespace gatepost::record
