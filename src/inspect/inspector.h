// The inspector: a stem (exec'd from /proc/self/exe, single-threaded, signatures loaded), a zygote
// forked from it (rules loaded) and a pool of sandboxed workers forked from that. Attachments are
// parsed nowhere else. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/base/result.h"
#include "src/inspect/findings.h"
#include "src/mail/envelope.h"
#include "src/picture/reading.h"
#include "src/ruleset/sources.h"

namespace gatepost::inspect {

struct AntivirusOptions {
  enum class Need { kRequired, kOptional, kOff } need = Need::kOptional;
  std::string database;   // folder
  int64_t max_age_s = 0;  // 0: any age
};

// `on`: pictures and pages without text are read by workers of their own, whose text and codes are
// inspected like any other (README.md).
using PictureOptions = picture::Settings;

struct Shown;          // show.h
struct DrawnPictures;  // draw.h

// What stem and zygote need to start; sent to them over their sockets.
struct InspectorOptions {
  std::vector<std::string> rule_folders;
  // Instead of what lies in rule_folders; shared so that a copy of the options is cheap.
  std::shared_ptr<const ruleset::Sources> sources;
  AntivirusOptions antivirus;
  mail::Site site;
  Limits limits;
  PictureOptions pictures;
  uint32_t workers = 0;      // 0: one per core
  std::string cache_folder;  // compiled databases; "" none
  std::string cache_key;
  bool run_examples = true;  // a failing example stops the load
  // Where not empty: only these rules' expressions are compiled, no other text rule is found, and
  // no example is run by the load.
  std::vector<std::string> only_rules;
  bool sandbox = true;  // false only in tests that compare findings with and without
};

// Text as Gatepost reads it (`gatepost text`), made in a worker.
struct ReadText {
  std::string utf8;
  std::vector<decode::Unscannable> unscannable;
};

// Handle to one generation's zygote and workers. Start compiles and may take seconds. All methods
// are thread-safe. The destructor waits for inspections under way, then ends the processes.
class Inspector {
 public:
  virtual ~Inspector();
  // Parses, lints, runs examples, compiles, loads signatures in the zygote; an error's message
  // holds every diagnostic. Warnings are appended to *diagnostics. Where `previous` has the same
  // signatures loaded, they are shared with it instead of being loaded again; it may be null.
  static Result<std::shared_ptr<Inspector>> Start(const InspectorOptions& options,
                                                  Diagnostics* diagnostics,
                                                  const Inspector* previous = nullptr);

  // Blocks until done: never fails. A crash or overrun is retried once on a fresh worker, then is
  // unscannable(crashed|timed-out). kUnavailable only when no worker was free within
  // limits.queue_deadline or no zygote is left. `keep_alive` is called about every second while
  // waiting (milter progress); may be empty.
  Result<Findings> Inspect(const mail::Envelope& envelope, int message_fd,
                           const std::function<void()>& keep_alive) {
    return InspectFor(Detail::kRecord, envelope, message_fd, keep_alive);
  }
  // The same for a person who has the message before them: evidence comes with its line.
  virtual Result<Findings> InspectFor(Detail detail, const mail::Envelope& envelope, int message_fd,
                                      const std::function<void()>& keep_alive) = 0;
  virtual Result<ReadText> Read(const std::string& name, int document_fd) = 0;
  // Inspects and shows (show.h). password: "" or what a reviewer says the encrypted parts open
  // with; it is in the worker's memory for this one message. Pictures are not read. kUnavailable
  // also when the worker crashed or overran its time.
  virtual Result<Shown> Show(const mail::Envelope& envelope, const std::string& password,
                             int message_fd) = 0;
  // Its pictures, and pages of PDFs, drawn small for a reviewer (draw.h), whether or not the
  // configuration says `pictures: on`. One mail at a time; kUnavailable: gatepost-pictures cannot
  // be started, the worker crashed, or others are waited for in vain.
  virtual Result<DrawnPictures> Draw(const std::string& password, int message_fd) = 0;

  virtual std::shared_ptr<const ruleset::RuleSet> rules() const = 0;
  struct State {
    std::string rules_version;
    std::string antivirus_version;  // "" none
    int64_t antivirus_built_at = 0;
    uint32_t signatures = 0;
    uint32_t workers = 0, busy = 0;
    uint64_t inspected = 0, crashed = 0, timed_out = 0, recycled = 0;
    uint32_t waiting = 0;                    // messages that no worker is free for
    double start_ms = 0;                     // how long the generation took to load
    std::map<std::string, int64_t> load_ms;  // and what each stage of it took
    std::string sandbox;  // what is in force: "landlock 4, seccomp, userns, tmpfs"
    // With picture reading on.
    uint64_t pictures = 0, pictures_remembered = 0, pictures_failed = 0;
    std::vector<int> picture_workers;  // their pids
    std::string picture_sandbox;
  };
  virtual State state() const = 0;
  // All files that the rules were read from.
  virtual const ruleset::Sources& sources() const = 0;
};

// First statement of every main(): becomes the stem and does not return when argv says so.
void RunZygoteIfAsked(int argc, char** argv);

class PicturePass;

// The pipeline itself, in this process: message -> leaves -> views -> matches -> findings. Only
// workers (and unit tests on our own bytes) call it.
struct Tools {
  const scan::Scanner* scanner = nullptr;
  const virus::Engine* engine = nullptr;  // null: none
  AntivirusOptions antivirus;
  mail::Site site;
  Detail detail = Detail::kRecord;
  bool digest = true;  // false: Findings::sha256 stays empty (the daemon computes its own)
  PicturePass* pictures = nullptr;     // null: pictures are not read
  std::vector<std::string> passwords;  // as decode::DecodeWith takes them
};
Findings Inspect(const mail::Envelope& envelope, Bytes raw, const Tools& tools,
                 const Limits& limits);

}  // namespace gatepost::inspect
