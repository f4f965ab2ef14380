// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/outbreak_words.h"

#include "src/notice/words.h"

namespace gatepost::gateway {

namespace {

constexpr size_t kMostRecipients = 500;
constexpr size_t kMostSenders = 50;

struct Language {
  const char *outbreak, *update, *over;
  const char *attachment, *body, *account;
  const char *noticed, *last, *messages, *file, *digest, *account_name, *senders, *recipients,
      *more;
  const char *delivered, *held, *refused, *deferred;
  const char *stop, *look, *footer;
};

constexpr Language kEnglish = {
    "Outbreak",
    "Outbreak, update",
    "Outbreak is over",
    "the same attachment spreads",
    "the same letter spreads",
    "one account writes to very many recipients",
    "Noticed",
    "Last message",
    "Messages",
    "File",
    "SHA-256",
    "Account",
    "Senders",
    "Recipients touched",
    "and %d more (gatepost outbreak show %s)",
    "delivered",
    "held",
    "refused",
    "deferred",
    "To stop it for four hours",
    "To look at it",
    "Written by the mail gateway %s. Nothing of the mail's text is in this message."};

constexpr Language kVietnamese = {
    "Phát tán diện rộng",
    "Phát tán diện rộng, cập nhật",
    "Phát tán đã chấm dứt",
    "cùng một tệp đính kèm đang lan rộng",
    "cùng một nội dung thư đang lan rộng",
    "một tài khoản đang gửi cho rất nhiều người nhận",
    "Phát hiện lúc",
    "Thư gần nhất",
    "Số thư",
    "Tệp",
    "SHA-256",
    "Tài khoản",
    "Người gửi",
    "Người nhận bị ảnh hưởng",
    "và %d người nữa (gatepost outbreak show %s)",
    "đã chuyển",
    "đang giữ",
    "đã từ chối",
    "đã hoãn",
    "Để chặn trong bốn giờ",
    "Để xem chi tiết",
    "Do cổng thư %s gửi tự động. Thông báo này không chứa nội dung thư."};

std::string Fill(std::string text, const std::string& mark, const std::string& value) {
  const size_t at = text.find(mark);
  return at == std::string::npos ? text : text.replace(at, mark.size(), value);
}

const char* Fate(const Language& words, const std::string& action) {
  return action == "quarantine" ? words.held
         : action == "reject"   ? words.refused
         : action == "defer"    ? words.deferred
                                : words.delivered;
}

template <typename List, typename Line>
std::string Lines(const List& list, size_t most, const std::string& more, const Line& line) {
  std::string out;
  size_t number = 0;
  for (const auto& one : list) {
    if (number++ == most) {
      return out + "  " + Fill(more, "%d", std::to_string(list.size() - most)) + "\n";
    }
    out += "  " + line(one) + "\n";
  }
  return out;
}

}  // namespace

OutbreakWords DescribeOutbreak(const OutbreakCase& one, bool vietnamese, const std::string& node) {
  const Language& words = vietnamese ? kVietnamese : kEnglish;
  const bool account = one.kind == Shared::Kind::kAccount;
  const char* const kind = one.kind == Shared::Kind::kAttachment ? words.attachment
                           : account                             ? words.account
                                                                 : words.body;
  OutbreakWords out;
  out.subject = std::string("[Gatepost] ") +
                (one.over           ? words.over
                 : one.tellings > 0 ? words.update
                                    : words.outbreak) +
                ": " + kind + " (" + std::to_string(one.recipients.size()) + ") " + one.id;
  const auto line = [&out](const char* name, const std::string& value) {
    if (!value.empty()) {
      out.body += std::string(name) + ": " + value + "\n";
    }
  };
  out.body = std::string(kind) + ".\n\n";
  out.body[0] = !vietnamese && out.body[0] >= 'a' && out.body[0] <= 'z'
                    ? static_cast<char>(out.body[0] - 32)
                    : out.body[0];
  const notice::Language language =
      vietnamese ? notice::Language::kVietnamese : notice::Language::kEnglish;
  line(words.noticed, notice::LocalTime(one.begun_ms, language));
  line(words.last, notice::LocalTime(one.seen_ms, language));
  line(words.messages, std::to_string(one.messages));
  line(words.file, one.file + (one.type.empty() ? "" : " (" + one.type + ")"));
  line(account ? words.account_name : words.digest, one.what);
  const std::string more = Fill(words.more, "%s", one.id);
  out.body += "\n" + std::string(words.senders) + " (" + std::to_string(one.senders.size()) +
              "):\n" + Lines(one.senders, kMostSenders, more, [](const std::string& sender) {
                return sender.empty() ? std::string("<>") : sender;
              });
  out.body += "\n" + std::string(words.recipients) + " (" + std::to_string(one.recipients.size()) +
              "):\n" + Lines(one.recipients, kMostRecipients, more, [&words](const auto& pair) {
                return pair.first + "  " + Fate(words, pair.second);
              });
  out.body += "\n";
  if (!one.over && !one.what.empty()) {
    line(words.stop, "gatepost block add " + std::string(account ? "--auth-user " : "--sha256 ") +
                         one.what + " --for 4h --reason " + one.id);
  }
  line(words.look, "gatepost outbreak show " + one.id);
  out.body += "\n" + Fill(words.footer, "%s", node) + "\n";
  return out;
}

}  // namespace gatepost::gateway
