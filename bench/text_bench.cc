// All views of an ordinary letter of 5 KB: ASCII, Vietnamese, HTML.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include "src/text/unicode.h"
#include "src/text/view.h"

namespace gatepost::text {
namespace {

Wanted Everything() {
  Wanted wanted;
  for (size_t form = 0; form < kFormCount; ++form) {
    for (const char* zone : {"body", "subject", "attachment"}) {
      wanted.pairs.insert({zone, static_cast<Form>(form)});
    }
  }
  for (const char* zone : {"hidden", "url", "filename", "from", "to", "from-name", "fonts"}) {
    wanted.pairs.insert({zone, Form::kRaw});
    wanted.pairs.insert({zone, Form::kNfc});
  }
  return wanted;
}

void Run(benchmark::State& state, const std::string& line, const char* type, bool html) {
  PrepareUnicode();
  std::string body;
  while (body.size() < 5'000) {
    body += html ? "<p>" + line + " <a href=\"http://example.org/x\">x</a></p>\r\n" : line + "\r\n";
  }
  const std::string raw = "From: A <a@example.org>\r\nTo: b@example.net\r\nSubject: " + line +
                          "\r\nContent-Type: " + type + "; charset=utf-8\r\n\r\n" + body;
  const Limits limits;
  const mail::Message message = mail::Message::Parse(raw, limits);
  const decode::Leaves leaves = decode::Decode(message, limits);
  const mail::Envelope envelope;
  const Wanted wanted = Everything();
  for (auto _ : state) {
    benchmark::DoNotOptimize(BuildViews(envelope, message, leaves, wanted, limits));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(raw.size()));
}

void BM_Ascii(benchmark::State& state) {
  Run(state, "The quick brown fox jumps over the lazy dog; nothing of it is secret.", "text/plain",
      false);
}
void BM_Vietnamese(benchmark::State& state) {
  Run(state, "Căn cứ Luật Giao dịch điện tử của Quốc hội nước Cộng hoà xã hội chủ nghĩa",
      "text/plain", false);
}
void BM_Western(benchmark::State& state) {
  Run(state, "Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis", "text/plain",
      false);
}
void BM_Html(benchmark::State& state) {
  Run(state, "The quick brown fox jumps over the lazy dog", "text/html", true);
}
BENCHMARK(BM_Ascii);
BENCHMARK(BM_Vietnamese);
BENCHMARK(BM_Western);
BENCHMARK(BM_Html);

}  // namespace
}  // namespace gatepost::text

BENCHMARK_MAIN();
