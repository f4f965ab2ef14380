// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/serve.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <thread>

#include "src/cli/terminal.h"

namespace gatepost::cli {

sigset_t PrepareToServe() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

bool ServeUntilTold(web::Server* server, const sigset_t& ends) {
  std::thread signals([server, &ends] {
    int signal = 0;
    sigwait(&ends, &signal);
    server->Stop();
  });
  const Status ran = server->Run();
  if (!ran.ok()) {
    PrintError(ran.message());
    pthread_kill(signals.native_handle(), SIGTERM);  // blocked there: sigwait takes it
  }
  signals.join();
  return ran.ok();
}

}  // namespace gatepost::cli
