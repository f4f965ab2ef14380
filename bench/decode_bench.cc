// Decoders one by one, MB of what comes out in a second: archives and transfer encodings; and MB of
// what goes in for each document named on the command line: decode_bench --benchmark_filter=read
// FILE... SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/decode/leaf.h"

namespace {

using gatepost::Limits;

// Text that packs about as well as an office document: words of a small vocabulary.
std::string Text(size_t size) {
  std::string out;
  uint32_t state = 1;
  while (out.size() < size) {
    state = state * 1664525 + 1013904223;
    out += "word" + std::to_string(state >> 22) + ((state >> 9) % 11 == 0 ? ".\n" : " ");
  }
  out.resize(size);
  return out;
}

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// An archive of 8 MB of text, made by the program of that format; "" where it is not installed.
std::string Archive(const std::string& command) {
  const std::string folder = "/tmp/gatepost-bench";
  if (std::system(("rm -rf " + folder + " && mkdir -p " + folder).c_str()) != 0) {
    return {};
  }
  std::ofstream(folder + "/text.txt", std::ios::binary) << Text(8 << 20);
  const std::string line = "cd " + folder + " && " + command + " >/dev/null 2>&1";
  const bool made = std::system(line.c_str()) == 0;
  std::string bytes = made ? Read(folder + "/out") : std::string();
  if (std::system(("rm -rf " + folder).c_str()) != 0) {
    return {};
  }
  return bytes;
}

void Unpack(benchmark::State& state, const std::string& command) {
  const std::string archive = Archive(command);
  if (archive.empty()) {
    state.SkipWithError("its program is not installed");
    return;
  }
  const Limits limits;
  uint64_t out = 0;
  for (auto _ : state) {
    const auto leaves = gatepost::decode::DecodeDocument("a", archive, limits);
    if (leaves.leaves.back().bytes.size() != 8U << 20) {
      state.SkipWithError("the text did not come out");
      return;
    }
    out += leaves.leaves.back().bytes.size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(out));
}

// A document named on the command line: MB of the file in a second, and how much text it holds.
void ReadDocument(benchmark::State& state, const std::string& path) {
  const std::string file = Read(path);
  const Limits limits;
  uint64_t text = 0;
  for (auto _ : state) {
    const auto leaves = gatepost::decode::DecodeDocument(path, file, limits);
    text = 0;
    for (const auto& one : leaves.texts) {
      text += one.utf8.size();
    }
  }
  state.counters["text_bytes"] = static_cast<double>(text);
  state.SetBytesProcessed(static_cast<int64_t>(file.size()) *
                          static_cast<int64_t>(state.iterations()));
}

void Decode(benchmark::State& state, gatepost::mail::Encoding encoding, const std::string& body) {
  const Limits limits;
  uint64_t out = 0;
  for (auto _ : state) {
    out += gatepost::decode::DecodeBody(body, encoding, limits).front().bytes.size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(out));
}

std::string Base64(const std::string& text) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i + 2 < text.size(); i += 3) {
    const uint32_t three = static_cast<unsigned char>(text[i]) << 16U |
                           static_cast<unsigned char>(text[i + 1]) << 8U |
                           static_cast<unsigned char>(text[i + 2]);
    for (const uint32_t shift : {18U, 12U, 6U, 0U}) {
      out.push_back(kLetters[three >> shift & 63U]);
    }
    if (i % 57 == 54) {
      out += "\r\n";
    }
  }
  return out;
}

std::string QuotedPrintable(const std::string& text) {
  std::string out;
  size_t column = 0;
  for (const char c : text) {
    const bool odd = c == '=' || c == '\n' || c == 'o';
    char hex[4];
    std::snprintf(hex, sizeof hex, "=%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += odd ? std::string(hex) : std::string(1, c);
    column += odd ? 3 : 1;
    if (column > 70) {
      out += "=\r\n";
      column = 0;
    }
  }
  return out;
}

std::string Uuencode(const std::string& text) {
  std::string out = "begin 644 a.txt\r\n";
  for (size_t i = 0; i + 45 <= text.size(); i += 45) {
    out.push_back('M');
    for (size_t j = i; j < i + 45; j += 3) {
      const uint32_t three = static_cast<unsigned char>(text[j]) << 16U |
                             static_cast<unsigned char>(text[j + 1]) << 8U |
                             static_cast<unsigned char>(text[j + 2]);
      for (const uint32_t shift : {18U, 12U, 6U, 0U}) {
        const uint32_t six = three >> shift & 63U;
        out.push_back(six == 0 ? '`' : static_cast<char>(32 + six));
      }
    }
    out += "\r\n";
  }
  return out + "`\r\nend\r\n";
}

}  // namespace

int main(int argc, char** argv) {
  static const std::pair<const char*, const char*> kArchives[] = {
      {"unpack/zip", "zip -q out.zip text.txt && mv out.zip out"},
      {"unpack/zip-deflate64", "7z a -tzip -mm=Deflate64 out.zip text.txt && mv out.zip out"},
      {"unpack/zip-lzma", "7z a -tzip -mm=LZMA out.zip text.txt && mv out.zip out"},
      {"unpack/7z", "7z a out.7z text.txt && mv out.7z out"},
      {"unpack/tar.gz", "tar -czf out text.txt"},
      {"unpack/tar.bz2", "tar -cjf out text.txt"},
      {"unpack/tar.xz", "tar -cJf out text.txt"}};
  for (const auto& archive : kArchives) {
    benchmark::RegisterBenchmark(archive.first, Unpack, std::string(archive.second));
  }
  const std::string text = Text(4 << 20);
  using gatepost::mail::Encoding;
  benchmark::RegisterBenchmark("decode/base64", Decode, Encoding::kBase64, Base64(text));
  benchmark::RegisterBenchmark("decode/quoted-printable", Decode, Encoding::kQuotedPrintable,
                               QuotedPrintable(text));
  benchmark::RegisterBenchmark("decode/uuencode", Decode, Encoding::kUuencode, Uuencode(text));
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    benchmark::RegisterBenchmark(("read/" + path.substr(path.rfind('/') + 1)).c_str(), ReadDocument,
                                 path);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
