// Replays a folder of mails over N connections, speaking the milter protocol (version 6) as
// Postfix's smtpd and cleanup do, and prints messages a second, the times from the end of the
// message to its answer and of the whole message, and the CPU that the server took for each.
//
//   milter-load [-c CONNECTIONS] [-n MESSAGES] [-p PID,PID] [-r RCPT] [-i CLIENT-IP] [--json]
//   SOCKET FOLDER
//
// CPU: user and system time of the given processes and all that descend from them, before and
// after; children that ended in between are counted through their parents. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int connections = 1;
  int messages = 1'000;
  std::vector<int> pids;
  std::string recipient = "user@office.example";
  std::string client_ip = "192.0.2.1";
  bool json = false;
  std::string socket;
  std::string folder;
};

// One message as Postfix hands it over: fields with the blank after the colon, body with CRLF.
struct Mail {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

Mail Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string raw((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Mail mail;
  size_t at = raw.rfind("From ", 0) == 0 ? raw.find('\n') + 1 : 0;
  bool in_header = true;
  while (at < raw.size()) {
    const size_t end = std::min(raw.find('\n', at), raw.size());
    std::string line = raw.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    if (!in_header) {
      mail.body += line + "\r\n";
    } else if (line.empty()) {
      in_header = false;
    } else if ((line[0] == ' ' || line[0] == '\t') && !mail.fields.empty()) {
      mail.fields.back().second += "\n" + line;
    } else if (const size_t colon = line.find(':'); colon != std::string::npos) {
      mail.fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    } else {
      in_header = false;
      mail.body += line + "\r\n";
    }
  }
  return mail;
}

class Connection {
 public:
  explicit Connection(const Options& options) : options_(options) {
    Open(options.socket);
    // Version 6, all actions, all steps that Postfix 3.7 offers.
    Send('O', Number(6) + Number(0x1FF) + Number(0x1FFFFF));
    const std::string answer = Receive();
    if (answer.size() < 13 || answer[0] != 'O') {
      throw std::runtime_error("the filter does not negotiate");
    }
    steps_ = Number(answer, 9);
    Macros('C', {"j", "mx.office.example", "{daemon_name}", "mx", "{client_port}", "40000"});
    std::string connect = std::string("client.example") + '\0' + '4';
    connect += '\x9c';
    connect += '\x40';
    Command('C', connect + options.client_ip + '\0', 0x1000);
    Command('H', std::string("client.example") + '\0', 0x2000);
  }
  ~Connection() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Returns the filter's final answer; *end_to_answer_us: how long it thought after the end.
  char Transact(const Mail& mail, const std::string& queue_id, int64_t* end_to_answer_us) {
    Command('M', std::string("<sender@example.net>") + '\0', 0x4000);
    Macros('R', {"i", queue_id});
    Command('R', "<" + options_.recipient + ">" + '\0', 0x8000);
    if ((steps_ & 0x200) == 0) {
      Command('T', "", 0x10000);
    }
    for (const auto& [name, value] : mail.fields) {
      Command('L', name + '\0' + value + '\0', 0x80);
    }
    Command('N', "", 0x40000);
    for (size_t at = 0; at < mail.body.size(); at += 65'535) {
      Command('B', mail.body.substr(at, 65'535), 0x80000);
    }
    Macros('E', {"i", queue_id});
    const Clock::time_point ended = Clock::now();
    Send('E', "");
    Flush();
    while (true) {
      const std::string answer = Receive();
      if (std::string_view("acdrtyq").find(answer.at(0)) != std::string_view::npos) {
        *end_to_answer_us =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - ended).count();
        return answer[0];
      }
    }
  }

 private:
  static std::string Number(uint32_t value) {
    const uint32_t big = htonl(value);
    return {reinterpret_cast<const char*>(&big), sizeof big};
  }
  static uint32_t Number(const std::string& text, size_t at) {
    uint32_t big = 0;
    std::memcpy(&big, text.data() + at, sizeof big);
    return ntohl(big);
  }

  void Open(const std::string& where) {
    if (where.rfind("unix:", 0) == 0) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      const std::string path = where.substr(5);
      if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error("the path of the socket is too long");
      }
      std::memcpy(address.sun_path, path.data(), path.size());
      fd_ = socket(AF_UNIX, SOCK_STREAM, 0);
      Connect(reinterpret_cast<const sockaddr*>(&address), sizeof address, where);
      return;
    }
    const size_t at = where.find('@');
    if (where.rfind("inet:", 0) != 0 || at == std::string::npos) {
      throw std::runtime_error("write unix:PATH or inet:PORT@HOST");
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(where.substr(5, at - 5))));
    inet_pton(AF_INET, where.substr(at + 1).c_str(), &address.sin_addr);
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    Connect(reinterpret_cast<const sockaddr*>(&address), sizeof address, where);
  }
  void Connect(const sockaddr* address, socklen_t size, const std::string& where) const {
    if (connect(fd_, address, size) != 0) {
      throw std::runtime_error("cannot connect to " + where + ": " + std::strerror(errno));
    }
  }

  void Send(char command, const std::string& data) {
    out_ += Number(static_cast<uint32_t>(data.size() + 1)) + command + data;
  }
  void Macros(char command, const std::vector<std::string>& words) {
    std::string data(1, command);
    for (const std::string& word : words) {
      data += word + '\0';
    }
    Send('D', data);
  }
  // no_reply: the bit by which the filter said that it will not answer this one.
  void Command(char command, const std::string& data, uint32_t no_reply) {
    Send(command, data);
    if ((steps_ & no_reply) == 0) {
      const std::string answer = Receive();
      if (answer.empty() || answer[0] != 'c') {
        throw std::runtime_error(std::string("unexpected answer to ") + command);
      }
    } else if (std::string_view("CHMRT").find(command) != std::string_view::npos ||
               out_.size() > 4'096) {
      // The envelope comes as the SMTP client speaks; header and body through a stream buffer.
      Flush();
    }
  }
  void Flush() {
    size_t at = 0;
    while (at < out_.size()) {
      const ssize_t sent = send(fd_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) {
        throw std::runtime_error("the filter closed the connection");
      }
      at += static_cast<size_t>(sent);
    }
    out_.clear();
  }
  std::string Receive() {
    Flush();
    const uint32_t size = Number(Exactly(4), 0);
    return Exactly(size);
  }
  std::string Exactly(size_t size) {
    std::string text(size, '\0');
    size_t at = 0;
    while (at < size) {
      const ssize_t got = recv(fd_, text.data() + at, size - at, 0);
      if (got <= 0) {
        throw std::runtime_error("the filter closed the connection");
      }
      at += static_cast<size_t>(got);
    }
    return text;
  }

  const Options& options_;
  int fd_ = -1;
  uint32_t steps_ = 0;
  std::string out_;
};

// Clock ticks of a process with all its threads, its living descendants and its dead children.
uint64_t Ticks(const std::vector<int>& roots) {
  std::map<int, std::pair<int, uint64_t>> processes;  // pid: parent, ticks
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    std::ifstream in(entry.path() / "stat");
    std::string text;
    std::getline(in, text);
    const size_t close = text.rfind(')');
    if (close == std::string::npos) {
      continue;
    }
    std::istringstream fields(text.substr(close + 2));
    std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    if (words.size() > 15) {
      // After the name: state ppid ... utime is the 12th, stime, cutime, cstime follow.
      processes[std::stoi(name)] = {std::stoi(words[1]),
                                    std::stoull(words[11]) + std::stoull(words[12]) +
                                        std::stoull(words[13]) + std::stoull(words[14])};
    }
  }
  std::set<int> ours(roots.begin(), roots.end());
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [pid, one] : processes) {
      grew |= ours.count(one.first) != 0 && ours.insert(pid).second;
    }
  }
  uint64_t sum = 0;
  for (const int pid : ours) {
    sum += processes.count(pid) != 0 ? processes[pid].second : 0;
  }
  return sum;
}

double Percentile(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) {
    return 0;
  }
  const size_t index =
      std::min(sorted.size() - 1, static_cast<size_t>(share * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[index]) / 1'000;
}

Options Parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> rest;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "-c" && more) {
      options.connections = std::max(1, std::stoi(argv[++i]));
    } else if (word == "-n" && more) {
      options.messages = std::max(1, std::stoi(argv[++i]));
    } else if (word == "-r" && more) {
      options.recipient = argv[++i];
    } else if (word == "-i" && more) {
      options.client_ip = argv[++i];
    } else if (word == "-p" && more) {
      std::istringstream list(argv[++i]);
      for (std::string pid; std::getline(list, pid, ',');) {
        options.pids.push_back(std::stoi(pid));
      }
    } else if (word == "--json") {
      options.json = true;
    } else {
      rest.push_back(word);
    }
  }
  if (rest.size() != 2) {
    throw std::runtime_error(
        "usage: milter-load [-c CONNECTIONS] [-n MESSAGES] [-p PID,PID] [-r RCPT] "
        "[-i CLIENT-IP] [--json] SOCKET FOLDER");
  }
  options.socket = rest[0];
  options.folder = rest[1];
  return options;
}

int Run(const Options& options) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options.folder)) {
    if (entry.is_regular_file()) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Mail> mails;
  uint64_t bytes = 0;
  for (const std::filesystem::path& path : paths) {
    mails.push_back(Read(path));
    bytes += mails.back().body.size();
    if (mails.size() >= static_cast<size_t>(options.messages)) {
      break;
    }
  }
  if (mails.empty()) {
    throw std::runtime_error("no mail in " + options.folder);
  }

  std::atomic<int> next{0};
  std::atomic<int> failed{0};
  std::vector<std::vector<int64_t>> thought(static_cast<size_t>(options.connections));
  std::vector<std::vector<int64_t>> whole(static_cast<size_t>(options.connections));
  std::vector<std::map<char, int>> answers(static_cast<size_t>(options.connections));
  const uint64_t ticks_before = Ticks(options.pids);
  const Clock::time_point began = Clock::now();
  std::vector<std::thread> threads;
  for (int n = 0; n < options.connections; ++n) {
    threads.emplace_back([&, n] {
      const auto mine = static_cast<size_t>(n);
      try {
        Connection connection(options);
        for (int i = next++; i < options.messages; i = next++) {
          const Clock::time_point start = Clock::now();
          int64_t end_us = 0;
          const char answer = connection.Transact(mails[static_cast<size_t>(i) % mails.size()],
                                                  "4Load" + std::to_string(i), &end_us);
          thought[mine].push_back(end_us);
          whole[mine].push_back(
              std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
          ++answers[mine][answer];
        }
      } catch (const std::exception& error) {
        std::fprintf(stderr, "milter-load: %s\n", error.what());
        ++failed;
      }
    });
  }
  for (std::thread& one : threads) {
    one.join();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const uint64_t ticks = Ticks(options.pids) - ticks_before;

  std::vector<int64_t> end_times;
  std::vector<int64_t> whole_times;
  std::map<char, int> all;
  for (size_t n = 0; n < thought.size(); ++n) {
    end_times.insert(end_times.end(), thought[n].begin(), thought[n].end());
    whole_times.insert(whole_times.end(), whole[n].begin(), whole[n].end());
    for (const auto& [answer, count] : answers[n]) {
      all[answer] += count;
    }
  }
  std::sort(end_times.begin(), end_times.end());
  std::sort(whole_times.begin(), whole_times.end());
  const auto done = static_cast<double>(whole_times.size());
  const double cpu_ms = whole_times.empty() ? 0
                                            : static_cast<double>(ticks) * 1'000 /
                                                  static_cast<double>(sysconf(_SC_CLK_TCK)) / done;
  std::string told;
  for (const auto& [answer, count] : all) {
    told += (told.empty() ? "" : " ") + std::string(1, answer) + ":" + std::to_string(count);
  }
  const char* const format =
      options.json
          ? "{\"connections\": %d, \"messages\": %.0f, \"per_second\": %.1f, \"p50_ms\": %.3f, "
            "\"p95_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"eom_p50_ms\": %.3f, "
            "\"eom_p99_ms\": %.3f, \"cpu_ms\": %.3f, \"answers\": \"%s\"}\n"
          : "connections %d  messages %.0f  %.1f/s  p50 %.2f  p95 %.2f  p99 %.2f  max %.2f ms  "
            "end-to-answer p50 %.2f p99 %.2f ms  CPU %.2f ms a message  answers %s\n";
  std::printf(format, options.connections, done, done / seconds, Percentile(whole_times, 0.50),
              Percentile(whole_times, 0.95), Percentile(whole_times, 0.99),
              Percentile(whole_times, 1.0), Percentile(end_times, 0.50),
              Percentile(end_times, 0.99), cpu_ms, told.c_str());
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(Parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "milter-load: %s\n", error.what());
    return 2;
  }
}
