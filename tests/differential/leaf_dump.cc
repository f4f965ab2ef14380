// Prints what the decode room makes of files, one JSON object a file: leaves with digests,
// refusals, defects, facts; for comparing with other readers and with expectations. leaf_dump
// [--mail] FILE...: bare documents, or whole messages. SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/decode/leaf.h"
#include "src/mail/message.h"

namespace {

using gatepost::Json;

std::string ReadFile(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// Of this program alone: what getrusage says is that of the parent where the parent was larger.
long PeakKib() {
  std::ifstream in("/proc/self/status");
  std::string word;
  long value = 0;
  while (in >> word) {
    if (word == "VmHWM:") {
      in >> value;
    }
  }
  return value;
}

Json Dump(const gatepost::decode::Leaves& leaves) {
  Json out = {{"leaves", Json::array()},
              {"unscannable", Json::array()},
              {"defects", Json::array()},
              {"facts", leaves.facts}};
  for (const gatepost::decode::Leaf& leaf : leaves.leaves) {
    // The first bytes that are letters, so that a payload can be told by its words.
    out["leaves"].push_back({{"path", leaf.path},
                             {"names", leaf.names},
                             {"type", gatepost::decode::ToString(leaf.type)},
                             {"size", leaf.bytes.size()},
                             {"sha256", gatepost::Sha256Hex(leaf.bytes)},
                             {"container", leaf.is_container},
                             {"alternative", leaf.is_alternative},
                             {"payload", leaf.bytes.find("PAYLOAD-7f3a") != gatepost::Bytes::npos},
                             {"depth", leaf.depth}});
  }
  for (const gatepost::decode::Unscannable& one : leaves.unscannable) {
    out["unscannable"].push_back({{"reason", ToString(one.reason)}, {"path", one.path}});
  }
  for (const gatepost::mail::Defect& defect : leaves.defects) {
    out["defects"].push_back({{"id", gatepost::mail::KindOf(defect.id).name},
                              {"grade", std::string(1, gatepost::mail::ToChar(defect.grade))}});
  }
  return out;
}

// Of this process: a busy machine does not make a bomb worse.
double CpuMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  const bool mail = argc > 1 && std::string(argv[1]) == "--mail";
  const gatepost::Limits limits;
  for (int i = mail ? 2 : 1; i < argc; ++i) {
    const std::string bytes = ReadFile(argv[i]);
    const std::string path = argv[i];
    const double begin = CpuMilliseconds();
    Json out;
    if (mail) {
      const auto message = gatepost::mail::Message::Parse(bytes, limits);
      out = Dump(gatepost::decode::Decode(message, limits));
    } else {
      out = Dump(gatepost::decode::DecodeDocument(path.substr(path.rfind('/') + 1), bytes, limits));
    }
    const double taken = CpuMilliseconds() - begin;
    out["file"] = path;
    out["ms"] = taken;
    out["peak_kib"] = PeakKib();
    std::puts(gatepost::DumpJson(out).c_str());
  }
  return 0;
}
