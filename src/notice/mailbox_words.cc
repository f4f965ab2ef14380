// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/mailbox_words.h"

#include "src/base/utf8.h"

namespace gatepost::notice {

std::string Escaped(Bytes text) {
  std::string out;
  for (const char c : ToValidUtf8(text)) {
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

std::string Page(Language language, const std::string& title, const std::string& body,
                 const std::string& here) {
  const bool english = language == Language::kEnglish;
  return std::string("<!DOCTYPE html>\n<html lang=\"") + ToString(language) +
         "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n<title>" +
         Escaped(title) + "</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n" +
         "<body>\n<header><p>Gatepost</p>" +
         (here.empty() ? ""
                       : "<nav><a hreflang=\"" + std::string(english ? "vi" : "en") + "\" href=\"" +
                             Escaped(here) + "?lang=" + (english ? "vi" : "en") + "\">" +
                             (english ? "Tiếng Việt" : "English") + "</a></nav>") +
         "</header>\n<main>\n<h1>" + Escaped(title) + "</h1>\n" + body +
         "</main>\n</body>\n</html>\n";
}

std::string Notice(Language language, const std::string& title, const std::string& text) {
  return Page(language, title, text.empty() ? "" : "<p>" + Escaped(text) + "</p>\n", "");
}

const char* StyleSheet() {
  return R"(:root{color-scheme:light dark;--line:#8886;--go:#0b57a4;--on:#fff}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;overflow-wrap:anywhere}
header{display:flex;justify-content:space-between;padding:.5rem 1rem;border-bottom:1px solid var(--line)}
header p{margin:0;font-weight:600}
main{max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{opacity:.75}
dd{margin:0}
ul{list-style:none;padding:0}
li{border:1px solid var(--line);border-radius:.4rem;padding:.7rem;margin:.6rem 0}
label{display:block;margin:.8rem 0 .3rem}
input,textarea{font:inherit;width:100%;padding:.5rem;border:1px solid var(--line);border-radius:.3rem}
button{font:inherit;background:var(--go);color:var(--on);border:0;border-radius:.3rem;padding:.6rem 1.1rem;margin-top:.8rem;cursor:pointer}
a:focus-visible,button:focus-visible,input:focus-visible,textarea:focus-visible{outline:3px solid Highlight;outline-offset:2px}
.note{border-left:4px solid var(--line);padding-left:.8rem}
@media (max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
)";
}

}  // namespace gatepost::notice
