// The check of a chain: every record against the one before it, against the signed heads beside it
// and against heads that were kept elsewhere. Names the first record that does not fit.
// LIMITS: reads everything; keeps the heads of one segment, and those of the files given, in
// memory.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "src/base/files.h"
#include "src/record/chain.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

namespace {

std::string NameOf(const std::string& file) { return file.substr(file.rfind('/') + 1); }
std::string Number(uint64_t seq) { return "record " + std::to_string(seq); }

class Verifier {
 public:
  Verifier(std::string path, const VerifyOptions& options)
      : path_(std::move(path)), options_(options) {}

  Result<ChainReport> Run() {
    GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments,
                              ListSegments(path_, options_.name));
    for (const std::string& file : options_.head_files) {
      GATEPOST_RETURN_IF_ERROR(TakeHeads(file, /*from_elsewhere=*/true));
    }
    GATEPOST_RETURN_IF_ERROR(TakePruned());
    for (size_t i = 0; i < segments.size() && Well(); ++i) {
      const auto& gone = report_.pruned_segments;
      if (std::find(gone.begin(), gone.end(), NameOf(segments[i])) != gone.end()) {
        continue;  // summarised, and a crash came before it was taken away
      }
      const std::string heads = HeadsFile(segments[i]);
      if (access(heads.c_str(), F_OK) == 0) {
        GATEPOST_RETURN_IF_ERROR(TakeHeads(heads, /*from_elsewhere=*/false));
      }
      if (Well()) {
        GATEPOST_RETURN_IF_ERROR(TakeSegment(segments[i], i + 1 == segments.size()));
      }
    }
    if (Well()) {
      CheckEnd();
    }
    report_.whole = Well();
    return std::move(report_);
  }

 private:
  bool Well() const { return report_.first_problem.empty(); }
  void Problem(const std::string& where, uint64_t seq, const std::string& what) {
    if (Well()) {
      report_.first_problem = where + ": " + what;
      report_.problem_seq = seq;
    }
  }
  bool KeyFits(const std::string& key) {
    if (options_.public_key.empty() && key_.empty()) {
      key_ = key;  // without a key of the asker's, all must at least bear the same
    }
    return key == (options_.public_key.empty() ? key_ : options_.public_key);
  }

  Status TakeHeads(const std::string& file, bool from_elsewhere) {
    return ReadHeads(
        file,
        [&](const Head& head) {
          if (head.log != options_.name) {
            return;  // heads of both logs may stand in one file
          }
          if (!KeyFits(head.key) || !head.SignatureFitsKey(head.key)) {
            Problem(NameOf(file), head.first(),
                    "the head of " + Number(head.seq) +
                        (KeyFits(head.key) ? " was changed: its signature does not fit"
                                           : " is signed with another key"));
            return;
          }
          ++report_.heads;
          for (size_t i = 0; i < head.covers.size(); ++i) {
            Promised& promised = promised_[head.first() + i];
            if (!promised.hash.empty() && promised.hash != head.covers[i]) {
              Problem(NameOf(file), head.first() + i,
                      "two heads disagree about " + Number(head.first() + i) +
                          ": the log was rewritten");
            }
            promised = {head.covers[i], NameOf(file) + " of " + head.at};
          }
        },
        [&](uint64_t line) {
          Problem(NameOf(file) + ":" + std::to_string(line), 0,
                  from_elsewhere ? "is no head" : "is no head (damaged)");
        });
  }

  Status TakePruned() {
    const std::string file = PrunedFile(path_, options_.name);
    if (access(file.c_str(), F_OK) != 0) {
      return {};
    }
    return ReadLines(file, [&](uint64_t number, std::string_view line, bool whole) {
      Pruned pruned;
      std::string key;
      std::string signature;
      const std::string where = NameOf(file) + ":" + std::to_string(number);
      if (!whole) {
        return true;
      }
      if (!PrunedFromJson(Json::parse(line, nullptr, false), &pruned) ||
          pruned.log != options_.name) {
        Problem(where, 0, "is no summary of a pruned segment");
      } else if (!KeyFits(pruned.key) || !FromHex(pruned.key, &key) ||
                 !FromHex(pruned.signature, &signature) ||
                 !SignatureFits(key, pruned.Text(), signature)) {
        Problem(where, pruned.first_seq, "the summary was changed: its signature does not fit");
      } else if (pruned.first_seq != last_seq_ + 1 || pruned.first_prev != last_hash_) {
        Problem(where, last_seq_ + 1,
                Number(last_seq_ + 1) + " is missing: a summary of pruned segments was removed");
      } else {
        last_seq_ = pruned.last_seq;
        last_hash_ = pruned.last_hash;
        ++report_.pruned;
        report_.pruned_segments.push_back(pruned.segment);
        // A head that covers a pruned record cannot be compared any more, except at its end.
        CheckPromise(where, pruned.last_seq, pruned.last_hash);
        promised_.erase(promised_.begin(), promised_.upper_bound(pruned.last_seq));
      }
      return Well();
    });
  }

  void CheckPromise(const std::string& where, uint64_t seq, const std::string& hash) {
    const auto found = promised_.find(seq);
    if (found == promised_.end()) {
      return;
    }
    if (found->second.hash != hash) {
      Problem(where, seq,
              Number(seq) + " is not the one that was signed (" + found->second.where +
                  "): it was replaced and the chain made anew from there");
      return;
    }
    report_.signed_seq = std::max(report_.signed_seq, seq);
    promised_.erase(found);
  }

  Status TakeSegment(const std::string& segment, bool newest) {
    return ReadLines(segment, [&](uint64_t number, std::string_view line, bool whole) {
      const std::string where = NameOf(segment) + ":" + std::to_string(number);
      const uint64_t expected = last_seq_ + 1;
      Link link;
      if (!whole && newest && !line.empty()) {
        return true;  // being written, or torn: the writer sets it aside when it starts
      }
      if (!whole || !ReadLink(line, &link)) {
        Problem(where, expected,
                "is no record (damaged, or cut), where " + Number(expected) + " should stand");
      } else if (!link.hash_fits) {
        Problem(where, link.seq, Number(link.seq) + " was changed: its hash does not fit");
      } else if (link.seq > expected) {
        Problem(where, expected,
                Number(expected) + " is missing: " + Number(link.seq) + " follows " +
                    (last_seq_ == 0 ? "the beginning" : Number(last_seq_)));
      } else if (link.seq < expected) {
        Problem(where, link.seq,
                Number(link.seq) + " follows " + Number(last_seq_) +
                    ": it was inserted, or stands out of order");
      } else if (link.prev != last_hash_) {
        Problem(where, link.seq,
                last_seq_ == 0 ? Number(link.seq) + " is the first but continues another"
                               : Number(link.seq) + " does not continue " + Number(last_seq_) +
                                     ": one of the two was replaced or inserted");
      } else {
        CheckPromise(where, link.seq, link.hash);
      }
      if (!Well()) {
        return false;
      }
      if (report_.records == 0) {
        report_.first_seq = link.seq;
      }
      ++report_.records;
      last_seq_ = link.seq;
      last_hash_ = link.hash;
      report_.last_seq = link.seq;
      report_.last_hash = link.hash;
      return true;
    });
  }

  // Signed, and not there.
  void CheckEnd() {
    const auto beyond = promised_.upper_bound(last_seq_);
    if (beyond != promised_.end()) {
      Problem(NameOf(path_), beyond->first,
              Number(last_seq_ + 1) + " was cut off: " + Number(promised_.rbegin()->first) +
                  " was signed (" + promised_.rbegin()->second.where + ") and the log ends with " +
                  (last_seq_ == 0 ? "nothing" : Number(last_seq_)));
    }
  }

  struct Promised {
    std::string hash;
    std::string where;
  };
  const std::string path_;
  const VerifyOptions& options_;
  ChainReport report_;
  std::string key_;
  std::map<uint64_t, Promised> promised_;  // by heads, not yet met
  uint64_t last_seq_ = 0;
  std::string last_hash_ = ChainStart();
};

}  // namespace

Result<ChainReport> VerifyLog(const std::string& path, const VerifyOptions& options) {
  std::string folder = path;
  while (folder.size() > 1 && folder.back() == '/') {
    folder.pop_back();
  }
  return Verifier(folder, options).Run();
}

}  // namespace gatepost::record
