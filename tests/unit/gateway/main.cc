// Its own main(): the test program is also the zygote that its gateways start.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/inspect/inspector.h"

int main(int argc, char** argv) {
  gatepost::inspect::RunZygoteIfAsked(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
