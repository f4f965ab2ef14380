// Any text in every form, legacy encodings decoded: well-formed UTF-8, lines kept, soft line ends
// at line ends, every range leads back inside the source. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>

#include "src/base/utf8.h"
#include "src/text/forms.h"
#include "src/text/source.h"
#include "src/text/unicode.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = gatepost::text;
  // Once, as the workers do before they fork; not part of any input's time.
  static const bool prepared = (text::PrepareUnicode(), true);
  if (size < 2 || !prepared) {
    return 0;
  }
  const std::string source =
      gatepost::ToValidUtf8({reinterpret_cast<const char*>(data + 1), size - 1});
  text::LineOptions options;
  options.quotes = (data[0] & 1U) != 0;
  options.flowed = (data[0] & 2U) != 0;
  options.delsp = (data[0] & 4U) != 0;
  text::Wanted wanted;
  for (size_t form = 0; form < text::kFormCount; ++form) {
    wanted.Add("body", static_cast<text::Form>(form));
  }
  gatepost::Limits limits;
  text::ViewBuilder builder(wanted, limits);
  std::vector<gatepost::decode::FontRun> runs;
  if ((data[0] & 16U) != 0) {
    runs.push_back({0, static_cast<uint32_t>(source.size()), ".VnTimeH"});
  }
  const text::SourceText made =
      text::MakeSource(source, options, nullptr, (data[0] & 8U) != 0 ? "tcvn3" : "", &runs);
  builder.Add("body", made, {});
  const auto lines = std::count(made.raw.begin(), made.raw.end(), '\n');
  for (const text::TextView& view : builder.out().views) {
    Require(gatepost::IsUtf8(view.utf8));
    Require(std::count(view.utf8.begin(), view.utf8.end(), '\n') == lines);
    Require(view.soft.size() == made.soft_lines.size());
    for (const uint32_t at : view.soft) {
      Require(at < view.utf8.size() && view.utf8[at] == '\n');
    }
    Require(view.Paragraphs().size() == view.utf8.size());
    uint32_t before = 0;
    const auto step = static_cast<uint32_t>(std::max<size_t>(1, view.utf8.size() / 200));
    for (uint32_t at = 0; at + step <= view.utf8.size(); at += step) {
      const gatepost::Range range = view.SourceOf({at, at + step});
      Require(range.begin <= range.end && range.end <= source.size());
      Require(view.undone || range.begin >= before);  // what was reversed goes backwards
      before = range.begin;
    }
  }
  return 0;
}
