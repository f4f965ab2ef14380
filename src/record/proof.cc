// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/proof.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/record/chain.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr const char* kWhat = "gatepost proof";
constexpr size_t kMostDecisions = 1'000;

std::string Bare(std::string id) {
  if (id.size() > 1 && id.front() == '<' && id.back() == '>') {
    id = id.substr(1, id.size() - 2);
  }
  return id;
}

bool IsAbout(const Json& record, const std::string& id) {
  return Word(record, "id") == id || Word(record, "held_id") == id ||
         Word(record, "queue_id") == id ||
         (!id.empty() && Bare(Word(record, "message_id")) == Bare(id));
}

// The line as it stands in the log; the summary is for people and repeats it.
Json Summary(const Json& record) {
  Json out = Json::object();
  for (const char* key : {"id", "at", "node", "queue_id", "message_id", "client_ip", "auth_user",
                          "from", "recipients", "size", "sha256", "keyed", "action", "clause",
                          "category", "basis", "reply", "held_id", "generation"}) {
    if (const auto found = record.find(key); found != record.end()) {
      out[key] = *found;
    }
  }
  return out;
}

}  // namespace

Result<Json> MakeProof(const std::string& log_path, const std::string& id, const std::string& node,
                       int64_t now_ms) {
  Json proof = {{"v", 1},       {"what", kWhat}, {"made_at", Rfc3339(now_ms)},
                {"node", node}, {"about", id},   {"decisions", Json::array()}};
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(log_path));
  for (const std::string& segment : segments) {
    std::vector<std::pair<uint64_t, size_t>> wanted;  // seq, index in decisions
    GATEPOST_RETURN_IF_ERROR(
        ReadLines(segment, [&](uint64_t /*number*/, std::string_view line, bool whole) {
          // Parsing every line would cost a hundred times as much.
          if (!whole || line.find(Bare(id)) == std::string_view::npos) {
            return true;
          }
          Link link;
          if (ReadLink(line, &link) && IsAbout(link.record, id)) {
            wanted.emplace_back(link.seq, proof["decisions"].size());
            proof["decisions"].push_back({{"summary", Summary(link.record)},
                                          {"segment", segment.substr(segment.rfind('/') + 1)},
                                          {"record", std::string(line)},
                                          {"head", nullptr}});
          }
          return proof["decisions"].size() < kMostDecisions;
        }));
    const std::string heads = HeadsFile(segment);
    if (wanted.empty() || access(heads.c_str(), F_OK) != 0) {
      continue;
    }
    GATEPOST_RETURN_IF_ERROR(ReadHeads(heads, [&](const Head& head) {
      for (const auto& [seq, index] : wanted) {
        if (seq >= head.first() && seq <= head.seq) {
          proof["decisions"][index]["head"] = HeadToJson(head);
          proof["public_key"] = head.key;
        }
      }
    }));
  }
  if (proof["decisions"].empty()) {
    return Status::NotFound("no decision has the queue id, message id, held id or decision id '" +
                            id + "'");
  }
  return proof;
}

ProofReport CheckProof(const Json& proof, const std::string& public_key) {
  ProofReport report;
  report.public_key = public_key.empty() ? Word(proof, "public_key") : public_key;
  const auto decisions = proof.is_object() ? proof.find("decisions") : proof.end();
  if (Word(proof, "what") != kWhat || decisions == proof.end() || !decisions->is_array() ||
      decisions->empty()) {
    report.problem = "this is no proof of Gatepost";
    return report;
  }
  for (const Json& one : *decisions) {
    const std::string which = "decision " + std::to_string(++report.decisions) + ": ";
    const auto head_json = one.is_object() ? one.find("head") : one.end();
    Link link;
    Head head;
    if (!ReadLink(Word(one, "record"), &link)) {
      report.problem = which + "its record is no record of the log";
    } else if (!link.hash_fits) {
      report.problem = which + "its record was changed: the hash does not fit";
    } else if (one.contains("summary") && one["summary"] != Summary(link.record)) {
      report.problem = which + "the summary says something else than the record";
    } else if (head_json == one.end() || !HeadFromJson(*head_json, &head)) {
      report.problem = which + "no signed head covers it";
    } else if (!head.SignatureFitsKey(report.public_key)) {
      report.problem = which + "its head is not signed with the key " + report.public_key;
    } else if (link.seq < head.first() || link.seq > head.seq ||
               head.covers[link.seq - head.first()] != link.hash) {
      report.problem = which + "its head covers another record";
    }
    if (!report.problem.empty()) {
      return report;
    }
    if (report.signed_at.empty() || head.at < report.signed_at) {
      report.signed_at = head.at;
    }
  }
  report.fits = true;
  return report;
}

namespace {

Status AppendDurably(const std::string& file, const std::string& line) {
  const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd.valid()) {
    return Status::FromErrno(file, errno);
  }
  GATEPOST_RETURN_IF_ERROR(GiveToOwnerOf(file.substr(0, file.rfind('/')), fd.get()));
  GATEPOST_RETURN_IF_ERROR(WriteAll(fd.get(), line));
  return fsync(fd.get()) == 0 ? SyncFolder(file.substr(0, file.rfind('/')))
                              : Status::FromErrno(file, errno);
}

Result<Pruned> Summarise(const std::string& segment, uint64_t* records) {
  Pruned pruned;
  *records = 0;
  GATEPOST_RETURN_IF_ERROR(
      ReadLines(segment, [&](uint64_t /*number*/, std::string_view line, bool whole) {
        Link link;
        if (whole && ReadLink(line, &link)) {
          if (++*records == 1) {
            pruned.first_seq = link.seq;
            pruned.first_prev = link.prev;
          }
          pruned.last_seq = link.seq;
          pruned.last_hash = link.hash;
        }
        return true;
      }));
  GATEPOST_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(segment));
  pruned.sha256 = Sha256Hex(bytes);
  pruned.segment = segment.substr(segment.rfind('/') + 1);
  return pruned;
}

Status Remove(const std::string& segment) {
  for (const std::string& file : {HeadsFile(segment), segment}) {
    if (unlink(file.c_str()) != 0 && errno != ENOENT) {
      return Status::FromErrno(file, errno);
    }
  }
  return {};
}

}  // namespace

Result<PruneReport> PruneLog(const std::string& path, const std::string& name, int64_t before_day,
                             const Signer& signer, const std::string& node, const std::string& by) {
  PruneReport report;
  if (IsSingleFile(path)) {
    return Status::Invalid(path + ": one file is not pruned; name a folder as 'log'");
  }
  VerifyOptions options;
  options.name = name;
  options.public_key = signer.public_hex();
  GATEPOST_ASSIGN_OR_RETURN(const ChainReport chain, VerifyLog(path, options));
  if (!chain.whole) {
    return Status::Internal("the chain is broken, so nothing is taken away: " +
                            chain.first_problem);
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(path, name));
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::string& segment = segments[i];
    if (SegmentDay(segment.substr(segment.rfind('/') + 1), name) >= before_day) {
      break;
    }
    uint64_t records = 0;
    GATEPOST_ASSIGN_OR_RETURN(Pruned pruned, Summarise(segment, &records));
    // One that a crash left behind its summary only needs to go.
    const bool summarised = std::find(chain.pruned_segments.begin(), chain.pruned_segments.end(),
                                      pruned.segment) != chain.pruned_segments.end();
    if (records > 0 && !summarised) {
      pruned.log = name;
      pruned.node = node;
      pruned.at = Rfc3339(NowUnixMs());
      pruned.by = by;
      SignPruned(signer, &pruned);
      GATEPOST_RETURN_IF_ERROR(
          AppendDurably(PrunedFile(path, name), DumpJson(PrunedToJson(pruned)) + "\n"));
      report.records += records;
    }
    GATEPOST_RETURN_IF_ERROR(Remove(segment));
    ++report.segments;
  }
  return report;
}

}  // namespace gatepost::record
