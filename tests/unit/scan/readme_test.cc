// The rules in the READMEs load as they stand there, without a warning, and pass their examples:
// authors begin by copying them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "src/scan/scanner.h"

namespace gatepost::scan {
namespace {

namespace fs = std::filesystem;

std::string Read(const std::string& markdown) {
  std::ifstream file(std::string(GATEPOST_SOURCE_DIR) + "/" + markdown);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

// The first block of YAML with rules in a Markdown file of the project.
std::string Example(const std::string& markdown) {
  const std::string text = Read(markdown);
  const std::string fence = "```yaml\n";
  for (size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    std::string block = text.substr(at, text.find("\n```", at) + 1 - at);
    if (block.find("\nrules:\n") != std::string::npos) {
      return block;
    }
  }
  return "";
}

// The same of a file that indents its blocks by four blanks.
std::string IndentedExample(const std::string& markdown) {
  std::istringstream text(Read(markdown));
  std::string block;
  for (std::string line; std::getline(text, line);) {
    const bool indented = line.substr(0, 4) == "    ";
    if (indented && (!block.empty() || line == "    rules:")) {
      block += line.substr(4) + "\n";
    } else if (!indented && !block.empty()) {
      break;
    }
  }
  return block;
}

// Everything that is said about a folder with that file.
std::string Said(const std::string& yaml) {
  std::string name = (fs::temp_directory_path() / "gatepost-readme-XXXXXX").string();
  const std::string folder = mkdtemp(name.data());
  fs::create_directories(folder + "/lists");
  std::ofstream(folder + "/our.yaml") << yaml;
  std::ofstream(folder + "/lists/partners.txt") << "partner.example\n";
  Diagnostics diagnostics;
  const auto rules = ruleset::RuleSet::Load({folder}, &diagnostics);
  if (rules.ok()) {
    const auto scanner = Scanner::Compile(*rules, CompileOptions(), &diagnostics);
    if (scanner.ok()) {
      RunExamples(**scanner, &diagnostics);
    }
  }
  fs::remove_all(folder);
  std::string said;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    said += diagnostic.ToString() + "\n";
  }
  return said;
}

TEST(Readme, TheFirstRuleLoadsAsItStands) {
  const std::string yaml = Example("rules/README.md");
  ASSERT_NE(yaml.find("OUR-001"), std::string::npos);
  EXPECT_EQ(Said(yaml), "");
}

TEST(Readme, TheFirstRuleOfTheFrontPageLoadsAsItStands) {
  const std::string yaml = IndentedExample("README.md");
  ASSERT_NE(yaml.find("OFF-001"), std::string::npos);
  EXPECT_EQ(Said(yaml), "");
}

TEST(Readme, TheRuleWithEveryKeyLoadsAsItStands) {
  const std::string yaml = Example("src/ruleset/README.md");
  ASSERT_NE(yaml.find("OUR-002"), std::string::npos);
  EXPECT_EQ(Said(yaml), "");
}

// Mistakes that only the compiler sees have the place of the expression, too.
TEST(Readme, MistakesInAnExpressionAreNamedWithTheirPlace) {
  std::string yaml = Example("rules/README.md");
  const std::string good = "<B>dự án sông xanh<E>";
  const size_t at = yaml.find(good);
  ASSERT_NE(at, std::string::npos);
  for (const char* bad : {"(dự án", "dự án)", "*dự án", "dự{3,1}", "dự [z-a]"}) {
    const std::string said = Said(std::string(yaml).replace(at, good.size(), bad));
    EXPECT_NE(said.find("/our.yaml:10:"), std::string::npos) << bad << "\n" << said;
    EXPECT_NE(said.find(": error: "), std::string::npos) << bad << "\n" << said;
  }
  const std::string said = Said(std::string(yaml).replace(at, good.size(), "dự án sông vàng"));
  EXPECT_NE(said.find("should match and does not"), std::string::npos) << said;
}

}  // namespace
}  // namespace gatepost::scan
