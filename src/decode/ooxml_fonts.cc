// LIMITS: 10,000 styles, 30 ancestors of a style, 70,000 cell formats.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/ooxml_fonts.h"

#include <cstdlib>
#include <utility>

namespace gatepost::decode {

namespace {

constexpr size_t kMostStyles = 10'000;
constexpr int kMostAncestors = 30;
constexpr size_t kMostFormats = 70'000;

class ThemeSink : public XmlSink {
 public:
  ThemeSink(std::string* major, std::string* minor) : major_(major), minor_(minor) {}
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "majorFont") {
      into_ = major_;
    } else if (name == "minorFont") {
      into_ = minor_;
    } else if (name == "latin" && into_ != nullptr && into_->empty()) {
      *into_ = std::string(attributes.Get("typeface"));
    }
  }
  void End(std::string_view name) override {
    if (name == "majorFont" || name == "minorFont") {
      into_ = nullptr;
    }
  }
  void Text(std::string_view /*utf8*/) override {}

 private:
  std::string* major_;
  std::string* minor_;
  std::string* into_ = nullptr;
};

}  // namespace

class StyleSink : public XmlSink {
 public:
  explicit StyleSink(OoxmlFonts* fonts) : fonts_(fonts) {}
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "style") {
      id_ = std::string(attributes.Get("styleId"));
      style_ = OoxmlFonts::Style();
      const std::string_view is_default = attributes.Get("default");
      if (attributes.Get("type") == "paragraph" && (is_default == "1" || is_default == "true")) {
        fonts_->default_style_ = id_;
      }
    } else if (name == "basedOn") {
      style_.based_on = std::string(attributes.Get("val"));
    } else if (name == "rPrDefault") {
      in_defaults_ = true;
    } else if (name == "rFonts") {
      std::string* to = in_defaults_ ? &fonts_->default_font_ : &style_.font;
      if (to->empty()) {
        *to = RunFont(attributes, *fonts_);
      }
    } else if ((name == "caps" || name == "smallCaps") && !in_defaults_ && style_.capitals != 1) {
      style_.capitals = IsOn(attributes.Get("val")) ? 1 : 0;
    } else if (name == "tblStylePr" || name == "rPrChange" || name == "pPrChange") {
      ++elsewhere_;
    } else if (elsewhere_ == 0) {
      (in_defaults_ ? fonts_->default_looks_ : style_.looks).Take(name, attributes);
    }
  }
  void End(std::string_view name) override {
    if (name == "style" && fonts_->styles_.size() < kMostStyles) {
      fonts_->styles_[std::exchange(id_, {})] = std::exchange(style_, {});
    } else if (name == "rPrDefault") {
      in_defaults_ = false;
    } else if (name == "tblStylePr" || name == "rPrChange" || name == "pPrChange") {
      elsewhere_ -= elsewhere_ > 0 ? 1 : 0;
    }
  }
  void Text(std::string_view /*utf8*/) override {}

 private:
  OoxmlFonts* fonts_;
  std::string id_;
  OoxmlFonts::Style style_;
  bool in_defaults_ = false;
  int elsewhere_ = 0;  // looks of some cells of a table, former ones
};

class CellStyleSink : public XmlSink {
 public:
  explicit CellStyleSink(OoxmlFonts* fonts) : fonts_(fonts) {}
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "fonts" || name == "cellXfs") {
      inside_ = std::string(name);
    } else if (name == "font" && inside_ == "fonts") {
      fonts_->AddCellFont({});
    } else if (name == "name" && inside_ == "fonts" && !fonts_->cell_fonts_.empty()) {
      fonts_->cell_fonts_.back() = std::string(attributes.Get("val"));
    } else if (name == "xf" && inside_ == "cellXfs") {
      const std::string id(attributes.Get("fontId").substr(0, 6));
      fonts_->AddCellFormat(std::strtoul(id.c_str(), nullptr, 10));
    }
  }
  void End(std::string_view name) override {
    if (name == inside_) {
      inside_.clear();
    }
  }
  void Text(std::string_view /*utf8*/) override {}

 private:
  OoxmlFonts* fonts_;
  std::string inside_;
};

void OoxmlFonts::ReadStyles(Bytes xml) {
  StyleSink sink(this);
  ParseXml(xml, &sink);
}

void OoxmlFonts::ReadTheme(Bytes xml) {
  ThemeSink sink(&major_, &minor_);
  ParseXml(xml, &sink);
}

void OoxmlFonts::ReadCellStyles(Bytes xml) {
  CellStyleSink sink(this);
  ParseXml(xml, &sink);
}

std::string_view OoxmlFonts::OfStyle(std::string_view id) const {
  for (int i = 0; i < kMostAncestors; ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) {
      return {};
    }
    if (!found->second.font.empty()) {
      return found->second.font;
    }
    id = found->second.based_on;
  }
  return {};
}

bool OoxmlFonts::DrawsCapitals(std::string_view id) const {
  if (id.empty()) {
    id = default_style_;
  }
  for (int i = 0; i < kMostAncestors; ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) {
      return false;
    }
    if (found->second.capitals >= 0) {
      return found->second.capitals == 1;
    }
    id = found->second.based_on;
  }
  return false;
}

Looks OoxmlFonts::LooksOf(std::string_view id) const {
  Looks looks;
  for (int i = 0; i < kMostAncestors; ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) {
      break;
    }
    looks.Inherit(found->second.looks);
    id = found->second.based_on;
  }
  return looks;
}

Looks OoxmlFonts::OfStyles(std::string_view run_style, std::string_view paragraph_style) const {
  const Looks under = LooksOf(paragraph_style.empty() ? default_style_ : paragraph_style);
  Looks looks = run_style.empty() ? Looks() : LooksOf(run_style);
  // What both styles hide is shown: such properties toggle (17.7.3).
  const bool toggled = looks.vanishes == 1 && under.vanishes == 1;
  looks.Inherit(under);
  looks.vanishes = toggled ? 0 : looks.vanishes;
  looks.Inherit(default_looks_);
  return looks;
}

std::string_view OoxmlFonts::Default() const {
  const std::string_view style = OfStyle(default_style_);
  return style.empty() ? std::string_view(default_font_) : style;
}

std::string_view OoxmlFonts::OfThemeWord(std::string_view word) const {
  if (word.substr(0, 3) == "+mj" || word.substr(0, 5) == "major") {
    return major_;
  }
  if (word.substr(0, 3) == "+mn" || word.substr(0, 5) == "minor") {
    return minor_;
  }
  return word;
}

std::string_view OoxmlFonts::OfCell(size_t format) const {
  return format < cell_formats_.size() ? OfCellFont(cell_formats_[format]) : std::string_view();
}

std::string_view OoxmlFonts::OfCellFont(size_t number) const {
  return number < cell_fonts_.size() ? std::string_view(cell_fonts_[number]) : std::string_view();
}

void OoxmlFonts::AddCellFont(std::string name) {
  if (cell_fonts_.size() < kMostFormats) {
    cell_fonts_.push_back(std::move(name));
  }
}

void OoxmlFonts::AddCellFormat(size_t font) {
  if (cell_formats_.size() < kMostFormats) {
    cell_formats_.push_back(font);
  }
}

std::string RunFont(const XmlAttributes& attributes, const OoxmlFonts& fonts) {
  for (const char* key : {"hAnsiTheme", "hAnsi", "asciiTheme", "ascii", "cs", "eastAsia"}) {
    const std::string_view value = attributes.Get(key);
    if (!value.empty()) {
      return std::string(fonts.OfThemeWord(value));
    }
  }
  return {};
}

}  // namespace gatepost::decode
