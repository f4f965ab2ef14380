// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/ailments.h"

#include "src/base/clock.h"

namespace gatepost::cli {

namespace {

// Why no message can be scanned: there are no signatures, or they are older than max_age allows,
// which comes to the same. "": it can, or nobody wants it.
std::string SignatureLack(const Json& antivirus) {
  if (antivirus.value("mode", "off") == "off") {
    return {};
  }
  if (antivirus.value("signatures", 0) == 0) {
    return "no virus signatures";
  }
  if (antivirus.value("too_old", false)) {
    return "the virus signatures are too old (" + AgeInWords(antivirus.value("age_s", int64_t{0})) +
           "; antivirus: max_age allows " + AgeInWords(antivirus.value("max_age_s", int64_t{0})) +
           ")";
  }
  return {};
}

}  // namespace

std::vector<std::string> Ailments(const Json& state) {
  std::vector<std::string> out;
  const bool observe = state.value("mode", "") == "observe";
  if (state.value("log_on_reserve", false)) {
    out.emplace_back(
        observe ? "the disk is full: the decision log lives on its reserve; observe: mail passes, "
                  "and will not be on record when that is gone; free some space"
                : "the disk is full: the decision log lives on its reserve and mail that must "
                  "be held gets 451; free some space");
  }
  if (state.value("generation", Json::object()).value("from", "") == "last good generation") {
    out.emplace_back(
        "running on the last good generation: run 'gatepost check' and mend the rules");
  }
  if (const Json stale = state.value("stale_lists", Json::array()); !stale.empty()) {
    out.push_back("a list has changed and could not be taken: " + stale[0].value("path", "") +
                  ": " + stale[0].value("why", ""));
  }
  if (const std::string last = state.value("last_reload", ""); last.rfind("failed", 0) == 0) {
    out.emplace_back("the last reload " + last.substr(0, last.find('\n')));
  }
  if (const std::string problem = state.value("exceptions", Json::object()).value("problem", "");
      !problem.empty()) {
    out.emplace_back("no exception applies: " + problem);
  }
  if (const std::string problem = state.value("blocks", Json::object()).value("problem", "");
      !problem.empty()) {
    out.emplace_back("the blocks of before stay in force: " + problem);
  }
  for (const Json& one : state.value("outbreaks", Json::array())) {
    if (const std::string trouble = one.value("trouble", ""); !trouble.empty()) {
      out.push_back("the IT desk could not be told of the outbreak " + one.value("id", "") + ": " +
                    trouble);
    }
  }
  const Json antivirus = state.value("antivirus", Json::object());
  if (const std::string lack = SignatureLack(antivirus);
      !lack.empty() && antivirus.value("mode", "") == "required") {
    out.push_back(lack + (observe ? ": observe: mail passes; it would be deferred (451), and no "
                                    "other clause is seen at work until then; run freshclam"
                                  : ": all mail gets 451; run freshclam"));
  }
  const auto custody = state.find("custody");
  if (custody != state.end() && custody->is_object()) {
    for (const char* key : {"clock", "heads", "quota", "keys"}) {
      if (const std::string trouble = custody->value(key, ""); !trouble.empty()) {
        out.push_back(trouble);
      }
    }
  }
  if (const auto notices = state.find("notices"); notices != state.end() && notices->is_object()) {
    if (const std::string trouble = notices->value("trouble", ""); !trouble.empty()) {
      out.push_back(std::to_string(notices->value("waiting", 0)) +
                    " notices wait to be sent: " + trouble);
    }
  }
  return out;
}

std::vector<std::string> Warnings(const Json& state) {
  std::vector<std::string> out;
  const Json antivirus = state.value("antivirus", Json::object());
  if (const std::string lack = SignatureLack(antivirus);
      !lack.empty() && antivirus.value("mode", "") == "optional") {
    out.push_back(lack +
                  ": mail is not scanned for viruses and is tagged unscannable(no-signatures); "
                  "run freshclam");
  }
  const Json generation = state.value("generation", Json());
  if (generation.is_object() && generation.value("number", uint64_t{0}) == 0) {
    out.emplace_back(
        "the rules and the policy in force could not be kept in the state folder: no rollback "
        "leads back to them, nor a start with broken rules; the journal says why (GP2010); mend "
        "that, "
        "then gatepost reload");
  }
  return out;
}

std::string GenerationText(const Json& generation) {
  const auto number = generation.value("number", uint64_t{0});
  return number == 0 ? "in force, without a number because it could not be kept"
                     : std::to_string(number);
}

}  // namespace gatepost::cli
