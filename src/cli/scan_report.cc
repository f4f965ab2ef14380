// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/scan_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/utf8.h"
#include "src/cli/marked_line.h"
#include "src/cli/terminal.h"
#include "src/decode/leaf.h"
#include "src/mail/defect.h"

namespace gatepost::cli {

namespace {

constexpr size_t kMostText = 400;

Colour ColourOf(const std::string& action) {
  return action == "accept" ? Colour::kGreen : action == "tag" ? Colour::kYellow : Colour::kRed;
}

std::string Upper(std::string text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

std::string Text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string()
             ? PrintableUtf8(found->get<std::string>(), kMostText)
             : std::string();
}

const Json& List(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

std::string Number(double value, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

struct ZoneName {
  const char* zone;
  const char* en;
  const char* vi;
};

// How a person calls a zone.
constexpr std::array<ZoneName, 21> kZoneNames{{
    {"subject", "the subject", "tiêu đề"},
    {"body", "the text", "nội dung thư"},
    {"hidden", "hidden text", "chữ ẩn"},
    {"attachment", "an attachment", "tệp đính kèm"},
    {"filename", "a file name", "tên tệp"},
    {"url", "a link", "liên kết"},
    {"from", "the From address", "địa chỉ người gửi"},
    {"from-name", "the sender's name", "tên người gửi"},
    {"to", "the To field", "người nhận"},
    {"cc", "the Cc field", "đồng gửi"},
    {"reply-to", "the Reply-To field", "địa chỉ trả lời"},
    {"env-from", "the envelope sender", "người gửi trên phong bì"},
    {"env-to", "the envelope recipients", "người nhận trên phong bì"},
    {"docprops", "a document's properties", "thuộc tính tài liệu"},
    {"header-footer", "a document's header or footer", "đầu hoặc chân trang tài liệu"},
    {"fonts", "font names", "tên phông chữ"},
    {"rels", "a document's references", "tham chiếu trong tài liệu"},
    {"xml", "a document's XML", "XML của tài liệu"},
    {"ole", "the parts of an OLE file", "thành phần tệp OLE"},
    {"html", "HTML source", "mã HTML"},
    {"rtf", "RTF source", "mã RTF"},
}};

std::string ZoneText(const std::string& zone, bool vi) {
  constexpr std::string_view kHeader = "header:";
  if (zone.rfind(kHeader, 0) == 0) {
    return (vi ? "trường " : "the field ") + zone.substr(kHeader.size());
  }
  for (const ZoneName& one : kZoneNames) {
    if (zone == one.zone) {
      return vi ? one.vi : one.en;
    }
  }
  return zone;
}

class Report {
 public:
  Report(const Json& report, const ReportStyle& style)
      : report_(report), style_(style), vi_(style.vietnamese) {}

  std::string Write() {
    Verdict();
    Lists();
    for (const Json& rule : List(report_, "rules")) {
      for (const Json& place : List(rule, "evidence")) {
        Remember(place);
      }
    }
    for (const Json& rule : List(report_, "rules")) {
      Rule(rule);
    }
    return std::move(out_);
  }

 private:
  std::string Paint(Colour colour, const std::string& text) const {
    return style_.colour ? Painted(colour, text) : text;
  }
  const char* Say(const char* en, const char* vi) const { return vi_ ? vi : en; }
  void Line(const std::string& text) { out_ += text + "\n"; }

  void Verdict() {
    const std::string action = Text(report_, "action");
    const std::string clause = Text(report_, "clause");
    const std::string basis = Text(report_, "basis");
    Line(Paint(Colour::kBold, Text(report_, "file")) + "  " +
         Paint(ColourOf(action), Upper(action)) + "  " + Say("score ", "điểm ") +
         Number(report_.value("score", 0.0), "%.1f") +
         (clause.empty() ? "" : std::string("  ") + Say("clause ", "điều khoản ") + clause) +
         (basis.empty() ? "" : "  (" + basis + ")"));
    if (!Text(report_, "reply").empty()) {
      Line(std::string("  ") + Say("reply", "trả lời") + ": " + Text(report_, "reply"));
    }
    const Json& recipients = List(report_, "recipients");
    if (recipients.size() > 1 ||
        (recipients.size() == 1 && Text(recipients[0], "action") != action)) {
      for (const Json& one : recipients) {
        Line("  " + Text(one, "rcpt") + " (" + Text(one, "direction") +
             "): " + Text(one, "action") + "  " + Paint(Colour::kDim, Text(one, "clause")));
      }
    }
  }

  void Lists() {
    for (const Json& one : List(report_, "infections")) {
      Line("  " +
           Paint(Colour::kRed, std::string(Say("infection", "mã độc")) + " " + Text(one, "name")) +
           "  " + Text(one, "path"));
    }
    for (const Json& one : List(report_, "unscannable")) {
      decode::Reason reason{};
      std::string sentence;
      if (decode::ReasonFromString(Text(one, "reason"), &reason)) {
        sentence = std::string(Say(decode::SentenceEn(reason), decode::SentenceVi(reason))) + "; " +
                   Say(decode::AdviceEn(reason), decode::AdviceVi(reason));
      }
      Line("  " + Paint(Colour::kYellow, Text(one, "reason")) + "  " + Text(one, "path") + "  " +
           Paint(Colour::kDim, sentence));
    }
    for (const Json& one : List(report_, "defects")) {
      const mail::DefectKind* const kind = mail::FindDefectKind(Text(one, "id"));
      const std::string part = Text(one, "part");
      Line("  " + Text(one, "id") + " (" + Text(one, "grade") + ")  " +
           (part.empty() ? "" : std::string(Say("part ", "phần ")) + part + "  ") +
           Paint(Colour::kDim,
                 kind == nullptr ? "" : Say(kind->sentence_en, kind->sentence_vi)));
    }
  }

  // A masked word must not stand in clear in the line of another match.
  void Remember(const Json& place) {
    const auto context = place.find("context");
    if (context == place.end()) {
      return;
    }
    const std::string text = context->value("text", "");
    const size_t start = context->value("start", size_t{0});
    const size_t end = context->value("end", size_t{0});
    if (start < end && end <= text.size()) {
      hidden_.push_back(text.substr(start, end - start));
    }
  }

  // Why, in one sentence.
  std::string Sentence(const Json& rule) const {
    std::string title = Text(rule["title"], vi_ ? "vi" : "en");
    if (title.empty()) {
      title = Text(rule["title"], vi_ ? "en" : "vi");
    }
    const std::string named = title.empty() ? std::string() : " “" + title + "”";
    std::vector<std::string> zones;
    for (const Json& place : List(rule, "evidence")) {
      std::string zone = ZoneText(Text(place, "zone"), vi_);
      if (std::find(zones.begin(), zones.end(), zone) == zones.end()) {
        zones.push_back(std::move(zone));
      }
    }
    std::string where;
    for (size_t i = 0; i < zones.size(); ++i) {
      where += (i == 0                  ? ""
                : i + 1 == zones.size() ? Say(" and ", " và ")
                                        : ", ") +
               zones[i];
    }
    const bool several = List(rule, "evidence").size() > 1;
    std::string sentence;
    if (zones.empty()) {
      sentence = vi_ ? "Các điều kiện của quy tắc" + named + " đều đúng"
                     : "All that the rule" + named + " asks for is so";
    } else if (vi_) {
      sentence = "Quy tắc" + named + " khớp với từ ngữ trong " + where +
                 (several ? " (nhiều chỗ)" : "");
    } else {
      sentence = "The rule" + named + " found its words in " + where +
                 (several ? ", more than once" : "");
    }
    if (Text(rule, "mode") == "shadow") {
      sentence += Say("; it is in shadow mode and changes nothing",
                      "; quy tắc đang chạy thử, không ảnh hưởng gì");
    }
    const std::string why = Text(rule, "why");
    return sentence + (why.empty() ? "." : ": " + why);
  }

  void Rule(const Json& rule) {
    Line("  " + Paint(Colour::kBlue, Text(rule, "id")) + "  " +
         Paint(Colour::kDim, Text(rule, "severity") + " " +
                                 Number(rule.value("score", 0.0), "%+.1f")) +
         "  " + Sentence(rule));
    for (const Json& place : List(rule, "evidence")) {
      Place(rule, place);
    }
  }

  void Place(const Json& rule, const Json& place) {
    const std::string path = Text(place, "path");
    const std::string part = Text(place, "part");
    const std::string zone = Text(place, "zone");
    std::string where = ZoneText(zone, vi_);
    if (!path.empty() && path != part && path != zone) {
      where += ", " + path;
    }
    if (!part.empty()) {
      where += std::string(", ") + Say("part ", "phần ") + part;
    }
    where += std::string(", ") + Say("line ", "dòng ") + std::to_string(place.value("line", 0)) +
             std::string(", ") + Say("bytes ", "byte ") +
             std::to_string(place.value("source_start", 0U)) + "-" +
             std::to_string(place.value("source_end", 0U));
    const auto expression = place.find("expression");
    if (expression != place.end() && expression->is_object()) {
      const std::string written = Text(*expression, "written");
      where += ": " + (written.empty() ? std::string(Say("list ", "danh sách ")) + "@" +
                                             Text(*expression, "list")
                                       : written);
    }
    Line("    " + Paint(Colour::kDim, where));
    const auto context = place.find("context");
    if (context == place.end()) {
      Words(rule, place);
      return;
    }
    MarkOptions options;
    options.columns = std::max(20, style_.columns - 6);
    options.underline = style_.colour;
    options.show = style_.show_text;
    options.hide = hidden_;
    const MarkedLine line =
        Mark(context->value("text", ""),
             {context->value("start", 0U), context->value("end", 0U)}, options);
    Line("    | " + line.text);
    if (!line.carets.empty()) {
      Line("    | " + line.carets);
    }
  }

  // Without a line there may still be words; a marking has neither.
  void Words(const Json& rule, const Json& place) {
    if (!rule.value("snippet", false)) {
      Line("    | " + Paint(Colour::kDim, Say("(this rule never shows what it found)",
                                              "(quy tắc này không bao giờ hiển thị từ ngữ)")));
      return;
    }
    std::string text = place.value("text", "");
    std::replace(text.begin(), text.end(), '\n', ' ');
    text = PrintableUtf8(text, kMostText);
    if (!text.empty()) {
      Line("    | " + (style_.show_text ? text : Masked(text)));
    }
  }

  const Json& report_;
  const ReportStyle& style_;
  const bool vi_;
  std::vector<std::string> hidden_;
  std::string out_;
};

}  // namespace

std::string ScanReportText(const Json& report, const ReportStyle& style) {
  return Report(report, style).Write();
}

}  // namespace gatepost::cli
