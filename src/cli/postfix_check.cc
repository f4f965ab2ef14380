// LIMITS: understands what smtpd(8), cleanup(8) and postscreen(8) of Postfix 3.7 are told in
// main.cf and master.cf; content filters and access maps are named, not followed.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/postfix_check.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "src/base/bytes.h"
#include "src/base/files.h"

extern char** environ;

namespace gatepost::cli {

namespace {

constexpr const char* kRelease = "gatepost-release";

struct Wanted {
  const char* name;
  const char* value;
  const char* why;
};

// Each closes a way by which a recipient's program reads something else than the filter did, or by
// which mail goes round it.
constexpr std::array<Wanted, 12> kWanted = {{
    {"smtpd_forbid_bare_newline", "normalize",
     "otherwise an end of data that only Postfix sees smuggles a second message in"},
    {"smtpd_forbid_bare_newline_exclusions", "", "the clients in it may smuggle messages"},
    {"smtpd_forbid_unauth_pipelining", "yes", "a smuggled message is sent ahead of its turn"},
    {"cleanup_replace_stray_cr_lf", "yes", "a lone CR or LF is a line end to some programs"},
    {"message_reject_characters", "\\0", "a NUL cuts a header field short for the filter alone"},
    {"milter_protocol", "6", "gatepostd speaks this version"},
    {"milter_default_action", "tempfail",
     "anything else lets mail in unfiltered while gatepostd is away"},
    {"smtpd_end_of_data_restrictions", "",
     "a refusal there lets the next message of the session by the filter (Postfix before 3.7.22)"},
    {"disable_vrfy_command", "yes", "Postfix before 3.7.22 can be crashed by it"},
    {"soft_bounce", "no", "refused mail would be sent again and again"},
    {"enable_long_queue_ids", "yes",
     "short queue ids are used again; the log could not tell them apart"},
    {"receive_override_options", "", "no_milters or no_header_body_checks opens every entrance"},
}};

Result<std::string> Run(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Status::FromErrno("pipe", errno);
  }
  Fd reading(ends[0]);
  Fd writing(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return Status::FromErrno("running " + command[0] + " (is Postfix installed?)", error);
  }
  writing.Reset();
  std::string out;
  std::array<char, 16 << 10> buffer{};
  ssize_t got = 0;
  while ((got = read(reading.get(), buffer.data(), buffer.size())) > 0 ||
         (got < 0 && errno == EINTR)) {
    out.append(buffer.data(), got > 0 ? static_cast<size_t>(got) : 0);
  }
  int state = 0;
  while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    std::string all;
    for (const std::string& word : command) {
      all += (all.empty() ? "" : " ") + word;
    }
    return Status::Invalid("'" + all + "' failed; see what it says above");
  }
  return out;
}

// "name = value" of a line.
bool Assignment(const std::string& line, std::string* name, std::string* value) {
  const size_t equals = line.find('=');
  if (equals == std::string::npos) {
    return false;
  }
  *name = AsciiTrim(Bytes(line).substr(0, equals));
  *value = AsciiTrim(Bytes(line).substr(equals + 1));
  return true;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  std::string word;
  while (in >> word) {
    out.push_back(word);
  }
  return out;
}

// How Postfix may name the socket that gatepostd listens on.
std::vector<std::string> MilterNames(const std::string& listen, const std::string& queue_folder) {
  std::vector<std::string> names;
  if (listen.rfind("unix:", 0) == 0) {
    const std::string path = listen.substr(5);
    names = {"unix:" + path, "local:" + path};
    if (path.rfind(queue_folder + "/", 0) == 0) {
      const std::string below = path.substr(queue_folder.size() + 1);
      // A chrooted smtpd sees the queue folder as its root.
      for (const std::string& one : {below, "/" + below}) {
        names.push_back("unix:" + one);
        names.push_back("local:" + one);
      }
    }
    return names;
  }
  const size_t colon = listen.find(':');
  const size_t at = listen.find('@');
  if (colon != std::string::npos && at != std::string::npos) {
    const std::string port = listen.substr(colon + 1, at - colon - 1);
    const std::string host = listen.substr(at + 1);
    for (const std::string& one : {host, "[" + host + "]", std::string("localhost")}) {
      names.push_back("inet:" + one + ":" + port);
      names.push_back("inet6:" + one + ":" + port);
    }
  }
  return names;
}

// The milter of an entry: "{ unix:x, default_action=accept }" is "unix:x".
std::string Endpoint(const std::string& entry) {
  const size_t begin = entry.find_first_not_of("{ \t");
  const size_t end = entry.find_first_of(", \t}", begin == std::string::npos ? 0 : begin);
  return begin == std::string::npos ? std::string() : entry.substr(begin, end - begin);
}

class Judge {
 public:
  Judge(const PostfixSettings& settings, const std::string& folder, const gateway::Config& config,
        Diagnostics* diagnostics, std::string* table)
      : settings_(settings),
        main_cf_{folder + "/main.cf", 0, 0},
        master_cf_{folder + "/master.cf", 0, 0},
        config_(config),
        names_(MilterNames(config.listen, Main("queue_directory"))),
        diagnostics_(diagnostics),
        table_(table) {}

  void All() {
    for (const Wanted& wanted : kWanted) {
      const std::string now = Main(wanted.name);
      if (now != wanted.value) {
        diagnostics_->Error(main_cf_, Advice(wanted, now));
      }
    }
    HeaderChecks();
    BccMaps();
    Sizes();
    bool has_release = false;
    for (const PostfixSettings::Service& service : settings_.services) {
      if (service.program == "smtpd" && service.name == kRelease) {
        has_release = true;
        Release(service);
      } else if (service.program == "smtpd") {
        Entrance(service);
      } else if (service.program == "qmqpd") {
        Row(service.name + "/" + service.type + " qmqpd", "NOT FILTERED");
        diagnostics_->Error(master_cf_, "qmqpd takes mail and runs no milter: switch it off");
      } else if (service.program == "cleanup") {
        Overrides(service);
      }
    }
    Sendmail();
    if (!has_release) {
      diagnostics_->Error(master_cf_,
                          "no service gatepost-release: held mail cannot be released; run "
                          "'gatepost-postfix apply'");
    }
  }

 private:
  std::string Main(const std::string& name) const {
    const auto found = settings_.main.find(name);
    return found == settings_.main.end() ? std::string() : found->second;
  }
  std::string Of(const PostfixSettings::Service& service, const std::string& name) const {
    const auto found = service.overrides.find(name);
    return found == service.overrides.end() ? Main(name) : found->second;
  }
  static std::string Advice(const Wanted& wanted, const std::string& now) {
    return std::string("set ") + wanted.name + " = " + wanted.value + " (it is '" + now +
           "'): " + wanted.why + "; 'gatepost-postfix apply' does it";
  }

  bool IsGatepost(const std::string& entry) const {
    return std::find(names_.begin(), names_.end(), Endpoint(entry)) != names_.end();
  }
  // Its place in the list, or -1.
  int PlaceIn(const std::string& list) const {
    const std::vector<std::string> entries = SplitMilters(list);
    for (size_t i = 0; i < entries.size(); ++i) {
      if (IsGatepost(entries[i])) {
        return static_cast<int>(i);
      }
    }
    return -1;
  }

  void Row(const std::string& entrance, const std::string& says) {
    std::string line = "  " + entrance;
    line.resize(std::max<size_t>(line.size() + 2, 44), ' ');
    *table_ += (table_->empty() ? "Ways into Postfix:\n" : "\n") + line + says;
  }

  // -o that would undo what main.cf says.
  void Overrides(const PostfixSettings::Service& service) {
    for (const Wanted& wanted : kWanted) {
      const auto found = service.overrides.find(wanted.name);
      if (found != service.overrides.end() && found->second != wanted.value &&
          std::string(wanted.name) != "receive_override_options") {
        diagnostics_->Error(
            master_cf_, service.name + "/" + service.type + ": " + Advice(wanted, found->second));
      }
    }
  }

  bool IsSubmission(const PostfixSettings::Service& service) const {
    const size_t colon = service.name.rfind(':');
    const std::string port =
        colon == std::string::npos ? service.name : service.name.substr(colon + 1);
    return port == "submission" || port == "submissions" || port == "smtps" || port == "587" ||
           port == "465" || Of(service, "milter_macro_daemon_name") == "ORIGINATING";
  }

  void Entrance(const PostfixSettings::Service& service) {
    Overrides(service);
    const std::string milters = Of(service, "smtpd_milters");
    const int place = PlaceIn(milters);
    const std::string options = Of(service, "receive_override_options");
    const std::string label = service.name + "/" + service.type +
                              (IsSubmission(service) ? " (own users)" : " (from outside)");
    if (place < 0 || options.find("no_milters") != std::string::npos) {
      Row(label, "NOT FILTERED");
      diagnostics_->Error(
          master_cf_,
          service.name + "/" + service.type +
              (place < 0 ? ": smtpd_milters does not name Gatepost (" + config_.listen + ")"
                         : ": receive_override_options has no_milters") +
              ": mail that comes in there is not filtered");
      return;
    }
    Row(label, "filtered");
    const std::vector<std::string> entries = SplitMilters(milters);
    const bool last = static_cast<size_t>(place) + 1 == entries.size();
    if (IsSubmission(service) && place != 0) {
      diagnostics_->Warning(master_cf_, service.name + "/" + service.type +
                                            ": Gatepost stands behind '" + Endpoint(entries[0]) +
                                            "'; own mail must be filtered before it is signed");
    } else if (!IsSubmission(service) && !last) {
      diagnostics_->Warning(master_cf_, service.name + "/" + service.type +
                                            ": Gatepost stands before '" +
                                            Endpoint(entries.back()) +
                                            "'; it cannot see what DKIM and DMARC filters found");
    }
    DefaultAction(entries[static_cast<size_t>(place)]);
  }

  // "{ unix:x, default_action=accept }" wins over main.cf.
  void DefaultAction(const std::string& entry) {
    const size_t at = entry.find("default_action");
    if (at != std::string::npos && entry.find("tempfail", at) == std::string::npos) {
      diagnostics_->Error(main_cf_, "'" + entry +
                                        "': default_action must be tempfail, or mail gets in "
                                        "unfiltered while gatepostd is away");
    }
  }

  void Sendmail() {
    const std::string milters = Main("non_smtpd_milters");
    const int place = PlaceIn(milters);
    Row("sendmail(1)", place < 0 ? "NOT FILTERED" : "filtered");
    if (place < 0) {
      diagnostics_->Error(main_cf_, "non_smtpd_milters does not name Gatepost (" + config_.listen +
                                        "): what local programs send is not filtered");
    } else if (place > 0) {
      diagnostics_->Warning(main_cf_,
                            "non_smtpd_milters: Gatepost must come first, before the "
                            "signer");
    } else {
      DefaultAction(SplitMilters(milters)[0]);
    }
  }

  void Release(const PostfixSettings::Service& service) {
    const bool again = PlaceIn(Of(service, "smtpd_milters")) >= 0;
    const bool reachable = service.type != "unix";
    Row(std::string(kRelease) + "/" + service.type,
        reachable ? "NOT FILTERED" : "released mail only");
    if (again) {
      diagnostics_->Error(master_cf_,
                          "gatepost-release: smtpd_milters names Gatepost, so released "
                          "mail would be held again");
    }
    if (reachable) {
      diagnostics_->Error(master_cf_,
                          "gatepost-release must be of type unix: on a TCP port every local user "
                          "could go round the filter");
    }
    const std::string options = Of(service, "receive_override_options");
    if (options.find("no_address_mappings") != std::string::npos) {
      diagnostics_->Error(master_cf_,
                          "gatepost-release: no_address_mappings keeps released mail "
                          "from following aliases");
    }
    if (Of(service, "smtpd_authorized_xforward_hosts").empty()) {
      diagnostics_->Warning(master_cf_,
                            "gatepost-release: without "
                            "smtpd_authorized_xforward_hosts = 127.0.0.0/8 Postfix's "
                            "log does not name the release");
    }
    if (config_.release.rfind("unix:", 0) != 0) {
      diagnostics_->Warning({config_.file, 0, 0},
                            "release: a unix: socket is safer than " + config_.release);
    } else if (config_.release != "unix:" + Main("queue_directory") + "/public/" + kRelease) {
      diagnostics_->Warning({config_.file, 0, 0},
                            "release: " + config_.release + " is not the listener unix:" +
                                Main("queue_directory") + "/public/" + kRelease);
    }
  }

  void HeaderChecks() {
    if (Main("header_checks").empty()) {
      diagnostics_->Error(main_cf_,
                          "header_checks is empty: a blank before the colon of a field is dropped "
                          "before a filter sees it and may be read otherwise by a mail program; "
                          "'gatepost-postfix apply' refuses such mail");
    }
  }

  // A copy made by a bcc map survives a recipient's removal by the filter (measured).
  void BccMaps() {
    for (const char* name : {"always_bcc", "sender_bcc_maps", "recipient_bcc_maps"}) {
      if (!Main(name).empty()) {
        diagnostics_->Error(main_cf_, std::string(name) + " = " + Main(name) +
                                          ": what is held for one of several recipients would "
                                          "still be delivered to that copy; take it out and let "
                                          "the mail store make copies");
      }
    }
  }

  void Sizes() {
    const std::string text = Main("message_size_limit");
    uint64_t most = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
    if (error != std::errc() || end != text.data() + text.size()) {
      return;
    }
    if (most == 0 || most > config_.limits.message_bytes) {
      diagnostics_->Warning(main_cf_, "message_size_limit = " + text +
                                          " is above limits: message " +
                                          std::to_string(config_.limits.message_bytes) +
                                          ": senders of larger mail hear 552 only after they have "
                                          "sent it all");
    }
  }

  const PostfixSettings& settings_;
  const Place main_cf_;
  const Place master_cf_;
  const gateway::Config& config_;
  const std::vector<std::string> names_;
  Diagnostics* const diagnostics_;
  std::string* const table_;
};

}  // namespace

std::vector<std::string> SplitMilters(const std::string& list) {
  std::vector<std::string> entries;
  std::string entry;
  int depth = 0;
  for (const char c : list + " ") {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    const bool separates = depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\n');
    if (!separates) {
      entry += c;
    } else if (!entry.empty()) {
      entries.push_back(std::move(entry));
      entry.clear();
    }
  }
  return entries;
}

PostfixSettings ParsePostconf(const std::string& main, const std::string& services,
                              const std::string& overrides) {
  PostfixSettings settings;
  std::string line;
  std::string name;
  std::string value;
  for (std::istringstream in(main); std::getline(in, line);) {
    if (Assignment(line, &name, &value)) {
      settings.main[name] = value;
    }
  }
  for (std::istringstream in(services); std::getline(in, line);) {
    const std::vector<std::string> words = Words(line);
    if (words.size() >= 8 && line.front() != ' ' && line.front() != '#') {
      settings.services.push_back({words[0], words[1], words[7], {}});
    }
  }
  // "submission/inet/smtpd_milters = unix:x"
  for (std::istringstream in(overrides); std::getline(in, line);) {
    if (!Assignment(line, &name, &value)) {
      continue;
    }
    for (PostfixSettings::Service& service : settings.services) {
      const std::string prefix = service.name + "/" + service.type + "/";
      if (name.rfind(prefix, 0) == 0) {
        service.overrides[name.substr(prefix.size())] = value;
      }
    }
  }
  return settings;
}

void JudgePostfix(const PostfixSettings& settings, const std::string& folder,
                  const gateway::Config& config, Diagnostics* diagnostics, std::string* table) {
  Judge(settings, folder, config, diagnostics, table).All();
}

Status CheckPostfix(const std::string& config_dir, const gateway::Config& config,
                    Diagnostics* diagnostics, std::string* table) {
  const std::string folder = config_dir.empty() ? "/etc/postfix" : config_dir;
  GATEPOST_ASSIGN_OR_RETURN(const std::string main, Run({"postconf", "-c", folder, "-x"}));
  GATEPOST_ASSIGN_OR_RETURN(const std::string services, Run({"postconf", "-c", folder, "-M"}));
  GATEPOST_ASSIGN_OR_RETURN(const std::string overrides,
                            Run({"postconf", "-c", folder, "-P", "-x"}));
  JudgePostfix(ParsePostconf(main, services, overrides), folder, config, diagnostics, table);
  return Status::Ok();
}

}  // namespace gatepost::cli
