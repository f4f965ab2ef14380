// The monthly report as a page for printing, in Vietnamese or English.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>

#include "src/cli/month_report.h"
#include "src/record/category.h"

namespace gatepost::cli {

namespace {

constexpr std::array<const char*, 5> kActions = {"accept", "tag", "quarantine", "reject", "defer"};

constexpr const char* kStyle =
    "@page{size:A4;margin:16mm}*{box-sizing:border-box}"
    "body{font:14px/1.45 'Times New Roman',Tinos,'Liberation Serif',serif;color:#111;"
    "max-width:190mm;margin:0 auto;padding:16px}"
    "h1{font-size:23px;margin:0}h2{font-size:17px;margin:22px 0 6px;border-bottom:1px solid #999}"
    "p{margin:4px 0 8px}.small{color:#555;font-size:12px}"
    "table{border-collapse:collapse;width:100%;font-size:13px}"
    "th,td{padding:3px 6px;border-bottom:1px solid #ddd;text-align:right;vertical-align:top}"
    "th:first-child,td:first-child{text-align:left}th{border-bottom:1px solid #555}"
    ".words td,.words th{text-align:left}.sum td{border-top:1px solid #555;font-weight:bold}"
    ".key{display:flex;flex-wrap:wrap;gap:8px;margin:12px 0}.key div{flex:1 1 110px;border:1px "
    "solid "
    "#bbb;padding:6px 8px}.key b{display:block;font-size:20px}"
    "svg{width:100%;height:auto}section{break-inside:avoid}tr{break-inside:avoid}"
    "thead{display:table-header-group}.sign{display:flex;justify-content:space-between;"
    "margin-top:28px;break-inside:avoid}.sign div{width:45%;text-align:center;height:90px}"
    "@media print{body{padding:0;max-width:none}}"
    "@media (max-width:600px){.wide{overflow-x:auto}}";

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '&'   ? std::string("&amp;")
           : c == '<' ? std::string("&lt;")
           : c == '>' ? std::string("&gt;")
           : c == '"' ? std::string("&quot;")
                      : std::string(1, c);
  }
  return out;
}

// 12,345 or 12.345
std::string Number(uint64_t value, bool vi) {
  std::string out = std::to_string(value);
  for (size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, vi ? "." : ",");
  }
  return out;
}

std::string Percent(double share, bool vi, int digits = 1) {
  std::array<char, 32> text{};
  // Not rounded up to a whole that it is not.
  const double shown = share < 1 && share > 0.9999 && digits < 3 ? 0.9999 : share;
  std::snprintf(text.data(), text.size(), "%.*f", digits, shown * 100);
  std::string out = text.data();
  if (vi) {
    std::replace(out.begin(), out.end(), '.', ',');
  }
  return out + (vi ? "%" : " %");
}

std::string Lasting(int64_t ms, bool vi) {
  const int64_t seconds = ms / 1'000;
  const auto text = [](int64_t number, const char* unit) {
    return std::to_string(number) + " " + unit;
  };
  if (seconds < 60) {
    return text(seconds, vi ? "giây" : "s");
  }
  const int64_t minutes = seconds / 60;
  if (minutes < 60) {
    return text(minutes, vi ? "phút" : "min");
  }
  if (minutes < 48 * 60) {
    return text(minutes / 60, vi ? "giờ" : "h") + " " + text(minutes % 60, vi ? "phút" : "min");
  }
  return text(minutes / 1'440, vi ? "ngày" : "d") + " " + text(minutes / 60 % 24, vi ? "giờ" : "h");
}

const char* ActionWord(const std::string& action, bool vi) {
  return action == "accept"       ? (vi ? "Chuyển" : "Delivered")
         : action == "tag"        ? (vi ? "Gắn nhãn" : "Tagged")
         : action == "quarantine" ? (vi ? "Giữ lại" : "Held")
         : action == "reject"     ? (vi ? "Từ chối" : "Refused")
                                  : (vi ? "Tạm hoãn" : "Deferred");
}

std::string CategoryWord(const std::string& category, bool vi) {
  std::string words = record::CategoryWords(category, vi);
  // At the head of a line; a house's own word stays as the house writes it.
  if (record::UsualCategories().count(category) > 0) {
    words[0] = static_cast<char>(words[0] - 32);
  }
  return words;
}

uint64_t Of(const std::map<std::string, uint64_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

class Page {
 public:
  Page(const MonthFigures& figures, bool vi) : figures_(figures), vi_(vi) {}

  std::string Write() {
    const std::string month = figures_.month.substr(5) + "/" + figures_.month.substr(0, 4);
    const std::string title =
        std::string(Say("Mail gateway: report of ", "Cổng lọc thư điện tử: báo cáo tháng ")) +
        month;
    out_ = std::string("<!DOCTYPE html>\n<html lang=\"") + (vi_ ? "vi" : "en") +
           "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width\"><title>" +
           Escaped(title) + "</title><style>" + kStyle + "</style></head><body>\n<h1>" +
           Escaped(title) + "</h1>\n<p class=\"small\">" + Escaped(figures_.node) + ". " +
           Say("From the decision log, the audit trail and the record of outages; made ",
               "Theo nhật ký quyết định, nhật ký kiểm tra và sổ sự cố; lập lúc ") +
           Escaped(record::LocalTime(figures_.made_ms, vi_)) + ".</p>\n";
    Keys();
    Volumes();
    Units();
    WrongBlocks();
    HoldTimesTable();
    Availability();
    Opened();
    out_ += std::string("<div class=\"sign\"><div>") + Say("Drawn up by", "Người lập") +
            "</div><div>" + Say("Approved by", "Người duyệt") + "</div></div>\n</body></html>\n";
    return out_;
  }

 private:
  const char* Say(const char* english, const char* vietnamese) const {
    return vi_ ? vietnamese : english;
  }
  std::string Count(uint64_t value) const { return Number(value, vi_); }

  void Begin(const char* english, const char* vietnamese) {
    out_ += std::string("<section><h2>") + Say(english, vietnamese) + "</h2>\n";
  }
  void End() { out_ += "</section>\n"; }
  void Head(const std::vector<std::string>& cells, bool words = false) {
    out_ += std::string("<div class=\"wide\"><table") + (words ? " class=\"words\"" : "") +
            "><thead><tr>";
    for (const std::string& one : cells) {
      out_ += "<th>" + one + "</th>";
    }
    out_ += "</tr></thead><tbody>\n";
  }
  void Row(const std::vector<std::string>& cells, bool sum = false) {
    out_ += sum ? "<tr class=\"sum\">" : "<tr>";
    for (const std::string& one : cells) {
      out_ += "<td>" + one + "</td>";
    }
    out_ += "</tr>\n";
  }
  void EndTable() { out_ += "</tbody></table></div>\n"; }
  void Nothing() { out_ += std::string("<p>") + Say("Nothing.", "Không có.") + "</p>\n"; }

  void Keys() {
    const auto key = [this](const std::string& value, const char* name) {
      out_ += "<div><b>" + value + "</b>" + name + "</div>";
    };
    out_ += "<div class=\"key\">";
    key(Count(figures_.messages), Say("messages", "thư đã xử lý"));
    key(Count(Of(figures_.actions, "quarantine")), Say("held", "thư giữ lại"));
    key(Count(Of(figures_.actions, "reject")), Say("refused", "thư từ chối"));
    key(Count(figures_.wrong.either), Say("wrong blocks", "thư giữ nhầm"));
    key(Percent(figures_.available(), vi_, 2), Say("available", "khả dụng"));
    out_ += "</div>\n";
  }

  void Volumes() {
    Begin("Volumes and actions", "Lưu lượng và xử lý");
    uint64_t most = 1;
    for (const auto& day : figures_.days) {
      uint64_t all = 0;
      for (const auto& [action, count] : day) {
        all += count;
      }
      most = std::max(most, all);
    }
    Chart(most);
    Head({Say("Action", "Xử lý"), Say("Messages", "Số thư"), Say("Share", "Tỷ lệ")});
    for (const char* action : kActions) {
      const uint64_t count = Of(figures_.actions, action);
      Row({ActionWord(action, vi_), Count(count),
           figures_.messages == 0
               ? "-"
               : Percent(static_cast<double>(count) / static_cast<double>(figures_.messages),
                         vi_)});
    }
    Row({Say("Together", "Cộng"), Count(figures_.messages), Count(figures_.bytes >> 20) + " MiB"},
        true);
    EndTable();
    if (!figures_.categories.empty()) {
      out_ += "<p></p>";
      Head({Say("What was found", "Loại phát hiện"), Say("Messages", "Số thư")});
      for (const auto& [category, count] : figures_.categories) {
        Row({Escaped(CategoryWord(category, vi_)), Count(count)});
      }
      EndTable();
    }
    out_ += std::string("<p class=\"small\">") +
            Say("Exceptions allowed: ", "Ngoại lệ đã cho phép: ") + Count(figures_.exceptions) +
            Say("; blocks set: ", "; lệnh chặn: ") + Count(figures_.blocks) +
            Say("; outbreaks told: ", "; cảnh báo phát tán: ") + Count(figures_.alerts) + ".</p>\n";
    End();
  }

  // Bars by day: what was delivered in grey, what was kept back in black on top.
  void Chart(uint64_t most) {
    constexpr int kHeight = 90;
    constexpr int kStep = 22;
    const size_t days = std::max<size_t>(figures_.days.size(), 28);
    out_ += "<svg viewBox=\"0 0 " + std::to_string(days * kStep + 4) + " " +
            std::to_string(kHeight + 34) + "\" role=\"img\" aria-label=\"" +
            Say("Messages by day", "Số thư theo ngày") + "\">";
    for (size_t i = 0; i < figures_.days.size(); ++i) {
      const auto& day = figures_.days[i];
      const uint64_t back = Of(day, "quarantine") + Of(day, "reject");
      const uint64_t rest = Of(day, "accept") + Of(day, "tag") + Of(day, "defer");
      const auto high = [&](uint64_t count) { return static_cast<int>(count * kHeight / most); };
      const auto bar = [&](int y, int height, const char* colour) {
        out_ += "<rect x=\"" + std::to_string(i * kStep + 4) + "\" y=\"" + std::to_string(y) +
                "\" width=\"16\" height=\"" + std::to_string(height) + "\" fill=\"" + colour +
                "\"/>";
      };
      const int top = kHeight + 4 - high(rest);
      bar(top, high(rest), "#b5b5b5");
      bar(top - high(back), high(back), "#222");
      out_ += "<text x=\"" + std::to_string(i * kStep + 12) + "\" y=\"" +
              std::to_string(kHeight + 16) + "\" font-size=\"9\" text-anchor=\"middle\">" +
              std::to_string(i + 1) + "</text>";
    }
    out_ += "<text x=\"4\" y=\"" + std::to_string(kHeight + 30) + "\" font-size=\"9\">" +
            Say("messages by day; black: held or refused; tallest: ",
                "số thư theo ngày; màu đen: giữ lại hoặc từ chối; cao nhất: ") +
            Count(most) + "</text></svg>\n";
  }

  void Units() {
    Begin("By unit", "Theo đơn vị");
    std::vector<std::string> head = {Say("Unit", "Đơn vị"), Say("Received", "Nhận")};
    for (const char* action : kActions) {
      head.emplace_back(ActionWord(action, vi_));
    }
    head.insert(head.end(), {Say("Released", "Đã cho đi"), Say("Wrongly held", "Giữ nhầm"),
                             Say("Sent", "Gửi"), Say("Kept back", "Bị giữ khi gửi")});
    Head(head);
    for (const auto& [name, one] : figures_.units) {
      std::vector<std::string> row = {
          name.empty() ? Say("(no unit)", "(chưa xếp đơn vị)") : Escaped(name), Count(one.in())};
      for (const char* action : kActions) {
        row.push_back(Count(Of(one.actions, action)));
      }
      row.insert(row.end(), {Count(one.released), Count(one.wrongly), Count(one.sent),
                             Count(one.sent_kept_back)});
      Row(row);
    }
    EndTable();
    out_ += std::string("<p class=\"small\">") +
            Say("Copies: a message for three people counts three times. Units are those of "
                "'console: units' in the configuration; an address may be in several.",
                "Tính theo bản: một thư cho ba người được tính ba lần. Đơn vị lấy từ 'console: "
                "units' trong cấu hình; một địa chỉ có thể thuộc nhiều đơn vị.") +
            "</p>\n";
    End();
  }

  void WrongBlocks() {
    Begin("Wrong blocks", "Thư giữ nhầm");
    const auto row = [this](const std::string& name, const MonthFigures::Wrong& one, bool sum) {
      Row({name, Count(one.held), Count(one.released), Count(one.wrongly), Count(one.either),
           one.held == 0
               ? "-"
               : Percent(static_cast<double>(one.either) / static_cast<double>(one.held), vi_)},
          sum);
    };
    Head({Say("Clause", "Điều khoản"), Say("Held", "Giữ lại"), Say("Released", "Đã cho đi"),
          Say("Marked as wrong", "Đánh dấu nhầm"), Say("Either", "Một trong hai"),
          Say("Share", "Tỷ lệ")});
    for (const auto& [clause, one] : figures_.clauses) {
      row(Escaped(clause), one, false);
    }
    row(Say("Together", "Cộng"), figures_.wrong, true);
    EndTable();
    End();
  }

  void HoldTimesTable() {
    Begin("How long mail was held that was released", "Thời gian giữ của thư đã cho đi");
    if (figures_.holds.count == 0) {
      Nothing();
      End();
      return;
    }
    Head({Say("Category", "Loại"), Say("Released", "Đã cho đi"), Say("Median", "Trung vị"),
          Say("95 of 100 within", "95% trong vòng"), Say("Longest", "Lâu nhất")});
    const auto row = [this](const std::string& name, const HoldTimes& one, bool sum) {
      Row({name, Count(one.count), Lasting(one.median_ms, vi_), Lasting(one.p95_ms, vi_),
           Lasting(one.longest_ms, vi_)},
          sum);
    };
    for (const auto& [category, one] : figures_.holds_by_category) {
      row(Escaped(CategoryWord(category, vi_)), one, false);
    }
    row(Say("Together", "Cộng"), figures_.holds, true);
    EndTable();
    End();
  }

  void Availability() {
    Begin("Availability", "Mức khả dụng");
    out_ += "<p>" + Percent(figures_.available(), vi_, 3) + ": " +
            Say("outages of ", "gián đoạn ") + Lasting(figures_.outage_ms, vi_) +
            Say(" in ", " trong ") + Lasting(figures_.span_ms, vi_) + ". " +
            Say("Messages told to come again for a fault of ours: ",
                "Số thư phải gửi lại do lỗi của hệ thống: ") +
            Count(figures_.own_faults) + ". " +
            Say("Longest time without a message: ", "Khoảng lâu nhất không có thư: ") +
            Lasting(figures_.longest_silence_ms, vi_) +
            (figures_.silence_from_ms > 0
                 ? Say(" from ", " từ ") + Escaped(record::LocalTime(figures_.silence_from_ms, vi_))
                 : std::string()) +
            ".</p>\n";
    if (!figures_.outages.empty()) {
      Head({Say("Began", "Bắt đầu"), Say("Expected", "Dự kiến"), Say("Ended", "Kết thúc"),
            Say("Affected", "Phạm vi"), Say("Cause", "Nguyên nhân")},
           /*words=*/true);
      const auto time = [this](int64_t ms) {
        return ms > 0 ? Escaped(record::LocalTime(ms, vi_)) : std::string("-");
      };
      for (const record::Outage& one : figures_.outages) {
        Row({time(one.start_ms), time(one.expected_ms),
             one.open() ? Say("still open", "chưa khắc phục") : time(one.end_ms),
             one.parts.empty() ? Say("mail as a whole", "toàn bộ thư") : Escaped(one.parts),
             Escaped(one.cause)});
      }
      EndTable();
    }
    End();
  }

  void Opened() {
    Begin("Who opened the quarantine", "Truy cập thư đang giữ");
    if (figures_.opened.empty()) {
      Nothing();
      End();
      return;
    }
    Head({Say("Person", "Người"), Say("Mails opened", "Số thư đã mở"), Say("Views", "Xem"),
          Say("Exports", "Xuất"), Say("Text searches", "Tìm nội dung"), Say("Releases", "Cho đi"),
          Say("Deletions", "Xóa")});
    for (const auto& [actor, one] : figures_.opened) {
      Row({Escaped(actor), Count(one.mails.size()), Count(one.views), Count(one.exports),
           Count(one.searches), Count(one.releases), Count(one.deletes)});
    }
    EndTable();
    End();
  }

  const MonthFigures& figures_;
  const bool vi_;
  std::string out_;
};

}  // namespace

std::string MonthPage(const MonthFigures& figures, bool vietnamese) {
  return Page(figures, vietnamese).Write();
}

}  // namespace gatepost::cli
