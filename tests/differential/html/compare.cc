// Our reading of HTML beside the tree that gumbo makes of it (an HTML 5 parser with another hand),
// over the HTML bodies of folders of mail.
//   compare [--show] [--least-found N] [--most-extra N] FOLDER...
//
// A word is what stands between blanks. Lost: in gumbo's text nodes, in neither our visible nor our
// hidden text. Styled: in our hidden text only, because a style or an attribute hides it (gumbo
// knows no styles). Extra: in our visible text and not in gumbo's. The limits are in millionths of
// words. SPDX-License-Identifier: GPL-2.0-or-later
#include <gumbo.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "src/base/files.h"
#include "src/base/limits.h"
#include "src/base/utf8.h"
#include "src/decode/leaf.h"
#include "src/mail/message.h"
#include "src/text/charset.h"
#include "src/text/unicode.h"
#include "src/text/view.h"

namespace gatepost {
namespace {

bool IsBlock(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_B:
    case GUMBO_TAG_I:
    case GUMBO_TAG_U:
    case GUMBO_TAG_A:
    case GUMBO_TAG_EM:
    case GUMBO_TAG_STRONG:
    case GUMBO_TAG_FONT:
    case GUMBO_TAG_SPAN:
    case GUMBO_TAG_SMALL:
    case GUMBO_TAG_BIG:
    case GUMBO_TAG_TT:
    case GUMBO_TAG_CODE:
    case GUMBO_TAG_S:
    case GUMBO_TAG_STRIKE:
    case GUMBO_TAG_DEL:
    case GUMBO_TAG_INS:
    case GUMBO_TAG_SUB:
    case GUMBO_TAG_SUP:
    case GUMBO_TAG_WBR:
    case GUMBO_TAG_IMG:
    case GUMBO_TAG_LABEL:
    case GUMBO_TAG_ABBR:
    case GUMBO_TAG_CITE:
    case GUMBO_TAG_NOBR:
    case GUMBO_TAG_Q:
    case GUMBO_TAG_BDO:
    case GUMBO_TAG_MARK:
    case GUMBO_TAG_UNKNOWN:
    case GUMBO_TAG_INPUT:
    case GUMBO_TAG_BASE:
    case GUMBO_TAG_META:
    case GUMBO_TAG_LINK:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_SCRIPT:
      return false;
    default:
      return true;
  }
}

// Text of the tree as far as a browser shows it without styles; an explicit stack.
std::string TextOf(const GumboNode* root) {
  struct Step {
    const GumboNode* node;
    unsigned next;
  };
  std::string out;
  std::vector<Step> stack = {{root, 0}};
  while (!stack.empty()) {
    Step& top = stack.back();
    const GumboNode* node = top.node;
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
        node->type == GUMBO_NODE_CDATA) {
      out += node->v.text.text;
      stack.pop_back();
      continue;
    }
    const bool document = node->type == GUMBO_NODE_DOCUMENT;
    if (!document && node->type != GUMBO_NODE_ELEMENT) {
      stack.pop_back();  // comments, templates
      continue;
    }
    const GumboTag tag = document ? GUMBO_TAG_HTML : node->v.element.tag;
    if (tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE || tag == GUMBO_TAG_TITLE ||
        tag == GUMBO_TAG_IFRAME || tag == GUMBO_TAG_NOEMBED || tag == GUMBO_TAG_NOFRAMES) {
      stack.pop_back();
      continue;
    }
    const GumboVector& children = document ? node->v.document.children : node->v.element.children;
    if (top.next == 0 && IsBlock(tag)) {
      out.push_back('\n');
    }
    if (top.next < children.length) {
      stack.push_back({static_cast<const GumboNode*>(children.data[top.next++]), 0});
      continue;
    }
    if (IsBlock(tag)) {
      out.push_back('\n');
    }
    stack.pop_back();
  }
  return out;
}

using Words = std::map<std::string, size_t>;

Words WordsOf(const std::string& text) {
  Words out;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) {
      ++out[word];
      word.clear();
    }
  };
  for (size_t i = 0; i < text.size();) {
    const size_t at = i;
    const char32_t c = text::NextCodePoint(text, &i);
    if (c <= 0x20 || c == 0xA0 || c == '|') {
      end();  // '|': rows of tables
    } else if (c != 0x202E && c != 0x202C) {
      word += text.substr(at, i - at);
    }
  }
  end();
  return out;
}

struct Totals {
  size_t pages = 0;
  size_t words = 0;
  size_t lost = 0;
  size_t styled = 0;
  size_t extra = 0;
};

void Compare(const std::string& file, const std::string& html, bool show, Totals* totals) {
  const text::HtmlText ours = text::ReadHtml(html);
  GumboOutput* tree = gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size());
  const Words theirs = WordsOf(ToValidUtf8(TextOf(tree->document)));
  gumbo_destroy_output(&kGumboDefaultOptions, tree);
  const Words visible = WordsOf(ours.visible);
  const Words hidden = WordsOf(ours.hidden);
  const auto count = [](const Words& words, const std::string& word) {
    const auto found = words.find(word);
    return found == words.end() ? size_t{0} : found->second;
  };
  ++totals->pages;
  for (const auto& [word, n] : theirs) {
    totals->words += n;
    const size_t seen = std::min(n, count(visible, word));
    const size_t styled = std::min(n - seen, count(hidden, word));
    totals->styled += styled;
    totals->lost += n - seen - styled;
    if (show && n > seen + styled) {
      std::cout << "lost\t" << file << "\t" << PrintableUtf8(word, 80) << "\n";
    }
  }
  for (const auto& [word, n] : visible) {
    if (count(theirs, word) == 0) {  // a row of a table stands twice
      totals->extra += n;
      if (show) {
        std::cout << "extra\t" << file << "\t" << PrintableUtf8(word, 80) << "\n";
      }
    }
  }
}

void ReadMail(const std::string& file, bool show, Totals* totals) {
  const Result<std::string> bytes = ReadFile(file);
  if (!bytes.ok()) {
    std::cerr << file << ": cannot be read\n";
    return;
  }
  const Limits limits;
  const mail::Message message = mail::Message::Parse(bytes.value(), limits);
  const decode::Leaves leaves = decode::Decode(message, limits);
  for (const decode::Leaf& leaf : leaves.leaves) {
    const bool html = leaf.type == decode::Type::kHtml || leaf.media_type == "text/html";
    if (html && !leaf.is_container && !leaf.is_alternative && !leaf.bytes.empty()) {
      Compare(file, text::ToUtf8(leaf.bytes, leaf.charset, nullptr), show, totals);
    }
  }
}

}  // namespace
}  // namespace gatepost

int main(int argc, char** argv) {
  gatepost::decode::WarmUp();
  gatepost::Totals totals;
  bool show = false;
  size_t least_found = 0;
  size_t most_extra = 1'000'000;
  bool any = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--show") {
      show = true;
    } else if (argument == "--least-found" && i + 1 < argc) {
      least_found = std::stoul(argv[++i]);
    } else if (argument == "--most-extra" && i + 1 < argc) {
      most_extra = std::stoul(argv[++i]);
    } else if (!std::filesystem::is_directory(argument)) {
      std::cout << "skipped: " << argument << " is not here\n";
    } else {
      any = true;
      std::vector<std::string> files;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
        if (entry.is_regular_file()) {
          files.push_back(entry.path().string());
        }
      }
      std::sort(files.begin(), files.end());
      for (const std::string& file : files) {
        gatepost::ReadMail(file, show, &totals);
      }
    }
  }
  if (!any) {
    return 77;
  }
  const size_t words = std::max<size_t>(totals.words, 1);
  const size_t found = (words - totals.lost) * 1'000'000 / words;
  const size_t extra = totals.extra * 1'000'000 / words;
  std::cout << totals.pages << " pages, " << totals.words << " words of gumbo: " << totals.lost
            << " lost, " << totals.styled << " hidden by style, " << totals.extra
            << " extra; found " << found << ", extra " << extra << " of a million\n";
  return totals.pages > 0 && found >= least_found && extra <= most_extra ? 0 : 1;
}
