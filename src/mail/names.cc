// File names of a part: all that some reader would show, and the tricks that hide what a file is.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string_view>

#include "src/mail/labels.h"
#include "src/mail/value.h"

namespace gatepost::mail {
namespace {

constexpr size_t kMostNames = 16;

void AddName(const std::string& name, Part* part) {
  if (!name.empty() && part->names.size() < kMostNames &&
      std::find(part->names.begin(), part->names.end(), name) == part->names.end()) {
    part->names.push_back(name);
  }
}

// "REPORT.Doc" -> "doc"; "" when there is none that looks like one.
std::string Extension(Bytes name) {
  while (!name.empty() && (name.back() == ' ' || name.back() == '.')) {
    name.remove_suffix(1);
  }
  const size_t dot = name.rfind('.');
  if (dot == Bytes::npos || name.size() - dot > 9) {
    return {};
  }
  return AsciiLower(name.substr(dot + 1));
}

// Runs when opened. Deliberately short: what else is dangerous is for rules to say.
bool Runs(std::string_view extension) {
  static constexpr std::array<std::string_view, 24> kRuns = {
      "exe", "scr", "com", "pif", "bat", "cmd", "js",  "jse", "vbs", "vbe", "wsf", "wsh",
      "hta", "lnk", "ps1", "jar", "msi", "cpl", "dll", "reg", "url", "scf", "chm", "iso"};
  return std::find(kRuns.begin(), kRuns.end(), extension) != kRuns.end();
}

bool HasOverride(Bytes name) {
  return name.find("\xE2\x80\xAE") != Bytes::npos || name.find("\xE2\x80\xAD") != Bytes::npos;
}

bool HasControl(Bytes name) {
  return std::any_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

// Line ends and nothing worse: programs that take a name from a title of two lines write so.
bool HasOnlyLineEnds(Bytes name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\n' || c == '\r' || c == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool HasClassId(Bytes name) {
  const size_t at = name.find(".{");
  return at != Bytes::npos && name.size() >= at + 39 && name[at + 38] == '}';
}

// Names that Windows opens as a device, whatever follows the dot.
bool IsDevice(Bytes name) {
  const std::string stem = AsciiLower(name.substr(0, name.find('.')));
  static constexpr std::array<std::string_view, 4> kDevices = {"con", "prn", "aux", "nul"};
  const bool port = stem.size() == 4 &&
                    (stem.compare(0, 3, "com") == 0 || stem.compare(0, 3, "lpt") == 0) &&
                    stem[3] >= '1' && stem[3] <= '9';
  return port || std::find(kDevices.begin(), kDevices.end(), stem) != kDevices.end();
}

void JudgeName(const std::string& name, uint32_t part, Report* report) {
  // Blanks push the real extension out of a dialogue.
  const size_t gap = name.find("          ");
  const bool pushed = gap != std::string::npos && name.find('.', gap) != std::string::npos;
  const bool odd_end = name.back() == '.' || name.back() == ' ';
  const bool lines = HasControl(name) && HasOnlyLineEnds(name) && !Runs(Extension(name));
  if (HasOverride(name) || (HasControl(name) && !lines) || HasClassId(name) ||
      (pushed && Runs(Extension(name))) || (odd_end && Runs(Extension(name)))) {
    report->Add(DefectId::kNameTrick, part);
  } else if (lines || pushed || name.find("::$") != std::string::npos || IsDevice(name)) {
    report->Add(DefectId::kNameTrick, Grade::kB, part);
  }
  if (name.find_first_of("/\\") != std::string::npos) {
    report->Add(DefectId::kNameWithPath, part);
  }
}

const Parameter* Find(const std::vector<Parameter>& parameters, std::string_view name) {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) {
      return &parameter;
    }
  }
  return nullptr;
}

}  // namespace

void ReadNames(Part* part, Report* report) {
  const std::array<std::pair<const std::vector<Parameter>*, std::string_view>, 4> sources = {{
      {&part->disposition_parameters, "filename"},
      {&part->type_parameters, "name"},
      {&part->disposition_parameters, "name"},
      {&part->type_parameters, "filename"},
  }};
  for (const auto& [parameters, wanted] : sources) {
    for (const Parameter& parameter : *parameters) {
      if (parameter.name == wanted) {
        AddName(parameter.value, part);
      }
    }
  }
  if (part->names.empty()) {
    return;
  }
  for (const std::string& name : part->names) {
    JudgeName(name, part->index, report);
  }
  const Parameter* const filename = Find(part->disposition_parameters, "filename");
  // The readings of one parameter (encoded word, escapes) are no conflict; two parameters are.
  std::vector<std::string> extensions;
  for (const auto& [parameters, wanted] : sources) {
    const Parameter* const found = Find(*parameters, wanted);
    if (found == nullptr || found->value.empty()) {
      continue;
    }
    if (filename != nullptr && !filename->value.empty() &&
        !AsciiEqualsIgnoreCase(AsciiTrim(found->value), AsciiTrim(filename->value))) {
      // Thunderbird: name="OpenPGP_signature.asc"; filename="OpenPGP_signature".
      const bool is_signature =
          part->type == "application" && part->subtype == "pgp-signature" &&
          AsciiEqualsIgnoreCase(AsciiTrim(found->value),
                                std::string(AsciiTrim(filename->value)) + ".asc");
      report->Add(DefectId::kConflictingAttachmentName,
                  is_signature ? mail::Grade::kA : mail::Grade::kB, part->index);
    }
  }
  for (const std::string& name : part->names) {
    if (HasEncodedWord(name)) {
      continue;  // undecoded twin of a decoded name
    }
    const std::string extension = Extension(name);
    if (!extension.empty() &&
        std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) {
      extensions.push_back(extension);
    }
  }
  // Only a pair of which one would run, or that two readers open with different programs.
  if (extensions.size() > 1) {
    const bool runs = std::any_of(extensions.begin(), extensions.end(),
                                  [](const std::string& e) { return Runs(e); });
    report->Add(runs ? DefectId::kFileTypeConflict : DefectId::kConflictingAttachmentName,
                part->index);
  }
}

}  // namespace gatepost::mail
