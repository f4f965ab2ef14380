// Reading MIME: an ordinary letter, a mail with parts and an attachment in base64, a deep nest.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include <string>

#include "src/base/limits.h"
#include "src/mail/message.h"

namespace gatepost::mail {
namespace {

const char* const kHeader =
    "Received: from mx.example.org (mx.example.org [192.0.2.1]) by mail.office.example\r\n"
    "\twith ESMTPS id 4XyZ for <b@office.example>; Mon, 23 Nov 2026 08:00:00 +0700\r\n"
    "From: =?utf-8?B?Tmd1eeG7hW4gVsSDbiBB?= <a@example.org>\r\nTo: b@office.example\r\n"
    "Subject: =?utf-8?Q?B=C3=A1o_c=C3=A1o?=\r\n =?utf-8?Q?_th=C3=A1ng?=\r\n"
    "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n";

std::string Text(size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += "The quick brown fox jumps over the lazy dog; nothing of it is secret.\r\n";
  }
  return text;
}

std::string Base64Lines(size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += std::string(76, "ABCDEFGHIJKLMNOP"[text.size() % 16]) + "\r\n";
  }
  return text;
}

void Run(benchmark::State& state, const std::string& raw) {
  const Limits limits;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Message::Parse(raw, limits));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(raw.size()));
}

void BM_ParseLetter(benchmark::State& state) {
  Run(state,
      std::string(kHeader) + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + Text(5'000));
}
void BM_ParseAttachment(benchmark::State& state) {
  Run(state, std::string(kHeader) +
                 "Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n--=_b\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
                 Text(2'000) +
                 "--=_b\r\nContent-Type: application/pdf;\r\n name*0*=utf-8''b%C3%A1o;\r\n "
                 "name*1=.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                 Base64Lines(static_cast<size_t>(state.range(0))) + "--=_b--\r\n");
}
// As many levels as are read; the rest is a defect.
void BM_ParseNest(benchmark::State& state) {
  std::string raw = kHeader;
  std::string end;
  for (int level = 0; level < state.range(0); ++level) {
    const std::string boundary = "=_" + std::to_string(level);
    raw.append("Content-Type: multipart/mixed; boundary=\"").append(boundary);
    raw.append("\"\r\n\r\n--").append(boundary).append("\r\n");
    end.insert(0, "\r\n--" + boundary + "--\r\n");
  }
  Run(state, raw + "\r\n" + Text(500) + end);
}

BENCHMARK(BM_ParseLetter);
BENCHMARK(BM_ParseAttachment)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(BM_ParseNest)->Arg(5)->Arg(50);

}  // namespace
}  // namespace gatepost::mail

BENCHMARK_MAIN();
