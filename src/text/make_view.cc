// One view of given text, for rule examples and tests.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/utf8.h"
#include "src/text/forms.h"
#include "src/text/lines.h"
#include "src/text/view.h"

namespace gatepost::text {

TextView MakeView(const Zone& zone, Form form, std::string_view utf8) {
  TextView view;
  view.zone = zone;
  view.form = form;
  if (form == Form::kBytes) {
    view.utf8 = std::string(utf8) + "\n\n";  // as a line of SpamAssassin's: its end belongs to it
    view.pieces = {static_cast<uint32_t>(utf8.size() + 1)};
    return view;
  }
  LineOptions options;
  options.quotes = zone == "body";
  options.rejoin = zone == "body" || zone == "attachment";
  const std::string valid = ToValidUtf8(utf8);
  Lines lines = ReadLines(valid, options);
  auto to_source = std::make_shared<OffsetMap>();
  to_source->pieces = std::move(lines.pieces);
  FormText made = MakeForm(lines.text, lines.soft_lines, form);
  auto to_lines = std::make_shared<OffsetMap>();
  to_lines->pieces = std::move(made.pieces);
  to_lines->inner = std::move(to_source);
  view.utf8 = std::move(made.utf8);
  view.soft = std::move(made.soft);
  view.map = std::move(to_lines);
  return view;
}

}  // namespace gatepost::text
