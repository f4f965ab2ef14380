// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/exception.h"

#include <algorithm>

#include "src/policy/clause.h"

namespace gatepost::policy {

namespace {

bool InFile(const std::string& path, const std::string& file) {
  return path == file || (path.size() > file.size() && path.compare(0, file.size(), file) == 0 &&
                          path[file.size()] == '/');
}

// The paths of the parts that have the digest.
std::vector<std::string> FilesOf(const std::string& sha256, const inspect::Findings& findings) {
  std::vector<std::string> files;
  for (const inspect::FoundPart& part : findings.parts) {
    if (part.sha256 == sha256) {
      files.push_back(part.path);
    }
  }
  return files;
}

bool InFiles(const std::string& path, const std::vector<std::string>& files) {
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& file) { return InFile(path, file); });
}

}  // namespace

bool SenderFits(const std::string& pattern, const mail::Address& address) {
  if (pattern.empty() || address.is_null()) {
    return false;
  }
  if (pattern.find('@') != std::string::npos) {
    return mail::Address::Parse(pattern) == address;
  }
  return AtDomain(address, pattern);
}

std::vector<const Exception*> Fitting(const Exceptions& exceptions, const mail::Envelope& envelope,
                                      const inspect::Findings& findings) {
  std::vector<const Exception*> fitting;
  for (const Exception& one : exceptions) {
    const bool in_time = envelope.received_at_ms < one.expires_ms;
    const bool sender = one.sender.empty() || SenderFits(one.sender, envelope.sender);
    const bool file = one.sha256.empty() || one.sha256 == findings.sha256 ||
                      !FilesOf(one.sha256, findings).empty();
    if (in_time && sender && file &&
        std::any_of(findings.hits.begin(), findings.hits.end(),
                    [&](const inspect::RuleHit& hit) { return Takes(one, hit, findings); })) {
      fitting.push_back(&one);
    }
  }
  return fitting;
}

bool Takes(const Exception& exception, const inspect::RuleHit& hit,
           const inspect::Findings& findings) {
  if (!exception.rules.empty() &&
      std::none_of(exception.rules.begin(), exception.rules.end(),
                   [&](const std::string& glob) { return GlobMatches(glob, hit.id); })) {
    return false;
  }
  if (exception.sha256.empty() || exception.sha256 == findings.sha256) {
    return true;
  }
  const std::vector<std::string> files = FilesOf(exception.sha256, findings);
  if (hit.evidence.empty()) {
    // A combination has no place: it may rest on another file, unless there is none.
    return std::all_of(findings.parts.begin(), findings.parts.end(),
                       [&](const inspect::FoundPart& part) {
                         return part.sha256.empty() || InFiles(part.path, files);
                       });
  }
  return std::all_of(hit.evidence.begin(), hit.evidence.end(),
                     [&](const inspect::Evidence& place) { return InFiles(place.path, files); });
}

std::string ForbiddenFor(const Exception& exception, const scan::Facts& facts) {
  const auto is = [&facts](const char* name, const char* value) {
    const auto found = facts.find(name);
    return found != facts.end() && found->second == value;
  };
  const bool doubtful = is("auth.dmarc", "fail") || is("auth.spf", "fail") ||
                        is("sender.own-unauthenticated", "true");
  return !exception.sender.empty() && doubtful ? "the sender is not authenticated" : "";
}

std::string ForbiddenBy(const inspect::Findings& findings) {
  if (!findings.infections.empty()) {
    return "infected";
  }
  if (std::any_of(findings.defects.begin(), findings.defects.end(),
                  [](const auto& one) { return one.grade == mail::Grade::kC; })) {
    return "defect of grade C";
  }
  for (const decode::Unscannable& one : findings.unscannable) {
    switch (one.reason) {
      case decode::Reason::kImageOnly:
      case decode::Reason::kNotRead:
      case decode::Reason::kNoSignatures:
        break;  // of every message of a site without signatures; the policy knows these
      default:
        return std::string("unscannable (") + decode::ToString(one.reason) + ")";
    }
  }
  return {};
}

}  // namespace gatepost::policy
