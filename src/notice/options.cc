// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/options.h"

#include <algorithm>
#include <charconv>

#include "src/base/files.h"
#include "src/base/quantity.h"
#include "src/record/quarantine.h"

namespace gatepost::notice {

namespace {

constexpr uint64_t kDayMs = 86'400'000;

mail::Address TakeAddress(const YamlNode& at, const std::string& text, Diagnostics* diagnostics) {
  mail::Address address = mail::Address::Parse(text);
  if (!address.valid() || address.domain().empty() || !IsAscii(address.spelling())) {
    diagnostics->Error(at.place, "'" + text + "' is not an address (in ASCII, with a domain)");
  }
  return address;
}

void TakeAddresses(YamlMap* map, const YamlNode& node, const char* key,
                   std::vector<mail::Address>* out, Diagnostics* diagnostics) {
  std::vector<std::string> words;
  if (map->TakeStrings(key, &words)) {
    out->clear();
    for (const std::string& word : words) {
      out->push_back(TakeAddress(*node.Find(key), word, diagnostics));
    }
  }
}

void TakeSet(YamlMap* map, const char* key, std::set<std::string>* out) {
  std::vector<std::string> words;
  if (map->TakeStrings(key, &words)) {
    *out = std::set<std::string>(words.begin(), words.end());
  }
}

void TakeLanguage(YamlMap* map, const YamlNode& node, Language* out, Diagnostics* diagnostics) {
  std::string word;
  if (map->TakeString("language", &word) && !LanguageFromString(word, out)) {
    diagnostics->Error(node.Find("language")->place, "'language' must be vi or en");
  }
}

// "07:30", in minutes after midnight. Unquoted it is a text to our reader, too.
bool ParseMinute(const std::string& text, int* minute) {
  const size_t colon = text.find(':');
  int hours = 0;
  int minutes = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (colon == std::string::npos || colon == 0 || colon > 2 || text.size() - colon != 3) {
    return false;
  }
  const auto [stop, error] = std::from_chars(begin, end, hours);
  const auto [stop2, error2] = std::from_chars(begin + colon + 1, end, minutes);
  *minute = hours * 60 + minutes;
  return error == std::errc() && error2 == std::errc() && stop == begin + colon && stop2 == end &&
         hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

// Addresses and "@domain"; false: `*word` is neither.
bool NormalPattern(std::string* word) {
  const bool domain = !word->empty() && word->front() == '@';
  const mail::Address address = mail::Address::Parse(domain ? "x" + *word : *word);
  if (!address.valid() || address.domain().empty()) {
    return false;
  }
  *word = domain ? "@" + address.domain() : AsciiLower(*word);
  return true;
}

void ReadClerks(const YamlNode& node, Language language, std::vector<Clerk>* out,
                Diagnostics* diagnostics) {
  if (!node.is_sequence()) {
    diagnostics->Error(node.place, "'clerks' must be a list of maps with 'to' and 'recipients'");
    return;
  }
  for (const YamlNode& one : node.items) {
    Clerk clerk;
    clerk.language = language;
    YamlMap map(one, "clerks", diagnostics);
    TakeAddresses(&map, one, "to", &clerk.to, diagnostics);
    map.TakeStrings("recipients", &clerk.recipients);
    for (std::string& word : clerk.recipients) {
      if (!NormalPattern(&word)) {
        diagnostics->Error(one.Find("recipients")->place,
                           "'" + word + "' is neither an address nor '@domain'");
      }
    }
    TakeSet(&map, "categories", &clerk.categories);
    TakeLanguage(&map, one, &clerk.language, diagnostics);
    map.Finish();
    if (clerk.to.empty() || clerk.recipients.empty()) {
      diagnostics->Error(one.place, "a clerk needs 'to' and 'recipients'");
    }
    out->push_back(std::move(clerk));
  }
}

void ReadDigest(const YamlNode& node, Options* options, Diagnostics* diagnostics) {
  if (node.is_scalar()) {
    const bool on = node.scalar == "on" || node.scalar == "true" || node.scalar == "yes";
    if (!on && node.scalar != "off" && node.scalar != "false" && node.scalar != "no") {
      diagnostics->Error(node.place, "'digest' must be on or off, or a map");
    }
    options->digests = on;
    return;
  }
  options->digests = true;
  YamlMap map(node, "digest", diagnostics);
  std::vector<std::string> times;
  if (map.TakeStrings("at", &times)) {
    options->digest_at.clear();
    for (const std::string& word : times) {
      int minute = 0;
      if (!ParseMinute(word, &minute)) {
        diagnostics->Error(node.Find("at")->place,
                           "'" + word + "' is not a time of day such as \"07:30\"");
      }
      options->digest_at.push_back(minute);
    }
    std::sort(options->digest_at.begin(), options->digest_at.end());
  }
  map.TakeBool("recipients", &options->digest_recipients);
  TakeSet(&map, "categories", &options->digest_categories);
  if (const YamlNode* clerks = map.Take("clerks"); clerks != nullptr) {
    ReadClerks(*clerks, options->language, &options->clerks, diagnostics);
  }
  map.Finish();
}

void ReadMailbox(const YamlNode& node, const std::function<std::string(std::string)>& resolve,
                 MailboxOptions* mailbox, Diagnostics* diagnostics) {
  YamlMap map(node, "mailbox", diagnostics);
  mailbox->on = true;
  mailbox->listener.Read(&map, resolve, diagnostics);
  map.TakeString("url", &mailbox->url);
  while (!mailbox->url.empty() && mailbox->url.back() == '/') {
    mailbox->url.pop_back();
  }
  TakeSet(&map, "release", &mailbox->release);
  for (const char* never : {"virus", "marking", "unscannable"}) {
    if (mailbox->release.count(never) > 0) {
      diagnostics->Error(
          node.Find("release")->place,
          std::string("'") + never + "' is not for recipients to release; they can ask for it");
    }
  }
  Quantities(&map, diagnostics).Time("links", 600'000, 30 * kDayMs, [&](uint64_t ms) {
    mailbox->links_ms = static_cast<int64_t>(ms);
  });
  map.Finish();
  mailbox->listener.Check(node.place, "links", diagnostics);
  if (mailbox->url.empty()) {
    diagnostics->Error(node.place,
                       "'mailbox' needs 'url', the address that links begin with, such as "
                       "https://mail.office.example");
  } else if (mailbox->url.rfind("https://", 0) != 0 && mailbox->url.rfind("http://", 0) != 0) {
    diagnostics->Error(node.Find("url")->place, "'url' must begin with https:// or http://");
  }
}

void ReadPriority(const YamlNode& node, const std::function<std::string(std::string)>& resolve,
                  Options* options, Diagnostics* diagnostics) {
  YamlMap map(node, "priority", diagnostics);
  if (map.TakeString("list", &options->priority_list)) {
    options->priority_list = resolve(options->priority_list);
    if (const auto list = ReadAddressFile(options->priority_list); !list.ok()) {
      diagnostics->Error(node.Find("list")->place, list.status().message());
    }
  } else {
    diagnostics->Error(node.place, "'priority' needs 'list', a file of addresses");
  }
  map.TakeStrings("command", &options->priority_command);
  if (!options->priority_command.empty() && options->priority_command[0].rfind('/', 0) != 0) {
    diagnostics->Error(node.Find("command")->place,
                       "'command' is a list of a program's full path and its arguments; no shell "
                       "reads it");
  }
  Quantities(&map, diagnostics).Time("countersign", 60'000, 30 * kDayMs, [&](uint64_t ms) {
    options->countersign_ms = static_cast<int64_t>(ms);
  });
  map.Finish();
}

void ReadTooLong(const YamlNode& node, Options* options, Diagnostics* diagnostics) {
  const auto bad = [&] {
    diagnostics->Error(node.place, "'too_long' must be a time such as 24h, or never, or a map");
  };
  uint64_t ms = 0;
  if (node.is_scalar() && node.scalar == "never") {
    options->too_long_ms = 0;
  } else if (node.is_scalar() && ParseDuration(node.scalar, &ms) && ms >= 1'000 &&
             ms <= 365 * kDayMs) {
    options->too_long_ms = static_cast<int64_t>(ms);
  } else if (node.is_map()) {
    YamlMap map(node, "too_long", diagnostics);
    Quantities(&map, diagnostics).Time("after", 1'000, 365 * kDayMs, [&](uint64_t after) {
      options->too_long_ms = static_cast<int64_t>(after);
    });
    TakeSet(&map, "categories", &options->too_long_categories);
    map.Finish();
  } else {
    bad();
  }
}

}  // namespace

const char* ToString(Language language) { return language == Language::kEnglish ? "en" : "vi"; }

bool LanguageFromString(std::string_view word, Language* out) {
  *out = word == "en" ? Language::kEnglish : Language::kVietnamese;
  return word == "en" || word == "vi";
}

void Options::Read(const YamlNode& root, const std::string& own_domain,
                   const std::function<std::string(std::string)>& resolve,
                   Diagnostics* diagnostics) {
  from = mail::Address::Parse("postmaster@" + own_domain);
  const YamlNode* const node = root.Find("notices");
  if (node == nullptr || node->is_null()) {
    return;
  }
  if (node->is_scalar() && (node->scalar == "off" || node->scalar == "no")) {
    senders = false;
    too_long_ms = 0;
    return;
  }
  YamlMap map(*node, "notices", diagnostics);
  map.TakeBool("senders", &senders);
  TakeLanguage(&map, *node, &language, diagnostics);
  std::string word;
  if (map.TakeString("from", &word)) {
    from = TakeAddress(*node->Find("from"), word, diagnostics);
  }
  map.TakeString("contact", &contact);
  TakeAddresses(&map, *node, "officers", &officers, diagnostics);
  if (map.TakeString("on_duty", &on_duty)) {
    on_duty = resolve(on_duty);
    if (const auto list = ReadAddressFile(on_duty); !list.ok()) {
      diagnostics->Warning(node->Find("on_duty")->place,
                           list.status().message() + "; until it can be read 'officers' are told");
    }
  }
  if (const YamlNode* names = map.Take("people"); names != nullptr) {
    YamlMap of(*names, "people", diagnostics);
    for (const auto& [key, value] : names->entries) {
      if (of.TakeString(key.scalar, &word)) {
        people[key.scalar] = TakeAddress(value, word, diagnostics);
      }
    }
    of.Finish();
  }
  if (const YamlNode* one = map.Take("too_long"); one != nullptr && !one->is_null()) {
    ReadTooLong(*one, this, diagnostics);
  }
  if (const YamlNode* one = map.Take("priority"); one != nullptr && !one->is_null()) {
    ReadPriority(*one, resolve, this, diagnostics);
  }
  if (const YamlNode* one = map.Take("mailbox"); one != nullptr && !one->is_null()) {
    ReadMailbox(*one, resolve, &mailbox, diagnostics);
    digests = true;
  }
  if (const YamlNode* one = map.Take("digest"); one != nullptr && !one->is_null()) {
    ReadDigest(*one, this, diagnostics);
  }
  map.Finish();
  if (!priority_list.empty() && officers.empty() && on_duty.empty()) {
    diagnostics->Error(node->Find("priority")->place,
                       "'priority' alerts nobody: name 'officers' or 'on_duty'");
  }
}

Result<std::vector<std::string>> ReadAddressFile(const std::string& path) {
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::vector<std::string> out;
  size_t number = 0;
  for (size_t at = 0; at < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    std::string word(AsciiTrim(line.substr(0, line.find('#'))));
    at = end + 1;
    if (word.empty()) {
      continue;
    }
    if (!NormalPattern(&word)) {
      return Status::Invalid(path + ":" + std::to_string(number + 1) + ": '" + word +
                             "' is neither an address nor '@domain'");
    }
    out.push_back(std::move(word));
  }
  return out;
}

std::vector<mail::Address> Options::Officers() const {
  std::vector<mail::Address> out;
  if (!on_duty.empty()) {
    if (const auto list = ReadAddressFile(on_duty); list.ok()) {
      for (const std::string& one : *list) {
        if (one.front() != '@') {
          out.push_back(mail::Address::Parse(one));
        }
      }
    }
  }
  return out.empty() ? officers : out;
}

mail::Address Options::AddressOf(const std::string& actor) const {
  const std::string person = record::PersonOf(actor);
  const auto found = people.find(person);
  if (found != people.end()) {
    return found->second;
  }
  const mail::Address address = mail::Address::Parse(person);
  return address.valid() && !address.domain().empty() && IsAscii(person) ? address
                                                                         : mail::Address();
}

}  // namespace gatepost::notice
