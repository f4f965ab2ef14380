// Its own main(): the test program is also the zygote that its tests start, and, when the
// environment says so, a zygote of another build. SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "src/inspect/channel.h"
#include "src/inspect/inspector.h"
#include "src/inspect/protocol.h"
#include "src/inspect/spawn.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], gatepost::inspect::kStemArgument) == 0 &&
      getenv("GATEPOST_TEST_OTHER_BUILD") != nullptr) {
    (void)gatepost::inspect::SendFrame(3, gatepost::inspect::FrameKind::kHello,
                                       gatepost::inspect::HelloText("0123456789abcdef"))
        .ok();
    pause();
  }
  gatepost::inspect::RunZygoteIfAsked(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
