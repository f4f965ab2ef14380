// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/code_links.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace gatepost::inspect {

namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Beyond ASCII too: a host may be written in letters of any script.
bool IsOfLabel(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

bool BeginsWith(std::string_view text, std::string_view lower_head) {
  return AsciiLower(text.substr(0, lower_head.size())) == lower_head;
}

// "evil-site.top", "EVIL-SITE.TOP/VN": labels, the last of letters, and what may stand behind a
// host.
bool IsHost(std::string_view text) {
  const std::string_view host = text.substr(0, text.find_first_of("/?#:\\"));
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 ||
      text.find_first_of(" \t@") != std::string_view::npos) {
    return false;
  }
  const std::string_view last = host.substr(dot + 1);
  const bool is_name = last.size() >= 2 && std::all_of(last.begin(), last.end(), [](char c) {
                         return IsLetter(c) || static_cast<unsigned char>(c) >= 0x80;
                       });
  return (is_name || BeginsWith(last, "xn--")) && host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || IsOfLabel(c); });
}

// One that may be a link, as a browser takes it.
void Add(std::string_view text, bool told, std::string* out) {
  text = AsciiTrim(text);
  constexpr size_t kMostLink = 4'096;
  if (text.empty() || text.size() > kMostLink) {
    return;
  }
  for (const std::string_view scheme : {"http:", "https:"}) {
    if (!BeginsWith(text, scheme)) {
      continue;
    }
    std::string_view rest = text.substr(scheme.size());
    const size_t slashes = std::min(rest.find_first_not_of("/\\"), rest.size());
    if (!told && rest.substr(0, slashes) == "//") {
      return;  // it is found as any other
    }
    std::string path(rest.substr(slashes));
    const size_t query = std::min(path.find_first_of("?#"), path.size());
    std::replace(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(query), '\\', '/');
    *out += std::string(scheme) + "//" + path + "\n";
    return;
  }
  if (IsHost(text)) {
    std::string link(text);
    const size_t query = std::min(link.find_first_of("?#"), link.size());
    std::replace(link.begin(), link.begin() + static_cast<std::ptrdiff_t>(query), '\\', '/');
    *out += "http://" + link + "\n";
  }
}

}  // namespace

std::string LinksOfCode(std::string_view code) {
  std::string out;
  const bool is_card = BeginsWith(code, "begin:vcard");
  const bool is_list = BeginsWith(code, "mebkm:") || BeginsWith(code, "mecard:");
  if (!is_card && !is_list) {
    if (BeginsWith(code, "urlto:") || BeginsWith(code, "url:")) {
      code.remove_prefix(code.find(':') + 1);
      Add(code, true, &out);
    } else {
      Add(code, false, &out);
    }
    return out;
  }
  if (is_list) {
    code.remove_prefix(code.find(':') + 1);
  }
  // Fields end in a line or a semicolon, unless a backslash stands before it.
  std::string field;
  const auto end_field = [&] {
    const size_t colon = field.find(':');
    const std::string_view name = std::string_view(field).substr(0, std::min(colon, field.size()));
    // "URL", "url;type=work", "item1.URL".
    const size_t dot = name.find('.');
    const std::string_view bare = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (colon != std::string::npos && BeginsWith(bare, "url") &&
        (bare.size() == 3 || bare[3] == ';')) {
      Add(std::string_view(field).substr(colon + 1), true, &out);
    }
    field.clear();
  };
  for (size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '\\' && i + 1 < code.size() &&
        std::string_view(":;,\\").find(code[i + 1]) != std::string_view::npos) {
      field.push_back(code[++i]);
    } else if (c == '\n' || c == '\r' || (is_list && c == ';')) {
      end_field();
    } else {
      field.push_back(c);
    }
  }
  end_field();
  return out;
}

}  // namespace gatepost::inspect
