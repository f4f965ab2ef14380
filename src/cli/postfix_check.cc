// LIMITS: understands what smtpd(8), cleanup(8), pickup(8) and postscreen(8) of Postfix 3.7 are
// told in main.cf and master.cf; content filters, milter maps and access maps are named, not
// followed. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/postfix_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::cli {

namespace {

constexpr const char* kRelease = "gatepost-release";
// gatepostd may need 75 s for a message (queue, deadline, retry). Above five minutes the senders
// begin to give up before Postfix does.
constexpr long kLeastContentSeconds = 120;
constexpr long kMostContentSeconds = 300;
// A field as no program of ours writes it; header_checks must refuse it.
constexpr const char* kBlankBeforeColon = "Gatepost-Check : x";

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

using Service = PostfixSettings::Service;

class Judge {
 public:
  Judge(const PostfixSettings& settings, const std::string& folder, const gateway::Config& config,
        const TableLookup& lookup, Diagnostics* diagnostics, std::string* table)
      : settings_(settings),
        main_cf_{folder + "/main.cf", 0, 0},
        master_cf_{folder + "/master.cf", 0, 0},
        config_(config),
        lookup_(lookup),
        diagnostics_(diagnostics),
        table_(table) {}

  void All() {
    for (const Wanted& wanted : kWanted) {
      const bool is_options = std::string(wanted.name) == "receive_override_options";
      for (const Value& value : Everywhere(wanted.name, {"smtpd", "cleanup"})) {
        // Entrances look at their options themselves.
        if (value.text != wanted.value && (value.prefix.empty() || !is_options)) {
          diagnostics_->Error(value.place, value.prefix + Advice(wanted, value.text));
        }
      }
    }
    ContentTimeout();
    HeaderChecks();
    BccMaps();
    ContentFilters();
    Sizes();
    bool has_release = false;
    for (const Service& service : settings_.services) {
      if (service.program == "smtpd" && service.name == kRelease) {
        has_release = true;
        Release(service);
      } else if (service.program == "smtpd") {
        Entrance(service);
      } else if (service.program == "qmqpd") {
        Row(Label(service) + " qmqpd", "NOT FILTERED");
        diagnostics_->Error(master_cf_, "qmqpd takes mail and runs no milter: switch it off");
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
  // A parameter in main.cf, or in a service's -o.
  struct Value {
    Place place;
    std::string prefix;  // "smtp/inet: ", "" in main.cf
    std::string text;
  };

  std::string Main(const std::string& name) const {
    const auto found = settings_.main.find(name);
    return found == settings_.main.end() ? std::string() : found->second;
  }
  std::string Of(const Service* service, const std::string& name) const {
    if (service == nullptr) {
      return Main(name);
    }
    const auto found = service->overrides.find(name);
    return found == service->overrides.end() ? Main(name) : found->second;
  }
  std::string Of(const Service& service, const std::string& name) const {
    return Of(&service, name);
  }
  // What main.cf says, then what the services of these programs say instead. Without the release
  // listener, whose mail has been decided about.
  std::vector<Value> Everywhere(const std::string& name,
                                std::initializer_list<const char*> programs) const {
    std::vector<Value> all{{main_cf_, "", Main(name)}};
    for (const Service& service : settings_.services) {
      const auto found = service.overrides.find(name);
      if (found != service.overrides.end() && service.name != kRelease &&
          std::find(programs.begin(), programs.end(), service.program) != programs.end()) {
        all.push_back({master_cf_, Label(service) + ": ", found->second});
      }
    }
    return all;
  }
  static std::string Label(const Service& service) { return service.name + "/" + service.type; }
  static std::string Advice(const Wanted& wanted, const std::string& now) {
    return std::string("set ") + wanted.name + " = " + wanted.value + " (it is '" + now +
           "'): " + wanted.why + "; 'gatepost-postfix apply' does it";
  }

  bool Reaches(const std::string& endpoint, bool chrooted) const {
    return SameSocket(endpoint, config_.listen, Main("queue_directory"), chrooted);
  }
  // Its place in the list, or -1.
  int PlaceIn(const std::string& list) const {
    const std::vector<std::string> entries = SplitMilters(list);
    for (size_t i = 0; i < entries.size(); ++i) {
      const std::string endpoint = MilterEndpoint(entries[i]);
      if (Reaches(endpoint, true) || Reaches(endpoint, false)) {
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

  bool IsSubmission(const Service& service) const {
    const size_t colon = service.name.rfind(':');
    const std::string port =
        colon == std::string::npos ? service.name : service.name.substr(colon + 1);
    return port == "submission" || port == "submissions" || port == "smtps" || port == "587" ||
           port == "465" || Of(service, "milter_macro_daemon_name") == "ORIGINATING";
  }

  void Entrance(const Service& service) {
    const std::string milters = Of(service, "smtpd_milters");
    const int place = PlaceIn(milters);
    const std::string row =
        Label(service) + (IsSubmission(service) ? " (own users)" : " (from outside)");
    const std::string prefix = Label(service) + ": ";
    const std::string proxy = Of(service, "smtpd_proxy_filter");
    std::string why;
    if (place < 0) {
      why = "smtpd_milters does not name Gatepost (" + config_.listen + ")";
    } else if (Of(service, "receive_override_options").find("no_milters") != std::string::npos) {
      why = "receive_override_options has no_milters";
    } else if (!proxy.empty()) {
      why = "smtpd_proxy_filter = " + proxy + " keeps the message from every milter";
    }
    if (!why.empty()) {
      Row(row, "NOT FILTERED");
      diagnostics_->Error(master_cf_, prefix + why + ": mail that comes in there is not filtered");
      return;
    }
    HeaderBodyChecks(service);
    const std::vector<std::string> entries = SplitMilters(milters);
    const std::string& ours = entries[static_cast<size_t>(place)];
    const std::string maps = Of(service, "smtpd_milter_maps");
    if (!maps.empty()) {
      diagnostics_->Error(master_cf_,
                          prefix + "smtpd_milter_maps = " + maps +
                              ": for the clients in it other milters run than smtpd_milters says, "
                              "or none (DISABLE); take it out");
    }
    const bool within_reach = WithinReach(&service, prefix, ours);
    Row(row, !within_reach  ? "NO MAIL (451): Gatepost is out of reach"
             : maps.empty() ? "filtered"
                            : "NOT FILTERED for clients in smtpd_milter_maps");
    const bool last = static_cast<size_t>(place) + 1 == entries.size();
    if (IsSubmission(service) && place != 0) {
      diagnostics_->Warning(master_cf_, prefix + "Gatepost stands behind '" +
                                            MilterEndpoint(entries[0]) +
                                            "'; own mail must be filtered before it is signed");
    } else if (!IsSubmission(service) && !last) {
      diagnostics_->Warning(master_cf_, prefix + "Gatepost stands before '" +
                                            MilterEndpoint(entries.back()) +
                                            "'; it cannot see what DKIM and DMARC filters found");
    }
    EntryOptions(ours);
  }

  // Can the program open the socket by that name? In its chroot the queue folder is all there is.
  bool WithinReach(const Service* service, const std::string& prefix, const std::string& entry) {
    const bool chrooted = service != nullptr && service->chrooted;
    const std::string endpoint = MilterEndpoint(entry);
    // Without a line of its own in master.cf nobody knows whether it is chrooted.
    if (Reaches(endpoint, chrooted) || (service == nullptr && Reaches(endpoint, true))) {
      return true;
    }
    const std::string queue = Main("queue_directory") + "/";
    const std::string path = config_.listen.substr(config_.listen.find(':') + 1);
    diagnostics_->Error(
        master_cf_,
        prefix +
            (chrooted ? "it is chrooted to " + Main("queue_directory") + " and cannot reach '"
                      : "it is not chrooted and cannot reach '") +
            endpoint + "', so all its mail gets 451: " +
            (path.rfind(queue, 0) == 0
                 ? "write unix:" + path.substr(queue.size())
                 : "let 'listen' name a socket below " + queue + ", or switch its chroot off"));
    return false;
  }

  // "{ unix:x, default_action=accept }" wins over main.cf.
  void EntryOptions(const std::string& entry) {
    for (const auto& [name, value] : MilterOptions(entry)) {
      if (name == "default_action" && value != "tempfail") {
        diagnostics_->Error(main_cf_, "'" + entry +
                                          "': default_action must be tempfail, or mail gets in "
                                          "unfiltered while gatepostd is away");
      } else if (name == "protocol" && value != "6") {
        diagnostics_->Error(main_cf_, "'" + entry + "': protocol must be 6");
      } else if (name == "content_timeout") {
        ContentTimeoutOf({main_cf_, "'" + entry + "': ", value});
      }
    }
  }

  void ContentTimeout() {
    for (const Value& value : Everywhere("milter_content_timeout", {"smtpd", "cleanup"})) {
      ContentTimeoutOf(value);
    }
  }

  void ContentTimeoutOf(const Value& value) {
    const long seconds = PostfixSeconds(value.text, 's');
    if (value.text.empty() || seconds < 0) {
      return;  // Postfix says itself that it does not understand it
    }
    if (seconds < kLeastContentSeconds) {
      diagnostics_->Error(value.place,
                          value.prefix + "set milter_content_timeout = 120s (it is '" + value.text +
                              "'): a message that takes long to inspect would get 451 each time "
                              "it is sent; 'gatepost-postfix apply' does it");
    } else if (seconds > kMostContentSeconds) {
      diagnostics_->Warning(value.place,
                            value.prefix + "milter_content_timeout = " + value.text +
                                ": senders give up before Postfix does and send again what was "
                                "taken already; set 120s");
    }
  }

  // header_checks are cleanup's, but an entrance may tell it to leave them out.
  void HeaderBodyChecks(const Service& service) {
    if (Of(service, "receive_override_options").find("no_header_body_checks") !=
        std::string::npos) {
      diagnostics_->Error(master_cf_,
                          Label(service) +
                              ": receive_override_options has no_header_body_checks: a blank "
                              "before the colon of a field is not refused there");
    }
  }

  const Service* CleanupOf(const Service* service) const {
    const std::string given = Of(service, "cleanup_service_name");
    const std::string name = given.empty() ? "cleanup" : given;
    for (const Service& one : settings_.services) {
      if (one.program == "cleanup" && one.name == name) {
        return &one;
      }
    }
    return nullptr;
  }

  // Programs of this machine: sendmail(1) leaves mail, pickup takes it, cleanup runs the milters.
  void Sendmail() {
    bool any = false;
    for (const Service& service : settings_.services) {
      if (service.program == "pickup") {
        HeaderBodyChecks(service);
        Sendmail(&service);
        any = true;
      }
    }
    if (!any) {
      Sendmail(nullptr);
    }
  }

  void Sendmail(const Service* pickup) {
    const Service* const cleanup = CleanupOf(pickup);
    const std::string milters = Of(cleanup, "non_smtpd_milters");
    const bool overridden =
        cleanup != nullptr && cleanup->overrides.count("non_smtpd_milters") != 0;
    const Place& where = overridden ? master_cf_ : main_cf_;
    const std::string prefix = overridden ? Label(*cleanup) + ": " : "";
    const int place = PlaceIn(milters);
    if (Of(pickup, "receive_override_options").find("no_milters") != std::string::npos) {
      Row("sendmail(1)", "NOT FILTERED");
      diagnostics_->Error(master_cf_, (pickup == nullptr ? "" : Label(*pickup) + ": ") +
                                          "receive_override_options has no_milters: what local "
                                          "programs send is not filtered");
      return;
    }
    if (place < 0) {
      Row("sendmail(1)", "NOT FILTERED");
      diagnostics_->Error(where, prefix + "non_smtpd_milters does not name Gatepost (" +
                                     config_.listen +
                                     "): what local programs send is not filtered");
      return;
    }
    const std::string ours = SplitMilters(milters)[static_cast<size_t>(place)];
    const bool within_reach =
        WithinReach(cleanup, cleanup == nullptr ? "" : Label(*cleanup) + ": ", ours);
    Row("sendmail(1)", within_reach ? "filtered" : "NO MAIL (451): Gatepost is out of reach");
    if (place > 0) {
      diagnostics_->Warning(
          where, prefix + "non_smtpd_milters: Gatepost must come first, before the signer");
    }
    EntryOptions(ours);
  }

  void Release(const Service& service) {
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
    for (const Value& value : Everywhere("header_checks", {"cleanup"})) {
      const std::string why =
          "a blank before the colon of a field is dropped before a filter sees it and may be read "
          "otherwise by a mail program; 'gatepost-postfix apply' refuses such mail";
      if (value.text.empty()) {
        diagnostics_->Error(value.place, value.prefix + "header_checks is empty: " + why);
        continue;
      }
      // As cleanup does: the first table with an answer decides.
      std::string answer;
      for (const std::string& table : SplitMilters(value.text)) {
        const Result<std::string> said = lookup_(table, kBlankBeforeColon);
        if (!said.ok()) {
          diagnostics_->Error(value.place, value.prefix + "header_checks: " + table + ": " +
                                               said.status().message());
        } else if (!said->empty()) {
          answer = *said;
          break;
        }
      }
      if (AsciiLower(answer).rfind("reject", 0) != 0 && answer.rfind('5', 0) != 0) {
        diagnostics_->Error(
            value.place, value.prefix + "header_checks = " + value.text + " does not refuse '" +
                             kBlankBeforeColon + "' (it " +
                             (answer.empty() ? "has no rule for it" : "answers '" + answer + "'") +
                             "): " + why);
      }
    }
  }

  // A copy made by a bcc map survives a recipient's removal by the filter (measured).
  void BccMaps() {
    for (const char* name : {"always_bcc", "sender_bcc_maps", "recipient_bcc_maps"}) {
      for (const Value& value : Everywhere(name, {"cleanup", "smtpd", "pickup", "qmqpd"})) {
        if (!value.text.empty()) {
          diagnostics_->Error(value.place,
                              value.prefix + name + " = " + value.text +
                                  ": what is held for one of several recipients would still be "
                                  "delivered to that copy; take it out and let the mail store "
                                  "make copies");
        }
      }
    }
  }

  void ContentFilters() {
    for (const Value& value : Everywhere("content_filter", {"smtpd", "pickup", "cleanup"})) {
      if (!value.text.empty()) {
        diagnostics_->Warning(value.place,
                              value.prefix + "content_filter = " + value.text +
                                  ": Gatepost sees mail before it and not what it changes; the "
                                  "entrance by which it hands mail back must be open to it alone");
      }
    }
  }

  void Sizes() {
    for (const Value& value : Everywhere("message_size_limit", {"smtpd", "cleanup", "pickup"})) {
      const std::string& text = value.text;
      uint64_t most = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
      if (error != std::errc() || end != text.data() + text.size()) {
        continue;
      }
      if (most == 0 || most > config_.limits.message_bytes) {
        diagnostics_->Warning(value.place, value.prefix + "message_size_limit = " + text +
                                               " is above limits: message " +
                                               std::to_string(config_.limits.message_bytes) +
                                               ": senders of larger mail hear 552 only after they "
                                               "have sent it all");
      }
    }
  }

  const PostfixSettings& settings_;
  const Place main_cf_;
  const Place master_cf_;
  const gateway::Config& config_;
  const TableLookup& lookup_;
  Diagnostics* const diagnostics_;
  std::string* const table_;
};

}  // namespace

void JudgePostfix(const PostfixSettings& settings, const std::string& folder,
                  const gateway::Config& config, const TableLookup& lookup,
                  Diagnostics* diagnostics, std::string* table) {
  Judge(settings, folder, config, lookup, diagnostics, table).All();
}

Status CheckPostfix(const std::string& config_dir, const gateway::Config& config,
                    Diagnostics* diagnostics, std::string* table) {
  const std::string folder = config_dir.empty() ? "/etc/postfix" : config_dir;
  GATEPOST_ASSIGN_OR_RETURN(const PostfixSettings settings, ReadPostfix(folder));
  const TableLookup lookup = [&folder](const std::string& of, const std::string& key) {
    return AskTable(folder, of, key);
  };
  JudgePostfix(settings, folder, config, lookup, diagnostics, table);
  return Status::Ok();
}

}  // namespace gatepost::cli
