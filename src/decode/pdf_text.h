// Text that poppler takes apart: stamps at an angle, letters set wide.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace poppler {
class page;
class ustring;
}  // namespace poppler

namespace gatepost::decode {

// Not ustring::to_utf8: that asks iconv for each string.
std::string PdfUtf8(const poppler::ustring& text);

// One for a document: it keeps the budget.
class PdfStamps {
 public:
  // `lines`: the page in reading order. Where letters lie about in lines of their own, the page is
  // read a second time in the order in which it was drawn; given back is what that adds, as lines:
  // new ones, and pieces joined, with blanks where the gaps show them and without any. "" else.
  // `stamped`: something may be drawn over the words, so the new lines are wanted in any case.
  std::string Read(const poppler::page& page, std::string_view lines, bool stamped);

 private:
  uint64_t steps_ = 0;
};

}  // namespace gatepost::decode
