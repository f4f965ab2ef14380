// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/report.h"

#include "src/base/encode.h"

namespace gatepost::gateway {

namespace {

// The expression that matched, as its author wrote it; for a list, its name.
Json Expression(const ruleset::Rule& rule, uint32_t index) {
  if (index < rule.match.size()) {
    return {{"index", index}, {"written", rule.match[index].written}};
  }
  if (index - rule.match.size() < rule.lists.size()) {
    return {{"index", index}, {"list", rule.lists[index - rule.match.size()]}};
  }
  return nullptr;
}

Json Evidence(const inspect::RuleHit& hit, const ruleset::Rule* rule) {
  Json list = Json::array();
  for (const inspect::Evidence& one : hit.evidence) {
    Json entry = {{"part", one.part},
                    {"path", one.path},
                  {"view", one.zone + "/" + one.form},
                  {"zone", one.zone},
                  {"start", one.start},
                  {"end", one.end},
                  {"line", one.line},
                  {"source_start", one.source_start},
                  {"source_end", one.source_end},
                  {"text", one.text}};
    if (rule != nullptr) {
      entry["expression"] = Expression(*rule, one.expression);
    }
    if (!one.context.empty()) {
      entry["context"] = {
          {"text", one.context}, {"start", one.context_start}, {"end", one.context_end}};
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json UnscannableList(const std::vector<decode::Unscannable>& all) {
  Json list = Json::array();
  for (const decode::Unscannable& one : all) {
    list.push_back({{"reason", decode::ToString(one.reason)}, {"path", one.path}});
  }
  return list;
}

}  // namespace

Json ReadReport(const inspect::ReadText& text) {
  return {{"text", text.utf8}, {"unscannable", UnscannableList(text.unscannable)}};
}

Json ScanReport(const std::string& file, const record::Decision& decision,
                const ruleset::RuleSet& rules) {
  const inspect::Findings& findings = decision.findings;
  Json report;
  report["file"] = file;
  report["action"] = policy::ToString(decision.verdict.action);
  report["recipients"] = Json::array();
  for (const policy::RecipientVerdict& one : decision.verdict.recipients) {
    report["recipients"].push_back({{"rcpt", one.recipient.spelling()},
                                    {"direction", mail::ToString(one.direction)},
                                    {"action", policy::ToString(one.action)},
                                    {"clause", one.clause}});
  }
  report["score"] = findings.score;
  report["clause"] = decision.verdict.clause;
  report["category"] = decision.verdict.category;
  report["basis"] = decision.verdict.basis;
  report["reply"] = decision.reply;
  report["rules"] = Json::array();
  for (const inspect::RuleHit& hit : findings.hits) {
    const ruleset::Rule* const rule = rules.Find(hit.id);
    const Json title =
        rule == nullptr ? Json::object() : Json{{"en", rule->title_en}, {"vi", rule->title_vi}};
    report["rules"].push_back({{"id", hit.id},
                               {"title", title},
                               {"why", rule == nullptr ? "" : rule->why},
                               {"snippet", rule != nullptr && rule->log_snippet},
                               {"mode", ruleset::ToString(hit.mode)},
                               {"score", hit.score},
                               {"severity", ruleset::ToString(hit.severity)},
                               {"level", ruleset::ToString(hit.level)},
                               {"evidence", Evidence(hit, rule)}});
    if (hit.excepted) {
      report["rules"].back()["excepted"] = true;
    }
  }
  record::AddInterventions(decision.verdict, &report);
  report["infections"] = Json::array();
  for (const virus::Infection& one : findings.infections) {
    report["infections"].push_back({{"name", one.name}, {"path", one.path}});
  }
  report["defects"] = Json::array();
  for (const inspect::FoundDefect& one : findings.defects) {
    report["defects"].push_back(
        {{"id", one.id}, {"grade", std::string(1, mail::ToChar(one.grade))}, {"part", one.part}});
  }
  report["unscannable"] = UnscannableList(findings.unscannable);
  report["parts"] = Json::array();
  for (const inspect::FoundPart& one : findings.parts) {
    report["parts"].push_back({{"path", one.path},
                               {"type", one.type},
                               {"size", one.size},
                               {"sha256", one.sha256},
                               {"read", one.read}});
  }
  report["facts"] = Json::object();
  for (const auto& [name, value] : findings.facts) {
    report["facts"][name] = value;
  }
  report["sha256"] = findings.sha256;
  report["size"] = findings.size;
  report["generation"] = {{"rules", decision.generation.rules},
                          {"policy", decision.generation.policy},
                          {"antivirus", decision.generation.antivirus}};
  report["ms"] = Json::object();
  for (const auto& [stage, ms] : findings.ms) {
    report["ms"][stage] = ms;
  }
  return report;
}

Json ShowReport(inspect::Shown shown, const ruleset::RuleSet& rules) {
  record::Decision decision;
  decision.findings = std::move(shown.findings);
  Json report = ScanReport("", decision, rules);
  for (const char* key :
       {"file", "action", "recipients", "clause", "category", "basis", "reply", "generation"}) {
    report.erase(key);
  }
  report["headers"] = Json::array();
  for (const auto& [name, value] : shown.headers) {
    report["headers"].push_back({{"name", name}, {"value", value}});
  }
  report["texts"] = Json::array();
  for (const inspect::ShownText& text : shown.texts) {
    Json marks = Json::array();
    for (const inspect::ShownMark& mark : text.marks) {
      marks.push_back({{"start", mark.begin}, {"end", mark.end}, {"rule", mark.rule}});
    }
    report["texts"].push_back({{"part", text.part},
                               {"path", text.path},
                               {"zone", text.zone},
                               {"text", text.utf8},
                               {"marks", marks}});
  }
  report["pages"] = Json::array();
  for (const auto& [path, html] : shown.pages) {
    report["pages"].push_back({{"part", path}, {"html", html}});
  }
  return report;
}

Json PicturesReport(const inspect::DrawnPictures& drawn) {
  Json pictures = Json::array();
  for (const inspect::DrawnPicture& one : drawn.pictures) {
    pictures.push_back({{"part", one.path},
                        {"page", one.page},
                        {"pages", one.pages},
                        {"width", one.width},
                        {"height", one.height},
                        {"png", Base64(one.png)}});
  }
  return {{"pictures", pictures}, {"left_out", drawn.left_out}};
}

Json RulesReport(const ruleset::RuleSet& rules) {
  Json list = Json::array();
  for (const ruleset::Rule& rule : rules.rules()) {
    list.push_back({{"id", rule.id},
                    {"title", {{"en", rule.title_en}, {"vi", rule.title_vi}}},
                    {"mode", ruleset::ToString(rule.mode)},
                    {"score", rule.score},
                    {"severity", ruleset::ToString(rule.severity)},
                    {"pack", rule.pack},
                    {"group", rule.group}});
  }
  return {{"rules", list}};
}

}  // namespace gatepost::gateway
