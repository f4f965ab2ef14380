// Real zygotes and workers in the real sandbox; faults come from the preloaded library.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/inspector.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <map>
#include <thread>

#include "src/inspect/channel.h"
#include "src/inspect/passed_examples.h"
#include "src/inspect/protocol.h"
#include "src/inspect/stem.h"
#include "src/inspect/stem_process.h"
#include "src/inspect/wire.h"
#include "tests/unit/inspect/inspect_testing.h"

namespace gatepost::inspect {
namespace {

namespace fs = std::filesystem;

class InspectorTest : public testing::Test {
 protected:
  std::shared_ptr<Inspector> Start(const InspectorOptions& options) {
    Diagnostics diagnostics;
    Result<std::shared_ptr<Inspector>> inspector = Inspector::Start(options, &diagnostics);
    EXPECT_TRUE(inspector.ok()) << inspector.status().message();
    return inspector.ok() ? *inspector : nullptr;
  }

  // The fault library goes into the zygote that is started meanwhile, and nowhere else.
  std::shared_ptr<Inspector> StartWithFaults(const InspectorOptions& options) {
    const char* old = getenv("ASAN_OPTIONS");
    const std::string saved = old == nullptr ? "" : old;
    setenv("LD_PRELOAD", GATEPOST_FAULT_LIBRARY, 1);
    setenv("ASAN_OPTIONS", (saved + ":verify_asan_link_order=0:handle_segv=0").c_str(), 1);
    std::shared_ptr<Inspector> inspector = Start(options);
    unsetenv("LD_PRELOAD");
    setenv("ASAN_OPTIONS", saved.c_str(), 1);
    return inspector;
  }

  static Findings Send(Inspector& inspector, const std::string& raw) {
    const Result<Fd> fd = MemFd("test", raw);
    EXPECT_TRUE(fd.ok());
    Result<Findings> findings = inspector.Inspect(TestEnvelope(), fd->get(), {});
    EXPECT_TRUE(findings.ok()) << findings.status().message();
    return findings.ok() ? *findings : Findings();
  }
  static Findings SendFault(Inspector& inspector, const std::string& fault) {
    return Send(inspector, TestMail("hello", "X-Fault: " + fault + "\r\n"));
  }

  TestSite site_;
};

TEST_F(InspectorTest, FindsRulesAndVirusesInASandboxedWorker) {
  const auto inspector = Start(site_.Options());
  ASSERT_NE(inspector, nullptr);
  const std::string raw = TestAttachment("a.bin", TestSite::Virus());
  const Findings findings = Send(*inspector, raw);
  EXPECT_NE(FindHit(findings, "TST-003"), nullptr);
  EXPECT_NE(FindHit(findings, "TST-006"), nullptr);
  ASSERT_EQ(findings.infections.size(), 1U);
  EXPECT_EQ(findings.infections[0].path, "a.bin");
  EXPECT_EQ(findings.sha256, Sha256Hex(raw));
  EXPECT_EQ(findings.size, raw.size());
  EXPECT_EQ(findings.score, 8);
}

TEST_F(InspectorTest, SaysWhatSandboxIsInForce) {
  const auto inspector = Start(site_.Options());
  ASSERT_NE(inspector, nullptr);
  const std::string sandbox = inspector->state().sandbox;
  for (const char* piece : {"landlock", "seccomp", "tmpfs", "mount"}) {
    EXPECT_NE(sandbox.find(piece), std::string::npos) << sandbox;
  }
  EXPECT_EQ(inspector->state().signatures, 1U);
  EXPECT_EQ(inspector->state().rules_version, inspector->rules()->version());
}

TEST_F(InspectorTest, BrokenRulesStopTheStartAndNameTheLine) {
  site_.folder().Write("rules/broken.yaml", TestPack("  - id: TST-009\n    matsch: x\n"));
  Diagnostics diagnostics;
  const auto started = Inspector::Start(site_.Options(), &diagnostics);
  EXPECT_EQ(started.status().code(), Code::kInvalid);
  EXPECT_NE(started.status().message().find("broken.yaml:"), std::string::npos);
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST_F(InspectorTest, AFailingExampleStopsTheStart) {
  site_.folder().Write("rules/example.yaml", TestPack(TestRule("TST-009", "a{3}", 1)));
  Diagnostics diagnostics;
  EXPECT_FALSE(Inspector::Start(site_.Options(), &diagnostics).ok());
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST_F(InspectorTest, OfRulesThatNobodyAskedForNothingIsCompiledOrFound) {
  InspectorOptions options = site_.Options();
  options.only_rules = {"TST-001", "TST-006"};
  // Compiling it would end the start.
  site_.folder().Write("rules/example.yaml", TestPack(TestRule("TST-009", "(a", 1)));
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const Findings findings = Send(*inspector, TestMail("hello, a lottery and a million"));
  EXPECT_NE(FindHit(findings, "TST-001"), nullptr);
  EXPECT_EQ(FindHit(findings, "TST-002"), nullptr);
  EXPECT_EQ(FindHit(findings, "TST-003"), nullptr);
}

TEST_F(InspectorTest, ACrashIsTriedTwiceAndThenUnscannable) {
  const auto inspector = StartWithFaults(site_.Options());
  ASSERT_NE(inspector, nullptr);
  const std::string raw = TestMail("hello", "X-Fault: crash\r\n");
  const Findings findings = Send(*inspector, raw);
  EXPECT_TRUE(IsUnscannable(findings, decode::Reason::kCrashed));
  EXPECT_EQ(findings.facts.at("unscannable.crashed"), "true");
  EXPECT_EQ(findings.sha256, Sha256Hex(raw));
  EXPECT_EQ(findings.size, raw.size());
  EXPECT_EQ(inspector->state().crashed, 2U);
  const Findings next = Send(*inspector, TestMail("hello"));
  EXPECT_TRUE(next.unscannable.empty());
  EXPECT_NE(FindHit(next, "TST-003"), nullptr);
}

TEST_F(InspectorTest, AHangIsKilledAtTheDeadlineAndThenUnscannable) {
  InspectorOptions options = site_.Options();
  options.limits.inspect_deadline = std::chrono::milliseconds(700);
  const auto inspector = StartWithFaults(options);
  ASSERT_NE(inspector, nullptr);
  const int64_t begin = SteadyMs();
  const Findings findings = SendFault(*inspector, "hang");
  EXPECT_TRUE(IsUnscannable(findings, decode::Reason::kTimedOut));
  EXPECT_GE(SteadyMs() - begin, 1'400);
  EXPECT_EQ(inspector->state().timed_out, 2U);
  EXPECT_TRUE(Send(*inspector, TestMail("hello")).unscannable.empty());
}

TEST_F(InspectorTest, KeepAliveIsCalledWhileAWorkerIsBusy) {
  InspectorOptions options = site_.Options();
  options.limits.inspect_deadline = std::chrono::milliseconds(1'300);
  const auto inspector = StartWithFaults(options);
  ASSERT_NE(inspector, nullptr);
  const Result<Fd> fd = MemFd("test", TestMail("hello", "X-Fault: hang\r\n"));
  int calls = 0;
  EXPECT_TRUE(inspector->Inspect(TestEnvelope(), fd->get(), [&] { ++calls; }).ok());
  EXPECT_GE(calls, 2);
}

TEST_F(InspectorTest, MessagesBesideACrashingOneAreUntouched) {
  InspectorOptions options = site_.Options();
  options.workers = 2;
  const auto inspector = StartWithFaults(options);
  ASSERT_NE(inspector, nullptr);
  std::thread crashing([&] {
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(IsUnscannable(SendFault(*inspector, "crash"), decode::Reason::kCrashed));
    }
  });
  std::thread good([&] {
    for (int i = 0; i < 100; ++i) {
      const Findings findings = Send(*inspector, TestMail("hello"));
      EXPECT_TRUE(findings.unscannable.empty());
      EXPECT_EQ(findings.hits.size(), 1U);
    }
  });
  crashing.join();
  good.join();
  EXPECT_EQ(inspector->state().crashed, 10U);
}

// Each of these system calls ends the worker.
TEST_F(InspectorTest, AWorkerThatWantsASocketOrAProcessDies) {
  const auto inspector = StartWithFaults(site_.Options());
  ASSERT_NE(inspector, nullptr);
  for (const char* fault : {"socket", "unix-socket", "fork", "exec", "kill"}) {
    EXPECT_TRUE(IsUnscannable(SendFault(*inspector, fault), decode::Reason::kCrashed)) << fault;
  }
  EXPECT_TRUE(Send(*inspector, TestMail("hello")).unscannable.empty());
}

// The library aborts when one of its attempts succeeds.
TEST_F(InspectorTest, AWorkerReachesNoFileOutsideAndMakesNoExecutableMemory) {
  InspectorOptions options = site_.Options();
  options.limits.scratch_bytes = 16 << 20;
  const auto inspector = StartWithFaults(options);
  ASSERT_NE(inspector, nullptr);
  for (const char* fault : {"open", "code", "fill"}) {
    EXPECT_TRUE(SendFault(*inspector, fault).unscannable.empty()) << fault;
  }
  EXPECT_EQ(inspector->state().crashed, 0U);
}

TEST_F(InspectorTest, TheScratchFolderIsEmptyForEachMessage) {
  const auto inspector = StartWithFaults(site_.Options());
  ASSERT_NE(inspector, nullptr);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(SendFault(*inspector, "litter").unscannable.empty());
  }
  EXPECT_EQ(inspector->state().crashed, 0U);
}

TEST_F(InspectorTest, AForgedAnswerIsRefused) {
  const auto inspector = StartWithFaults(site_.Options());
  ASSERT_NE(inspector, nullptr);
  EXPECT_TRUE(IsUnscannable(SendFault(*inspector, "forge"), decode::Reason::kCrashed));
  EXPECT_TRUE(Send(*inspector, TestMail("hello")).unscannable.empty());
}

// Children of the zygote, which is our child.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("PPid:", 0) == 0 && std::stoi(line.substr(5)) == parent) {
        children.push_back(std::stoi(name));
      }
    }
  }
  return children;
}

std::string LimitsOf(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/limits");
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(InspectorTest, NeitherZygoteNorWorkerLeavesACore) {
  const auto inspector = Start(site_.Options());
  ASSERT_NE(inspector, nullptr);
  const std::vector<pid_t> stems = ChildrenOf(getpid());
  ASSERT_EQ(stems.size(), 1U);
  const std::vector<pid_t> zygotes = ChildrenOf(stems[0]);
  ASSERT_EQ(zygotes.size(), 1U);
  const std::vector<pid_t> workers = ChildrenOf(zygotes[0]);
  ASSERT_EQ(workers.size(), 1U);
  for (const pid_t pid : {stems[0], zygotes[0], workers[0]}) {
    const std::string limits = LimitsOf(pid);
    EXPECT_NE(limits.find("Max core file size        0                    0"), std::string::npos)
        << limits;
  }
}

TEST_F(InspectorTest, AWorkerIsReplacedAfterItsMessages) {
  InspectorOptions options = site_.Options();
  options.limits.worker_messages = 3;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Send(*inspector, TestMail("hello")).unscannable.empty());
  }
  EXPECT_EQ(inspector->state().recycled, 3U);
  EXPECT_EQ(inspector->state().crashed, 0U);
}

TEST_F(InspectorTest, ADeadZygoteIsStartedAnew) {
  const auto inspector = Start(site_.Options());
  ASSERT_NE(inspector, nullptr);
  const std::vector<pid_t> stems = ChildrenOf(getpid());
  ASSERT_EQ(stems.size(), 1U);
  const std::vector<pid_t> zygotes = ChildrenOf(stems[0]);
  ASSERT_EQ(zygotes.size(), 1U);
  kill(zygotes[0], SIGKILL);
  // The message waits in the queue for the new one.
  const Findings findings = Send(*inspector, TestMail("hello"));
  EXPECT_TRUE(findings.unscannable.empty());
  EXPECT_EQ(findings.hits.size(), 1U);
}

TEST_F(InspectorTest, WithoutAnyWorkerAMessageIsToldToComeBack) {
  InspectorOptions options = site_.Options();
  options.limits.queue_deadline = std::chrono::milliseconds(300);
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  // A program of another build keeps a new stem from starting.
  setenv("GATEPOST_TEST_OTHER_BUILD", "1", 1);
  const pid_t stem = ChildrenOf(getpid()).at(0);
  const pid_t zygote = ChildrenOf(stem).at(0);
  kill(stem, SIGKILL);
  kill(zygote, SIGKILL);
  const Result<Fd> fd = MemFd("test", TestMail("hello"));
  Status status;
  for (int i = 0; i < 20 && status.ok(); ++i) {
    status = inspector->Inspect(TestEnvelope(), fd->get(), {}).status();
  }
  unsetenv("GATEPOST_TEST_OTHER_BUILD");
  EXPECT_EQ(status.code(), Code::kUnavailable);
}

TEST_F(InspectorTest, AZygoteThatDiesComesBackWithTheRulesItHadWhateverLiesOnDisk) {
  const auto inspector = Start(site_.Options());
  ASSERT_NE(inspector, nullptr);
  site_.folder().Write("rules/broken.yaml", "rules: {");
  const pid_t stem = ChildrenOf(getpid()).at(0);
  pid_t zygote = -1;
  for (const bool stem_too : {false, true}) {
    // Not the one that was killed a moment ago: a worker may answer before there is another. With
    // workers of its own it has loaded.
    const auto is_new = [&](const std::vector<pid_t>& all) {
      return all.size() == 1 && all[0] != zygote && !ChildrenOf(all[0]).empty();
    };
    for (int i = 0; i < 500 && !is_new(ChildrenOf(stem)); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    zygote = ChildrenOf(stem).at(0);
    if (stem_too) {
      kill(stem, SIGKILL);
    }
    kill(zygote, SIGKILL);
    const Findings findings = Send(*inspector, TestMail("hello"));
    EXPECT_TRUE(findings.unscannable.empty());
    EXPECT_EQ(findings.hits.size(), 1U);
  }
}

TEST_F(InspectorTest, TheNextGenerationSharesTheSignaturesUntilTheirFolderChanges) {
  const auto first = Start(site_.Options());
  ASSERT_NE(first, nullptr);
  Diagnostics diagnostics;
  auto second = Inspector::Start(site_.Options(), &diagnostics, first.get());
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_EQ(ChildrenOf(getpid()).size(), 1U);
  EXPECT_EQ((*second)->state().antivirus_version, first->state().antivirus_version);
  EXPECT_EQ(Send(**second, TestAttachment("a.bin", TestSite::Virus())).infections.size(), 1U);
  site_.folder().Write("signatures/more.hsb", std::string(64, 'a') + ":1:Another:73\n");
  const auto third = Inspector::Start(site_.Options(), &diagnostics, second->get());
  ASSERT_TRUE(third.ok()) << third.status().message();
  EXPECT_EQ(ChildrenOf(getpid()).size(), 2U);
  EXPECT_EQ((*third)->state().signatures, 2U);
  EXPECT_EQ(Send(*first, TestAttachment("a.bin", TestSite::Virus())).infections.size(), 1U);
}

TEST_F(InspectorTest, ExamplesThatPassedAreNotRunAgainForTheSameRules) {
  InspectorOptions options = site_.Options();
  options.cache_folder = site_.folder().path() + "/cache";
  options.cache_key = "key";
  fs::create_directory(options.cache_folder);
  ASSERT_NE(Start(options), nullptr);
  const PassedExamples passed(options.cache_folder, options.cache_key);
  EXPECT_TRUE(passed.Has(Start(options)->state().rules_version));
  EXPECT_FALSE(
      PassedExamples(options.cache_folder, "other").Has(Start(options)->state().rules_version));
  EXPECT_FALSE(passed.Has("another"));
}

TEST_F(InspectorTest, AnotherBuildIsRefusedByTheDaemon) {
  setenv("GATEPOST_TEST_OTHER_BUILD", "1", 1);
  Diagnostics diagnostics;
  const auto zygote = StemProcess::Start("/proc/self/exe", site_.Options(), &diagnostics);
  unsetenv("GATEPOST_TEST_OTHER_BUILD");
  EXPECT_EQ(zygote.status().code(), Code::kUnavailable);
  EXPECT_NE(zygote.status().message().find("one build"), std::string::npos);
}

TEST_F(InspectorTest, AnotherBuildIsRefusedByTheZygote) {
  auto pair = SocketPair();
  ASSERT_TRUE(pair.ok());
  const pid_t child = fork();
  if (child == 0) {
    (*pair)[0].Reset();
    _exit(RunStem((*pair)[1].get()));
  }
  (*pair)[1].Reset();
  ReceiveOptions receive;
  receive.take_fds = true;
  const Result<Frame> hello = ReceiveFrame((*pair)[0].get(), receive);
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->payload, HelloText(BuildId()));
  ASSERT_TRUE(SendFrame((*pair)[0].get(), FrameKind::kHello, HelloText("other")).ok());
  const Result<Frame> answer = ReceiveFrame((*pair)[0].get(), receive);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->kind, FrameKind::kRefused);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST_F(InspectorTest, ReadsADocumentAndAMessageAsText) {
  const auto inspector = Start(site_.Options());
  ASSERT_NE(inspector, nullptr);
  const Result<Fd> mail = MemFd("test", TestMail("C\xC3\xB4ng v\xC4\x83n"));
  const Result<ReadText> text = inspector->Read("letter.eml", mail->get());
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->utf8.find("C\xC3\xB4ng v\xC4\x83n"), std::string::npos);
  const Result<Fd> html = MemFd("test", "<html><body>one<b>two</b></body></html>");
  const Result<ReadText> page = inspector->Read("page.html", html->get());
  ASSERT_TRUE(page.ok());
  EXPECT_NE(page->utf8.find("onetwo"), std::string::npos);
}

TEST_F(InspectorTest, AMessageOverTheLimitIsUnscannableWithoutAWorker) {
  InspectorOptions options = site_.Options();
  options.limits.message_bytes = 1'000;
  const auto inspector = Start(options);
  ASSERT_NE(inspector, nullptr);
  const Findings findings = Send(*inspector, TestMail(std::string(2'000, 'x')));
  EXPECT_TRUE(IsUnscannable(findings, decode::Reason::kTooBig));
}

std::vector<fs::path> Sample(size_t every) {
  std::vector<fs::path> files;
  const fs::path top = fs::path(GATEPOST_SOURCE_DIR) / "../shared/corpora";
  for (const char* folder : {"mail", "parsers", "evasion", "documents"}) {
    if (!fs::is_directory(top / folder)) {
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      if (entry.is_regular_file() && entry.file_size() < 3'000'000) {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<fs::path> some;
  for (size_t i = 0; i < files.size(); i += every) {
    some.push_back(files[i]);
  }
  return some;
}

TEST_F(InspectorTest, FindingsAreTheSameWithAndWithoutTheSandbox) {
  const char* asked = getenv("GATEPOST_CORPORA_EVERY");
  const std::vector<fs::path> files =
      Sample(asked == nullptr ? 20 : static_cast<size_t>(std::atoi(asked)));
  if (files.empty()) {
    GTEST_SKIP() << "the corpora are not here";
  }
  InspectorOptions options = site_.Options();
  options.rule_folders = {std::string(GATEPOST_SOURCE_DIR) + "/rules", site_.rules()};
  options.run_examples = false;
  options.workers = 2;
  options.limits.inspect_deadline = std::chrono::milliseconds(60'000);
  const auto inside = Start(options);
  options.sandbox = false;
  const auto outside = Start(options);
  ASSERT_NE(inside, nullptr);
  ASSERT_NE(outside, nullptr);
  for (const fs::path& file : files) {
    const Result<std::string> raw = ReadFile(file.string());
    ASSERT_TRUE(raw.ok());
    Findings one = Send(*inside, *raw);
    Findings two = Send(*outside, *raw);
    EXPECT_FALSE(IsUnscannable(one, decode::Reason::kCrashed)) << file;
    EXPECT_FALSE(IsUnscannable(one, decode::Reason::kTimedOut)) << file;
    one.ms.clear();
    two.ms.clear();
    EXPECT_EQ(EncodeFindings(one), EncodeFindings(two)) << file;
  }
}

}  // namespace
}  // namespace gatepost::inspect
