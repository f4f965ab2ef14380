// LIMITS: 1,000,000 backtracking points, 1 MB of JIT stack, 16 MB of heap a search.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/pcre2.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace gatepost::scan {

namespace {

constexpr uint32_t kMatchLimit = 1'000'000;
constexpr uint32_t kHeapLimitKib = 16U << 10;
constexpr size_t kJitStackStart = 32U << 10;
constexpr size_t kJitStackMost = 1U << 20;

}  // namespace

struct Pattern::Code {
  pcre2_code* code = nullptr;
  bool jit = false;
  bool utf8 = false;
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code); }
};

Pattern::Pattern() : code_(std::make_unique<Code>()) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::Compile(const std::string& expression, const Options& wanted) {
  struct FreeContext {
    void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
  };
  const std::unique_ptr<pcre2_compile_context, FreeContext> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  uint32_t options = PCRE2_NEVER_BACKSLASH_C;
  options |= wanted.line_end ? 0U : PCRE2_DOLLAR_ENDONLY;
  options |= wanted.utf8 ? PCRE2_UTF : PCRE2_NEVER_UTF;
  options |= wanted.caseless ? PCRE2_CASELESS : 0U;
  options |= wanted.captures ? 0U : PCRE2_NO_AUTO_CAPTURE;
  options |= wanted.from_to ? PCRE2_USE_OFFSET_LIMIT : 0U;
  int error = 0;
  PCRE2_SIZE offset = 0;
  Pattern pattern;
  pattern.code_->utf8 = wanted.utf8;
  pattern.code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()),
                                      expression.size(), options, &error, &offset, context.get());
  if (pattern.code_->code == nullptr) {
    std::array<PCRE2_UCHAR, 256> message = {};
    pcre2_get_error_message(error, message.data(), message.size());
    return Status::Invalid(reinterpret_cast<const char*>(message.data()) +
                           (" (at byte " + std::to_string(offset) + ")"));
  }
  pattern.code_->jit = pcre2_jit_compile(pattern.code_->code, PCRE2_JIT_COMPLETE) == 0;
  return pattern;
}

bool Pattern::MatchesEmpty() const {
  uint32_t matches_empty = 0;
  pcre2_pattern_info(code_->code, PCRE2_INFO_MATCHEMPTY, &matches_empty);
  return matches_empty != 0;
}

bool Pattern::IsAnchored() const {
  uint32_t options = 0;
  pcre2_pattern_info(code_->code, PCRE2_INFO_ALLOPTIONS, &options);
  return (options & PCRE2_ANCHORED) != 0;
}

size_t Pattern::bytes() const {
  size_t program = 0;
  size_t native = 0;
  pcre2_pattern_info(code_->code, PCRE2_INFO_SIZE, &program);
  pcre2_pattern_info(code_->code, PCRE2_INFO_JITSIZE, &native);
  return program + native;
}

struct Matcher::State {
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(kJitStackStart, kJitStackMost, nullptr);
  State() {
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, kHeapLimitKib);
    if (stack != nullptr) {
      pcre2_jit_stack_assign(context, nullptr, stack);
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
  }
};

Matcher::Matcher() : state_(std::make_unique<State>()) {}
Matcher::~Matcher() = default;

Matcher::Outcome Matcher::FindFromTo(const Pattern& pattern, Bytes subject, size_t from,
                                     size_t last, bool careful, Range* found) {
  pcre2_set_offset_limit(state_->context, last);
  const Outcome outcome = Find(pattern, subject, from, careful, found);
  pcre2_set_offset_limit(state_->context, PCRE2_UNSET);
  return outcome;
}

Matcher::Outcome Matcher::Find(const Pattern& pattern, Bytes subject, size_t from, bool careful,
                               Range* found) {
  const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data());
  const Pattern::Code& code = *pattern.code_;
  // The JIT's code does not count the steps of a repeat of one character.
  const int count =
      code.jit && !careful
          ? pcre2_jit_match(code.code, text, subject.size(), from, 0, state_->data, state_->context)
          : pcre2_match(code.code, text, subject.size(), from,
                        PCRE2_NO_JIT | (code.utf8 ? PCRE2_NO_UTF_CHECK : 0U), state_->data,
                        state_->context);
  if (count == PCRE2_ERROR_NOMATCH) {
    return Outcome::kNone;
  }
  if (count < 0) {
    return Outcome::kLimit;
  }
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(state_->data);
  *found = {static_cast<uint32_t>(offsets[0]), static_cast<uint32_t>(offsets[1])};
  return Outcome::kMatch;
}

}  // namespace gatepost::scan
