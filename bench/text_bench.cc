// All views of an ordinary letter of 5 KB: ASCII, Vietnamese, HTML; the reading of legacy text and
// HTML. SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include "src/text/legacy.h"
#include "src/text/unicode.h"
#include "src/text/view.h"

namespace gatepost::text {
namespace {

Wanted Everything() {
  Wanted wanted;
  for (size_t form = 0; form < kFormCount; ++form) {
    for (const char* zone : {"body", "subject", "attachment"}) {
      wanted.Add(zone, static_cast<Form>(form));
    }
  }
  for (const char* zone : {"hidden", "url", "filename", "from", "to", "from-name", "fonts"}) {
    wanted.Add(zone, Form::kRaw);
    wanted.Add(zone, Form::kNfc);
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
// TCVN3 as a document's text shows it, with and without its fonts; a page of a newsletter.
const char* const kTcvn3 =
    "Quy\u00D5t \u00AE\u00DEnh v\u00D2 c\u00ABng t\u00B8c b\u00B8o c\u00B8o v\u00B5 v\u00A8n "
    "b\u00B6n "
    "nh\u00B5 n\u00ADíc, TUY\u00D6T M\u00CBT; \u00F1y ban nh\u00A9n d\u00A9n tØnh Qu¶ng Tr\u00DE\n";
void BM_Legacy(benchmark::State& state) {
  std::string text;
  while (text.size() < 200'000) {
    text += kTcvn3;
  }
  std::vector<decode::FontRun> runs;
  for (uint32_t at = 0; state.range(0) != 0 && at + 500 < text.size(); at += 500) {
    runs.push_back({at, at + 500, at % 1000 == 0 ? ".VnTime" : ".VnTimeH"});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ReadLegacy(text, {"", &runs}));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(text.size()));
}
void BM_ReadHtml(benchmark::State& state) {
  std::string page =
      "<html><head><style>p{font-family:Arial;color:#333} .pre{display:none}</style>";
  while (page.size() < 200'000) {
    page +=
        "<table width=\"600\"><tr><td style=\"font-family:Arial,sans-serif;font-size:14px\"><p>The "
        "quick brown fox &amp; the <b>lazy</b> dog</p><span class=pre>more</span><a href=\"http://"
        "example.org/click?x=1&amp;y=2\" style=\"color:#06c\">read on</a></td></tr></table>\r\n";
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ReadHtml(page));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(page.size()));
}
BENCHMARK(BM_Legacy)->Arg(0)->Arg(1);
BENCHMARK(BM_ReadHtml);
BENCHMARK(BM_Ascii);
BENCHMARK(BM_Vietnamese);
BENCHMARK(BM_Western);
BENCHMARK(BM_Html);

}  // namespace
}  // namespace gatepost::text

BENCHMARK_MAIN();
