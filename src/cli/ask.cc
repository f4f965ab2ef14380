// Files are read, inspected side by side by the workers, and answered in their order.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/ask.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "src/base/files.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

int AskAboutFiles(const Common& common, const std::vector<std::string>& files,
                  const MakeRequest& make_request,
                  const std::function<void(const std::string& file, const Json& answer)>& print,
                  const std::function<void(const Inspection& inspection)>& opened) {
  gateway::Config config;
  if (!ConfigOf(common.config, &config)) {
    return kUsage;
  }
  Inspection inspection(std::move(config));
  if (const Status open = inspection.Open(); !open.ok()) {
    PrintError(open.message());
    return kUsage;
  }
  if (opened != nullptr) {
    opened(inspection);
  }
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::condition_variable ready;
  std::map<size_t, Result<Json>> answers;  // finished, not printed yet
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) {
      Result<std::string> bytes = ReadFile(files[i] == "-" ? "/dev/stdin" : files[i]);
      Result<Json> answer = bytes.status();
      if (bytes.ok()) {
        const Json request = make_request(inspection.config(), files[i], &*bytes);
        answer = inspection.Ask(request, *bytes);
      }
      const std::lock_guard<std::mutex> lock(mutex);
      answers.emplace(i, std::move(answer));
      ready.notify_one();
    }
  };
  const size_t workers =
      std::min<size_t>(files.size(), std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < workers; ++i) {
    threads.emplace_back(work);
  }
  int exit_code = kDone;
  for (size_t i = 0; i < files.size(); ++i) {
    std::optional<Result<Json>> answer;
    {
      std::unique_lock<std::mutex> lock(mutex);
      while (answers.find(i) == answers.end()) {
        ready.wait(lock);
      }
      answer.emplace(std::move(answers.find(i)->second));
      answers.erase(i);
    }
    if (answer->ok()) {
      print(files[i], **answer);
    } else {
      PrintError(files[i] + ": " + answer->status().message());
      exit_code = kIncomplete;
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return exit_code;
}

}  // namespace gatepost::cli
