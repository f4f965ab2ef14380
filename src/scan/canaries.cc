// Known answers from the engines themselves. Debian's libvectorscan 5.4.9 missed 41 of the 143
// inputs of the first canary on a processor with AVX-512 where libhyperscan 5.4.0 missed none: a
// filter whose engine silently misses matches must not start.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <string>
#include <vector>

#include "src/scan/hyperscan.h"
#include "src/scan/pcre2.h"
#include "src/scan/scanner.h"

namespace gatepost::scan {

namespace {

// Does any expression of the database match?
Result<bool> Hits(HsScratch* scratch, const HsDatabase& database, const std::string& text) {
  bool hit = false;
  const bool scanned = scratch->Scan(
      database, text,
      [](void* context, uint32_t /*id*/, uint64_t /*end*/) { *static_cast<bool*>(context) = true; },
      &hit);
  if (!scanned) {
    return Status::Internal("Hyperscan failed in a known-answer test");
  }
  return hit;
}

struct Canary {
  const char* expression;
  bool utf8;
  bool caseless;
};

// Texts around a needle of every length that moves it over the edges of vector registers.
std::vector<std::string> Padded(const std::string& before, const std::string& after, size_t most) {
  std::vector<std::string> texts;
  for (size_t n = 0; n < most; ++n) {
    texts.push_back(before + std::string(n, 'x') + after);
  }
  return texts;
}

Status Expect(const Canary& canary, const std::vector<std::string>& texts, bool expected) {
  HsFailure failure;
  GATEPOST_ASSIGN_OR_RETURN(
      const HsDatabase database,
      HsDatabase::Compile({{canary.expression, 0, canary.utf8, canary.caseless, false}}, &failure));
  GATEPOST_ASSIGN_OR_RETURN(const Pattern pattern,
                            Pattern::Compile(canary.expression, {canary.utf8, canary.caseless}));
  HsScratch scratch;
  GATEPOST_RETURN_IF_ERROR(scratch.Prepare(database));
  Matcher matcher;
  size_t hyperscan_wrong = 0;
  size_t pcre2_wrong = 0;
  for (const std::string& text : texts) {
    GATEPOST_ASSIGN_OR_RETURN(const bool hit, Hits(&scratch, database, text));
    hyperscan_wrong += hit != expected ? 1 : 0;
    Range unused;
    const bool matched = matcher.Find(pattern, text, 0, &unused) == Matcher::Outcome::kMatch;
    pcre2_wrong += matched != expected ? 1 : 0;
  }
  if (hyperscan_wrong + pcre2_wrong == 0) {
    return {};
  }
  return Status::Internal(
      "the installed " + std::string(hyperscan_wrong > 0 ? "Hyperscan" : "PCRE2") + " (" +
      HsVersionAndPlatform() + ") gave " + std::to_string(hyperscan_wrong + pcre2_wrong) +
      " wrong answers of " + std::to_string(texts.size()) + " for '" + canary.expression +
      "': it must not be used; install libhyperscan 5.4.0 or 5.4.2");
}

}  // namespace

Status RunCanaries() {
  // (?s) because the misses of Vectorscan came with DOTALL only.
  GATEPOST_RETURN_IF_ERROR(
      Expect({R"((?s)curl.*\|\s*python)", false, false}, Padded("curl ", " | python", 143), true));
  GATEPOST_RETURN_IF_ERROR(
      Expect({R"(curl.*\|\s*python)", false, false}, Padded("curl ", " | python", 143), true));
  GATEPOST_RETURN_IF_ERROR(
      Expect({R"((?s)curl.*\|\s*python)", false, false}, Padded("curl ", " | pytho", 143), false));
  GATEPOST_RETURN_IF_ERROR(Expect({R"((?:^|[\x00-\x2f])t(ố)i mật(?:$|[\x00-\x2f]))", true, true},
                                  Padded("a ", " TỐI MẬT", 130), true));
  GATEPOST_RETURN_IF_ERROR(Expect({R"((?:^|[\x00-\x2f])t(ố)i mật(?:$|[\x00-\x2f]))", true, true},
                                  Padded("a ", " TỐI MẶT", 130), false));
  GATEPOST_RETURN_IF_ERROR(Expect({"[^a-z]{2}mật[0-9]{3,5}-[A-ZĐ]{2}", true, false},
                                  Padded("", "--mật12345-ĐB", 130), true));
  GATEPOST_RETURN_IF_ERROR(
      Expect({"^[ -/]*SECRET[ -/]*$", false, false}, {"SECRET", "  [SECRET]"}, false).ok()
          ? Status::Internal("a known-answer test of the engines cannot fail: do not use it")
          : Status::Ok());
  GATEPOST_RETURN_IF_ERROR(Expect({"^[ -/]*SECRET[ -/]*$", false, false},
                                  {"SECRET", "  (SECRET)", "*SECRET*", "SECRET//"}, true));
  return {};
}

}  // namespace gatepost::scan
