// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/postfix_settings.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/files.h"

extern char** environ;

namespace gatepost::cli {

namespace {

struct Said {
  std::string out;
  int exit = -1;  // -1: ended by a signal
};

Result<Said> RunPostfix(const std::vector<std::string>& command) {
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
  Said said;
  std::array<char, 16 << 10> buffer{};
  ssize_t got = 0;
  while ((got = read(reading.get(), buffer.data(), buffer.size())) > 0 ||
         (got < 0 && errno == EINTR)) {
    said.out.append(buffer.data(), got > 0 ? static_cast<size_t>(got) : 0);
  }
  int state = 0;
  while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
  }
  said.exit = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
  return said;
}

Result<std::string> Postconf(const std::vector<std::string>& command) {
  GATEPOST_ASSIGN_OR_RETURN(Said said, RunPostfix(command));
  if (said.exit != 0) {
    std::string all;
    for (const std::string& word : command) {
      all += (all.empty() ? "" : " ") + word;
    }
    return Status::Invalid("'" + all + "' failed; see what it says above");
  }
  return std::move(said.out);
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

std::vector<std::string> WordsOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  std::string word;
  while (in >> word) {
    out.push_back(word);
  }
  return out;
}

// "{ x }" is "x"; anything else is itself.
std::string WithoutBraces(const std::string& text) {
  const std::string inner(AsciiTrim(Bytes(text)));
  return inner.size() >= 2 && inner.front() == '{' && inner.back() == '}'
             ? std::string(AsciiTrim(Bytes(inner).substr(1, inner.size() - 2)))
             : inner;
}

bool IsLoopbackName(const std::string& host) {
  return host.rfind("127.", 0) == 0 || host == "::1" || host == "localhost";
}

// "[::1]" is "::1".
std::string WithoutBrackets(const std::string& host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']'
             ? host.substr(1, host.size() - 2)
             : host;
}

// `listen` as inet:PORT@HOST against Postfix's inet:HOST:PORT.
bool SamePort(const std::string& endpoint, const std::string& listen) {
  const size_t kind = listen.find(':');
  const size_t at = listen.find('@');
  const size_t begin = endpoint.find(':');
  const size_t colon = endpoint.rfind(':');
  if (kind == std::string::npos || at == std::string::npos || at < kind || colon == begin ||
      endpoint.rfind("inet", 0) != 0) {
    return false;
  }
  const std::string host = WithoutBrackets(endpoint.substr(begin + 1, colon - begin - 1));
  const std::string ours = WithoutBrackets(listen.substr(at + 1));
  if (endpoint.substr(colon + 1) != listen.substr(kind + 1, at - kind - 1)) {
    return false;
  }
  const bool everywhere = ours == "0.0.0.0" || ours == "::";
  return host == ours || host == "localhost" || (everywhere && IsLoopbackName(host)) ||
         (ours == "localhost" && IsLoopbackName(host));
}

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

std::string MilterEndpoint(const std::string& entry) {
  const size_t begin = entry.find_first_not_of("{ \t");
  const size_t end = entry.find_first_of(", \t}", begin == std::string::npos ? 0 : begin);
  return begin == std::string::npos ? std::string() : entry.substr(begin, end - begin);
}

std::map<std::string, std::string> MilterOptions(const std::string& entry) {
  std::map<std::string, std::string> options;
  if (entry.empty() || entry.front() != '{') {
    return options;
  }
  std::string inner;  // Postfix takes no blank around the sign; whoever writes one means this
  for (const char c : WithoutBraces(entry)) {
    if (c == '=') {
      inner.erase(inner.find_last_not_of(" \t") + 1);
    }
    if (inner.empty() || inner.back() != '=' || (c != ' ' && c != '\t')) {
      inner += c;
    }
  }
  for (const std::string& one : SplitMilters(inner)) {
    std::string name;
    std::string value;
    if (Assignment(WithoutBraces(one), &name, &value)) {
      options[name] = value;
    }
  }
  return options;
}

bool SameSocket(const std::string& endpoint, const std::string& listen,
                const std::string& queue_folder, bool chrooted) {
  if (listen.rfind("unix:", 0) != 0) {
    return SamePort(endpoint, listen);
  }
  const size_t colon = endpoint.find(':');
  const std::string kind = endpoint.substr(0, colon);
  if (colon == std::string::npos || (kind != "unix" && kind != "local")) {
    return false;
  }
  const std::string named = endpoint.substr(colon + 1);
  const std::string path = listen.substr(5);
  const bool inside = path.rfind(queue_folder + "/", 0) == 0;
  const std::string below = inside ? path.substr(queue_folder.size() + 1) : "";
  // A chrooted program sees the queue folder as its root; every other one stands in it.
  return (inside && named == below) || named == (chrooted ? "/" + below : path);
}

long PostfixSeconds(const std::string& text, char unit) {
  long number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0 || number > 100'000'000 || end - stop > 1) {
    return -1;
  }
  switch (stop == end ? unit : *stop) {
    case 's':
      return number;
    case 'm':
      return number * 60;
    case 'h':
      return number * 3'600;
    case 'd':
      return number * 86'400;
    case 'w':
      return number * 604'800;
    default:
      return -1;
  }
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
  // What "-" means in the column chroot (COMPATIBILITY_README).
  const auto level = settings.main.find("compatibility_level");
  const bool usual = level != settings.main.end() && level->second.rfind('0', 0) == 0;
  for (std::istringstream in(services); std::getline(in, line);) {
    const std::vector<std::string> words = WordsOf(line);
    if (words.size() >= 8 && line.front() != ' ' && line.front() != '#') {
      settings.services.push_back(
          {words[0], words[1], words[7], {}, words[4] == "y" || (words[4] == "-" && usual)});
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

Result<PostfixSettings> ReadPostfix(const std::string& folder) {
  GATEPOST_ASSIGN_OR_RETURN(const std::string main, Postconf({"postconf", "-c", folder, "-x"}));
  GATEPOST_ASSIGN_OR_RETURN(const std::string services, Postconf({"postconf", "-c", folder, "-M"}));
  GATEPOST_ASSIGN_OR_RETURN(const std::string overrides,
                            Postconf({"postconf", "-c", folder, "-P", "-x"}));
  return ParsePostconf(main, services, overrides);
}

Result<std::string> AskTable(const std::string& folder, const std::string& table,
                             const std::string& key) {
  GATEPOST_ASSIGN_OR_RETURN(Said said, RunPostfix({"postmap", "-c", folder, "-q", key, table}));
  // No answer is exit 1 and silence; a table that cannot be read is exit 1 and words on stderr,
  // which the person reads above ours.
  if (said.exit != 0 && said.exit != 1) {
    return Status::Invalid("'postmap -q' failed; see what it says above");
  }
  return std::string(AsciiTrim(Bytes(said.out)));
}

}  // namespace gatepost::cli
