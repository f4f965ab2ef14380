// TNEF (MS-OXTNEF), "winmail.dat": attachments, body, compressed RTF.
// LIMITS: compressed RTF unpacks to at most Limits::leaf_bytes; attributes are read once, in order.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <utility>

#include "src/decode/charset.h"
#include "src/decode/openers.h"
#include "src/decode/reader.h"
#include "src/decode/rtf_packed.h"

namespace gatepost::decode {

namespace {

constexpr uint32_t kAttachRendData = 0x00069002;
constexpr uint32_t kAttachTitle = 0x00018010;
constexpr uint32_t kAttachData = 0x0006800f;
constexpr uint32_t kAttachment = 0x00069005;
constexpr uint32_t kBody = 0x0002800c;
constexpr uint32_t kSubject = 0x00018004;
constexpr uint32_t kMapiProps = 0x00069003;

class TnefReader {
 public:
  TnefReader(size_t leaf, Collector* out) : index_(leaf), tnef_(out->leaf(leaf).bytes), out_(out) {}

  void Run() {
    const LittleEndian in(tnef_);
    size_t at = 6;
    std::string name;
    Bytes data;
    bool open = false;
    bool broken = false;
    while (at + 9 <= tnef_.size()) {
      const uint32_t id = in.U32(at + 1);
      const uint32_t length = in.U32(at + 5);
      const Bytes value = in.Slice(at + 9, length);
      broken = broken || value.size() < length;
      at += 9ULL + length + 2;
      if (id == kAttachRendData) {
        Attach(open, name, data);
        open = true;
        name.clear();
        data = Bytes();
      } else if (id == kAttachTitle) {
        name = CString(value);
        open = true;
      } else if (id == kAttachData) {
        data = value;
        open = true;
      } else if (id == kAttachment) {
        Properties(value, &name, &data);
      } else if (id == kMapiProps) {
        Properties(value, nullptr, nullptr);
      } else if (id == kBody || id == kSubject) {
        out_->AddText(index_, "attachment", "", CodePageToUtf8(1252, CString(value)) + "\n");
      }
    }
    Attach(open, name, data);
    out_->AddText(index_, "docprops", "properties", std::move(properties_));
    out_->leaf(index_).is_container = true;
    if (broken || tnef_.size() < 15) {
      out_->AddUnscannable(Reason::kDamaged, out_->leaf(index_));
    }
  }

 private:
  static std::string CString(Bytes value) { return std::string(value.substr(0, value.find('\0'))); }

  void Attach(bool open, const std::string& name, Bytes data) {
    if (open && (!data.empty() || !name.empty()) &&
        out_->TakeMember(out_->leaf(index_).path + "/" + Collector::CleanName(name))) {
      out_->AddMember(index_, name.empty() ? "attachment" : name, data);
    }
  }

  // MAPI properties (MS-OXTNEF 2.1.3.4): count, then type, id, value(s).
  void Properties(Bytes block, std::string* name, Bytes* data) {
    const LittleEndian in(block);
    const uint32_t count = in.U32(0);
    size_t at = 4;
    for (uint32_t i = 0; i < count && at + 8 <= block.size(); ++i) {
      const uint32_t tag = in.U32(at);
      const uint32_t type = tag & 0xffff;
      const uint32_t id = tag >> 16;
      at += 4;
      if (id >= 0x8000) {  // named: GUID, kind, then a number or a name
        const uint32_t kind = in.U32(at + 16);
        at += kind == 0 ? 24 : 24 + Padded(in.U32(at + 20));
      }
      uint32_t values = 1;
      const bool variable = (type & 0xfff) == 0x1e || (type & 0xfff) == 0x1f ||
                            (type & 0xfff) == 0x102 || (type & 0xfff) == 0x0d;
      if ((type & 0x1000) != 0 || variable) {
        values = in.U32(at);
        at += 4;
      }
      for (uint32_t v = 0; v < values && at < block.size(); ++v) {
        if (!variable) {
          at += FixedSize(type & 0xfff);
          continue;
        }
        const uint32_t length = in.U32(at);
        const Bytes value = in.Slice(at + 4, length);
        at += 4 + Padded(length);
        Property(id, type & 0xfff, value, name, data);
      }
    }
  }

  static size_t Padded(uint32_t length) { return (static_cast<size_t>(length) + 3) & ~size_t{3}; }

  static size_t FixedSize(uint32_t type) {
    switch (type) {
      case 0x05:
      case 0x06:
      case 0x07:
      case 0x14:
      case 0x40:
        return 8;
      case 0x48:
        return 16;
      default:
        return 4;
    }
  }

  static std::string Words(uint32_t type, const std::string& wide, Bytes value) {
    return type == 0x1f ? CString(wide) : CodePageToUtf8(1252, CString(value));
  }

  void Property(uint32_t id, uint32_t type, Bytes value, std::string* name, Bytes* data) {
    const std::string text = type == 0x1f ? Utf16LeToUtf8(value) : std::string();
    if (id == 0x370d || id == 0x3708) {
      AddReference(index_, Words(type, text, value), out_);
    } else if (name != nullptr && (id == 0x3707 || (id == 0x3704 && name->empty()))) {
      *name = CString(type == 0x1f ? Bytes(text) : value);
    } else if (data != nullptr && id == 0x3701) {
      *data = value.size() > 16 ? value.substr(type == 0x0d ? 16 : 0) : value;
    } else if (id == 0x1000 || id == 0x0037 || id == 0x0e1d || id == 0x0050) {
      out_->AddText(index_, "attachment", "", Words(type, text, value) + "\n");
    } else if (id == 0x1009) {
      std::string rtf = UnpackRtf(value, out_->Room());
      if (!rtf.empty() && rtf.size() <= out_->Room()) {
        out_->AddMember(index_, "body.rtf", out_->Keep(std::move(rtf)));
      }
    } else if (id == 0x1013) {
      AddHtmlBody(index_, value, type == 0x1f ? "utf-16le" : "", out_);
    } else if ((type == 0x1e || type == 0x1f) && properties_.size() < kMostProperties) {
      const std::string words = Words(type, text, value);
      if (words.size() > 4 && (id >= 0x8000 || words.find(' ') != std::string::npos)) {
        properties_ += words + "\n";
      }
    }
  }

  static constexpr size_t kMostProperties = 1U << 18;
  size_t index_;
  std::string properties_;  // words in properties that no program shows at once
  Bytes tnef_;
  Collector* out_;
};

}  // namespace

void OpenTnef(size_t leaf, Collector* out) { TnefReader(leaf, out).Run(); }

}  // namespace gatepost::decode
