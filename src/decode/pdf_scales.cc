// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/pdf_scales.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "src/base/hex.h"

namespace gatepost::decode {

namespace {

constexpr int kDrawingLevels = 30;
constexpr size_t kMostCalls = 100'000;
constexpr size_t kMostFonts = 1'000;
constexpr size_t kUnsortedCodes = 8'192;
constexpr size_t kStepsOfAStream = 8'000;
constexpr size_t kStepsOfAll = 200'000;

bool IsPdfSpace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

bool IsPdfDelimiter(char c) {
  return IsPdfSpace(c) || std::string_view("()<>[]{}/%").find(c) != std::string_view::npos;
}

size_t EndOfPdfString(Bytes s, size_t at) {
  int open = 0;
  for (; at < s.size(); ++at) {
    if (s[at] == '\\') {
      ++at;
    } else if (s[at] == '(') {
      ++open;
    } else if (s[at] == ')' && --open == 0) {
      return at + 1;
    }
  }
  return s.size();
}

// The bytes that a string stands for, "(a\\(b)" or "<6128>" (ISO 32000-1, 7.3.4).
std::string BytesOfPdfString(Bytes s) {
  std::string out;
  if (s.front() == '<') {
    int high = -1;
    for (const char c : s.substr(1)) {
      const int digit = HexValue(c);
      if (digit >= 0 && high >= 0) {
        out.push_back(static_cast<char>(high << 4 | digit));
      }
      high = digit < 0 ? high : high < 0 ? digit : -1;
    }
    if (high >= 0) {
      out.push_back(static_cast<char>(high << 4));
    }
    return out;
  }
  for (size_t i = 1; i + 1 < s.size(); ++i) {
    if (s[i] != '\\') {
      out.push_back(s[i]);
      continue;
    }
    const char c = s[++i];
    if (c >= '0' && c <= '7') {
      unsigned value = 0;
      size_t end = i;
      while (end < i + 3 && end + 1 < s.size() && s[end] >= '0' && s[end] <= '7') {
        value = value << 3 | static_cast<unsigned>(s[end++] - '0');
      }
      i = end - 1;
      out.push_back(static_cast<char>(value));
    } else if (c == '\r' || c == '\n') {
      i += c == '\r' && s.substr(i + 1, 1) == "\n" ? 1 : 0;  // a line that goes on
    } else {
      static constexpr Bytes kNames = "nrtbf";
      static constexpr Bytes kMeant = "\n\r\t\b\f";
      const size_t at = kNames.find(c);
      out.push_back(at == Bytes::npos ? c : kMeant[at]);
    }
  }
  return out;
}

void NoteCodes(Bytes string, PdfFontUse* use) {
  if (string.size() < 2) {
    return;
  }
  const std::string bytes = BytesOfPdfString(string);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    use->bytes.set(byte);
    if (i % 2 == 1) {
      use->pairs.push_back(static_cast<uint16_t>(static_cast<uint8_t>(bytes[i - 1]) << 8 | byte));
    }
  }
}

void SortCodes(std::vector<uint16_t>* codes) {
  std::sort(codes->begin(), codes->end());
  codes->erase(std::unique(codes->begin(), codes->end()), codes->end());
}

// "/F1" for "/F#31" (ISO 32000-1, 7.3.5), as keys of dictionaries come.
std::string PdfNameOf(Bytes token) {
  std::string name;
  for (size_t i = 0; i < token.size(); ++i) {
    const int high = token[i] == '#' && i + 2 < token.size() ? HexValue(token[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexValue(token[i + 2]);
    name.push_back(low < 0 ? token[i] : static_cast<char>(high << 4 | low));
    i += low < 0 ? 0 : 2;
  }
  return name;
}

// Behind the data of a picture that stands in the stream itself.
size_t EndOfInlinePicture(Bytes s, size_t at) {
  for (size_t end = s.find("EI", at); end != Bytes::npos; end = s.find("EI", end + 1)) {
    if (end > at && IsPdfSpace(s[end - 1]) && (end + 2 >= s.size() || IsPdfSpace(s[end + 2]))) {
      return end + 2;
    }
  }
  return s.size();
}

// The last numbers before an operator.
struct PdfOperands {
  std::array<double, 6> all{};
  bool fresh = false;  // no text was placed since BT

  void Number(Bytes token) {
    char digits[24] = {};
    token.copy(digits, sizeof digits - 1);
    std::copy(all.begin() + 1, all.end(), all.begin());
    all.back() = std::strtod(digits, nullptr);
  }

  void Operator(Bytes token, PdfDrawing* out) {
    fresh = fresh || token == "BT";
    const bool moves = token == "Td" || token == "TD";
    if (moves && !fresh) {
      out->step = std::max({out->step, std::abs(all[4]), std::abs(all[5])});
    } else if (moves || token == "Tm" || token == "cm") {
      fresh = fresh && token == "cm";
      for (int i = 0; i < 2; ++i) {
        out->least[i] = std::min(out->least[i], all[4 + static_cast<size_t>(i)]);
        out->most[i] = std::max(out->most[i], all[4 + static_cast<size_t>(i)]);
      }
    }
  }
};

// The way to what is drawn: what was saved and restored around letters alone is forgotten.
class PdfWay {
 public:
  PdfWay(size_t most, PdfDrawing* out) : most_(most), out_(out) {}

  bool unseen() const { return unseen_; }

  void Operator(Bytes token, const PdfOperands& operands) {
    if (token == "q") {
      if (saved_.size() < kMostSaved) {
        saved_.push_back({out_->steps.size(), unseen_});
      }
      Put({PdfStep::Kind::kSave, {}, {}});
    } else if (token == "Q") {
      Restore();
    } else if (token == "cm") {
      Move(operands.all);
    } else if (token == "Tr") {
      unseen_ = operands.all[5] == 3 || operands.all[5] == 7;
    } else if (token == "re" || token == "l") {
      ++out_->lines;
    }
  }
  void Call(const std::string& name) { Show({PdfStep::Kind::kCall, {}, name}); }
  void Picture() { Show({PdfStep::Kind::kPicture, {}, {}}); }

 private:
  static constexpr size_t kMostSaved = 10'000;
  struct Saved {
    size_t steps;
    bool unseen;
  };

  bool Put(PdfStep step) {
    if (out_->steps.size() >= most_) {
      out_->steps_cut = true;
      return false;
    }
    out_->steps.push_back(std::move(step));
    return true;
  }
  void Show(PdfStep step) {
    Put(std::move(step));
    shown_ = out_->steps.size();
  }
  void Restore() {
    if (!saved_.empty()) {
      unseen_ = saved_.back().unseen;
      const size_t before = saved_.back().steps;
      saved_.pop_back();
      if (shown_ <= before) {
        out_->steps.resize(std::min(before, out_->steps.size()));
        return;
      }
    }
    Put({PdfStep::Kind::kRestore, {}, {}});
  }
  void Move(const std::array<double, 6>& matrix) {
    if (!out_->steps.empty() && out_->steps.back().kind == PdfStep::Kind::kMove) {
      out_->steps.back().matrix = PdfProduct(matrix, out_->steps.back().matrix);
    } else {
      Put({PdfStep::Kind::kMove, matrix, {}});
    }
  }

  const size_t most_;
  PdfDrawing* out_;
  std::vector<Saved> saved_;
  size_t shown_ = 0;  // steps up to what was drawn last
  bool unseen_ = false;
};

}  // namespace

std::array<double, 6> PdfProduct(const std::array<double, 6>& first,
                                 const std::array<double, 6>& then) {
  return {first[0] * then[0] + first[1] * then[2],
          first[0] * then[1] + first[1] * then[3],
          first[2] * then[0] + first[3] * then[2],
          first[2] * then[1] + first[3] * then[3],
          first[4] * then[0] + first[5] * then[2] + then[4],
          first[4] * then[1] + first[5] * then[3] + then[5]};
}

PdfDrawing ReadDrawing(Bytes s, size_t most_steps) {
  PdfDrawing out;
  PdfWay way(most_steps, &out);
  std::string name;
  bool picture = false;
  PdfOperands operands;
  PdfFontUse* font = nullptr;
  const std::string* font_name = &out.last_font;  // empty
  std::vector<std::pair<PdfFontUse*, const std::string*>> saved_fonts;
  std::map<const PdfFontUse*, size_t> sorted;  // how many codes were so, so that few are twice
  // Strings wait for the operator that shows them: those of marked content are no letters.
  std::vector<std::pair<size_t, size_t>> strings;
  const auto note = [&](size_t begin, size_t end, uint64_t letters) {
    out.letters += letters;
    if (out.letters <= kLettersOfAPdfPage) {  // more are not read
      strings.emplace_back(begin, end);
    }
  };
  const auto end_operands = [&](bool shows) {
    for (const auto& [begin, end] : strings) {
      if (!shows) {
        break;
      }
      out.unseen += !way.unseen() ? 0 : s[begin] == '<' ? (end - begin) / 2 : end - begin;
      if (font == nullptr) {
        font = &out.fonts[""];
        font_name = &out.fonts.find("")->first;
      }
      NoteCodes(s.substr(begin, end - begin), font);
      if (font->pairs.size() > kUnsortedCodes && font->pairs.size() > 2 * sorted[font]) {
        SortCodes(&font->pairs);
        sorted[font] = font->pairs.size();
      }
    }
    strings.clear();
  };
  for (size_t at = 0; at < s.size();) {
    const char c = s[at];
    if (c == '(') {
      const size_t end = EndOfPdfString(s, at);
      note(at, end, end - at);
      at = end;
    } else if (c == '<' && s.substr(at, 2) != "<<") {
      const size_t end = std::min(s.find('>', at), s.size());
      note(at, end, (end - at) / 2);
      at = end;
    } else if (c == '%') {
      at = std::min(s.find_first_of("\r\n", at), s.size());
    } else if (IsPdfDelimiter(c) && c != '/') {
      at += s.substr(at, 2) == "<<" ? 2 : 1;
    } else {
      size_t end = at + 1;
      while (end < s.size() && !IsPdfDelimiter(s[end])) {
        ++end;
      }
      const Bytes token = s.substr(at, end - at);
      at = end;
      const bool is_number = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+';
      if (c != '/' && !is_number) {
        end_operands(token == "Tj" || token == "TJ" || token == "'" || token == "\"");
      }
      if (c == '/') {
        name = PdfNameOf(token.substr(0, 128));
      } else if (token == "Do") {
        if ((out.calls.size() < kMostCalls || out.calls.count(name) > 0) &&
            out.called_with.size() < kMostCalls) {
          ++out.calls[name];
          way.Call(name);
          out.called_with.emplace(name, *font_name);
        } else {
          out.letters = kTooManyPdfLetters;
          return out;
        }
      } else if (token == "Tf") {
        if (out.fonts.size() >= kMostFonts && out.fonts.count(name) == 0) {
          out.letters = kTooManyPdfLetters;
          return out;
        }
        const auto set = out.fonts.try_emplace(name).first;
        font = &set->second;
        font_name = &set->first;
      } else if (token == "gs") {
        if (out.states.size() >= kMostFonts && out.states.count(name) == 0) {
          out.letters = kTooManyPdfLetters;
          return out;
        }
        out.states.insert(name);
      } else if (token == "BI") {
        picture = true;
      } else if (token == "ID" && picture) {
        picture = false;
        way.Picture();
        at = EndOfInlinePicture(s, at);
      } else if (is_number) {
        operands.Number(token);
      } else if (token.size() <= 2) {
        if (token == "q" && saved_fonts.size() < kMostCalls) {
          saved_fonts.emplace_back(font, font_name);
        } else if (token == "Q" && !saved_fonts.empty()) {
          std::tie(font, font_name) = saved_fonts.back();
          saved_fonts.pop_back();
        }
        operands.Operator(token, &out);
        way.Operator(token, operands);
      }
    }
  }
  out.saves_font = !saved_fonts.empty();
  const std::string last = *font_name;
  out.last_font = last;
  out.steps.shrink_to_fit();
  for (auto& [called, use] : out.fonts) {
    SortCodes(&use.pairs);
    use.pairs.shrink_to_fit();
  }
  return out;
}

bool PdfScales::IsHeavy(QPDFObjectHandle page, QPDFObjectHandle resources) {
  uint64_t letters = 0;
  QPDFObjectHandle contents = page.getKey("/Contents");
  if (contents.isArray()) {
    for (int i = 0; i < contents.getArrayNItems() && ++looked_ < kPdfNodes; ++i) {
      Add(Weigh(contents.getArrayItem(i), resources, 0), &letters);
    }
  } else {
    Add(Weigh(contents, resources, 0), &letters);
  }
  QPDFObjectHandle notes = page.getKey("/Annots");
  for (int i = 0; notes.isArray() && i < notes.getArrayNItems() && ++looked_ < kPdfNodes; ++i) {
    for (const QPDFObjectHandle& look : LooksOf(notes.getArrayItem(i))) {
      Add(Weigh(look, resources, 0), &letters);
    }
  }
  return letters > kLettersOfAPdfPage || looked_ >= kPdfNodes;
}

const PdfDrawing& PdfScales::DrawingOf(QPDFObjectHandle stream) {
  static const PdfDrawing kNothing;
  return stream.isStream() ? Read(stream) : kNothing;
}

bool PdfScales::GoesBeyond(QPDFObjectHandle page, const std::array<double, 4>& box) {
  constexpr double kMargin = 30;
  QPDFObjectHandle contents = page.getKey("/Contents");
  const int streams = contents.isArray() ? std::min(contents.getArrayNItems(), 1000) : 1;
  for (int i = 0; i < streams; ++i) {
    QPDFObjectHandle stream = contents.isArray() ? contents.getArrayItem(i) : contents;
    if (!stream.isStream()) {
      continue;
    }
    const PdfDrawing& one = Read(stream);
    const double longest = std::max(box[2] - box[0], box[3] - box[1]);
    if (one.least[0] < std::min(box[0], 0.0) - kMargin || one.most[0] > box[2] + kMargin ||
        one.least[1] < std::min(box[1], 0.0) - kMargin || one.most[1] > box[3] + kMargin ||
        one.step > longest + kMargin) {
      return true;
    }
  }
  return false;
}

const PdfDrawing& PdfScales::Read(QPDFObjectHandle stream) {
  const auto [at, fresh] = drawings_.try_emplace(stream.getObjGen());
  if (!fresh) {
    return at->second;
  }
  PdfPipe pipe(left_);
  try {
    bool decoded = false;
    stream.pipeStreamData(&pipe, &decoded, 0, qpdf_dl_generalized, true, false);
  } catch (const std::exception&) {
    // What came before is what poppler sees too, but for a bomb.
  }
  const bool cut = pipe.cut();
  const std::string data = pipe.Take();
  left_ -= data.size();
  at->second = ReadDrawing(data, std::min(kStepsOfAStream, kStepsOfAll - steps_));
  steps_ += at->second.steps.size();
  if (cut) {
    at->second.letters = kTooManyPdfLetters;
  }
  return at->second;
}

// NOLINTNEXTLINE(misc-no-recursion): kDrawingLevels bounds it.
uint64_t PdfScales::Weigh(QPDFObjectHandle stream, QPDFObjectHandle outer, int level) {
  if (!stream.isStream() || level > kDrawingLevels) {
    return 0;
  }
  if (level > 0) {  // a page's own stream means other forms on another page
    const auto [at, fresh] = weights_.try_emplace(stream.getObjGen(), 0);
    if (!fresh) {
      return at->second;  // 0 while it is being weighed: a form within itself
    }
  }
  const PdfDrawing& drawing = Read(stream);
  looked_ += drawing.calls.size();
  if (looked_ >= kPdfNodes) {
    return kTooManyPdfLetters;
  }
  QPDFObjectHandle own = stream.getDict().getKey("/Resources");
  QPDFObjectHandle resources = own.isDictionary() ? own : outer;
  QPDFObjectHandle objects =
      resources.isDictionary() ? resources.getKey("/XObject") : QPDFObjectHandle::newNull();
  uint64_t letters = drawing.letters;
  for (const auto& [name, times] : drawing.calls) {
    if (!objects.isDictionary()) {
      break;
    }
    QPDFObjectHandle called = objects.getKey(name);
    if (called.isStream() && IsPdfName(called.getDict().getKey("/Subtype"), "/Form")) {
      // One for the call itself: empty forms cost time too.
      const uint64_t each = 1 + Weigh(called, resources, level + 1);
      Add(times > kTooManyPdfLetters / each ? kTooManyPdfLetters : times * each, &letters);
    }
  }
  if (level > 0) {
    weights_[stream.getObjGen()] = letters;
  }
  return letters;
}

}  // namespace gatepost::decode
