// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/rule_report.h"

#include <array>
#include <utility>

#include "src/cli/rules_common.h"
#include "src/cli/rules_condition.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

namespace {

using ruleset::Rule;
using Way = scan::ExpressionCost::Way;

constexpr int kLabel = 13;  // columns before what is said

bool KnowsNoCapitals(text::Form form) {
  return form == text::Form::kFold || form == text::Form::kLeet;
}

class Explanation {
 public:
  Explanation(const RuleReport& report, const ReportStyle& style)
      : report_(report), rule_(*report.rule), style_(style), vi_(style.vietnamese) {}

  std::string Write() {
    Head();
    Weight();
    Reasons();
    LooksAt();
    Expressions("match", rule_.match, report_.costs);
    if (report_.us >= 0) {
      const std::string us = OneDecimal(report_.us);
      const std::string measured = std::to_string(report_.measured);
      Field(Say("took", "đã tốn"), vi_ ? us + " us trong một thư trung bình (cổng đã đo " +
                                             measured + " thư); xem thêm 'rules slow'"
                                       : us + " us of an average message (of " + measured +
                                             " that the gateway measured); see 'rules slow'");
    }
    Expressions("mask", rule_.mask, {});
    Expressions("unless", rule_.unless, {});
    if (!rule_.lists.empty()) {
      Field("lists",
            Joined(rule_.lists, ", ") + Say(" (looked up word by word)", " (tra từng từ một)"));
    }
    for (const ruleset::Example& example : rule_.examples) {
      Verbatim(example.should_match ? Say("matches", "phải khớp") : Say("not", "không khớp"),
               ExampleText(example));
    }
    for (const Diagnostic& one : report_.warnings.all()) {
      Field(Say("warning", "cảnh báo"), PlaceText(one.place) + ": " + Clean(one.message),
            Colour::kYellow);
    }
    return std::move(out_);
  }

 private:
  std::string Paint(Colour colour, const std::string& text) const {
    return style_.colour ? Painted(colour, text) : text;
  }
  const char* Say(const char* en, const char* vi) const { return vi_ ? vi : en; }
  static std::string Label(const std::string& label) {
    std::string out = label.empty() ? "" : "  " + label;
    const int width = DisplayWidth(out);
    out.append(static_cast<size_t>(width < kLabel ? kLabel - width : 1), ' ');
    return out;
  }
  // A sentence, wrapped.
  void Field(const std::string& label, const std::string& text, Colour colour = Colour::kPlain) {
    std::string head = Label(label);
    for (const std::string& line : Wrapped(text, style_.columns - kLabel)) {
      out_ += Paint(colour, head + line) + "\n";
      head = Label("");
    }
  }
  // What somebody may copy: as it is.
  void Verbatim(const std::string& label, const std::string& text, Colour colour = Colour::kPlain) {
    out_ += Paint(colour, Label(label) + text) + "\n";
  }

  void Head() {
    // An imported rule may have one title or none.
    const bool both = !rule_.title_en.empty() && !rule_.title_vi.empty();
    const std::string title = Clean(vi_ ? rule_.title_vi + (both ? " / " : "") + rule_.title_en
                                        : rule_.title_en + (both ? " / " : "") + rule_.title_vi);
    out_ += Paint(Colour::kBold, rule_.id) + (title.empty() ? "" : "  ") + title + "\n";
    Verbatim(
        Say("defined", "nằm ở"),
        PlaceText(rule_.place) +
            (rule_.overrides.empty() ? "" : Say(", overrides ", ", thay cho ") + rule_.overrides));
    Field(
        Say("pack", "gói"),
        rule_.pack + (rule_.group.empty() ? "" : Say(", group ", ", nhóm ") + Clean(rule_.group)));
    if (rule_.arrived) {
      Field(Say("waits", "đang chờ"),
            std::string(Say("in shadow, because it is new in its package; to enforce it: ",
                            "ở chế độ thử (shadow), vì mới có trong gói; muốn áp dụng: ")) +
                "gatepost rules accept " + rule_.id);
    } else if (PackIsOff()) {
      Field(Say("off", "đang tắt"),
            vi_ ? "cả gói đang tắt nên quy tắc chỉ chạy thử; muốn bật: 'pack: " + rule_.pack +
                      "' và 'default: on' trong một tệp của đơn vị"
                : "with its whole pack, so it is in shadow; 'pack: " + rule_.pack +
                      "' and 'default: on' in a file of your own switch that on");
    }
  }

  bool PackIsOff() const {
    for (const ruleset::Pack& pack : report_.rules->packs()) {
      if (pack.name == rule_.pack) {
        return !pack.on;
      }
    }
    return false;
  }

  void Weight() {
    std::string text = std::string(ruleset::ToString(rule_.severity)) + Say(", score ", ", điểm ") +
                       OneDecimal(rule_.score) + ", " + ModeText(rule_, vi_);
    if (rule_.level != ruleset::Level::kNone) {
      text += std::string(Say(", level ", ", độ mật ")) + ruleset::ToString(rule_.level);
    }
    if (!rule_.log_snippet) {
      text += Say(", what it finds is never shown", ", không bao giờ hiển thị từ ngữ tìm thấy");
    }
    if (rule_.part) {
      text += Say(", for conditions only: never shown, never scored",
                  ", chỉ để các điều kiện dùng: không hiển thị, không tính điểm");
    }
    Field(Say("weight", "đánh giá"), text);
  }

  void Reasons() {
    if (!report_.asked_by.empty()) {
      Field(Say("asked for", "dùng trong"), Say("by ", "") + Joined(report_.asked_by, ", "));
    }
    if (!rule_.basis.empty()) {
      Field(Say("basis", "căn cứ"), Clean(rule_.basis));
    }
    if (!rule_.why.empty()) {
      Field(Say("why", "lý do"), Clean(rule_.why));
    }
  }

  void LooksAt() {
    const std::string label = Say("looks at", "tìm trong");
    if (rule_.has_condition) {
      Field(label, Say("hits of rules and facts, after all text rules; it costs next to nothing",
                       "kết quả của các quy tắc khác và các dữ kiện (fact), sau mọi quy tắc tìm "
                       "chữ; gần như không tốn gì"));
      std::string head = Say("when", "khi");
      for (const std::string& line : ConditionLines(rule_.condition, *report_.rules, vi_)) {
        Verbatim(head, Clean(line));
        head.clear();
      }
      return;
    }
    const std::string form = text::ToString(rule_.form);
    const std::string first = std::to_string(rule_.first_lines);
    std::string text = Joined(rule_.zones, ", ") + Say(" as ", " ở dạng ") + form;
    if (rule_.caseless) {
      text += Say(", any case", ", không phân biệt chữ hoa, chữ thường");
    } else if (KnowsNoCapitals(rule_.form)) {
      text += Say(", where all is in small letters", ", ở đó mọi chữ đều là chữ thường");
    } else {
      text += Say(", case as written", ", phân biệt chữ hoa, chữ thường");
    }
    if (rule_.first_lines > 0) {
      text += vi_ ? ", " + first + " đoạn đầu" : ", first " + first + " paragraphs";
    }
    Field(label, text);
  }

  void Expressions(const char* label, const std::vector<ruleset::Expression>& expressions,
                   const std::vector<scan::ExpressionCost>& costs) {
    for (size_t i = 0; i < expressions.size(); ++i) {
      const ruleset::Expression& one = expressions[i];
      Verbatim(label, Clean(one.written));
      if (one.expanded != one.written || one.line_anchored) {
        Verbatim("",
                 "= " + Clean(one.expanded) +
                     (one.line_anchored ? Say("   (sees lines)", "   (xét từng dòng)")
                                        : Say("   (sees paragraphs)", "   (xét từng đoạn)")),
                 Colour::kDim);
      }
      if (i < costs.size()) {
        Field("", CostText(costs[i]), Colour::kDim);
      }
    }
  }

  std::string CostText(const scan::ExpressionCost& one) const {
    if (one.way == Way::kRefused) {
      return Say("refused: ", "bị từ chối: ") + Clean(one.refused);
    }
    std::string text =
        one.literal.empty()
            ? std::string(Say("no literal", "không có chuỗi cố định"))
            : std::string(Say("literal ", "chuỗi cố định ")) + "'" + Clean(one.literal) + "'";
    text += std::string("; ") + EngineText(one, vi_);
    if (!one.refused.empty()) {
      text += std::string(Say(" (Hyperscan does not take it: ", " (Hyperscan không nhận: ")) +
              Clean(one.refused) + ")";
    }
    const std::string kb = OneDecimal(static_cast<double>(one.database_bytes) / 1'024);
    text += vi_ ? "; biên dịch riêng mất " + OneDecimal(one.compile_ms) + " ms"
                : "; alone " + OneDecimal(one.compile_ms) + " ms to compile";
    return text + (one.database_bytes > 0 ? ", " + kb + " KB" : "");
  }

  std::string ExampleText(const ruleset::Example& example) const {
    if (!example.file.empty()) {
      constexpr std::array<std::array<const char*, 2>, 3> kWays = {
          {{"", ""}, {" (outbound)", " (thư gửi đi)"}, {" (internal)", " (thư nội bộ)"}}};
      return Clean(example.file) + kWays[static_cast<size_t>(example.way)][vi_ ? 1 : 0];
    }
    std::string text = example.text;
    for (const auto& [fact, value] : example.facts) {
      text += (text.empty() ? "" : ", ") + fact + "=" + value;
    }
    for (const auto* rules : {&example.rules, &example.rules_once}) {
      for (const std::string& hit : *rules) {
        text += (text.empty() ? "" : ", ") + hit + (rules == &example.rules_once ? " once" : "");
      }
    }
    return text.empty() ? Say("(nothing)", "(không có gì)") : Clean(text);
  }

  const RuleReport& report_;
  const Rule& rule_;
  const ReportStyle& style_;
  const bool vi_;
  std::string out_;
};

}  // namespace

const char* EngineText(const scan::ExpressionCost& cost, bool vi) {
  switch (cost.way) {
    case Way::kHyperscan:
      if (cost.literal.empty()) {
        return vi ? "Hyperscan dò toàn bộ văn bản, rồi PCRE2 tìm đúng chỗ"
                  : "Hyperscan's automaton over all text, then PCRE2 for the exact place";
      }
      return vi ? "Hyperscan tìm theo chuỗi đó, rồi PCRE2 tìm đúng chỗ"
                : "Hyperscan by its literal, then PCRE2 for the exact place";
    case Way::kPrefilter:
      return vi ? "Hyperscan chỉ nhận dạng đơn giản hơn, rồi PCRE2 xác nhận: chậm hơn"
                : "Hyperscan in a simpler form, then PCRE2 confirms: slower";
    case Way::kWords:
      return vi ? "tìm theo chuỗi cố định, rồi PCRE2 thử quanh đó"
                : "by its literal, then PCRE2 tries around it";
    case Way::kBeginnings:
      return vi ? "tìm theo cách bắt đầu của kết quả khớp, rồi PCRE2 thử ở đó"
                : "by its beginning, then PCRE2 tries there";
    case Way::kLetters:
      return vi ? "đếm theo bảng một hoặc hai byte" : "counted from a table of one or two bytes";
    case Way::kAnchored:
      return vi ? "PCRE2 thử ở đầu mỗi đoạn" : "PCRE2 tries the beginning of each paragraph";
    case Way::kEverywhere:
      return vi ? "PCRE2 thử ở mọi đoạn: chậm" : "PCRE2 tries every paragraph: slow";
    case Way::kRefused:
      break;
  }
  return vi ? "không có: bộ quy tắc không nạp được với biểu thức này"
            : "none: the rules do not load with it";
}

std::string RuleReportText(const RuleReport& report, const ReportStyle& style) {
  return Explanation(report, style).Write();
}

}  // namespace gatepost::cli
