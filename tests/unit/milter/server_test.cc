// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace gatepost::milter {
namespace {

TEST(OpenMessages, DrainWaitsForTheOnesThatBeganAndRefusesLaterOnes) {
  OpenMessages open;
  ASSERT_TRUE(open.Begin());
  std::atomic<bool> ended{false};
  std::thread message([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ended = true;
    open.End();
  });
  EXPECT_EQ(open.Drain(10'000), 0U);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(open.Begin());
  message.join();
  EXPECT_EQ(open.total(), 1U);
}

TEST(OpenMessages, DrainGivesUpAndTellsHowManyAreCutOff) {
  OpenMessages open;
  ASSERT_TRUE(open.Begin());
  ASSERT_TRUE(open.Begin());
  open.End();
  EXPECT_EQ(open.Drain(10), 1U);
}

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("gatepost-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Server::Settings At(const std::string& listen) {
  Server::Settings settings;
  settings.listen = listen;
  settings.spool_bytes = 1 << 20;
  settings.session.message_bytes = 1'000;
  return settings;
}

gateway::Answer Never(const mail::Envelope&, int, const std::function<void()>&) { return {}; }

gateway::Answer NeverRefused(const mail::Envelope&, Spool::State, uint64_t) { return {}; }

Fd BoundSocket(const std::string& path) {
  Fd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

TEST(Server, AFileThatIsNoSocketIsNotRemoved) {
  const Folder folder;
  ASSERT_TRUE(WriteFileDurably(folder / "mail", "precious").ok());
  Server server(At("unix:" + (folder / "mail")), Never, NeverRefused);
  const Status status = server.Listen();
  EXPECT_EQ(status.code(), Code::kInvalid);
  EXPECT_NE(status.message().find("is not a socket"), std::string::npos) << status.message();
  EXPECT_EQ(*ReadFile(folder / "mail"), "precious");
}

TEST(Server, ALivingFilterIsNotPushedAside) {
  const Folder folder;
  const Fd living = BoundSocket(folder / "sock");
  ASSERT_EQ(listen(living.get(), 1), 0);
  Server server(At("unix:" + (folder / "sock")), Never, NeverRefused);
  const Status status = server.Listen();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("another gatepostd"), std::string::npos) << status.message();
}

TEST(Server, AMissingFolderIsNamedWithWhatToDo) {
  const Folder folder;
  Server server(At("unix:" + (folder / "no/such/sock")), Never, NeverRefused);
  const Status status = server.Listen();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("gatepost-postfix apply"), std::string::npos);
}

TEST(Server, AStaleSocketIsReplacedByOneThatTheGroupMayUse) {
  const Folder folder;
  { const Fd stale = BoundSocket(folder / "sock"); }
  Server server(At("unix:" + (folder / "sock")), Never, NeverRefused);
  const Status status = server.Listen();
  ASSERT_TRUE(status.ok()) << status.message();
  struct stat found {};
  ASSERT_EQ(lstat((folder / "sock").c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 0777U, 0660U);
}

TEST(Server, ANonsenseAddressIsRefused) {
  Server server(At("carrier-pigeon:7"), Never, NeverRefused);
  EXPECT_FALSE(server.Listen().ok());
}

}  // namespace
}  // namespace gatepost::milter
