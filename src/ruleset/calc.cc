// LIMITS: 4,000 tokens.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/calc.h"

#include <array>
#include <charconv>
#include <map>
#include <string>

namespace gatepost::ruleset {

namespace {

constexpr size_t kMostTokens = 4'000;
using Op = CalcStep::Op;

struct Sign {
  std::string_view spelling;
  Op op;
  int rank;
};
constexpr std::array<Sign, 13> kSigns = {{{"&&", Op::kAnd, 1},
                                          {"||", Op::kOr, 0},
                                          {"==", Op::kEqual, 2},
                                          {"!=", Op::kNotEqual, 2},
                                          {">=", Op::kGreaterEqual, 3},
                                          {"<=", Op::kLessEqual, 3},
                                          {">", Op::kGreater, 3},
                                          {"<", Op::kLess, 3},
                                          {"+", Op::kAdd, 4},
                                          {"-", Op::kSubtract, 4},
                                          {"*", Op::kMultiply, 5},
                                          {"/", Op::kDivide, 5},
                                          {"!", Op::kNot, 6}}};
constexpr int kUnaryRank = 6;

bool IsIdChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// Shunting yard: operators wait until what binds less comes.
class Reader {
 public:
  Reader(std::string_view text, Condition* out) : text_(text), out_(out) {}

  bool Read(std::string* problem, size_t* at) {
    size_t tokens = 0;
    while (problem_.empty() && at_ < text_.size()) {
      if (++tokens > kMostTokens) {
        problem_ = "is longer than 4,000 words and signs";
        break;
      }
      Step();
    }
    if (problem_.empty() && expects_value_) {
      problem_ = "ends where a rule or a number is expected";
    }
    while (problem_.empty() && !waiting_.empty()) {
      if (waiting_.back().is_open) {
        problem_ = "a '(' is not closed";
      } else {
        Emit();
      }
    }
    *problem = problem_;
    *at = at_;
    return problem_.empty();
  }

 private:
  struct Waiting {
    Op op = Op::kNumber;
    int rank = -1;
    bool is_open = false;
  };

  void Emit() {
    out_->steps.push_back({waiting_.back().op, 0, 0});
    waiting_.pop_back();
  }

  void Step() {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n') {
      ++at_;
    } else if (c == '(') {
      if (!expects_value_) {
        problem_ = "an operator is missing before '('";
        return;
      }
      waiting_.push_back({Op::kNumber, -1, true});
      ++at_;
    } else if (c == ')') {
      Close();
    } else if (IsIdChar(c)) {
      Value();
    } else {
      Operator();
    }
  }

  void Close() {
    if (expects_value_) {
      problem_ = "a rule or a number is expected before ')'";
      return;
    }
    while (!waiting_.empty() && !waiting_.back().is_open) {
      Emit();
    }
    if (waiting_.empty()) {
      problem_ = "this ')' closes nothing";
      return;
    }
    waiting_.pop_back();
    ++at_;
  }

  void Value() {
    if (!expects_value_) {
      problem_ = "an operator is missing here";
      return;
    }
    size_t end = at_;
    while (end < text_.size() &&
           (IsIdChar(text_[end]) ||
            (text_[end] == '-' && end + 1 < text_.size() && IsIdChar(text_[end + 1])))) {
      ++end;
    }
    const std::string word(text_.substr(at_, end - at_));
    double number = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc() && stop == word.data() + word.size()) {
      out_->steps.push_back({Op::kNumber, number, 0});
    } else {
      const auto [known, fresh] =
          numbers_.emplace(word, static_cast<uint32_t>(out_->children.size()));
      if (fresh) {
        Condition child;
        child.kind = Condition::Kind::kRule;
        child.name = word;
        child.place = out_->place;
        out_->children.push_back(std::move(child));
      }
      out_->steps.push_back({Op::kValue, 0, known->second});
    }
    at_ = end;
    expects_value_ = false;
  }

  void Operator() {
    for (const Sign& sign : kSigns) {
      if (text_.substr(at_, sign.spelling.size()) != sign.spelling) {
        continue;
      }
      const bool minus = sign.op == Op::kSubtract;
      if (expects_value_ && (minus || sign.op == Op::kNot)) {
        waiting_.push_back({minus ? Op::kNegate : Op::kNot, kUnaryRank, false});
      } else if (expects_value_ || sign.op == Op::kNot) {
        problem_ = expects_value_ ? "a rule or a number is expected before '" +
                                        std::string(sign.spelling) + "'"
                                  : "'!' cannot stand behind a value";
        return;
      } else {
        while (!waiting_.empty() && !waiting_.back().is_open && waiting_.back().rank >= sign.rank) {
          Emit();
        }
        waiting_.push_back({sign.op, sign.rank, false});
        expects_value_ = true;
      }
      at_ += sign.spelling.size();
      return;
    }
    problem_ = "' ' means nothing here: use ids, numbers and ( ) ! * / + - > >= < <= == != && ||";
    problem_[1] = text_[at_];
  }

  std::string_view text_;
  Condition* out_;
  size_t at_ = 0;
  bool expects_value_ = true;
  std::string problem_;
  std::vector<Waiting> waiting_;
  std::map<std::string, uint32_t> numbers_;
};

double Apply(Op op, double a, double b) {
  const auto truth = [](bool holds) { return holds ? 1.0 : 0.0; };
  switch (op) {
    case Op::kAnd:
      return a != 0 ? b : a;
    case Op::kOr:
      return a != 0 ? a : b;
    case Op::kEqual:
      return truth(a == b);
    case Op::kNotEqual:
      return truth(a != b);
    case Op::kGreaterEqual:
      return truth(a >= b);
    case Op::kLessEqual:
      return truth(a <= b);
    case Op::kGreater:
      return truth(a > b);
    case Op::kLess:
      return truth(a < b);
    case Op::kAdd:
      return a + b;
    case Op::kSubtract:
      return a - b;
    case Op::kMultiply:
      return a * b;
    case Op::kDivide:
      return b == 0 ? 0 : a / b;
    default:
      return 0;
  }
}

}  // namespace

bool ReadCalc(std::string_view text, Condition* out, std::string* problem, size_t* at) {
  return Reader(text, out).Read(problem, at);
}

double Calculate(const std::vector<CalcStep>& steps, const std::vector<double>& values,
                 std::vector<double>* room) {
  std::vector<double>& stack = *room;
  stack.clear();
  for (const CalcStep& step : steps) {
    if (step.op == Op::kNumber) {
      stack.push_back(step.number);
    } else if (step.op == Op::kValue) {
      stack.push_back(values[step.child]);
    } else if (step.op == Op::kNot) {
      stack.back() = stack.back() == 0 ? 1 : 0;
    } else if (step.op == Op::kNegate) {
      stack.back() = -stack.back();
    } else {
      const double b = stack.back();
      stack.pop_back();
      stack.back() = Apply(step.op, stack.back(), b);
    }
  }
  return stack.empty() ? 0 : stack.back();
}

}  // namespace gatepost::ruleset
