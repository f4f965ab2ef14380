// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/words.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "src/base/utf8.h"
#include "src/record/category.h"

namespace gatepost::notice {

namespace {

constexpr size_t kMostNamed = 20;  // recipients in one notice
constexpr size_t kAddressBytes = 320;

struct Reason {
  const char* category;
  const char* vi;
  const char* en;
};
constexpr std::array<Reason, 7> kReasons{{
    {"spam", "Thư có nhiều dấu hiệu của thư rác.", "It looks like unsolicited mail."},
    {"virus", "Thư có tệp hoặc nội dung có thể gây hại cho máy tính.",
     "It carries something that may harm a computer."},
    {"marking",
     "Thư có dấu hiệu ghi độ mật hoặc hạn chế lưu hành nên phải được kiểm tra trước khi chuyển.",
     "It seems to bear a classification marking or a limit on its circulation."},
    {"freemail", "Thư có nội dung công vụ gửi tới hộp thư miễn phí của nước ngoài.",
     "It seems to be official business addressed to a free mailbox abroad."},
    {"unscannable", "Thư có phần không đọc được để kiểm tra (có mật khẩu, bị hỏng hoặc quá lớn).",
     "A part of it could not be read for inspection (it has a password, is damaged or too large)."},
    {"phish", "Thư có dấu hiệu lừa đảo.", "It looks like an attempt at fraud."},
    {"ambiguous", "Cấu trúc của thư không rõ ràng.", "Its structure is ambiguous."},
}};

bool IsEnglish(Language language) { return language == Language::kEnglish; }

std::string Show(const mail::Address& address) {
  return address.is_null() ? "<>" : PrintableUtf8(address.spelling(), kAddressBytes);
}

std::string Listed(const std::vector<mail::Address>& all, Language language) {
  std::string out;
  for (size_t i = 0; i < all.size() && i < kMostNamed; ++i) {
    out += (i == 0 ? "" : ", ") + Show(all[i]);
  }
  if (all.size() > kMostNamed) {
    const std::string rest = std::to_string(all.size() - kMostNamed);
    out += IsEnglish(language) ? " and " + rest + " more" : " và " + rest + " người nhận khác";
  }
  return out;
}

std::vector<mail::Address> RecipientsOf(const record::Held& held) {
  std::vector<mail::Address> all;
  for (const mail::Recipient& one : held.envelope.recipients) {
    all.push_back(one.address);
  }
  return all;
}

std::string Contact(const Options& options) {
  return options.contact.empty() ? options.from.spelling() : options.contact;
}

std::string Foot(const Options& options, const std::string& id) {
  if (IsEnglish(options.language)) {
    return "\nQuestions: " + Contact(options) + ". Please quote " + id +
           ".\n\nThis message was sent by a program; nobody reads answers to it.\n";
  }
  return "\nCần hỏi thêm, xin liên hệ: " + Contact(options) + ", nêu mã số " + id +
         ".\n\nĐây là thư tự động, xin không trả lời thư này.\n";
}

std::string Facts(const record::Held& held, const std::vector<mail::Address>& to,
                  Language language) {
  const std::string at = LocalTime(
      held.envelope.received_at_ms > 0 ? held.envelope.received_at_ms : held.held_at_ms, language);
  if (IsEnglish(language)) {
    return "  To:         " + Listed(to, language) + "\n  Sent:       " + at +
           "\n  Reference:  " + held.id + "\n";
  }
  return "  Gửi tới:    " + Listed(to, language) + "\n  Thời gian:  " + at +
         "\n  Mã số:      " + held.id + "\n";
}

// For those who decide: who wrote to whom, and what was found.
std::string FactsInside(const record::Held& held, Language language) {
  const std::string rules = [&held] {
    std::string out;
    for (size_t i = 0; i < held.rules.size() && i < kMostNamed; ++i) {
      out += (i == 0 ? "" : ", ") + held.rules[i];
    }
    return out;
  }();
  if (IsEnglish(language)) {
    return "  From:       " + Show(held.envelope.sender) + "\n" +
           Facts(held, RecipientsOf(held), language) +
           "  Category:   " + record::CategoryWords(held.category, /*vietnamese=*/false) +
           (rules.empty() ? "" : "\n  Rules:      " + rules) + "\n";
  }
  return "  Người gửi:  " + Show(held.envelope.sender) + "\n" +
         Facts(held, RecipientsOf(held), language) +
         "  Phân loại:  " + record::CategoryWords(held.category, /*vietnamese=*/true) +
         (rules.empty() ? "" : "\n  Quy tắc:    " + rules) + "\n";
}

std::string Lasting(int64_t ms, bool english) {
  const int64_t seconds = ms / 1'000;
  if (seconds >= 3'600) {
    return std::to_string(seconds / 3'600) + (english ? " h" : " giờ");
  }
  return seconds >= 60 ? std::to_string(seconds / 60) + (english ? " min" : " phút")
                       : std::to_string(seconds) + (english ? " s" : " giây");
}

}  // namespace

std::string ReasonOf(const std::string& category, Language language) {
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const Reason& one) { return category == one.category; });
  if (found != kReasons.end()) {
    return IsEnglish(language) ? found->en : found->vi;
  }
  return IsEnglish(language) ? "By the policy of this office a person must look at it first."
                             : "Theo quy định của cơ quan, thư này phải được xem xét trước khi "
                               "chuyển.";
}

std::string LocalTime(int64_t unix_ms, Language language) {
  const time_t seconds = static_cast<time_t>(unix_ms / 1'000);
  tm parts{};
  localtime_r(&seconds, &parts);
  const auto two = [](int64_t number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
  };
  const int64_t offset = parts.tm_gmtoff / 60;
  const int64_t size = offset < 0 ? -offset : offset;
  const std::string zone = (offset < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60);
  const std::string time = two(parts.tm_hour) + ":" + two(parts.tm_min);
  const std::string year = std::to_string(parts.tm_year + 1900);
  return IsEnglish(language) ? year + "-" + two(parts.tm_mon + 1) + "-" + two(parts.tm_mday) + " " +
                                   time + " " + zone
                             : time + " " + two(parts.tm_mday) + "/" + two(parts.tm_mon + 1) + "/" +
                                   year + " (" + zone + ")";
}

std::string Harmless(Bytes text, size_t max_bytes) {
  const std::string printable = PrintableUtf8(text, max_bytes);
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  std::string out;
  for (size_t i = 0; i < printable.size(); ++i) {
    const char c = printable[i];
    const bool between =
        i > 0 && i + 1 < printable.size() && letter(printable[i - 1]) && letter(printable[i + 1]);
    if (c == '.' && between) {
      out += "[.]";
    } else if (c == ':' && printable.compare(i, 3, "://") == 0) {
      out += "[:]";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Text SenderHeld(const record::Held& held, const Options& options) {
  const Language language = options.language;
  const std::string facts = Facts(held, RecipientsOf(held), language);
  const std::string why = ReasonOf(held.category, language);
  if (IsEnglish(language)) {
    return {"Your mail is being held for review [" + held.id + "]",
            "This mail of yours has not been delivered yet; it is held for review:\n\n" + facts +
                "\nWhy: " + why +
                "\n\nThere is no need to send it again. You will be told when it is delivered or "
                "refused.\n" +
                Foot(options, held.id)};
  }
  return {
      "Thư của bạn đang được giữ lại để xem xét [" + held.id + "]",
      "Thư sau đây của bạn chưa được chuyển tới người nhận mà đang được giữ lại để xem xét:\n\n" +
          facts + "\nLý do: " + why +
          "\n\nBạn không cần gửi lại. Bạn sẽ được báo khi thư được chuyển đi hoặc bị từ "
          "chối.\n" +
          Foot(options, held.id)};
}

Text SenderReleased(const record::Held& held, const std::vector<mail::Address>& to,
                    const Options& options) {
  const Language language = options.language;
  const std::string facts = Facts(held, to, language);
  if (IsEnglish(language)) {
    return {"Your mail has been released [" + held.id + "]",
            "This mail of yours was held for review and has now been passed on, unchanged:\n\n" +
                facts + Foot(options, held.id)};
  }
  return {"Thư của bạn đã được chuyển đi [" + held.id + "]",
          "Thư sau đây của bạn đã được xem xét và nay được chuyển tới người nhận, giữ nguyên nội "
          "dung:\n\n" +
              facts + Foot(options, held.id)};
}

Text SenderDenied(const record::Held& held, const Options& options) {
  const Language language = options.language;
  const std::string facts = Facts(held, RecipientsOf(held), language);
  if (IsEnglish(language)) {
    return {"The release of your mail was refused [" + held.id + "]",
            "The release of this mail of yours was asked for and refused; it stays held:\n\n" +
                facts + "\nIt was held because: " + ReasonOf(held.category, language) + "\n" +
                Foot(options, held.id)};
  }
  return {"Thư của bạn không được duyệt chuyển đi [" + held.id + "]",
          "Đề nghị chuyển thư sau đây của bạn đã bị từ chối; thư vẫn được giữ lại:\n\n" + facts +
              "\nLý do giữ: " + ReasonOf(held.category, language) + "\n" + Foot(options, held.id)};
}

Text SenderDeleted(const record::Held& held, const Options& options) {
  const Language language = options.language;
  std::vector<mail::Address> lost;
  for (const mail::Recipient& one : held.envelope.recipients) {
    const bool got =
        std::any_of(held.released.begin(), held.released.end(),
                    [&](const record::ReleaseMark& mark) { return mark.recipient == one.address; });
    if (!got) {
      lost.push_back(one.address);
    }
  }
  const std::string facts = Facts(held, lost, language);
  if (IsEnglish(language)) {
    return {"Your mail was not delivered and has been deleted [" + held.id + "]",
            "This mail of yours was held and has been deleted without being delivered:\n\n" +
                facts + "\nIt was held because: " + ReasonOf(held.category, language) + "\n" +
                Foot(options, held.id)};
  }
  return {"Thư của bạn không được chuyển đi và đã bị xóa [" + held.id + "]",
          "Thư sau đây của bạn đã bị giữ lại, không được chuyển tới người nhận và nay đã bị "
          "xóa:\n\n" +
              facts + "\nLý do giữ: " + ReasonOf(held.category, language) + "\n" +
              Foot(options, held.id)};
}

Text RequestText(const record::Held& held, const record::ReleaseRequest& request, RequestNews news,
                 const Options& options) {
  struct Words {
    const char* subject_vi;
    const char* subject_en;
  };
  constexpr std::array<Words, 6> kWords{{
      {"Có đề nghị chuyển thư đang giữ", "A release is asked for"},
      {"Đề nghị chuyển thư đã được duyệt", "A release was granted"},
      {"Đề nghị chuyển thư đã bị từ chối", "A release was refused"},
      {"Đề nghị chuyển thư đã hết hạn", "A request for release has expired"},
      {"Thư ưu tiên đã được một người cho chuyển, cần người thứ hai xác nhận",
       "Priority mail was released by one person and needs a countersignature"},
      {"Quá hạn xác nhận việc chuyển thư ưu tiên",
       "A release of priority mail is not countersigned"},
  }};
  const bool english = IsEnglish(options.language);
  const Words& words = kWords.at(static_cast<size_t>(news));
  const std::string title = english ? words.subject_en : words.subject_vi;
  const std::string by = PrintableUtf8(request.by, 200);
  const std::string reason = Harmless(request.reason, 500);
  std::string body = title + ":\n\n" + FactsInside(held, options.language);
  body += english ? "\nAsked by:   " + by + "\nReason:     " + reason + "\n"
                  : "\nNgười đề nghị:  " + by + "\nLý do:          " + reason + "\n";
  if (!request.decided_by.empty()) {
    const std::string decider = PrintableUtf8(request.decided_by, 200);
    const std::string answer = Harmless(request.decision_reason, 500);
    body += english ? "Decided by: " + decider + "\nAnswer:     " + answer + "\n"
                    : "Người quyết định: " + decider + "\nÝ kiến:         " + answer + "\n";
  }
  if (news == RequestNews::kAsked) {
    body += english ? "\nValid until " + LocalTime(request.expires_at_ms, options.language) +
                          ". Decide in the console, or by\n  gatepost held approve " + held.id +
                          "\n  gatepost held deny " + held.id + " --reason ...\n"
                    : "\nCó hiệu lực đến " + LocalTime(request.expires_at_ms, options.language) +
                          ". Quyết định trong trang quản lý, hoặc bằng lệnh\n  gatepost held "
                          "approve " +
                          held.id + "\n  gatepost held deny " + held.id + " --reason ...\n";
  }
  if (news == RequestNews::kUrgent || news == RequestNews::kNotCountersigned) {
    body += english ? "\nSomebody else must countersign by " +
                          LocalTime(request.countersign_by_ms, options.language) +
                          ":\n  gatepost held countersign " + held.id + " --reason ...\n"
                    : "\nMột người khác phải xác nhận trước " +
                          LocalTime(request.countersign_by_ms, options.language) +
                          ":\n  gatepost held countersign " + held.id + " --reason ...\n";
  }
  return {title + " [" + held.id + "]", body};
}

Text PriorityText(const record::Held& held, const std::string& whom, const Options& options) {
  if (IsEnglish(options.language)) {
    return {"Priority: mail of " + whom + " is held [" + held.id + "]",
            "Mail of a person on the priority list is held:\n\n" +
                FactsInside(held, options.language) +
                "\nWhy: " + ReasonOf(held.category, options.language) +
                "\n\nIn the console, or by\n  gatepost held show " + held.id +
                "\n  gatepost held release " + held.id + " --reason ...\n"};
  }
  return {"Ưu tiên: thư của " + whom + " đang bị giữ [" + held.id + "]",
          "Thư của người trong danh sách ưu tiên đang bị giữ lại:\n\n" +
              FactsInside(held, options.language) +
              "\nLý do: " + ReasonOf(held.category, options.language) +
              "\n\nXử lý trong trang quản lý, hoặc bằng lệnh\n  gatepost held show " + held.id +
              "\n  gatepost held release " + held.id + " --reason ...\n"};
}

Text TooLongText(const std::vector<record::Held>& oldest, size_t count, const Options& options) {
  const bool english = IsEnglish(options.language);
  const std::string number = std::to_string(count);
  const std::string limit = Lasting(options.too_long_ms, english);
  Text text;
  text.subject = english ? number + " held message(s) wait for a decision for more than " + limit
                         : number + " thư bị giữ quá " + limit + " chưa được xử lý";
  text.body = text.subject + ":\n\n";
  for (const record::Held& one : oldest) {
    text.body += "  " + one.id + "  " + record::CategoryWords(one.category, !english) + "  " +
                 LocalTime(one.held_at_ms, options.language) + "\n      " +
                 Show(one.envelope.sender) + " -> " + Listed(RecipientsOf(one), options.language) +
                 "\n";
  }
  if (count > oldest.size()) {
    text.body += english ? "  ... and " + std::to_string(count - oldest.size()) + " more\n"
                         : "  ... và " + std::to_string(count - oldest.size()) + " thư khác\n";
  }
  return text;
}

}  // namespace gatepost::notice
