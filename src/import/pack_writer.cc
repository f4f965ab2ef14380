// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/pack_writer.h"

#include <algorithm>
#include <cstdio>

#include "src/base/files.h"
#include "src/base/utf8.h"

namespace gatepost::import {

namespace {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string Sequence(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out += (out.empty() ? "[" : ", ") + Quoted(item);
  }
  return out + "]";
}

void AddRule(const NewRule& rule, std::string* out) {
  for (const std::string& comment : rule.comments) {
    *out += "  # " + comment + "\n";
  }
  *out += "  - id: " + rule.id + "\n";
  if (!rule.title_en.empty() || !rule.title_vi.empty()) {
    *out += "    title: {en: " + Quoted(rule.title_en.empty() ? rule.title_vi : rule.title_en) +
            (rule.title_vi.empty() ? "" : ", vi: " + Quoted(rule.title_vi)) + "}\n";
  }
  if (!rule.why.empty()) {
    *out += "    why: " + Quoted(rule.why) + "\n";
  }
  if (!rule.calc.empty()) {
    *out += "    when: {calc: " + Quoted(rule.calc) + "}\n";
  } else if (!rule.when.empty()) {
    *out += "    when: " + rule.when + "\n";
  } else {
    std::vector<std::string> zones = {rule.zone};
    zones.insert(zones.end(), rule.more_zones.begin(), rule.more_zones.end());
    *out += "    zones: " + Sequence(zones) + "\n";
    *out += rule.form.empty() ? "" : "    form: " + rule.form + "\n";
    *out += rule.caseless ? "    caseless: true\n" : "";
    if (!rule.match.empty()) {
      *out +=
          "    match: " + (rule.match.size() == 1 ? Quoted(rule.match[0]) : Sequence(rule.match)) +
          "\n";
    }
    *out += rule.unless.empty() ? "" : "    unless: " + Sequence(rule.unless) + "\n";
    *out += rule.lists.empty() ? "" : "    lists: " + Sequence(rule.lists) + "\n";
    *out += rule.times == 0 ? "" : "    times: " + std::to_string(rule.times) + "\n";
  }
  if (rule.part) {
    *out += "    part: true\n";
  } else {
    *out += "    score: " + Number(rule.score) + "\n";
  }
  if (!rule.examples.empty() || !rule.counter_examples.empty()) {
    *out += "    examples:\n";
    for (const auto& [key, texts] :
         {std::pair("match", &rule.examples), std::pair("no_match", &rule.counter_examples)}) {
      if (!texts->empty()) {
        *out += std::string("      ") + key + ":\n";
        for (const std::string& text : *texts) {
          *out += "        - " + Quoted(text) + "\n";
        }
      }
    }
  }
}

}  // namespace

std::string Quoted(const std::string& text) {
  const std::string valid = ToValidUtf8(text);
  const bool plain = std::none_of(valid.begin(), valid.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  std::string out = plain ? "'" : "\"";
  for (const char c : valid) {
    if (plain) {
      out += c == '\'' ? "''" : std::string(1, c);
    } else if (c == '"' || c == '\\') {
      out += std::string("\\") + c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += hex;
    } else {
      out += c;
    }
  }
  return out + (plain ? "'" : "\"");
}

std::string ToYaml(const NewPack& pack, std::vector<int>* lines) {
  std::string out = "# Imported from " + pack.imported +
                    " by 'gatepost rules import'. A later import overwrites this file:\n" +
                    "# put your changes into a folder of your own, where a rule of the same id "
                    "overrides this one.\n";
  out += "pack: " + pack.name + "\n";
  out += "title: {en: " + Quoted("Imported from " + pack.imported) +
         ", vi: " + Quoted("Nhập từ " + pack.imported) + "}\n";
  out += "imported: " + Quoted(pack.imported) + "\n";
  if (!pack.lists.empty()) {
    out += "lists:\n";
    for (const auto& [name, entries] : pack.lists) {
      out += "  " + name + ": lists/" + name + ".txt\n";
    }
  }
  if (!pack.rules.empty()) {
    out += "rules:\n";
    size_t counted = 0;
    int line = 1;
    const auto count = [&] {
      if (lines != nullptr) {
        line += static_cast<int>(
            std::count(out.begin() + static_cast<std::ptrdiff_t>(counted), out.end(), '\n'));
        counted = out.size();
        lines->push_back(line);
      }
    };
    count();
    for (const NewRule& rule : pack.rules) {
      AddRule(rule, &out);
      count();
    }
  }
  return out;
}

std::string ListText(const std::vector<std::string>& entries) {
  std::string text;
  for (const std::string& entry : entries) {
    text += entry + "\n";
  }
  return text;
}

Status WritePacks(const std::vector<NewPack>& packs, const std::string& folder,
                  std::vector<std::string>* written) {
  Status status = MakeFolder(folder, 0755);
  for (const NewPack& pack : packs) {
    if (status.ok()) {
      status = WriteFileDurably(folder + "/" + pack.file, ToYaml(pack));
      written->push_back(pack.file);
    }
    for (const auto& [name, entries] : pack.lists) {
      if (status.ok()) {
        status = MakeFolder(folder + "/lists", 0755);
      }
      if (status.ok()) {
        status = WriteFileDurably(folder + "/lists/" + name + ".txt", ListText(entries));
        written->push_back("lists/" + name + ".txt");
      }
    }
  }
  return status;
}

}  // namespace gatepost::import
