// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/cf_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "src/base/bytes.h"
#include "src/base/files.h"

namespace gatepost::import {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostFiles = 10'000;
constexpr size_t kMostBytes = 64U << 20;
constexpr size_t kMostDeep = 64;
constexpr size_t kMostIncluded = 16;
constexpr std::string_view kPluginPrefix = "Mail::SpamAssassin::Plugin::";

// What *.pre of SpamAssassin 4.0 loads as shipped.
constexpr std::array<const char*, 28> kUsualPlugins = {"URIDNSBL",    "SPF",
                                                       "Pyzor",       "Razor2",
                                                       "SpamCop",     "AutoLearnThreshold",
                                                       "MIMEHeader",  "WelcomeListSubject",
                                                       "ReplaceTags", "DKIM",
                                                       "Check",       "HTTPSMismatch",
                                                       "URIDetail",   "Bayes",
                                                       "BodyEval",    "DNSEval",
                                                       "HTMLEval",    "HeaderEval",
                                                       "MIMEEval",    "RelayEval",
                                                       "URIEval",     "WLBLEval",
                                                       "VBounce",     "ImageInfo",
                                                       "FreeMail",    "AskDNS",
                                                       "HashBL",      "DMARC"};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// Up to an unescaped '#'; "\#" is the sign itself.
std::string WithoutComment(std::string_view line) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#') {
      if (out.empty() || out.back() != '\\') {
        break;
      }
      out.back() = '#';
      continue;
    }
    out += line[i];
  }
  return out;
}

// The condition of an `if`: a small language of plugin(), can(), has(), version, numbers, ! && ||
// ().
class Condition {
 public:
  Condition(std::string_view text, const std::set<std::string>& plugins, double version)
      : text_(text), plugins_(plugins), version_(version) {}

  // False: *ok says whether it was understood.
  bool Evaluate(bool* ok) {
    // Shunting yard over truth values: operators wait on a stack.
    while (at_ < text_.size() && good_) {
      Step();
    }
    while (!operators_.empty() && good_) {
      Reduce();
    }
    *ok = good_ && values_.size() == 1;
    return *ok && values_[0] != 0;
  }

 private:
  static int Rank(const std::string& op) {
    if (op == "!") {
      return 4;
    }
    return op == "&&" ? 1 : op == "||" ? 0 : 3;
  }

  void Step() {
    const char c = text_[at_];
    if (c == ' ' || c == '\t') {
      ++at_;
      return;
    }
    if (c == '(') {
      operators_.emplace_back("(");
      ++at_;
      return;
    }
    if (c == ')') {
      while (!operators_.empty() && operators_.back() != "(") {
        Reduce();
      }
      good_ = good_ && !operators_.empty();
      if (good_) {
        operators_.pop_back();
      }
      ++at_;
      return;
    }
    for (const char* op : {"&&", "||", ">=", "<=", "==", "!=", ">", "<", "!"}) {
      const std::string_view spelled = op;
      if (text_.substr(at_, spelled.size()) != spelled) {
        continue;
      }
      while (spelled != "!" && !operators_.empty() && operators_.back() != "(" &&
             Rank(operators_.back()) >= Rank(op)) {
        Reduce();
      }
      operators_.emplace_back(op);
      at_ += spelled.size();
      return;
    }
    Word();
  }

  void Word() {
    size_t end = at_;
    while (end < text_.size() &&
           std::string_view(" \t()!&|<>=").find(text_[end]) == std::string_view::npos) {
      ++end;
    }
    const std::string word(text_.substr(at_, end - at_));
    at_ = end;
    if (word == "version") {
      values_.push_back(version_);
    } else if (word == "perl_version") {
      values_.push_back(5.036);
    } else if (word == "local_tests_only") {
      values_.push_back(1);
    } else if (word == "plugin" || word == "can" || word == "has") {
      const size_t open = text_.find('(', at_);
      const size_t close = text_.find(')', at_);
      if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        good_ = false;
        return;
      }
      const std::string argument(Trim(text_.substr(open + 1, close - open - 1)));
      at_ = close + 1;
      values_.push_back(Holds(word, argument) ? 1 : 0);
    } else {
      double number = 0;
      const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), number);
      good_ = good_ && error == std::errc() && at == word.data() + word.size() && !word.empty();
      values_.push_back(number);
    }
  }

  // A feature is there when what has it is: SpamAssassin 4.0 has every feature that rules ask for,
  // but for the old names that it left behind.
  bool Holds(const std::string& word, const std::string& argument) const {
    if (word == "plugin") {
      return plugins_.count(argument) > 0;
    }
    if (argument.find("compat_welcomelist_blocklist") != std::string::npos) {
      return false;
    }
    if (argument.substr(0, kPluginPrefix.size()) == kPluginPrefix) {
      return plugins_.count(argument.substr(0, argument.rfind("::"))) > 0;
    }
    return true;
  }

  void Reduce() {
    const std::string op = operators_.back();
    operators_.pop_back();
    const size_t needs = op == "!" ? 1 : 2;
    if (op == "(" || values_.size() < needs) {
      good_ = false;
      return;
    }
    const double b = values_.back();
    values_.pop_back();
    if (op == "!") {
      values_.push_back(b == 0 ? 1 : 0);
      return;
    }
    const double a = values_.back();
    const bool result = op == "&&"   ? a != 0 && b != 0
                        : op == "||" ? a != 0 || b != 0
                        : op == ">=" ? a >= b
                        : op == "<=" ? a <= b
                        : op == "==" ? a == b
                        : op == "!=" ? a != b
                        : op == ">"  ? a > b
                                     : a < b;
    values_.back() = result ? 1 : 0;
  }

  std::string_view text_;
  const std::set<std::string>& plugins_;
  double version_;
  size_t at_ = 0;
  bool good_ = true;
  std::vector<double> values_;
  std::vector<std::string> operators_;
};

class Reader {
 public:
  Reader(double version, CfFiles* out, Diagnostics* diagnostics)
      : version_(version), out_(out), diagnostics_(diagnostics) {}

  // With what it includes.
  void Read(const std::string& path, std::string content, bool plugins_only) {
    frames_.push_back({path, std::move(content), 0, 0, {}});
    while (!frames_.empty()) {
      Frame& top = frames_.back();
      if (top.at < top.content.size()) {
        const size_t begin = top.at;
        const size_t end = std::min(top.content.find('\n', begin), top.content.size());
        top.at = end + 1;
        ++top.number;
        const std::string line =
            WithoutComment(std::string_view(top.content).substr(begin, end - begin));
        Line(line, {top.path, top.number, 1}, plugins_only);
        continue;
      }
      if (!top.depth.empty() && !plugins_only) {
        diagnostics_->Warning({top.path, top.number, 1},
                              "an 'if' has no 'endif': it ends with the file");
      }
      frames_.pop_back();
    }
  }

 private:
  // A file that is being read, and those that included it.
  struct Frame {
    std::string path;
    std::string content;
    size_t at = 0;
    int number = 0;
    std::vector<bool> depth;  // an included file's conditions are its own
  };

  std::vector<bool>& depth() { return frames_.back().depth; }

  // `include FILE`, beside the file that says it. What cannot be read is said once.
  void Include(const Directive& one, bool plugins_only) {
    const fs::path named(one.value);
    const std::string path =
        (named.is_absolute() ? named : fs::path(one.place.file).parent_path() / named)
            .lexically_normal()
            .string();
    std::string why;
    Result<std::string> content = Status::NotFound("");
    size_t& bytes = included_bytes_[plugins_only ? 0 : 1];
    if (frames_.size() > kMostIncluded) {
      why = "files are included deeper than 16";
    } else if (content = ReadFile(path); !content.ok()) {
      why = content.status().message();
    } else if (bytes += content->size(); bytes > kMostBytes) {
      why = "more than 64 MB of rules";
    }
    if (why.empty()) {
      frames_.push_back({path, std::move(content).value(), 0, 0, {}});
    } else if (plugins_only) {
      diagnostics_->Warning(one.place, "its rules are missing: " + why);
    }
  }

  void Line(const std::string& line, const Place& place, bool plugins_only) {
    std::string_view rest = Trim(line);
    const auto take = [&rest] {
      const size_t end = std::min(rest.find_first_of(" \t("), rest.size());
      const std::string word(rest.substr(0, end));
      rest = Trim(rest.substr(end));
      return word;
    };
    Directive one;
    one.place = place;
    one.key = AsciiLower(take());
    if (one.key.empty()) {
      return;
    }
    if (one.key == "lang") {
      one.lang = take();
      one.key = AsciiLower(take());
    }
    one.value = std::string(rest);
    if (one.key == "ifplugin" || one.key == "if") {
      Open(one);
    } else if (one.key == "else") {
      if (!depth().empty()) {
        depth().back() = !depth().back();
      }
    } else if (one.key == "endif") {
      if (!depth().empty()) {
        depth().pop_back();
      }
    } else if (!std::all_of(depth().begin(), depth().end(), [](bool holds) { return holds; })) {
      if (!plugins_only) {
        out_->not_read.push_back(std::move(one));
      }
    } else if (one.key == "include") {
      Include(one, plugins_only);
    } else if (one.key == "loadplugin" || one.key == "tryplugin") {
      if (plugins_only) {
        out_->plugins.insert(one.value.substr(0, one.value.find_first_of(" \t")));
      }
    } else if (!plugins_only) {
      out_->directives.push_back(std::move(one));
    }
  }

  void Open(const Directive& one) {
    if (depth().size() >= kMostDeep) {
      diagnostics_->Error(one.place, "conditions are nested deeper than 64");
      return;
    }
    if (one.key == "ifplugin") {
      const std::string name = one.value.substr(0, one.value.find_first_of(" \t"));
      depth().push_back(out_->plugins.count(name) > 0);
      return;
    }
    bool understood = false;
    depth().push_back(Condition(one.value, out_->plugins, version_).Evaluate(&understood));
    if (!understood) {
      diagnostics_->Warning(one.place, "this condition is not understood, and taken for false");
    }
  }

  double version_;
  CfFiles* out_;
  Diagnostics* diagnostics_;
  std::vector<Frame> frames_;
  std::array<size_t, 2> included_bytes_{};  // the pass for plugins, the pass for rules
};

// The files below a folder (not in folders of it) that end so.
std::vector<std::string> FilesOf(const std::string& path, const char* extension) {
  std::vector<std::string> out;
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    if (fs::path(path).extension() == extension) {
      out.push_back(path);
    }
    return out;
  }
  for (const auto& entry : fs::directory_iterator(path, error)) {
    std::error_code ignored;
    if (entry.path().extension() == extension && entry.is_regular_file(ignored)) {
      out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Plugins first: a file asks for what any file loads.
void ReadAll(const std::vector<std::string>& contents, double version, CfFiles* out,
             Diagnostics* diagnostics) {
  for (const bool plugins_only : {true, false}) {
    if (!plugins_only && out->plugins.empty()) {
      for (const char* name : kUsualPlugins) {
        out->plugins.insert(std::string(kPluginPrefix) + name);
      }
    }
    Reader reader(version, out, diagnostics);
    for (size_t i = 0; i < contents.size(); ++i) {
      reader.Read(out->files[i], contents[i], plugins_only);
    }
  }
}

}  // namespace

Result<CfFiles> ReadCf(const std::vector<std::string>& paths, double version,
                       Diagnostics* diagnostics) {
  CfFiles out;
  for (const char* extension : {".pre", ".cf"}) {
    for (const std::string& path : paths) {
      const std::vector<std::string> files = FilesOf(path, extension);
      out.files.insert(out.files.end(), files.begin(), files.end());
    }
  }
  if (out.files.empty()) {
    return Status::NotFound("no *.cf is in " +
                            (paths.empty() ? std::string("no folder") : paths[0]) +
                            ": name the folder with SpamAssassin's rules, such as "
                            "/usr/share/spamassassin");
  }
  if (out.files.size() > kMostFiles) {
    return Status::Invalid("more than 10,000 files");
  }
  std::vector<std::string> contents;
  size_t bytes = 0;
  for (const std::string& file : out.files) {
    Result<std::string> content = ReadFile(file);
    if (!content.ok()) {
      return content.status();
    }
    bytes += content->size();
    if (bytes > kMostBytes) {
      return Status::Invalid(file + ": more than 64 MB of rules");
    }
    contents.push_back(std::move(content).value());
  }
  ReadAll(contents, version, &out, diagnostics);
  return out;
}

void ReadCfText(const std::string& file, std::string_view content, double version, CfFiles* out,
                Diagnostics* diagnostics) {
  out->files = {file};
  ReadAll({std::string(content)}, version, out, diagnostics);
}

}  // namespace gatepost::import
