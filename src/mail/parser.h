// The structure parser: a list of jobs instead of recursion. The plain reading is worked off first
// and in reading order; other readings wait in a second list, so that they never take room or time
// from the plain one. At the end the part table is put into pre-order and gets its paths.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/mail/header.h"
#include "src/mail/labels.h"
#include "src/mail/message.h"
#include "src/mail/report.h"
#include "src/mail/split.h"

namespace gatepost::mail {

class Parser {
 public:
  Parser(Bytes raw, const Limits& limits) : raw_(raw), limits_(limits), report_(limits.defects) {}
  // Call once.
  Message Run();

 private:
  struct Job {
    enum class Kind : uint8_t {
      kEntity,  // a header and a body
      kText,    // a body without a header
      kSplit,   // the body `range` of part `parent`, cut at `boundary`
    };
    Kind kind = Kind::kEntity;
    uint32_t parent = UINT32_MAX;
    Range range;
    LineRules rules;
    bool digest = false;
    bool alternative = false;
    bool lenient = false;
    bool reading = false;  // its part is another reading of the parent, not a part of it
    bool relabel = false;
    std::string text;  // the boundary of kSplit, the Content-Type of a relabelled entity
  };
  // What the parser must know of a part while it works.
  struct Working {
    std::string boundary;  // of a multipart that was cut
    bool cut = false;
    bool reading = false;
    bool no_separator = false;  // a line that is no field ended the header
    uint32_t readings = 0;
  };

  void Do(const Job& job);
  void Entity(const Job& job);
  void Text(const Job& job);
  void ReadPastOuter(uint32_t node, const Job& job);
  void Split(uint32_t node, Range body, const Delimiters& delimiters, const Job& job);
  void SplitJob(const Job& job);
  void Multipart(uint32_t node, const Labels& labels, const Job& job);
  void Composite(uint32_t node, const Job& job);
  void Leaf(uint32_t node, const Labels& labels, const Job& job);
  void JudgeHeader(uint32_t node, const HeaderScan& scan, const Job& job);
  // Fields of the plain reading's body that a reader of damaged headers sees.
  void JudgeFieldsAhead(uint32_t node, const HeaderScan& scan, const Job& job);
  bool HeadsMessage(uint32_t node) const;
  void JudgeFieldBytes(const Part& part, const HeaderScan& scan);
  void JudgeNesting(uint32_t node, const std::string& boundary);
  void JudgeWhole();
  // The whole message once more, with a lone CR as line end.
  void ReadWithCr(const Job& from);
  void Rest(uint32_t node, Range range, DefectId usual, DefectId mime, const Job& job);

  uint32_t NewPart(const Job& job);
  // Puts another reading of `node` on the list, if the limits allow.
  void Later(uint32_t node, Job job);
  // Another reading that cuts `body` at `boundary`.
  void SplitLater(uint32_t node, Range body, std::string boundary, const Job& job);
  Job Child(uint32_t parent, Range range, const Job& from) const;
  size_t Room() const;
  Range WholeOf(uint32_t node) const;
  Message Finish();

  Bytes raw_;
  const Limits& limits_;
  Report report_;
  std::vector<Part> parts_;       // in the order of their making
  std::vector<Working> working_;  // beside parts_
  std::vector<Job> stack_;
  std::deque<Job> later_;
  uint64_t later_bytes_ = 0;
  bool judged_ = false;
  bool cr_reading_ = false;  // the reading with CR as line end is on the list
  std::set<std::tuple<uint32_t, uint32_t, unsigned, std::string>> seen_;
};

}  // namespace gatepost::mail
