// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/auth_results.h"

#include <algorithm>
#include <array>

#include "src/mail/address.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kMostResults = 200;

constexpr Bytes kResults = "Authentication-Results";

// Fields that milters and policy servers in front of us put above everything that came over SMTP.
bool MayStandAbove(Bytes name) {
  constexpr std::array<Bytes, 8> kNames = {kResults,
                                           "Received-SPF",
                                           "DKIM-Filter",
                                           "DMARC-Filter",
                                           "ARC-Seal",
                                           "ARC-Message-Signature",
                                           "ARC-Authentication-Results",
                                           "X-Greylist"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](Bytes one) { return AsciiEqualsIgnoreCase(name, one); });
}

// One word of the field: a token, a quoted string without its quotes, or one of ; = .
struct Word {
  enum class Kind { kEnd, kText, kSign } kind = Kind::kEnd;
  std::string text;
};

class Words {
 public:
  explicit Words(Bytes in) : in_(in) {}

  Word Next() {
    SkipBlanksAndComments();
    if (at_ >= in_.size()) {
      return {};
    }
    const char c = in_[at_];
    if (c == ';' || c == '=') {
      ++at_;
      return {Word::Kind::kSign, std::string(1, c)};
    }
    Word word{Word::Kind::kText, {}};
    // "user"@example.org is one word: quoted and bare pieces without a blank between.
    while (at_ < in_.size() && !EndsWord(in_[at_])) {
      if (in_[at_] == '"') {
        TakeQuoted(&word.text);
      } else {
        word.text += in_[at_++];
      }
    }
    return word;
  }

 private:
  static bool EndsWord(char c) {
    return c == ';' || c == '=' || c == '(' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  void TakeQuoted(std::string* out) {
    for (++at_; at_ < in_.size() && in_[at_] != '"'; ++at_) {
      if (in_[at_] == '\\' && at_ + 1 < in_.size()) {
        ++at_;
      }
      *out += in_[at_];
    }
    ++at_;
  }

  void SkipBlanksAndComments() {
    size_t depth = 0;
    for (; at_ < in_.size(); ++at_) {
      const char c = in_[at_];
      if (c == '(') {
        ++depth;
      } else if (c == ')' && depth > 0) {
        --depth;
      } else if (depth > 0) {
        at_ += c == '\\' ? 1 : 0;
      } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        return;
      }
    }
  }

  Bytes in_;
  size_t at_ = 0;
};

bool IsSign(const Word& word, char sign) {
  return word.kind == Word::Kind::kSign && word.text.front() == sign;
}

}  // namespace

std::string AuthResult::Property(std::string_view name) const {
  for (const auto& [key, value] : properties) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

AuthResults ParseAuthResults(Bytes value) {
  AuthResults out;
  Words words(value);
  Word word = words.Next();
  if (word.kind != Word::Kind::kText) {
    return out;
  }
  out.authserv_id = AsciiLower(word.text);
  while (!out.authserv_id.empty() && out.authserv_id.back() == '.') {
    out.authserv_id.pop_back();
  }
  // What stands before the first ";" beside the id is its version.
  while (word.kind != Word::Kind::kEnd && !IsSign(word, ';')) {
    word = words.Next();
  }
  while (word.kind != Word::Kind::kEnd && out.results.size() < kMostResults) {
    // After ";": name=value pairs, the first being method=result.
    AuthResult result;
    bool first = true;
    word = words.Next();
    while (word.kind != Word::Kind::kEnd && !IsSign(word, ';')) {
      const std::string name = AsciiLower(word.text);
      word = words.Next();
      if (!IsSign(word, '=')) {
        continue;  // "none", or a stray word
      }
      word = words.Next();
      if (word.kind != Word::Kind::kText) {
        continue;
      }
      if (first) {
        result.method = name.substr(0, name.find('/'));  // "dkim/1"
        result.result = AsciiLower(word.text);
        first = false;
      } else {
        result.properties.emplace_back(name, word.text);
      }
      word = words.Next();
    }
    if (!first) {
      out.results.push_back(std::move(result));
    }
  }
  return out;
}

ResultsWatch::ResultsWatch(std::string_view authserv_id, bool auth_milters)
    : authserv_id_(AsciiLower(authserv_id)), auth_milters_(auth_milters) {}

ResultsWatch::Verdict ResultsWatch::See(Bytes name, Bytes value, AuthResults* results) {
  at_top_ = at_top_ && MayStandAbove(name);
  if (authserv_id_.empty() || !AsciiEqualsIgnoreCase(name, kResults)) {
    return Verdict::kNotOurs;
  }
  *results = ParseAuthResults(value);
  if (results->authserv_id != authserv_id_) {
    return Verdict::kNotOurs;
  }
  if (!auth_milters_ || !at_top_) {
    return Verdict::kForged;
  }
  const auto reported = [this](const AuthResult& one) {
    return std::find(methods_.begin(), methods_.end(), one.method) != methods_.end();
  };
  if (std::any_of(results->results.begin(), results->results.end(), reported)) {
    return Verdict::kForged;
  }
  for (const AuthResult& one : results->results) {
    methods_.push_back(one.method);
  }
  return Verdict::kBelieved;
}

std::string DomainOf(Bytes address_or_domain) {
  if (address_or_domain.find('@') != Bytes::npos) {
    return mail::Address::Parse(address_or_domain).domain();
  }
  if (address_or_domain.empty()) {
    return {};
  }
  return mail::Address::Parse("x@" + std::string(address_or_domain)).domain();
}

}  // namespace gatepost::inspect
