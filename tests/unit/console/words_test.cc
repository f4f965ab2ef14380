// Every word of the pages is in the table, in both languages; every word of the table is used.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "src/base/json.h"
#include "src/console/pages.h"
#include "src/record/category.h"

namespace gatepost::console {
namespace {

std::string Text(const char* path) {
  for (const PageFile& file : PageFiles()) {
    if (file.path == path) {
      return std::string(file.bytes);
    }
  }
  return {};
}

TEST(Words, BothLanguagesAreComplete) {
  const Json words = Json::parse(Text("/words.json"));
  ASSERT_GT(words.size(), 100U);
  const std::regex place(R"(\{[a-z]+\})");
  const auto places = [&](const std::string& text) {
    std::multiset<std::string> out;
    for (std::sregex_iterator it(text.begin(), text.end(), place), end; it != end; ++it) {
      out.insert(it->str());
    }
    return out;
  };
  for (const auto& [key, entry] : words.items()) {
    for (const char* language : {"vi", "en"}) {
      EXPECT_FALSE(entry.value(language, "").empty()) << key << " in " << language;
    }
    EXPECT_EQ(places(entry.value("vi", "")), places(entry.value("en", ""))) << key;
  }
}

TEST(Words, CategoriesAreCalledAsInOurMailAndReports) {
  const Json words = Json::parse(Text("/words.json"));
  for (const std::string& category : record::UsualCategories()) {
    const Json entry = words.value("category." + category, Json::object());
    EXPECT_EQ(entry.value("vi", ""), record::CategoryWords(category, true)) << category;
    EXPECT_EQ(entry.value("en", ""), record::CategoryWords(category, false)) << category;
  }
}

TEST(Words, WhatThePagesSayIsInTheTable) {
  const Json words = Json::parse(Text("/words.json"));
  const std::regex call(R"re(\bt\("([a-z0-9.-]+)")re");
  size_t used = 0;
  for (const PageFile& file : PageFiles()) {
    if (!file.path.ends_with(".js")) {
      continue;
    }
    const std::string source(file.bytes);
    for (std::sregex_iterator it(source.begin(), source.end(), call), end; it != end; ++it) {
      EXPECT_TRUE(words.contains((*it)[1].str())) << file.path << " says " << (*it)[1].str();
      ++used;
    }
  }
  EXPECT_GT(used, 100U);
}

TEST(Pages, NoScriptOrStyleStandsInAPageAndNothingComesFromElsewhere) {
  for (const PageFile& file : PageFiles()) {
    const std::string source(file.bytes);
    for (const char* bad : {"http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML",
                            "document.write", "eval(", " style=\"", "onclick=\""}) {
      size_t at = source.find(bad);
      // The name space of SVG is a name, not an address.
      while (at != std::string::npos && source.compare(at, 26, "http://www.w3.org/2000/svg") == 0) {
        at = source.find(bad, at + 1);
      }
      EXPECT_EQ(at, std::string::npos) << file.path << " has " << bad;
    }
  }
}

}  // namespace
}  // namespace gatepost::console
