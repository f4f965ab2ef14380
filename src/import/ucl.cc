// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/ucl.h"

namespace gatepost::import {

namespace {

constexpr size_t kMostDeep = 16;
constexpr size_t kMostValues = 100'000;

class Reader {
 public:
  Reader(const std::string& file, std::string_view text, Diagnostics* diagnostics)
      : file_(file), text_(text), diagnostics_(diagnostics) {}

  std::vector<UclSection> Run() {
    sections_.push_back({"", 0, {file_, 1, 1}, {}});
    open_.push_back(0);
    size_t values = 0;
    for (Skip(); at_ < text_.size(); Skip()) {
      if (++values > kMostValues) {
        diagnostics_->Error({file_, line_, 1}, "more than 100,000 values");
        break;
      }
      if (text_[at_] == '}') {
        ++at_;
        if (open_.size() > 1) {
          open_.pop_back();
        }
        continue;
      }
      Statement();
    }
    return std::move(sections_);
  }

 private:
  void Advance() { line_ += text_[at_++] == '\n' ? 1 : 0; }

  // Blanks, ';', ',' and comments.
  void Skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') {
          ++at_;
        }
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = std::min(text_.find("*/", at_ + 2), text_.size() - 2);
        while (at_ < end + 2) {
          Advance();
        }
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == ',') {
        Advance();
      } else {
        return;
      }
    }
  }

  void SkipBlanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      Advance();
    }
  }

  std::string Word(std::string_view ends) {
    std::string out;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      const char quote = text_[at_++];
      while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\' && quote == '"' && at_ + 1 < text_.size()) {
          ++at_;
          out += text_[at_] == 'n' ? '\n' : text_[at_] == 't' ? '\t' : text_[at_];
        } else {
          out += text_[at_];
        }
        Advance();
      }
      at_ = std::min(at_ + 1, text_.size());
      return out;
    }
    while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
      out += text_[at_++];
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) {
      out.pop_back();
    }
    return out;
  }

  void Statement() {
    const Place place = {file_, line_, 1};
    if (text_[at_] == '.') {
      diagnostics_->Warning(place, "'" + Word("\n") + "' is not followed: import that file too");
      return;
    }
    const std::string key = Word(" \t\r\n={:;[}");
    SkipBlanks();
    if (at_ < text_.size() && (text_[at_] == '=' || text_[at_] == ':')) {
      ++at_;
      SkipBlanks();
    }
    if (at_ >= text_.size()) {
      return;
    }
    if (text_[at_] == '{') {
      ++at_;
      if (open_.size() >= kMostDeep) {
        diagnostics_->Error(place, "sections are nested deeper than 16");
        at_ = text_.size();
        return;
      }
      sections_.push_back({key, static_cast<int>(open_.size()), place, {}});
      open_.push_back(sections_.size() - 1);
      return;
    }
    std::vector<std::string> values;
    if (text_[at_] == '[') {
      ++at_;
      for (Skip(); at_ < text_.size() && text_[at_] != ']'; Skip()) {
        const size_t before = at_;
        values.push_back(Word(" \t\r\n,;]"));
        at_ = std::max(at_, before + (values.back().empty() ? 1 : 0));
      }
      at_ = std::min(at_ + 1, text_.size());
    } else {
      const size_t before = at_;
      values.push_back(Word("\n;}#"));
      at_ = std::max(at_, before + (key.empty() && values.back().empty() ? 1 : 0));
    }
    sections_[open_.back()].values.emplace_back(key, std::move(values));
  }

  std::string file_;
  std::string_view text_;
  Diagnostics* diagnostics_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<UclSection> sections_;
  std::vector<size_t> open_;
};

}  // namespace

const std::vector<std::string>* UclSection::Find(std::string_view key) const {
  for (const auto& [one, found] : values) {
    if (one == key) {
      return &found;
    }
  }
  return nullptr;
}

std::string UclSection::Text(std::string_view key) const {
  const std::vector<std::string>* found = Find(key);
  return found == nullptr || found->empty() ? std::string() : found->front();
}

std::vector<UclSection> ReadUcl(const std::string& file, std::string_view text,
                                Diagnostics* diagnostics) {
  return Reader(file, text, diagnostics).Run();
}

}  // namespace gatepost::import
