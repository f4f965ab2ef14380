// LIMITS: the first 256 KiB of text together, 600 words; words as the text spells them (no other
// case, no other Unicode form); text that is neither ASCII-compatible nor UTF-16 is not read.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/passwords.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "src/decode/charset.h"

namespace gatepost::decode {

namespace {

constexpr size_t kTextBytes = 256 * 1024;
constexpr size_t kWords = 600;
constexpr size_t kNearWords = 12;
constexpr size_t kLongest = 64;

// Lower case; Vietnamese in both Unicode forms would be "mật khẩu" twice, so the ASCII spellings
// and the composed one stand for all.
constexpr std::string_view kSpeaksOfIt[] = {
    "password", "passwd",  "passcode", "passphrase", "pass",       "pwd",          "mật khẩu",
    "mat khau", "matkhau", "mật mã",   "mat ma",     "mã",         "mk",           "khóa",
    "khoá",     "密码",    "密碼",     "口令",       "解压",       "パスワード",   "암호",
    "비밀번호", "пароль",  "passwort", "kennwort",   "contraseña", "mot de passe", "senha",
    "hasło",    "pin",     "code",     "key"};

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v' || c == '\0';
}

class WordList {
 public:
  explicit WordList(std::vector<std::string>* out) : out_(out) {}
  bool full() const { return out_->size() >= kWords; }
  void Add(std::string_view word) {
    if (!word.empty() && word.size() <= kLongest && !full() && seen_.emplace(word).second) {
      out_->emplace_back(word);
    }
  }
  // As it stands, and without the punctuation that a sentence puts around it.
  void AddWord(std::string_view word) {
    Add(word);
    std::string_view tail = word;
    while (!tail.empty() &&
           std::string_view(".,;:!?)]}>\"'").find(tail.back()) != std::string_view::npos) {
      tail.remove_suffix(1);
      if (std::string_view("\"')]}>").find(word[tail.size()]) == std::string_view::npos ||
          tail.size() + 3 > word.size()) {
        Add(tail);
      }
    }
    Add(tail);
    while (!tail.empty() &&
           std::string_view("([{<\"':").find(tail.front()) != std::string_view::npos) {
      tail.remove_prefix(1);
      Add(tail);
    }
    const size_t sign = word.find_first_of(":=");
    if (sign != std::string_view::npos && sign + 1 < word.size()) {
      Add(word.substr(sign + 1));
      if (tail.size() > sign + 1) {
        Add(tail.substr(tail.find_first_of(":=") + 1));
      }
    }
  }

 private:
  std::vector<std::string>* out_;
  std::unordered_set<std::string> seen_;
};

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && IsBlank(text[at])) {
      ++at;
    }
    size_t end = at;
    while (end < text.size() && !IsBlank(text[end])) {
      ++end;
    }
    if (end > at) {
      words.push_back(text.substr(at, end - at));
    }
    at = end;
  }
  return words;
}

std::string_view WithoutLead(std::string_view line) {
  while (!line.empty() &&
         (IsBlank(line[0]) || line[0] == ':' || line[0] == '=' || line[0] == '-')) {
    line.remove_prefix(1);
  }
  return line;
}

// Full-width punctuation as ASCII with a blank: nothing separates words in Chinese.
std::string Separated(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
      {"：", ": "}, {"，", ", "}, {"。", ". "}, {"、", ", "},
      {"；", "; "}, {"（", " ("}, {"）", ") "}, {"\xc2\xa0", " "}};
  std::string out(text);
  for (const auto& mark : kMarks) {
    if (out.find(mark.first) == std::string::npos) {
      continue;
    }
    std::string next;
    size_t from = 0;
    for (size_t at = out.find(mark.first); at != std::string::npos;
         at = out.find(mark.first, from)) {
      next.append(out, from, at - from).append(mark.second);
      from = at + mark.first.size();
    }
    out = next.append(out, from, std::string::npos);
  }
  return out;
}

// Beside a word that speaks of it: the rest of the line, then the words behind and a few before.
void AddNear(std::string_view text, std::string_view low, WordList* out) {
  for (const std::string_view name : kSpeaksOfIt) {
    size_t found = 0;
    for (size_t at = low.find(name); at != std::string_view::npos && found < 8;
         at = low.find(name, at + name.size())) {
      ++found;
      const size_t behind = at + name.size();
      std::string_view line = text.substr(behind, 200);
      line = line.substr(0, line.find('\n'));
      line = WithoutLead(line);
      for (const std::string_view verb : {"is", "là", "la", "ist", "est", "es"}) {
        if (AsciiStartsWithIgnoreCase(line, verb) && line.size() > verb.size() &&
            (IsBlank(line[verb.size()]) || line[verb.size()] == ':')) {
          line = WithoutLead(line.substr(verb.size()));
          break;
        }
      }
      out->AddWord(AsciiTrim(line));
      size_t count = 0;
      for (const std::string_view word : WordsOf(text.substr(behind, 400))) {
        if (++count > kNearWords) {
          break;
        }
        out->AddWord(word);
      }
      const size_t from = at > 80 ? at - 80 : 0;
      const std::vector<std::string_view> before = WordsOf(text.substr(from, at - from));
      for (size_t i = before.size() > 4 ? before.size() - 4 : 0; i < before.size(); ++i) {
        out->AddWord(before[i]);
      }
    }
  }
}

void AddQuoted(std::string_view text, WordList* out) {
  static constexpr std::pair<std::string_view, std::string_view> kQuotes[] = {
      {"\"", "\""}, {"'", "'"},   {"`", "`"}, {"“", "”"}, {"‘", "’"},
      {"«", "»"},   {"「", "」"}, {"[", "]"}, {"(", ")"}, {"<", ">"}};
  for (const auto& quote : kQuotes) {
    size_t found = 0;
    size_t at = text.find(quote.first);
    while (at != std::string_view::npos && found < 40) {
      const size_t begin = at + quote.first.size();
      const size_t end = text.find(quote.second, begin);
      if (end == std::string_view::npos) {
        break;
      }
      if (end > begin && end - begin <= kLongest) {
        ++found;
        out->Add(text.substr(begin, end - begin));
        out->Add(AsciiTrim(text.substr(begin, end - begin)));
      }
      at = text.find(quote.first, end - begin <= kLongest ? end + quote.second.size() : begin);
    }
  }
}

// What a reader sees of HTML, roughly: tags are blanks, the commonest entities are letters.
std::string WithoutTags(std::string_view html) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
      {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
  std::string out;
  for (size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      const size_t end = html.find('>', at);
      // A tag inside a word does not end it: "<b>12</b>34".
      const std::string_view tag = html.substr(at + 1, 2);
      const bool block = !tag.empty() && std::string_view("bitusfea/BITUSFEA").find(tag[0]) ==
                                             std::string_view::npos;
      const bool line = AsciiStartsWithIgnoreCase(html.substr(at), "<br") ||
                        AsciiStartsWithIgnoreCase(html.substr(at), "</p") ||
                        AsciiStartsWithIgnoreCase(html.substr(at), "</d") ||
                        AsciiStartsWithIgnoreCase(html.substr(at), "</t") ||
                        AsciiStartsWithIgnoreCase(html.substr(at), "<t") ||
                        AsciiStartsWithIgnoreCase(html.substr(at), "</l");
      if (block || line) {
        out.push_back('\n');
      }
      at = end == std::string_view::npos ? html.size() : end + 1;
      continue;
    }
    bool entity = false;
    if (html[at] == '&') {
      for (const auto& known : kEntities) {
        if (AsciiStartsWithIgnoreCase(html.substr(at), known.first)) {
          out.push_back(known.second);
          at += known.first.size();
          entity = true;
          break;
        }
      }
    }
    if (!entity) {
      out.push_back(html[at++]);
    }
  }
  return out;
}

std::vector<std::string> Ordered(std::string_view raw) {
  const std::string text = Separated(raw);
  std::vector<std::string> near;
  std::vector<std::string> quoted;
  std::vector<std::string> all;
  WordList near_list(&near);
  AddNear(text, AsciiLower(text), &near_list);
  WordList quoted_list(&quoted);
  AddQuoted(text, &quoted_list);
  WordList words(&all);
  for (const std::string_view word : WordsOf(text)) {
    if (words.full()) {
      break;
    }
    words.AddWord(word);
  }
  // Words with a digit or a mark are likelier than plain ones.
  std::stable_partition(all.begin(), all.end(), [](const std::string& word) {
    return word.size() >= 4 && std::any_of(word.begin(), word.end(), [](char c) {
             return (c >= '0' && c <= '9') || c == '@' || c == '#' || c == '!' || c == '_';
           });
  });
  std::vector<std::string> out;
  WordList list(&out);
  for (const std::vector<std::string>* part : {&near, &quoted, &all}) {
    for (const std::string& word : *part) {
      list.Add(word);
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> PasswordsIn(std::string_view text) {
  return Ordered(text.substr(0, kTextBytes));
}

std::vector<std::string> OfferedPasswords(const mail::Message* message, const Leaves& leaves) {
  std::string text;
  const auto add = [&text](std::string_view more) {
    if (text.size() < kTextBytes) {
      text += more.substr(0, kTextBytes - text.size());
      text += '\n';
    }
  };
  if (message != nullptr) {
    add(message->Text(message->root(), "Subject"));
  }
  for (const Leaf& leaf : leaves.leaves) {
    if (text.size() >= kTextBytes) {
      break;
    }
    const Bytes head = leaf.bytes.substr(0, kTextBytes);
    if (leaf.type == Type::kHtml) {
      add(WithoutTags(head));
    } else if (leaf.type == Type::kText && head.substr(0, 2) == "\xff\xfe") {
      add(Utf16LeToUtf8(head.substr(2)));
    } else if (leaf.type == Type::kText) {
      add(head);
    }
  }
  for (const DocumentText& document : leaves.texts) {
    add(document.utf8);
  }
  return Ordered(text);
}

}  // namespace gatepost::decode
