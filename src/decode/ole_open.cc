// A compound file leaf: Office 97-2003, encrypted OOXML, Outlook messages, embedded objects.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/decode/charset.h"
#include "src/decode/equation.h"
#include "src/decode/inflate.h"
#include "src/decode/office97.h"
#include "src/decode/office_unlock.h"
#include "src/decode/ole.h"
#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/reader.h"
#include "src/decode/rtf_packed.h"
#include "src/decode/sniff.h"
#include "src/decode/vba.h"

namespace gatepost::decode {

namespace {

class OleOpener {
 public:
  OleOpener(size_t leaf, bool again, Collector* out) : index_(leaf), again_(again), out_(out) {}

  void Run() {
    if (IsSheetStream(out_->leaf(index_).bytes)) {
      Stream("Workbook", out_->leaf(index_).bytes);
      return;
    }
    OleFile file = ReadOle(out_->leaf(index_).bytes, out_->Room());
    if (!file.opened) {
      out_->AddUnscannable(Reason::kDamaged, out_->leaf(index_));
      return;
    }
    std::string names;
    for (const OleStream& stream : file.streams) {
      names += stream.path + "\n";
    }
    OfficeUnlocked unlocked = UnlockOffice(out_->leaf(index_), again_, &file, out_);
    if (unlocked.locked && !unlocked.opened() && out_->passwords() == nullptr) {
      out_->Defer(index_, Again);
      return;
    }
    if (file.too_big) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(index_));
    }
    if (unlocked.doubtful) {
      Encrypted();
    }
    if (file.damaged) {
      out_->AddUnscannable(Reason::kDamaged, out_->leaf(index_));
    }
    out_->AddText(index_, "ole", "", std::move(names));
    if (unlocked.opened()) {
      AddUnlocked(&unlocked, file);
      if (unlocked.streams) {
        return;  // all that is in here is in the member, too
      }
    }
    for (OleStream& stream : file.streams) {
      streams_[stream.path] = out_->Keep(std::move(stream.bytes));
    }
    is_strange_ = !HasKnownStream();
    for (const auto& entry : streams_) {
      Stream(entry.first, entry.second);
    }
    if (is_strange_ && is_unread_) {
      out_->AddUnknownContainer(out_->leaf(index_).path);
    }
    Macros();
  }

 private:
  Bytes Find(const std::string& path) const {
    const auto found = streams_.find(path);
    return found == streams_.end() ? Bytes() : found->second;
  }

  void Encrypted() {
    out_->AddUnscannable(Reason::kEncrypted, out_->leaf(index_));
    out_->SetFact("document.encrypted");
  }

  // As an archive whose members are the documents without their locks.
  void AddUnlocked(OfficeUnlocked* unlocked, const OleFile& file) {
    out_->SetFact("document.encrypted");
    if (unlocked->by_default) {
      out_->SetFact("document.default-password");
    }
    if (unlocked->by_word) {
      out_->SetFact("archive.password-in-mail");
    }
    if (unlocked->short_of) {
      out_->AddUnscannable(Reason::kDamaged, out_->leaf(index_));
    }
    if (unlocked->streams) {
      unlocked->packages.push_back(WriteOle(file.streams));
    }
    for (std::string& plain : unlocked->packages) {
      const std::string name = out_->leaf(index_).name;
      if (plain.empty() || plain.size() > out_->Room() ||
          out_->leaf(index_).depth >= out_->limits().archive_depth ||
          !out_->TakeMember(out_->leaf(index_).path)) {
        out_->AddUnscannable(Reason::kEncrypted, out_->leaf(index_));
        continue;
      }
      out_->leaf(index_).is_container = true;
      out_->AddMember(index_, name, out_->Keep(std::move(plain)));
    }
  }

  void Stream(const std::string& path, Bytes bytes) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    const std::string name = path.substr(folder.size());
    const uint64_t limit = out_->limits().text_bytes;
    if (name == "WordDocument") {
      Text(path, ReadDoc(bytes, Find(folder + "0Table"), Find(folder + "1Table"), limit));
    } else if (name == "Workbook" || name == "Book") {
      Text(path, ReadXls(bytes, limit));
    } else if (name == "PowerPoint Document") {
      Text(path, ReadPpt(bytes, Find(folder + "Current User"), limit));
    } else if (path.find("_SX_DB_CUR/") != std::string::npos) {
      Text(path, ReadXls(bytes, limit));  // what pivot tables remember
    } else if (name == "Current User") {
      if (LittleEndian(bytes).U32(12) == 0xf3d1c4df) {
        Encrypted();
      }
    } else if (path.find("_signatures") != std::string::npos ||
               path.find("_xmlsignatures") != std::string::npos) {
      out_->SetFact("document.signed");
    } else if (name == "\x05SummaryInformation" || name ==
                                                       "\x05"
                                                       "DocumentSummaryInformation") {
      out_->AddText(index_, "docprops", path, ReadPropertySet(bytes));
    } else if (name == "EncryptedPackage" || name == "EncryptionInfo" ||
               name == "EncryptedSummary" ||
               name ==
                   "\x09"
                   "DRMContent" ||
               path.find("DRMEncrypted") != std::string::npos) {
      Encrypted();
    } else if (name == "\x01Ole10Native") {
      Native(path, bytes);
    } else if (name == "Equation Native" && IsOverrun(bytes)) {
      out_->SetFact("document.ole-object");
      out_->SetFact("document.ole-doubtful");
    } else if (name == "Package" || path.compare(0, 11, "ObjectPool/") == 0 ||
               path.compare(0, 3, "MBD") == 0) {
      out_->SetFact("document.ole-object");
      if (SniffMagic(bytes) != Type::kBinary && SniffMagic(bytes) != Type::kOle) {
        Member(path, bytes);
      }
    } else if (name == "_VBA_PROJECT" || path.find("_VBA_PROJECT_CUR/") != std::string::npos ||
               path.find("Macros/") != std::string::npos) {
      out_->SetFact("document.macros");
    } else if (name.compare(0, 12, "__substg1.0_") == 0) {
      Outlook(path, folder, name.substr(12), bytes);
    } else if (name == "Data" && streams_.count(folder + "WordDocument") > 0) {
      Objects(path, bytes);
    } else if (name != "CompObj" && SniffMagic(bytes) != Type::kBinary &&
               SniffMagic(bytes) != Type::kOle) {
      Member(path, bytes);
    } else if (is_strange_ || AsciiEqualsIgnoreCase(name, "contents")) {  // of a control, say
      Words(path, name, bytes);
    }
  }

  // Programs that are not read here: drawings, projects, publications, Hangul... have streams of
  // their own.
  bool HasKnownStream() const {
    static constexpr std::string_view kKnown[] = {
        "WordDocument",     "Workbook",        "Book",    "PowerPoint Document",
        "EncryptedPackage", "\x01Ole10Native", "Package", "__properties_version1.0",
        "_VBA_PROJECT",     "DataSpaceMap",    "Catalog"};  // the last: of thumbnails
    return std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) {
      const std::string_view name =
          std::string_view(stream.first).substr(stream.first.rfind('/') + 1);
      return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
    });
  }

  void Words(const std::string& path, const std::string& name, Bytes bytes) {
    if (name.empty() || name[0] < ' ' || name == "CompObj") {
      return;  // what all of them have
    }
    // Objects of Word's XML are packed by zlib behind their size, Hangul's texts by deflate alone.
    const bool zlib = bytes.size() > 6 && IsZlib(bytes.substr(4));
    Inflated inside = Inflate(bytes.substr(zlib ? 6 : 0), out_->Room());
    constexpr size_t kShortest = 64;  // by chance hardly more unpacks to an end
    const bool unpacked = inside.complete && inside.bytes.size() >= kShortest;
    if (unpacked) {
      Member(name, out_->Keep(std::move(inside.bytes)));
    } else {
      out_->Spend(inside.bytes.size());
    }
    out_->AddText(index_, "attachment", path, ReadableStretches(bytes, out_->limits().text_bytes));
    constexpr size_t kHead = 64;
    const bool picture = bytes.substr(0, kHead).find("\xff\xd8\xff") != Bytes::npos;
    is_unread_ = is_unread_ || name == "VisioDocument" || (!picture && !unpacked && IsNoise(bytes));
  }

  void Text(const std::string& path, LegacyText text) {
    if (text.encrypted) {
      Encrypted();
      return;
    }
    if (text.damaged) {
      out_->AddUnscannable(Reason::kDamaged, out_->leaf(index_));
    }
    if (text.macros) {
      out_->SetFact("document.macros");
    }
    if (text.cut) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(index_));
    }
    const std::pair<bool, const char*> facts[] = {
        {text.external || !text.attached.empty(), "document.external"},
        {!text.attached.empty(), "document.remote-template"},
        {text.dde, "document.dde"},
        {text.autorun, "document.macro-autorun"},
        {text.hidden_text, "document.hidden-text"},
        {text.hidden_sheet, "document.hidden-sheet"},
        {text.very_hidden_sheet, "document.very-hidden-sheet"},
        {!text.objects.empty(), "document.ole-object"}};
    for (const auto& [is_true, name] : facts) {
      if (is_true) {
        out_->SetFact(name);
      }
    }
    for (std::string& object : text.objects) {
      if (object.size() > out_->Room()) {
        out_->AddUnscannable(Reason::kTooBig, out_->leaf(index_));
        break;
      }
      Member("object", out_->Keep(std::move(object)));
    }
    out_->AddShown(index_, "attachment", path, text.shown, text.body + text.margin, text.marks);
    std::vector<FontRun> fonts = text.marks.Take(&text.body);
    out_->AddText(index_, "attachment", path, std::move(text.body), std::move(fonts));
    fonts = text.marks.Take(&text.margin);
    out_->AddText(index_, "header-footer", path, std::move(text.margin), std::move(fonts));
    out_->AddText(index_, "fonts", path, std::move(text.fonts));
    out_->AddText(index_, "rels", path, std::move(text.attached));
  }

  void Member(const std::string& name, Bytes bytes) {
    if (out_->TakeMember(out_->leaf(index_).path + "/" + Collector::CleanName(name))) {
      out_->AddMember(index_, name, bytes);
    }
  }

  void Native(const std::string& path, Bytes bytes) {
    std::string name;
    Bytes data;
    const Bytes rest = bytes.size() > 4 ? bytes.substr(4) : bytes;  // behind its own size
    out_->SetFact("document.ole-object");
    if (ReadPackage(rest, &name, &data)) {
      NoteEmbedded(name, data, out_);
      Member(name.empty() ? path : name, data);
    } else {
      Member(path, rest);
    }
  }

  // Documents with a password have no folder for objects, but keep them among the pictures (MS-DOC
  // 2.2.6.3).
  void Objects(const std::string& path, Bytes bytes) {
    constexpr Bytes kBeginning{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8};
    constexpr size_t kMostObjects = 100;
    size_t found = 0;
    for (size_t at = bytes.find(kBeginning); at != Bytes::npos;
         at = bytes.find(kBeginning, at + kBeginning.size())) {
      // Version, byte order and size of sectors (MS-CFB 2.2).
      const LittleEndian in(bytes.substr(at));
      if (in.U16(28) != 0xfffe || (in.U16(26) != 3 && in.U16(26) != 4) ||
          (in.U16(30) != 9 && in.U16(30) != 12)) {
        continue;
      }
      if (++found > kMostObjects || bytes.size() - at > out_->Room()) {
        out_->AddUnscannable(Reason::kTooBig, out_->leaf(index_));
        return;
      }
      out_->Spend(bytes.size() - at);  // all reach to the end, each is looked through
      out_->SetFact("document.ole-object");
      Member(path, bytes.substr(at));
    }
  }

  // MS-OXMSG: each property is a stream named by its tag.
  void Outlook(const std::string& path, const std::string& folder, std::string_view tag,
               Bytes bytes) {
    const std::string_view id = tag.substr(0, 4);
    const std::string_view type = tag.size() >= 8 ? tag.substr(4, 4) : std::string_view();
    if (id == "3701" && type == "0102") {
      Bytes raw = Find(folder + "__substg1.0_3707001F");
      std::string name = Utf16LeToUtf8(raw);
      if (name.empty()) {
        name = CodePageToUtf8(1252, Find(folder + "__substg1.0_3707001E"));
      }
      Member(name.empty() ? path : name, bytes);
    } else if (id == "1013") {
      AddHtmlBody(index_, bytes, type == "001F" ? "utf-16le" : "", out_);
    } else if (id == "1009") {
      std::string rtf = UnpackRtf(bytes, out_->Room());
      if (!rtf.empty() && rtf.size() <= out_->Room()) {
        Member("body.rtf", out_->Keep(std::move(rtf)));
      }
    } else if ((id == "370D" || id == "3708") && (type == "001F" || type == "001E")) {
      AddReference(index_, String(folder, type, bytes), out_);
    } else if (id >= "8000" && (type == "001F" || type == "001E" ||
                                ((type == "101F" || type == "101E") && tag.size() > 8))) {
      Named(path, String(folder, type, bytes));
    } else if (id == "1000" || id == "0037" || id == "0E04" || id == "0E02" || id == "0E03" ||
               id == "0C1A" || id == "0C1F" || id == "0050" || id == "0042" || id == "0065" ||
               id == "0070" || id == "0E1D" || id == "007D" || id == "3001" || id == "3003" ||
               id == "39FE") {
      out_->AddText(index_, id == "007D" ? "docprops" : "attachment", path,
                    String(folder, type, bytes) + "\n");
    }
  }

  std::string String(const std::string& folder, std::string_view type, Bytes bytes) const {
    std::string text = type == "001F" || type == "101F"
                           ? Utf16LeToUtf8(bytes)
                           : CodePageToUtf8(MessagePage(folder), bytes);
    text.erase(text.find_last_not_of('\0') + 1);
    return text;
  }

  // Properties that have no number of their own: labels, the place of an appointment, categories.
  void Named(const std::string& path, std::string text) {
    constexpr size_t kShortest = 4;
    if (text.size() >= kShortest) {
      out_->AddText(index_, "docprops", path, std::move(text) + "\n");
    }
  }

  // PidTagMessageCodepage or PidTagInternetCodepage of the message in `folder`; 1252 without.
  int MessagePage(const std::string& folder) const {
    const Bytes properties = Find(folder + "__properties_version1.0");
    const LittleEndian in(properties);
    for (uint64_t at = 8; at + 16 <= std::min<size_t>(properties.size(), 16384); at += 8) {
      const uint32_t tag = in.U32(at);
      if ((tag == 0x3ffd0003 || tag == 0x3fde0003) && in.U32(at + 8) != 20127) {
        return static_cast<int>(in.U32(at + 8));
      }
    }
    return 1252;
  }

  // The source of each module, found by how it begins: a directory that lies hides none.
  void Macros() {
    std::vector<Bytes> streams;
    for (const auto& entry : streams_) {
      streams.push_back(entry.second);
    }
    VbaProject project = ReadVba(streams, out_->limits().text_bytes);
    for (VbaModule& module : project.modules) {
      out_->SetFact("document.macros");
      if (module.starts_itself) {
        out_->SetFact("document.macro-autorun");
      }
      if (module.source.size() > out_->Room()) {
        out_->AddUnscannable(Reason::kTooBig, out_->leaf(index_));
        return;
      }
      // Not .bas: what is embedded here is nothing that a click would run.
      Member("macro/" + module.name + ".txt", out_->Keep(std::move(module.source)));
    }
    if (project.cut) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(index_));
    }
  }

  // With the words of the message; what programs try by themselves was in vain.
  static void Again(size_t leaf, Collector* out) { OleOpener(leaf, true, out).Run(); }

  size_t index_;
  bool again_;
  Collector* out_;
  bool is_strange_ = false;  // of a program that is not read here
  bool is_unread_ = false;   // and so are its streams
  std::map<std::string, Bytes> streams_;
};

}  // namespace

bool ReadPackage(Bytes bytes, std::string* name, Bytes* data) {
  const LittleEndian in(bytes);
  size_t at = 2;
  std::string file;
  std::string command;
  for (std::string* text : {name, &file, &command}) {
    const size_t end = at < bytes.size() ? bytes.find('\0', at) : Bytes::npos;
    if (end == Bytes::npos) {
      return false;
    }
    *text = std::string(bytes.substr(at, end - at));
    at = end + 1;
    at += text == &file ? 8 : 0;  // two words before the command
  }
  *data = in.Slice(at + 4, in.U32(at));
  return !data->empty();
}

void NoteEmbedded(const std::string& name, Bytes data, Collector* out) {
  if (SniffMagic(data) == Type::kExecutable || IsExecutableExtension(Extension(name))) {
    out->SetFact("executable.embedded");
  }
}

void OpenOle(size_t leaf, Collector* out) { OleOpener(leaf, false, out).Run(); }

}  // namespace gatepost::decode
