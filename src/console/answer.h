// Errors of ours as answers to a browser.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/console/http.h"

namespace gatepost::console {

// 400, 404, 409, 503, 507 or 500, with the status's text.
Response AnswerOf(const Status& status);
// Is it no reason worth the name? Then *no is the answer, which asks for one in the words `ask`.
bool MissesReason(std::string_view reason, Response* no, const char* ask = "say why");

}  // namespace gatepost::console

#define GATEPOST_ANSWER_IF_ERROR(expr)                        \
  do {                                                        \
    const ::gatepost::Status gatepost_answer_ = (expr);       \
    if (!gatepost_answer_.ok()) {                             \
      return ::gatepost::console::AnswerOf(gatepost_answer_); \
    }                                                         \
  } while (false)

// A declaration cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
#define GATEPOST_ASSIGN_OR_ANSWER(decl, expr) \
  GATEPOST_ASSIGN_OR_ANSWER_INNER(GATEPOST_CONCAT(gatepost_answer_, __LINE__), decl, expr)
#define GATEPOST_ASSIGN_OR_ANSWER_INNER(tmp, decl, expr) \
  auto tmp = (expr);                                     \
  if (!tmp.ok()) {                                       \
    return ::gatepost::console::AnswerOf(tmp.status());  \
  }                                                      \
  decl = std::move(tmp).value()
// NOLINTEND(bugprone-macro-parentheses)
