// The packs that Gatepost ships: they load, compile and pass their own examples, without an error.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/scan/scanner.h"

namespace gatepost::scan {
namespace {

std::string Errors(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      out += diagnostic.ToString() + "\n";
    }
  }
  return out;
}

TEST(ShippedPacks, LoadCompileAndPassTheirExamples) {
  Diagnostics diagnostics;
  const auto rules =
      ruleset::RuleSet::Load({std::string(GATEPOST_SOURCE_DIR) + "/rules"}, &diagnostics);
  ASSERT_TRUE(rules.ok()) << Errors(diagnostics);
  EXPECT_GE((*rules)->rules().size(), 177U);
  const auto scanner = Scanner::Compile(*rules, CompileOptions(), &diagnostics);
  ASSERT_TRUE(scanner.ok()) << Errors(diagnostics);
  RunExamples(**scanner, &diagnostics);
  EXPECT_EQ(Errors(diagnostics), "");
}

}  // namespace
}  // namespace gatepost::scan
