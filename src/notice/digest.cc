// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/digest.h"

#include <algorithm>
#include <ctime>
#include <map>

#include "src/base/digest.h"
#include "src/base/utf8.h"
#include "src/notice/events.h"
#include "src/notice/words.h"
#include "src/record/category.h"
#include "src/record/held_table.h"

namespace gatepost::notice {

namespace {

constexpr size_t kMostEntries = 100;

// A held copy, in a digest.
struct Copy {
  const record::Held* held = nullptr;
  mail::Address recipient;
};

bool IsOpen(const record::Held& held, const mail::Address& recipient) {
  return held.state == record::HeldState::kHeld &&
         std::none_of(held.released.begin(), held.released.end(),
                      [&](const record::ReleaseMark& one) { return one.recipient == recipient; });
}

std::string BoxUrl(const DigestRun& run, const std::string& reader) {
  if (run.signer == nullptr) {
    return "";
  }
  Link link;
  link.kind = Link::Kind::kBox;
  link.reader = link.recipient = reader;
  link.expires_ms = run.expires_ms;
  link.number = run.signer->NumberOf("box\n" + reader + "\n" + std::to_string(run.slot_ms));
  const std::string token = run.signer->Sign(link);
  return token.empty() ? "" : run.options.mailbox.url + "/m/" + token;
}

std::string Lines(const Copy& copy, size_t number, bool of_a_clerk, const mail::Address& reader,
                  const DigestRun& run, Language language) {
  const bool english = language == Language::kEnglish;
  const record::Held& held = *copy.held;
  std::string out = std::to_string(number) + ". ";
  const auto line = [&](const char* vi, const char* en, const std::string& value) {
    out += (out.back() == ' ' ? "" : "   ") + std::string(english ? en : vi) + value + "\n";
  };
  line("Người gửi:  ", "From:       ",
       held.envelope.sender.is_null() ? "<>" : Harmless(held.envelope.sender.spelling(), 300));
  if (of_a_clerk) {
    line("Người nhận: ", "To:         ", PrintableUtf8(copy.recipient.spelling(), 300));
    line("Phân loại:  ", "Category:   ", record::CategoryWords(held.category, !english));
  }
  if (!held.sealed && !held.marked && !held.subject.empty()) {
    line("Chủ đề:     ", "Subject:    ", Harmless(held.subject, 200));
  }
  line("Thời gian:  ", "Time:       ", LocalTime(held.held_at_ms, language));
  line("Mã số:      ", "Reference:  ", held.id);
  const std::string url = EntryUrl(run, reader.spelling(), copy.recipient.spelling(), held);
  if (!url.empty()) {
    line("Xem, xử lý: ", "Open:       ", url);
  }
  return out + "\n";
}

Item Digest(const std::string& key, const mail::Address& reader, const std::vector<Copy>& copies,
            bool of_a_clerk, Language language, const DigestRun& run) {
  const bool english = language == Language::kEnglish;
  const std::string count = std::to_string(copies.size());
  const std::string at = LocalTime(run.now_ms, language);
  Text text;
  if (of_a_clerk) {
    text.subject = english ? count + " new held message(s) of your unit, " + at
                           : count + " thư mới bị giữ của đơn vị, " + at;
    text.body = english ? "Held for the recipients of your unit since the last list:\n\n"
                        : "Các thư gửi tới đơn vị bị giữ lại kể từ danh sách trước:\n\n";
  } else {
    text.subject = english ? count + " new held message(s) for you, " + at
                           : count + " thư mới đang giữ cho bạn, " + at;
    text.body = english ? "Mail to you that looks unsolicited is held; new since the last list:\n\n"
                        : "Các thư gửi tới bạn có dấu hiệu thư rác đang được giữ lại; mới kể từ "
                          "danh sách trước:\n\n";
  }
  for (size_t i = 0; i < copies.size() && i < kMostEntries; ++i) {
    text.body += Lines(copies[i], i + 1, of_a_clerk, reader, run, language);
  }
  if (copies.size() > kMostEntries) {
    const std::string rest = std::to_string(copies.size() - kMostEntries);
    text.body += english ? "... and " + rest + " more.\n\n" : "... và " + rest + " thư khác.\n\n";
  }
  const std::string box = of_a_clerk ? "" : BoxUrl(run, reader.spelling());
  if (!box.empty()) {
    text.body +=
        (english ? "All that is held for you:\n" : "Tất cả thư đang giữ cho bạn:\n") + box + "\n\n";
  }
  if (run.signer != nullptr) {
    const std::string until = LocalTime(run.expires_ms, language);
    text.body += english ? "A link works until " + until +
                               " and acts once. Opening it only shows; nothing is delivered "
                               "before you press the button there. Do not pass links on.\n"
                         : "Liên kết có hiệu lực đến " + until +
                               " và chỉ dùng được một lần. Mở liên kết chỉ để xem; thư chỉ được "
                               "chuyển khi bạn bấm nút trên trang đó. Xin không chuyển liên kết "
                               "cho người khác.\n";
  }
  const std::string ask =
      run.options.contact.empty() ? run.options.from.spelling() : run.options.contact;
  text.body += (english ? "Questions: " : "Cần hỏi thêm, xin liên hệ: ") + ask + ".\n";
  Options options = run.options;
  options.language = language;
  return MakeItem(key, of_a_clerk ? "clerk-digest" : "digest", reader, text, options, run.now_ms);
}

}  // namespace

int64_t LastDigestTime(const std::vector<int>& minutes, int64_t now_ms) {
  const time_t now = static_cast<time_t>(now_ms / 1'000);
  int64_t last = 0;
  for (const int day : {0, -1}) {
    for (const int minute : minutes) {
      tm parts{};
      localtime_r(&now, &parts);
      parts.tm_mday += day;
      parts.tm_hour = minute / 60;
      parts.tm_min = minute % 60;
      parts.tm_sec = 0;
      parts.tm_isdst = -1;
      const int64_t at = static_cast<int64_t>(mktime(&parts)) * 1'000;
      last = at <= now_ms ? std::max(last, at) : last;
    }
  }
  return last;
}

std::string EntryUrl(const DigestRun& run, const std::string& reader, const std::string& recipient,
                     const record::Held& held) {
  if (run.signer == nullptr) {
    return "";
  }
  Link link;
  link.reader = reader;
  link.recipient = recipient;
  link.held_id = held.id;
  link.expires_ms = run.expires_ms;
  link.number = run.signer->NumberOf("entry\n" + reader + "\n" + recipient + "\n" + held.id + "\n" +
                                     std::to_string(run.slot_ms));
  const std::string token = run.signer->Sign(link);
  return token.empty() ? "" : run.options.mailbox.url + "/m/" + token;
}

std::vector<Item> Digests(const std::vector<record::Held>& fresh, const DigestRun& run) {
  const Options& options = run.options;
  std::vector<Item> out;
  const std::string slot = std::to_string(run.slot_ms / 1'000);
  std::map<std::string, std::vector<Copy>> by_recipient;
  for (const record::Held& held : fresh) {
    if (!options.digest_recipients || options.digest_categories.count(held.category) == 0) {
      continue;
    }
    for (const mail::Recipient& one : held.envelope.recipients) {
      if (mail::IsOwnDomain(run.site, one.address) && IsOpen(held, one.address)) {
        by_recipient[one.address.key()].push_back({&held, one.address});
      }
    }
  }
  for (const auto& [key, copies] : by_recipient) {
    out.push_back(Digest("digest:" + slot + ":" + key, copies.front().recipient, copies,
                         /*of_a_clerk=*/false, options.language, run));
  }
  for (size_t number = 0; number < options.clerks.size(); ++number) {
    const Clerk& clerk = options.clerks[number];
    std::vector<Copy> copies;
    for (const record::Held& held : fresh) {
      if (!clerk.categories.empty() && clerk.categories.count(held.category) == 0) {
        continue;
      }
      for (const mail::Recipient& one : held.envelope.recipients) {
        if (record::InRecipients(clerk.recipients, one.address.key()) &&
            IsOpen(held, one.address)) {
          copies.push_back({&held, one.address});
        }
      }
    }
    for (size_t i = 0; !copies.empty() && i < clerk.to.size(); ++i) {
      const mail::Address& to = clerk.to[i];
      out.push_back(Digest("clerk-digest:" + slot + ":" + std::to_string(number) + ":" + to.key(),
                           to, copies, /*of_a_clerk=*/true, clerk.language, run));
    }
  }
  return out;
}

Item BoxLink(const mail::Address& reader, const DigestRun& run) {
  const bool english = run.options.language == Language::kEnglish;
  Text text;
  text.subject = english ? "Your held mail" : "Thư đang giữ cho bạn";
  text.body = (english ? "You asked for a link to the mail that is held for you:\n\n"
                       : "Bạn đã yêu cầu liên kết tới các thư đang giữ cho bạn:\n\n") +
              BoxUrl(run, reader.spelling()) +
              (english ? "\n\nIf it was not you, nothing needs to be done.\n"
                       : "\n\nNếu không phải bạn yêu cầu, bạn không cần làm gì.\n");
  return MakeItem("link:" + Hex(RandomBytes(8)) + ":" + reader.key(), "link", reader, text,
                  run.options, run.now_ms);
}

}  // namespace gatepost::notice
