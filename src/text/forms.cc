// The hot loop: every form of every text goes through MakeForm. ASCII is one table look-up a byte,
// composed letters two; only marks and what NFC may change leave the loop.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/forms.h"

#include <algorithm>
#include <cstring>

#include "src/base/utf8.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

// A letter under more marks than this is no writing: the rest of the marks is dropped (zalgo).
constexpr size_t kMostMarks = 8;

class Former {
 public:
  Former(std::string_view text, const std::vector<uint32_t>& soft_lines, Form form)
      : text_(text), soft_lines_(soft_lines), form_(form), table_(TableOf(form)) {
    out_.utf8.resize(text.size() + 16);
    if (form == Form::kCompact) {
      out_.pieces.reserve(text.size() / 8);  // one a word
    }
  }

  FormText Run() {
    size_t i = 0;
    while (i < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[i]);
      if (byte < 0x80) {
        if (table_.ascii[byte] > ' ') {
          i = PutRun(i);
          continue;
        }
        PutAscii(byte, i);
        ++i;
        continue;
      }
      const size_t start = i;
      const char32_t c = NextCodePoint(text_, &i);
      const uint16_t code = table_.CodeOf(c);
      if ((code & FormTable::kUnsafe) != 0) {
        i = PutSequence(start);
        continue;
      }
      previous_source_ = start;
      previous_size_ = size_;
      previous_blank_ = pending_;
      PutCode(code, start, i - start);
    }
    if (text_.size() != size_ + delta_) {
      Piece(text_.size());
    }
    out_.utf8.resize(size_);
    return std::move(out_);
  }

 private:
  void Piece(size_t source) {
    if (out_.pieces.empty() && (size_ != 0 || source != 0)) {
      out_.pieces.push_back({0, 0});
    }
    if (!out_.pieces.empty() && out_.pieces.back().view == size_) {
      out_.pieces.back().source = static_cast<uint32_t>(source);
    } else {
      out_.pieces.push_back({static_cast<uint32_t>(size_), static_cast<uint32_t>(source)});
    }
    delta_ = source - size_;  // modulo 2^64: compared, never used as a length
  }

  // A byte that stands for source `source`; the blank before it, if one waits, goes first.
  void PutByte(char byte, size_t source) {
    FlushBlank();
    if (source - size_ != delta_) {
      Piece(source);
    }
    out_.utf8[size_++] = byte;
    line_empty_ = false;
  }

  // Signs and letters of ASCII with single blanks between them, as far as they go from `begin`;
  // what it returns is no such thing.
  size_t PutRun(size_t begin) {
    const size_t size_before = size_;
    const bool blank_before = pending_;
    FlushBlank();
    if (begin - size_ != delta_) {
      Piece(begin);
    }
    size_t i = begin;
    size_t size = size_;
    char* const out = out_.utf8.data();
    const auto code_at = [this](size_t at) {
      const auto byte = static_cast<unsigned char>(text_[at]);
      return byte < 0x80 ? table_.ascii[byte] : uint8_t{0};
    };
    const bool keeps_blanks = form_ != Form::kCompact;
    for (; i < text_.size(); ++i) {
      const uint8_t code = code_at(i);
      if (code <= ' ' &&
          !(keeps_blanks && code == ' ' && i + 1 < text_.size() && code_at(i + 1) > ' ')) {
        break;
      }
      out[size++] = static_cast<char>(code);
    }
    previous_source_ = i - 1;
    previous_size_ = i - begin == 1 ? size_before : size - 1;
    previous_blank_ = i - begin == 1 && blank_before;
    size_ = size;
    line_empty_ = false;
    return i;
  }

  void FlushBlank() {
    if (pending_) {
      if (blank_source_ - size_ != delta_) {
        Piece(blank_source_);
      }
      out_.utf8[size_++] = ' ';
      pending_ = false;
    }
  }

  void Blank(size_t source) {
    if (!line_empty_ && !pending_ && form_ != Form::kCompact) {
      pending_ = true;
      blank_source_ = source;
    }
  }

  void PutAscii(unsigned char byte, size_t source) {
    const uint8_t code = table_.ascii[byte];
    previous_source_ = source;
    previous_size_ = size_;
    previous_blank_ = pending_;
    if (code > ' ') {
      PutByte(static_cast<char>(code), source);
    } else if (code == '\n') {
      pending_ = false;
      if (source - size_ != delta_) {
        Piece(source);
      }
      if (next_soft_ < soft_lines_.size() && soft_lines_[next_soft_] == line_) {
        out_.soft.push_back(static_cast<uint32_t>(size_));
        ++next_soft_;
      }
      ++line_;
      out_.utf8[size_++] = '\n';
      line_empty_ = true;
    } else if (code == ' ') {
      Blank(source);
    } else {
      out_.dropped = true;
    }
  }

  void PutCode(uint16_t code, size_t source, size_t length) {
    code &= static_cast<uint16_t>(~FormTable::kUnsafe);
    if (code == FormTable::kKeep) {
      FlushBlank();
      if (source - size_ != delta_) {
        Piece(source);
      }
      std::memcpy(&out_.utf8[size_], text_.data() + source, length);
      size_ += length;
      line_empty_ = false;
    } else if (code == FormTable::kDrop) {
      out_.dropped = true;
    } else if (code == ' ') {
      Blank(source);
    } else if (code < FormTable::kPool) {
      if (form_ == Form::kCompact && (code == '.' || code == '-' || code == '_')) {
        return;
      }
      PutByte(static_cast<char>(code), source);
    } else {
      PutText(table_.pool[code - FormTable::kPool], source);
    }
  }

  void PutText(const std::u32string& text, size_t source) {
    std::string bytes;
    for (const char32_t c : text) {
      AppendUtf8(c, &bytes);
    }
    FlushBlank();
    if (source - size_ != delta_) {
      Piece(source);
    }
    Need(bytes.size());
    std::memcpy(&out_.utf8[size_], bytes.data(), bytes.size());
    size_ += bytes.size();
    line_empty_ = false;
  }

  // Room for `more` bytes and for all of the text that may still come.
  void Need(size_t more) {
    const size_t least = size_ + more + text_.size() - previous_source_ + 16;
    if (least > out_.utf8.size()) {
      out_.utf8.resize(least + least / 4);
    }
  }

  // What may compose, with the letter before it. Takes back that letter and writes it again.
  // Returns where the text goes on.
  size_t PutSequence(size_t start) {
    std::u32string sequence;
    size_t source = start;
    if (previous_source_ != SIZE_MAX && text_[previous_source_] != '\n') {
      size_t i = previous_source_;
      const char32_t letter = NextCodePoint(text_, &i);
      const bool blank = (letter < 0x80 ? table_.ascii[letter] : table_.CodeOf(letter)) == ' ';
      if (!blank) {
        sequence.push_back(letter);
        source = previous_source_;
      }
    }
    size_t i = start;
    size_t marks = 0;
    while (i < text_.size()) {
      size_t next = i;
      const char32_t c = NextCodePoint(text_, &next);
      const uint16_t code = c < 0x80 ? uint16_t{0} : table_.CodeOf(c);
      if ((code & FormTable::kUnsafe) == 0) {
        break;
      }
      i = next;
      if (code == (FormTable::kDrop | FormTable::kUnsafe) && IsInvisible(c)) {
        out_.dropped = true;
      } else if (++marks <= kMostMarks || sequence.empty()) {
        sequence.push_back(c);
      }
    }
    const bool only_dropped = sequence.size() == (source == start ? 0U : 1U);
    if (!only_dropped) {
      if (source != start) {
        size_ = previous_size_;
        pending_ = previous_blank_;
        while (!out_.pieces.empty() && out_.pieces.back().view > size_) {
          out_.pieces.pop_back();
        }
        if (!out_.pieces.empty()) {
          delta_ = size_t{out_.pieces.back().source} - size_t{out_.pieces.back().view};
        } else {
          delta_ = 0;
        }
        line_empty_ = size_ == 0 || out_.utf8[size_ - 1] == '\n';
      }
      WriteSequence(sequence, source);
      previous_source_ = SIZE_MAX;
    }
    return i;
  }

  bool IsInvisible(char32_t c) const { return c == 0xAD || IsZeroWidth(c); }

  void WriteSequence(std::u32string sequence, size_t source) {
    if (form_ != Form::kNfc && !sequence.empty()) {
      // The letter's look-alike takes the marks.
      const char32_t letter = sequence[0];
      const uint16_t code = letter < 0x80 ? uint16_t{0} : SkeletonCode(letter);
      if (code >= FormTable::kPool) {
        sequence.replace(0, 1, TableOf(Form::kSkel).pool[code - FormTable::kPool]);
      } else if (code > FormTable::kDrop) {
        sequence[0] = code;
      }
    }
    std::u32string out;
    bool latin = false;  // strokes, rings and whatever else does not belong to a Latin letter
    for (const char32_t c : Compose(sequence)) {
      const uint8_t kind = form_ == Form::kNfc ? uint8_t{0} : CharKindOf(c);
      if ((kind & CharKind::kMark) == 0) {
        latin = (kind & CharKind::kScriptMask) == CharKind::kLatin;
      } else if (latin) {
        continue;
      }
      const uint16_t code = c < 0x80
                                ? uint16_t{table_.ascii[c]}
                                : static_cast<uint16_t>(table_.CodeOf(c) & ~FormTable::kUnsafe);
      if (code == FormTable::kKeep && c >= 0x80) {
        out.push_back(c);
      } else if (code >= FormTable::kPool) {
        out += table_.pool[code - FormTable::kPool];
      } else if (code > FormTable::kDrop &&
                 !(form_ == Form::kCompact && (code == '.' || code == '-' || code == ' '))) {
        out.push_back(code);
      }
    }
    if (!out.empty()) {
      previous_source_ = source;  // what Need() counts from
      PutText(out, source);
    }
  }

  uint16_t SkeletonCode(char32_t c) const {
    return static_cast<uint16_t>(TableOf(Form::kSkel).CodeOf(c) & ~FormTable::kUnsafe);
  }

  std::string_view text_;
  const std::vector<uint32_t>& soft_lines_;
  Form form_;
  const FormTable& table_;
  FormText out_;
  size_t size_ = 0;
  size_t delta_ = 0;  // source - view of the current piece
  bool pending_ = false;
  size_t blank_source_ = 0;
  bool line_empty_ = true;
  uint32_t line_ = 0;
  size_t next_soft_ = 0;
  // The code point before, should a mark follow it.
  size_t previous_source_ = SIZE_MAX;
  size_t previous_size_ = 0;
  bool previous_blank_ = false;
};

}  // namespace

FormText MakeForm(std::string_view text, const std::vector<uint32_t>& soft_lines, Form form) {
  if (form == Form::kRaw || form == Form::kNfcRaw || form == Form::kBytes) {
    FormText out;
    if (form != Form::kNfcRaw || IsAscii(text)) {
      out.utf8 = text;
    } else {
      out.utf8 = ToNfc(text, &out.pieces);
    }
    out.soft = OffsetsOfLines(out.utf8, soft_lines);
    return out;
  }
  return Former(text, soft_lines, form).Run();
}

std::string FoldAscii(std::string_view nfc, Form form) {
  const FormTable& table = TableOf(form);
  std::string out(nfc);
  for (char& c : out) {
    c = static_cast<char>(table.ascii[static_cast<unsigned char>(c) & 0x7FU]);
  }
  return out;
}

std::vector<uint32_t> OffsetsOfLines(std::string_view text,
                                     const std::vector<uint32_t>& soft_lines) {
  std::vector<uint32_t> out;
  out.reserve(soft_lines.size());
  uint32_t line = 0;
  size_t at = 0;
  for (const uint32_t wanted : soft_lines) {
    while (at < text.size()) {
      const size_t found = text.find('\n', at);
      if (found == std::string_view::npos) {
        return out;
      }
      at = found + 1;
      if (line++ == wanted) {
        out.push_back(static_cast<uint32_t>(found));
        break;
      }
    }
  }
  return out;
}

}  // namespace gatepost::text
