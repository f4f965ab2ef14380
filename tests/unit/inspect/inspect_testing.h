// What the tests of this room share: folders, a small rule set, signatures, mails.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    char pattern[] = "/tmp/gatepost-inspect-XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string Folder(const std::string& name) const {
    std::filesystem::create_directories(path_ + "/" + name);
    return path_ + "/" + name;
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }

 private:
  std::string path_;
};

inline std::string TestRule(const std::string& id, const std::string& match, double score,
                            const std::string& more = "") {
  return "  - id: " + id + "\n    title: {en: test, vi: test}\n    why: test\n" +
         "    zones: [body]\n    form: nfc\n    match: '" + match +
         "'\n    caseless: true\n    score: " + std::to_string(score) +
         "\n    severity: low\n    examples: {match: ['" + match + "'], no_match: ['other']}\n" +
         more;
}

inline std::string TestPack(const std::string& rules) {
  return "pack: test\nversion: '1'\ntitle: {en: test, vi: test}\njurisdiction: VN\n"
         "default: on\nrules:\n" + rules;
}

// Rules TST-001 to TST-006 and a signature of the bytes "harmless test virus".
class TestSite {
 public:
  TestSite() {
    folder_.Folder("rules");
    folder_.Folder("signatures");
    folder_.Write("rules/test.yaml",
                  TestPack(TestRule("TST-001", "lottery", 3, "    group: money\n") +
                           TestRule("TST-002", "million", 2, "    group: money\n") +
                           TestRule("TST-003", "hello", 1) +
                           TestRule("TST-004", "secretword", 1.5,
                                    "    log: {snippet: false}\n    level: mat\n") +
                           TestRule("TST-005", "shadowed", 50, "    mode: shadow\n") +
                           "  - id: TST-006\n    title: {en: test, vi: test}\n    why: test\n"
                           "    when: {fact: virus.found}\n    score: 7\n    severity: high\n"
                           "    examples: {match: [{facts: {virus.found: 'true'}}], "
                           "no_match: [{facts: {client.ip: y}}]}\n"));
    folder_.Write("signatures/test.hsb",
                  Sha256Hex(Virus()) + ":" + std::to_string(Virus().size()) + ":Test.Virus:73\n");
  }
  static std::string Virus() { return "harmless test virus, one line of text"; }
  std::string rules() const { return folder_.path() + "/rules"; }
  std::string signatures() const { return folder_.path() + "/signatures"; }
  const TemporaryFolder& folder() const { return folder_; }

  InspectorOptions Options() const {
    InspectorOptions options;
    options.rule_folders = {rules()};
    options.antivirus.need = AntivirusOptions::Need::kRequired;
    options.antivirus.database = signatures();
    options.site.own_domains = {"office.example"};
    options.site.authserv_id = "mx.office.example";
    options.workers = 1;
    return options;
  }

 private:
  TemporaryFolder folder_;
};

inline mail::Envelope TestEnvelope() {
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse("someone@example.org");
  mail::Recipient recipient;
  recipient.address = mail::Address::Parse("clerk@office.example");
  envelope.recipients.push_back(recipient);
  envelope.client_ip = "192.0.2.1";
  envelope.received_at_ms = NowUnixMs();
  return envelope;
}

inline std::string TestMail(const std::string& body, const std::string& fields = "") {
  return "From: Someone <someone@example.org>\r\nTo: clerk@office.example\r\n"
         "Subject: a letter\r\nMessage-ID: <1@example.org>\r\n" + fields + "\r\n" + body + "\r\n";
}

inline std::string TestAttachment(const std::string& name, const std::string& content) {
  return "From: someone@example.org\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n"
         "Content-Type: application/octet-stream\r\n"
         "Content-Disposition: attachment; filename=" + name + "\r\n\r\n" + content +
         "\r\n--x--\r\n";
}

inline bool IsUnscannable(const Findings& findings, decode::Reason reason) {
  for (const decode::Unscannable& one : findings.unscannable) {
    if (one.reason == reason) {
      return true;
    }
  }
  return false;
}

inline const RuleHit* FindHit(const Findings& findings, const std::string& id) {
  for (const RuleHit& hit : findings.hits) {
    if (hit.id == id) {
      return &hit;
    }
  }
  return nullptr;
}

}  // namespace gatepost::inspect
