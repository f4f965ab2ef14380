// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace gatepost::gateway {
namespace {

class ConfigFile : public testing::Test {
 protected:
  ConfigFile() {
    std::string name = "/tmp/gatepost-config-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~ConfigFile() override { std::filesystem::remove_all(folder_); }

  Result<Config> Load(const std::string& text) {
    const std::string file = folder_ + "/gatepost.yaml";
    std::ofstream(file) << text;
    diagnostics_ = Diagnostics();
    return Config::Load(file, &diagnostics_);
  }
  std::string Errors() const { return diagnostics_.ToStatus().message(); }

  static constexpr const char* kLeast =
      "own_domains: [office.example]\nrules: rules\npolicy: policy.yaml\n";
  std::string folder_;
  Diagnostics diagnostics_;
};

TEST_F(ConfigFile, TheLeastThatIsEnoughHasSaneDefaults) {
  const Result<Config> config = Load(kLeast);
  ASSERT_TRUE(config.ok()) << Errors();
  EXPECT_FALSE(config->observe);
  EXPECT_EQ(config->rules, std::vector<std::string>{folder_ + "/rules"});
  EXPECT_EQ(config->policy, folder_ + "/policy.yaml");
  EXPECT_EQ(config->antivirus.need, inspect::AntivirusOptions::Need::kOptional);
  EXPECT_FALSE(config->site.authserv_id.empty());
  EXPECT_FALSE(config->site.auth_milters) << "nobody said that milters verify here";
}

TEST_F(ConfigFile, NamingAnAuthservIdMeansThatMiltersInFrontWriteIt) {
  const Result<Config> config = Load(std::string(kLeast) + "authserv_id: mx.office.example\n");
  ASSERT_TRUE(config.ok()) << Errors();
  EXPECT_TRUE(config->site.auth_milters);
}

TEST_F(ConfigFile, ACategoryThatNoClauseGivesIsNamedWithTheNearest) {
  std::ofstream(folder_ + "/policy.yaml") << "clauses:\n  - {name: paper, category: paper}\n";
  ASSERT_TRUE(Load(std::string(kLeast) +
                   "custody:\n  two_persons: [virsu, paper]\n  online: [spam]\n"
                   "retention: {spam: 30d, papr: 1d, default: 90d}\n")
                  .ok());
  std::string warnings;
  for (const Diagnostic& one : diagnostics_.all()) {
    warnings += one.ToString() + "\n";
  }
  EXPECT_NE(warnings.find("gatepost.yaml:5:17: warning: 'virsu' in 'two_persons' is no category of "
                          "the policy; did you mean 'virus'?"),
            std::string::npos)
      << warnings;
  EXPECT_NE(
      warnings.find("'papr' in 'retention' is no category of the policy; did you mean 'paper'"),
      std::string::npos)
      << warnings;
  EXPECT_EQ(diagnostics_.all().size(), 2U) << warnings;
}

TEST_F(ConfigFile, AnUnknownKeyIsNamedWithItsLineAndTheNearestKey) {
  EXPECT_FALSE(Load(std::string(kLeast) + "own_network: [10.0.0.0/8]\n").ok());
  EXPECT_NE(Errors().find("gatepost.yaml:4:1: error: unknown key 'own_network'"), std::string::npos)
      << Errors();
  EXPECT_NE(Errors().find("did you mean 'own_networks'?"), std::string::npos) << Errors();
}

TEST_F(ConfigFile, AKeyGivenTwiceIsAnError) {
  EXPECT_FALSE(Load(std::string(kLeast) + "mode: observe\nmode: enforce\n").ok());
  EXPECT_NE(Errors().find("'mode' is given twice"), std::string::npos) << Errors();
}

TEST_F(ConfigFile, EveryProblemIsReportedNotTheFirst) {
  EXPECT_FALSE(Load("listen: tcp:25\nmode: dry\nown_networks: [10.0.0.0/33]\n").ok());
  for (const char* what :
       {"'listen'", "'mode'", "10.0.0.0/33", "'own_domains'", "'rules'", "'policy'"}) {
    EXPECT_NE(Errors().find(what), std::string::npos) << what << "\n" << Errors();
  }
}

TEST_F(ConfigFile, APortThatDoesNotExistIsAnErrorWithItsLine) {
  for (const char* line :
       {"listen: inet:99999@127.0.0.1", "listen: inet:0@127.0.0.1", "listen: inet6:70000@::1",
        "listen: 'inet:-1@127.0.0.1'", "listen: inet:smtp@127.0.0.1", "listen: inet:@127.0.0.1",
        "listen: inet:8891", "listen: 'unix:'", "metrics: inet:65536@127.0.0.1",
        "metrics: inet:9417", "release: bogus", "release: 127.0.0.1:65536", "release: 127.0.0.1:0",
        "release: 'unix:'", "release: inet:25@127.0.0.1"}) {
    EXPECT_FALSE(Load(std::string(kLeast) + line + "\n").ok()) << line;
    const std::string key = std::string(line).substr(0, std::string(line).find(':'));
    EXPECT_NE(Errors().find("gatepost.yaml:4:"), std::string::npos) << line << "\n" << Errors();
    EXPECT_NE(Errors().find("'" + key + "'"), std::string::npos) << line << "\n" << Errors();
  }
  for (const char* line :
       {"listen: inet:1@0.0.0.0", "listen: 'inet6:65535@::'", "listen: unix:/run/g.sock",
        "metrics: inet:9417@127.0.0.1", "metrics: unix:/run/m.sock", "release: 127.0.0.1:10025",
        "release: '[::1]:10025'", "release: unix:/var/spool/postfix/public/gatepost-release"}) {
    EXPECT_TRUE(Load(std::string(kLeast) + line + "\n").ok()) << line << "\n" << Errors();
  }
}

TEST_F(ConfigFile, NamingASignatureFolderMakesScanningRequired) {
  const Result<Config> named = Load(std::string(kLeast) + "antivirus: {database: av}\n");
  ASSERT_TRUE(named.ok()) << Errors();
  EXPECT_EQ(named->antivirus.need, inspect::AntivirusOptions::Need::kRequired);
  EXPECT_EQ(named->antivirus.database, folder_ + "/av");
  const Result<Config> optional =
      Load(std::string(kLeast) + "antivirus: {database: av, mode: optional, max_age: 7d}\n");
  ASSERT_TRUE(optional.ok()) << Errors();
  EXPECT_EQ(optional->antivirus.need, inspect::AntivirusOptions::Need::kOptional);
  EXPECT_EQ(optional->antivirus.max_age_s, 7 * 86'400);
  const Result<Config> off = Load(std::string(kLeast) + "antivirus: off\n");
  ASSERT_TRUE(off.ok()) << Errors();
  EXPECT_EQ(off->antivirus.need, inspect::AntivirusOptions::Need::kOff);
}

TEST_F(ConfigFile, PicturesAreOffAndOnByOneLine) {
  const Result<Config> silent = Load(kLeast);
  ASSERT_TRUE(silent.ok()) << Errors();
  EXPECT_FALSE(silent->pictures.on);
  EXPECT_FALSE(silent->ToInspectorOptions().pictures.on);
  const Result<Config> on = Load(std::string(kLeast) + "pictures: on\n");
  ASSERT_TRUE(on.ok()) << Errors();
  EXPECT_TRUE(on->ToInspectorOptions().pictures.on);
  EXPECT_EQ(on->pictures.images, silent->pictures.images);
  const Result<Config> off = Load(std::string(kLeast) + "pictures: off\n");
  ASSERT_TRUE(off.ok()) << Errors();
  EXPECT_FALSE(off->pictures.on);
  const Result<Config> some =
      Load(std::string(kLeast) + "pictures: {images: 3, pixels: 8M, time: 4s, languages: t}\n");
  ASSERT_TRUE(some.ok()) << Errors();
  EXPECT_TRUE(some->pictures.on);
  EXPECT_EQ(some->pictures.images, 3U);
  EXPECT_EQ(some->pictures.pixels, 8U << 20);
  EXPECT_EQ(some->pictures.time.count(), 4'000);
  EXPECT_EQ(some->pictures.data, folder_ + "/t");
  EXPECT_FALSE(Load(std::string(kLeast) + "pictures: perhaps\n").ok());
  EXPECT_FALSE(Load(std::string(kLeast) + "pictures: {image: 3}\n").ok());
  EXPECT_NE(Errors().find("images"), std::string::npos) << Errors();
}

TEST_F(ConfigFile, LimitsTakeSizesAndTimesWithUnits) {
  const Result<Config> config =
      Load(std::string(kLeast) + "limits: {message: 2M, inspect_deadline: 5s}\n");
  ASSERT_TRUE(config.ok()) << Errors();
  EXPECT_EQ(config->limits.message_bytes, 2U << 20);
  EXPECT_EQ(config->limits.inspect_deadline.count(), 5'000);
  EXPECT_FALSE(Load(std::string(kLeast) + "limits: {message: lots}\n").ok());
  // Deadline and retry together stay under a minute.
  EXPECT_FALSE(Load(std::string(kLeast) + "limits: {inspect_deadline: 2m}\n").ok());
}

TEST_F(ConfigFile, OwnDomainsAreNormalised) {
  const Result<Config> config =
      Load("own_domains: [Office.Example., .Below.example]\nrules: r\npolicy: p\n");
  ASSERT_TRUE(config.ok()) << Errors();
  EXPECT_EQ(config->site.own_domains,
            (std::vector<std::string>{"office.example", ".below.example"}));
}

TEST(ShippedConfig, TheExplainedExampleLoads) {
  Diagnostics diagnostics;
  const Result<Config> config =
      Config::Load(GATEPOST_SOURCE_DIR "/contrib/gatepost.yaml", &diagnostics);
  EXPECT_TRUE(config.ok()) << diagnostics.ToStatus().message();
}

// The sample with what it comments out: `# key: ...` for each of these keys, with the lines below
// that are indented. `last`: keys that need another value than the sample's.
std::string WithEverythingOn() {
  const std::set<std::string> keys{"own_networks", "trusted_relays", "authserv_id", "max_age",
                                   "workers",      "node",           "release",     "limits"};
  std::ifstream file(GATEPOST_SOURCE_DIR "/contrib/gatepost.yaml");
  std::string out;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    const size_t hash = line.find("# ");
    const std::string body = hash == std::string::npos || line.find_first_not_of(' ') != hash
                                 ? ""
                                 : line.substr(hash + 2);
    const std::string key = body.substr(0, body.find(':'));
    // `pictures:` stands there twice; the long form has nothing behind it. Nor have the others.
    if (keys.count(key) != 0 || body == "pictures:" || body == "keep:" || body == "blocks:" ||
        body == "outbreak:") {
      out += line.substr(0, hash) + body + "\n";
      inside = body.back() == ':';
    } else if (inside && body.rfind("  ", 0) == 0) {
      out += body + "\n";
    } else {
      inside = false;
      out += line + "\n";
    }
  }
  return out;
}

TEST_F(ConfigFile, EveryLineThatTheSampleCommentsOutLoadsAndTheDefaultsItNamesAreTrue) {
  const Result<Config> config = Load(WithEverythingOn());
  ASSERT_TRUE(config.ok()) << Errors();
  EXPECT_FALSE(config->site.own_networks.empty());
  EXPECT_FALSE(config->site.trusted_relays.empty());
  EXPECT_TRUE(config->site.auth_milters);
  EXPECT_EQ(config->antivirus.max_age_s, 7 * 86'400);
  EXPECT_NE(config->workers, 0U);
  EXPECT_FALSE(config->release.empty());
  const inspect::PictureOptions pictures;
  EXPECT_TRUE(config->pictures.on);
  EXPECT_EQ(config->pictures.images, pictures.images);
  EXPECT_EQ(config->pictures.pixels, pictures.pixels);
  EXPECT_EQ(config->pictures.time, pictures.time);
  EXPECT_EQ(config->pictures.workers, pictures.workers);
  const Limits& have = config->limits;
  const Limits want;
  EXPECT_EQ(have.message_bytes, want.message_bytes);
  EXPECT_EQ(have.spool_bytes, want.spool_bytes);
  EXPECT_EQ(have.mime_depth, want.mime_depth);
  EXPECT_EQ(have.mime_parts, want.mime_parts);
  EXPECT_EQ(have.header_fields, want.header_fields);
  EXPECT_EQ(have.header_field_bytes, want.header_field_bytes);
  EXPECT_EQ(have.readings_per_part, want.readings_per_part);
  EXPECT_EQ(have.reading_expansion, want.reading_expansion);
  EXPECT_EQ(have.decoded_bytes, want.decoded_bytes);
  EXPECT_EQ(have.leaf_bytes, want.leaf_bytes);
  EXPECT_EQ(have.archive_depth, want.archive_depth);
  EXPECT_EQ(have.archive_members, want.archive_members);
  EXPECT_EQ(have.archive_ratio, want.archive_ratio);
  EXPECT_EQ(have.text_bytes, want.text_bytes);
  EXPECT_EQ(have.view_bytes, want.view_bytes);
  EXPECT_EQ(have.inspect_deadline, want.inspect_deadline);
  EXPECT_EQ(have.queue_deadline, want.queue_deadline);
  EXPECT_EQ(have.worker_messages, want.worker_messages);
  EXPECT_EQ(have.worker_memory_bytes, want.worker_memory_bytes);
  EXPECT_EQ(have.scratch_bytes, want.scratch_bytes);
}

TEST(ShippedConfig, EveryKeyThatTheProgramTakesStandsInTheSample) {
  std::ifstream source(GATEPOST_SOURCE_DIR "/src/gateway/config.cc");
  const std::string code{std::istreambuf_iterator<char>(source), {}};
  const std::string sample = "\n" + WithEverythingOn();
  // What the parser asks its maps for. `on` and the three booleans are other spellings of values.
  const std::set<std::string> other_spellings{"on"};
  const std::regex asked(
      R"re((?:Take|TakeString|TakeStrings|TakeBool|TakeInt|Size|Time)\("([a-z_]+)"|take_path\(&map, "([a-z_]+)")re");
  std::set<std::string> keys;
  for (std::sregex_iterator one(code.begin(), code.end(), asked), end; one != end; ++one) {
    keys.insert((*one)[1].matched ? (*one)[1].str() : (*one)[2].str());
  }
  EXPECT_GE(keys.size(), 36U);
  for (const std::string& key : keys) {
    if (other_spellings.count(key) == 0) {
      EXPECT_TRUE(std::regex_search(sample, std::regex("\n *(# )?" + key + ":"))) << key;
    }
  }
}

}  // namespace
}  // namespace gatepost::gateway
