// What postconf(1) and postmap(1) say about a Postfix, as data; and how Postfix names a milter.
// Changes nothing. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace gatepost::cli {

// Postfix's configuration as postconf prints it, values expanded.
struct PostfixSettings {
  std::map<std::string, std::string> main;  // every parameter, effective
  struct Service {
    std::string name, type, program;               // "smtp", "inet", "smtpd"
    std::map<std::string, std::string> overrides;  // -o
    bool chrooted = false;
  };
  std::vector<Service> services;
};

// From the output of `postconf -x`, `postconf -M` and `postconf -P -x`. Total: lines that are not
// understood are left out.
PostfixSettings ParsePostconf(const std::string& main, const std::string& services,
                              const std::string& overrides);

// Runs postconf for that configuration folder.
Result<PostfixSettings> ReadPostfix(const std::string& folder);

// What a table ("regexp:FILE") of that Postfix answers for the key; "" when it has no answer.
Result<std::string> AskTable(const std::string& folder, const std::string& table,
                             const std::string& key);

// The entries of a list of milters or tables: "a, { b, timeout=1s } c" has three.
std::vector<std::string> SplitMilters(const std::string& list);
// The milter of an entry: "{ unix:x, default_action=accept }" is "unix:x".
std::string MilterEndpoint(const std::string& entry);
// The options of an entry: {{"default_action", "accept"}}.
std::map<std::string, std::string> MilterOptions(const std::string& entry);

// Does a milter of Postfix's lists mean the socket of `listen` (unix:PATH, inet:PORT@HOST)?
// For a program that is chrooted to the queue folder, or is not; a socket that it cannot reach is
// another one to it.
bool SameSocket(const std::string& endpoint, const std::string& listen,
                const std::string& queue_folder, bool chrooted);

// "75s", "2m" in seconds, `unit` where none is written; -1 when it is not understood.
long PostfixSeconds(const std::string& text, char unit);

}  // namespace gatepost::cli
