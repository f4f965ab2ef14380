// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/replay_show.h"

#include <array>
#include <cstdio>

#include "src/base/utf8.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

namespace {

constexpr size_t kMostText = 300;

std::string Number(double value, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string Join(const std::vector<std::string>& words, const char* between = ", ") {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : between) + word;
  }
  return out;
}

const char* Title(ReplayChange change, bool vi) {
  switch (change) {
    case ReplayChange::kNone:
      return vi ? "không đổi" : "unchanged";
    case ReplayChange::kNewlyHeld:
      return vi ? "mới bị giữ" : "newly held";
    case ReplayChange::kNewlyRejected:
      return vi ? "mới bị từ chối" : "newly rejected";
    case ReplayChange::kNewlyFree:
      return vi ? "mới được thả" : "newly free";
    case ReplayChange::kNewlyTagged:
      return vi ? "mới bị gắn nhãn" : "newly tagged";
    case ReplayChange::kNoLongerTagged:
      return vi ? "hết bị gắn nhãn" : "no longer tagged";
    case ReplayChange::kOther:
      return vi ? "thay đổi khác" : "changed otherwise";
  }
  return "";
}

constexpr std::array<ReplayChange, 6> kShown = {
    ReplayChange::kNewlyHeld,   ReplayChange::kNewlyRejected,  ReplayChange::kNewlyFree,
    ReplayChange::kNewlyTagged, ReplayChange::kNoLongerTagged, ReplayChange::kOther};

std::string ActionWord(policy::Action action, bool vi) {
  switch (action) {
    case policy::Action::kAccept:
      return vi ? "nhận" : "accept";
    case policy::Action::kTag:
      return vi ? "gắn nhãn" : "tag";
    case policy::Action::kQuarantine:
      return vi ? "giữ" : "hold";
    case policy::Action::kReject:
      return vi ? "từ chối" : "reject";
    case policy::Action::kDefer:
      return vi ? "hoãn" : "defer";
  }
  return "";
}

std::string SubjectOf(const ReplayMail& mail, const ShowOptions& options) {
  if (mail.marked) {
    return options.vietnamese ? "(có dấu mật)" : "(marked)";
  }
  return PrintableUtf8(options.subjects ? mail.subject : MaskSubject(mail.subject), kMostText);
}

std::string Fate(const ReplaySide& side, bool vi) {
  return ActionWord(side.action, vi) + " (" + side.clause + ", " + Number(side.score, "%.1f") + ")";
}

std::string Verdicts(const ReplayMail& mail, bool vi) {
  return Fate(mail.before, vi) + " → " + Fate(mail.after, vi);
}

std::string Headline(const ReplayReport& report, bool vi) {
  const uint64_t unchanged = report.changes[0];
  return std::to_string(report.compared) + (vi ? " thư đã so sánh, " : " messages compared, ") +
         std::to_string(report.compared - unchanged) +
         (vi ? " thư khác đi" : " would fare otherwise");
}

std::vector<std::string> Circumstances(const ReplayReport& report, bool vi) {
  std::vector<std::string> lines;
  if (report.interrupted) {
    lines.push_back(vi ? "Bị dừng giữa chừng: " + std::to_string(report.compared) + " trong " +
                             std::to_string(report.total) + " thư đã được so sánh."
                       : "Interrupted: " + std::to_string(report.compared) + " of " +
                             std::to_string(report.total) + " messages were compared.");
  }
  if (report.failed > 0) {
    lines.push_back(std::to_string(report.failed) +
                    (vi ? " thư không đọc hoặc không kiểm tra được (xem báo lỗi)."
                        : " messages could not be read or inspected (see the errors)."));
  }
  if (report.older > 0) {
    lines.push_back(std::to_string(report.older) +
                    (vi ? " thư cũ hơn nên bị bỏ qua." : " older messages were left out."));
  }
  lines.insert(lines.end(), report.notes.begin(), report.notes.end());
  return lines;
}

}  // namespace

std::string MaskSubject(const std::string& subject) {
  std::string out;
  bool inside = false;
  for (size_t i = 0; i < subject.size();) {
    const Utf8Unit unit = DecodeUtf8(subject, i);
    const bool blank = unit.code_point <= 0x20 || unit.code_point == 0xA0;
    const bool combining = unit.code_point >= 0x300 && unit.code_point <= 0x36F;
    if (blank) {
      out += inside ? " " : "";  // one for a run: spam pads with hundreds
    } else if (!inside) {
      out.append(subject, i, unit.bytes);
    } else if (!combining) {
      out += "·";
    }
    inside = !blank;
    i += unit.bytes;
  }
  return out;
}

std::string EscapeHtml(const std::string& text) {
  std::string out;
  for (const char c : PrintableUtf8(text, 10'000)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string ReplayText(const ReplayReport& report, const ShowOptions& options) {
  const bool vi = options.vietnamese;
  std::string out = Paint(Colour::kBold, Headline(report, vi)) + "\n";
  out += std::string(vi ? "  hiện tại  " : "  present   ") + Join(report.rules_before) + "; " +
         report.policy_before + "\n";
  out += std::string(vi ? "  đề xuất   " : "  proposed  ") + Join(report.rules_after) + "; " +
         report.policy_after + "\n";
  for (const std::string& line : Circumstances(report, vi)) {
    out += "  " + Paint(Colour::kYellow, line) + "\n";
  }
  Table totals({vi ? "thay đổi" : "change", vi ? "số thư" : "messages"}, 0);
  for (const ReplayChange change : kShown) {
    totals.Add({Title(change, vi), std::to_string(report.changes[static_cast<size_t>(change)])});
  }
  out += "\n" + totals.ToString();
  const auto order = report.RulesInOrder();
  if (order.empty()) {
    return out + "\n" + (vi ? "Không quy tắc nào trúng khác đi.\n" : "No rule hits otherwise.\n");
  }
  Table rules({vi ? "quy tắc" : "rule", vi ? "trúng" : "hits", vi ? "mới giữ" : "held",
               vi ? "từ chối" : "rejected", vi ? "thả" : "free", vi ? "gắn nhãn" : "tagged",
               vi ? "khác" : "other"},
              0);
  for (const auto& [id, rule] : order) {
    const auto count = [&, one = rule](ReplayChange change) {
      return one->changes[static_cast<size_t>(change)];
    };
    rules.Add({id, std::to_string(rule->hits_before) + " → " + std::to_string(rule->hits_after),
               std::to_string(count(ReplayChange::kNewlyHeld)),
               std::to_string(count(ReplayChange::kNewlyRejected)),
               std::to_string(count(ReplayChange::kNewlyFree)),
               std::to_string(count(ReplayChange::kNewlyTagged)),
               std::to_string(count(ReplayChange::kNoLongerTagged) + count(ReplayChange::kOther))});
  }
  out += "\n" + rules.ToString();
  for (const auto& [id, rule] : order) {
    if (rule->examples.empty()) {
      continue;
    }
    out += "\n" + Paint(Colour::kBold, id) + "\n";
    for (const size_t index : rule->examples) {
      const ReplayMail& mail = report.mails[index];
      out += "  " + Paint(Colour::kBlue, Title(mail.change, vi)) + "  " +
             PrintableUtf8(mail.name, kMostText) + "  " + Verdicts(mail, vi) + "\n      " +
             PrintableUtf8(mail.from, kMostText) + "  " +
             Paint(Colour::kDim, SubjectOf(mail, options)) + "\n";
    }
  }
  return out;
}

Json ReplayJson(const ReplayReport& report, const ShowOptions& options) {
  const auto side = [](const ReplaySide& one) {
    Json hits = Json::object();
    for (const auto& [id, score] : one.hits) {
      hits[id] = score;
    }
    return Json{{"action", policy::ToString(one.action)},
                {"clause", one.clause},
                {"score", one.score},
                {"rules", hits}};
  };
  const auto changes = [](const std::array<uint64_t, kReplayChanges>& counts) {
    Json out = Json::object();
    for (const ReplayChange change : kShown) {
      out[ToString(change)] = counts[static_cast<size_t>(change)];
    }
    return out;
  };
  Json out = {{"on", report.on},
              {"kind", report.kind},
              {"at", report.at},
              {"present", {{"rules", report.rules_before}, {"policy", report.policy_before}}},
              {"proposed", {{"rules", report.rules_after}, {"policy", report.policy_after}}},
              {"messages", report.total},
              {"compared", report.compared},
              {"older", report.older},
              {"failed", report.failed},
              {"interrupted", report.interrupted},
              {"seconds", report.seconds},
              {"notes", report.notes},
              {"changed", report.compared - report.changes[0]},
              {"changes", changes(report.changes)}};
  out["rules"] = Json::array();
  for (const auto& [id, rule] : report.RulesInOrder()) {
    Json examples = Json::array();
    for (const size_t index : rule->examples) {
      examples.push_back(report.mails[index].name);
    }
    out["rules"].push_back({{"id", id},
                            {"hits_present", rule->hits_before},
                            {"hits_proposed", rule->hits_after},
                            {"changes", changes(rule->changes)},
                            {"examples", examples}});
  }
  out["mails"] = Json::array();
  for (const ReplayMail& mail : report.mails) {
    out["mails"].push_back({{"file", mail.name},
                            {"change", ToString(mail.change)},
                            {"from", mail.from},
                            {"subject", SubjectOf(mail, options)},
                            {"marked", mail.marked},
                            {"because", mail.because},
                            {"present", side(mail.before)},
                            {"proposed", side(mail.after)}});
  }
  return out;
}

namespace {

// Light and dark, a phone's width and paper, and no colour that alone says anything.
constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1b2430;--dim:#5d6b7a;--paper:#fff;--box:#f4f6f8;--line:#d5dbe1;
--held:#9a3412;--rejected:#991b1b;--free:#166534;--tag:#854d0e;--bar:#c2d1e0}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf0;--dim:#9aa7b4;--paper:#14181d;--box:#1e242b;
--line:#37424d;--held:#fdba74;--rejected:#fca5a5;--free:#86efac;--tag:#fde047;--bar:#3b4d60}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
p{margin:.4rem 0}
dl.from{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.6rem 0;color:var(--dim)}
dl.from dd{margin:0;overflow-wrap:anywhere}
ul.notes{margin:.6rem 0;padding-left:1.2rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.6rem;margin:1rem 0;padding:0;list-style:none}
.cards li{background:var(--box);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
.cards b{display:block;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}
.cards .zero b{color:var(--dim);font-weight:400}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left;font-weight:600;overflow-wrap:anywhere}
thead th{color:var(--dim);font-weight:500;white-space:nowrap}
td.zero{color:var(--dim)}
details{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;padding:0 .8rem}
summary{cursor:pointer;padding:.5rem 0;font-weight:600;overflow-wrap:anywhere}
summary small{font-weight:400;color:var(--dim)}
.mail{border-top:1px solid var(--line);padding:.5rem 0;overflow-wrap:anywhere}
.mail code{font:.85rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--dim)}
.mail .subject{display:block}
.tag{display:inline-block;border:1px solid currentColor;border-radius:1rem;padding:0 .6rem;font-size:.85rem;margin-right:.4rem}
.newly-held{color:var(--held)}.newly-rejected{color:var(--rejected)}.newly-free,.no-longer-tagged{color:var(--free)}
.newly-tagged,.other{color:var(--tag)}
footer{margin:2rem 0 1rem;color:var(--dim);font-size:.85rem}
@media print{body{max-width:none;padding:0;font-size:10pt}details{break-inside:avoid-page;border:0;padding:0}
.mail{break-inside:avoid}.cards li{background:none}}
)";

std::string Counted(const char* tag, uint64_t count) {
  const std::string name(tag);
  return "<" + name + (count == 0 ? " class=zero" : "") + ">" + std::to_string(count) + "</" +
         name + ">";
}

std::string MailHtml(const ReplayMail& mail, const ShowOptions& options) {
  const bool vi = options.vietnamese;
  return "<div class=mail><span class=\"tag " + std::string(ToString(mail.change)) + "\">" +
         Title(mail.change, vi) + "</span>" + EscapeHtml(Verdicts(mail, vi)) +
         "<span class=subject>" + EscapeHtml(mail.from) + " — " +
         EscapeHtml(SubjectOf(mail, options)) + "</span><code>" + EscapeHtml(mail.name) +
         "</code></div>\n";
}

std::string RuleTable(const ReplayReport& report, bool vi) {
  std::string out = "<div class=scroll><table><thead><tr><th>";
  out += vi ? "Quy tắc" : "Rule";
  out += vi ? "</th><th>Trúng: hiện tại</th><th>đề xuất</th>"
            : "</th><th>Hits: present</th><th>proposed</th>";
  for (const ReplayChange change : kShown) {
    out += std::string("<th>") + Title(change, vi) + "</th>";
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& [id, rule] : report.RulesInOrder()) {
    out += "<tr><td>" + EscapeHtml(id) + "</td>" + Counted("td", rule->hits_before) +
           Counted("td", rule->hits_after);
    for (const ReplayChange change : kShown) {
      out += Counted("td", rule->changes[static_cast<size_t>(change)]);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string Examples(const ReplayReport& report, const ShowOptions& options) {
  const bool vi = options.vietnamese;
  std::string out;
  for (const auto& [id, rule] : report.RulesInOrder()) {
    if (rule->examples.empty()) {
      continue;
    }
    // Open, so that they are on paper too; a reader folds what is done with.
    out += "<details open><summary>" + EscapeHtml(id) + " <small>" +
           std::to_string(rule->examples.size()) + (vi ? " ví dụ" : " examples") +
           "</small></summary>\n";
    for (const size_t index : rule->examples) {
      out += MailHtml(report.mails[index], options);
    }
    out += "</details>\n";
  }
  return out;
}

}  // namespace

std::string ReplayHtml(const ReplayReport& report, const ShowOptions& options) {
  const bool vi = options.vietnamese;
  const std::string title = vi ? "Chạy lại quy tắc trên thư cũ" : "Rules replayed on past mail";
  std::string out = std::string("<!doctype html>\n<html lang=") + (vi ? "vi" : "en") +
                    "><head><meta charset=utf-8>\n"
                    "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
                    "style-src 'unsafe-inline'\">\n"
                    "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
                    "<meta name=referrer content=no-referrer>\n<title>Gatepost: " +
                    title + "</title>\n<style>" + kStyle + "</style></head><body>\n";
  out += "<h1>" + title + "</h1>\n<p>" + EscapeHtml(Headline(report, vi)) + ".</p>\n";
  const auto row = [&out](const char* name, const std::string& value) {
    out += std::string("<dt>") + name + "</dt><dd>" + EscapeHtml(value) + "</dd>\n";
  };
  out += "<dl class=from>\n";
  row(vi ? "Thư" : "Mail", report.on + " (" + report.kind + ")");
  row(vi ? "Hiện tại" : "Present", Join(report.rules_before) + "; " + report.policy_before);
  row(vi ? "Đề xuất" : "Proposed", Join(report.rules_after) + "; " + report.policy_after);
  row(vi ? "Lúc" : "At", report.at + ", " + Number(report.seconds, "%.0f") + " s");
  out += "</dl>\n<ul class=notes>\n";
  for (const std::string& line : Circumstances(report, vi)) {
    out += "<li>" + EscapeHtml(line) + "</li>\n";
  }
  out += "</ul>\n<ul class=cards>\n";
  for (const ReplayChange change : kShown) {
    const uint64_t count = report.changes[static_cast<size_t>(change)];
    out += std::string("<li class=\"") + (count == 0 ? "zero" : ToString(change)) + "\"><b>" +
           std::to_string(count) + "</b>" + Title(change, vi) + "</li>\n";
  }
  out += std::string("</ul>\n<h2>") + (vi ? "Theo quy tắc" : "By rule") + "</h2>\n";
  out += report.rules.empty()
             ? std::string("<p>") +
                   (vi ? "Không quy tắc nào trúng khác đi." : "No rule hits otherwise.") + "</p>\n"
             : RuleTable(report, vi);
  if (const std::string examples = Examples(report, options); !examples.empty()) {
    out += std::string("<h2>") + (vi ? "Ví dụ" : "Examples") + "</h2>\n" + examples;
  }
  out += std::string("<footer>") +
         (vi ? "Gatepost. Tệp này chứa thông tin về thư của người khác: giữ kín."
             : "Gatepost. This file tells of other people's mail: keep it to yourself.") +
         "</footer>\n</body></html>\n";
  return out;
}

}  // namespace gatepost::cli
