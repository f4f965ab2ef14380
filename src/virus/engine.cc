// libclamav. What it is told and what its answers mean stand here and nowhere else. LIMITS: its
// budgets are ours (Limits); one that is hit is an alert, and so an unscannable, never "clean".
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/virus/engine.h"

#include <clamav.h>

#include <algorithm>
#include <string_view>

#include "src/virus/layers.h"
#include "src/virus/names.h"
#include "src/virus/signatures.h"

namespace gatepost::virus {

namespace {

constexpr size_t kMostAlerts = 50;  // of one scan; more of them change nothing

struct EngineDeleter {
  void operator()(cl_engine* engine) const { cl_engine_free(engine); }
};

struct MapDeleter {
  void operator()(cl_fmap_t* map) const { cl_fmap_close(map); }
};

// What the callbacks of one cl_scanmap_callback fill.
struct ScanContext {
  LayersMet* layers = nullptr;  // null: nobody asks
  std::vector<std::string> alerts;
};

cl_error_t OnLayer(int /*fd*/, const char* /*type*/, const char** /*ancestors*/,
                   size_t /*parent_file_size*/, const char* /*file_name*/, size_t file_size,
                   const char* file_buffer, uint32_t /*recursion_level*/,
                   uint32_t /*layer_attributes*/, void* context) {
  auto* scan = static_cast<ScanContext*>(context);
  if (scan != nullptr && scan->layers != nullptr && file_buffer != nullptr) {
    scan->layers->Meet(Bytes(file_buffer, file_size));
  }
  return CL_CLEAN;  // go on
}

void OnAlert(int /*fd*/, const char* name, void* context) {
  auto* scan = static_cast<ScanContext*>(context);
  if (scan == nullptr || name == nullptr || scan->alerts.size() >= kMostAlerts ||
      std::find(scan->alerts.begin(), scan->alerts.end(), name) != scan->alerts.end()) {
    return;
  }
  scan->alerts.emplace_back(name);
}

// libclamav writes to stderr otherwise, and its messages may name what is in a mail.
void OnMessage(cl_msg /*severity*/, const char* /*full*/, const char* /*text*/, void* /*context*/) {
}

cl_scan_options ScanOptions() {
  cl_scan_options options{};
  // All matches: an alert about macros or encryption must not end the search for a virus.
  options.general = CL_SCAN_GENERAL_ALLMATCHES | CL_SCAN_GENERAL_HEURISTICS;
  options.parse = ~0U;
  options.heuristic = CL_SCAN_HEURISTIC_BROKEN | CL_SCAN_HEURISTIC_EXCEEDS_MAX |
                      CL_SCAN_HEURISTIC_PHISHING_SSL_MISMATCH | CL_SCAN_HEURISTIC_PHISHING_CLOAK |
                      CL_SCAN_HEURISTIC_MACROS | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE |
                      CL_SCAN_HEURISTIC_ENCRYPTED_DOC | CL_SCAN_HEURISTIC_PARTITION_INTXN |
                      CL_SCAN_HEURISTIC_BROKEN_MEDIA;
  options.mail = 0;  // partial messages are not joined: they are a defect of their own
  return options;
}

Status Failed(const std::string& what, cl_error_t code) {
  return Status::Invalid(what + ": " + cl_strerror(code));
}

Status Configure(cl_engine* engine, const std::string& scratch_folder, const Limits& limits) {
  const auto signed_limit = [](uint64_t value) { return static_cast<long long>(value); };
  const struct {
    cl_engine_field field;
    long long value;
  } numbers[] = {
      // The clean cache is keyed by MD5, for which anyone can make two files with one key; and with
      // the cache on, a layer seen before is not reported to us.
      {CL_ENGINE_DISABLE_CACHE, 1},
      {CL_ENGINE_MAX_SCANSIZE, signed_limit(limits.decoded_bytes + limits.message_bytes)},
      {CL_ENGINE_MAX_FILESIZE, signed_limit(std::max(limits.leaf_bytes, limits.message_bytes))},
      {CL_ENGINE_MAX_RECURSION, limits.mime_depth + limits.archive_depth},
      {CL_ENGINE_MAX_FILES, static_cast<long long>(limits.archive_members) + limits.mime_parts},
      // These pass in silence when they are hit, so none may be below what a leaf may have.
      {CL_ENGINE_MAX_EMBEDDEDPE, signed_limit(limits.leaf_bytes)},
      {CL_ENGINE_MAX_HTMLNORMALIZE, signed_limit(limits.leaf_bytes)},
      {CL_ENGINE_MAX_HTMLNOTAGS, signed_limit(limits.leaf_bytes)},
      {CL_ENGINE_MAX_SCRIPTNORMALIZE, signed_limit(limits.leaf_bytes)},
      {CL_ENGINE_MAX_ZIPTYPERCG, signed_limit(limits.leaf_bytes)},
      // Before the daemon's deadline, so that the rest of the findings arrives all the same.
      {CL_ENGINE_MAX_SCANTIME, limits.inspect_deadline.count() / 2},
      {CL_ENGINE_BYTECODE_SECURITY, CL_BYTECODE_TRUST_SIGNED},
      {CL_ENGINE_BYTECODE_TIMEOUT, 2'000},
      // No code is generated after the start: the sandbox refuses executable memory.
      {CL_ENGINE_BYTECODE_MODE, CL_BYTECODE_MODE_INTERPRETER},
  };
  for (const auto& number : numbers) {
    const cl_error_t code = cl_engine_set_num(engine, number.field, number.value);
    if (code != CL_SUCCESS) {
      return Failed("libclamav refuses option " + std::to_string(number.field) + " = " +
                        std::to_string(number.value),
                    code);
    }
  }
  const cl_error_t code = cl_engine_set_str(engine, CL_ENGINE_TMPDIR, scratch_folder.c_str());
  if (code != CL_SUCCESS) {
    return Failed("libclamav refuses the scratch folder " + scratch_folder, code);
  }
  return Status::Ok();
}

int64_t BuiltAt(const std::vector<SignatureFile>& files) {
  int64_t newest = 0;
  for (const SignatureFile& file : files) {
    int64_t at = file.modified_at_ns / 1'000'000'000;
    if (file.signed_container) {
      if (cl_cvd* head = cl_cvdhead(file.path.c_str())) {
        at = head->stime;
        cl_cvdfree(head);
      }
    }
    newest = std::max(newest, at);
  }
  return newest;
}

Status InitialiseOnce() {
  static const cl_error_t code = [] {
    const cl_error_t result = cl_init(CL_INIT_DEFAULT);
    cl_set_clcb_msg(OnMessage);
    return result;
  }();
  return code == CL_SUCCESS ? Status::Ok() : Failed("libclamav does not start", code);
}

void AddUnscannable(decode::Reason reason, const std::string& path, ScanResult* result) {
  for (const decode::Unscannable& known : result->unscannable) {
    if (known.reason == reason && known.path == path) {
      return;
    }
  }
  result->unscannable.push_back({reason, path});
}

void AddInfection(const std::string& name, const std::string& path, ScanResult* result) {
  for (const Infection& known : result->infections) {
    if (known.name == name && known.path == path) {
      return;
    }
  }
  if (result->infections.size() < kMostAlerts) {
    result->infections.push_back({name, path});
  }
}

}  // namespace

struct Engine::Loaded {
  std::unique_ptr<cl_engine, EngineDeleter> engine;
  cl_scan_options options = ScanOptions();
  uint32_t signatures = 0;
  int64_t built_at = 0;
  std::string version;

  // Adds what was found in `bytes` to the result. True: an infection was.
  bool ScanOne(Bytes bytes, const std::string& path, LayersMet* layers, ScanResult* result);
};

bool Engine::Loaded::ScanOne(Bytes bytes, const std::string& path, LayersMet* layers,
                             ScanResult* result) {
  if (bytes.empty()) {
    return false;
  }
  const std::unique_ptr<cl_fmap_t, MapDeleter> map(cl_fmap_open_memory(bytes.data(), bytes.size()));
  if (map == nullptr) {
    AddUnscannable(decode::Reason::kNotScanned, path, result);
    return false;
  }
  ScanContext context;
  context.layers = layers;
  const char* name = nullptr;
  unsigned long scanned = 0;  // NOLINT(google-runtime-int): libclamav's type
  const cl_error_t code =
      cl_scanmap_callback(map.get(), nullptr, &name, &scanned, engine.get(), &options, &context);
  if (code == CL_VIRUS) {
    OnAlert(-1, name, &context);
  }
  if (code == CL_ETIMEOUT) {
    AddUnscannable(decode::Reason::kTimedOut, path, result);
  } else if (code != CL_CLEAN && code != CL_VIRUS) {
    AddUnscannable(decode::Reason::kNotScanned, path, result);
  }
  bool infected = false;
  for (const std::string& alert : context.alerts) {
    const Meaning meaning = MeaningOf(alert);
    switch (meaning.kind) {
      case Meaning::Kind::kInfection:
        AddInfection(alert, path, result);
        infected = true;
        break;
      case Meaning::Kind::kUnscannable:
        AddUnscannable(meaning.reason, path, result);
        break;
      case Meaning::Kind::kFact:
        result->facts[meaning.fact] = "true";
        break;
    }
  }
  if (code == CL_VIRUS && context.alerts.empty()) {  // without a name it is one all the same
    AddInfection("unnamed", path, result);
    infected = true;
  }
  return infected;
}

Engine::Engine(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::Load(const std::string& database_folder,
                                             const std::string& scratch_folder,
                                             const Limits& limits) {
  const std::vector<SignatureFile> files = ListSignatures(database_folder);
  if (files.empty()) {
    return Status::NotFound(database_folder +
                            ": no virus signatures here (*.cvd, *.cld, *.hdb...); run freshclam, "
                            "or set antivirus: database: to the folder that has them");
  }
  GATEPOST_RETURN_IF_ERROR(InitialiseOnce());
  auto loaded = std::make_unique<Loaded>();
  loaded->engine.reset(cl_engine_new());
  if (loaded->engine == nullptr) {
    return Status::Unavailable("libclamav: no memory for an engine");
  }
  GATEPOST_RETURN_IF_ERROR(Configure(loaded->engine.get(), scratch_folder, limits));
  unsigned int signatures = 0;
  cl_error_t code =
      cl_load(database_folder.c_str(), loaded->engine.get(), &signatures, CL_DB_STDOPT);
  if (code != CL_SUCCESS) {
    return Failed(database_folder + ": the virus signatures do not load", code);
  }
  if (signatures == 0) {
    return Status::NotFound(database_folder + ": the signature files are empty");
  }
  cl_engine_set_clcb_file_inspection(loaded->engine.get(), OnLayer);
  cl_engine_set_clcb_virus_found(loaded->engine.get(), OnAlert);
  code = cl_engine_compile(loaded->engine.get());
  if (code != CL_SUCCESS) {
    return Failed(database_folder + ": the virus signatures do not compile", code);
  }
  loaded->signatures = signatures;
  loaded->built_at = BuiltAt(files);
  loaded->version = DigestOf(files);
  return std::unique_ptr<Engine>(new Engine(std::move(loaded)));
}

ScanResult Engine::Scan(Bytes raw_message, const decode::Leaves& leaves) const {
  ScanResult result;
  LayersMet layers(leaves);
  const bool infected = loaded_->ScanOne(raw_message, "", &layers, &result);
  bool found_in_leaf = false;
  for (size_t i = 0; i < leaves.leaves.size(); ++i) {
    const decode::Leaf& leaf = leaves.leaves[i];
    // Once the message is infected, each attachment is asked which of them it was.
    const bool to_name_it = infected && (leaf.is_attachment || leaf.is_container);
    if ((layers.Met(i) && !to_name_it) || leaf.bytes.data() == raw_message.data()) {
      continue;
    }
    found_in_leaf |= loaded_->ScanOne(leaf.bytes, leaf.path, &layers, &result);
  }
  if (infected && found_in_leaf) {
    // Named by its leaf: the entry for the message as a whole says nothing more.
    const auto named_elsewhere = [&](const Infection& whole) {
      return whole.path.empty() && std::any_of(result.infections.begin(), result.infections.end(),
                                               [&](const Infection& other) {
                                                 return !other.path.empty() &&
                                                        other.name == whole.name;
                                               });
    };
    std::vector<Infection> kept;
    std::copy_if(result.infections.begin(), result.infections.end(), std::back_inserter(kept),
                 [&](const Infection& one) { return !named_elsewhere(one); });
    result.infections = std::move(kept);
  }
  return result;
}

uint32_t Engine::signatures() const { return loaded_->signatures; }
int64_t Engine::built_at() const { return loaded_->built_at; }
const std::string& Engine::version() const { return loaded_->version; }

std::string Engine::FolderVersion(const std::string& database_folder) {
  return DigestOf(ListSignatures(database_folder));
}

}  // namespace gatepost::virus
