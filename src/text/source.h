// One text of a message, before forms: lines as extracted, and its decoded reading.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/text/charset.h"
#include "src/text/lines.h"
#include "src/text/view.h"

namespace gatepost::text {

struct SourceText {
  std::string raw;                   // as extracted, undecoded
  std::vector<uint32_t> soft_lines;  // numbers of '\n'; the same in raw and decoded
  OffsetMapPtr raw_map;
  std::string legacy;   // names of encodings; "" none: decoded is raw
  std::string decoded;  // empty when legacy is ""
  OffsetMapPtr decoded_map;
  // What a font shows in other letters than were typed (".VnTimeH" draws capitals): those
  // paragraphs, the others empty lines; "" none.
  std::string drawn;
  OffsetMapPtr drawn_map;
  std::string_view Readable() const { return legacy.empty() ? raw : decoded; }
};

// null stays null: no step.
OffsetMapPtr Step(std::vector<MapPiece> pieces, OffsetMapPtr inner);

// Decides on and fills legacy, decoded and decoded_map from raw. `fonts` in bytes of raw.
void DecodeIfLegacy(std::string_view hint, SourceText* source,
                    const std::vector<decode::FontRun>* fonts = nullptr);
// Lines, then the legacy decision. `fonts` in bytes of utf8.
SourceText MakeSource(std::string_view utf8, const LineOptions& options, OffsetMapPtr to_source,
                      std::string_view hint, const std::vector<decode::FontRun>* fonts = nullptr);

// The lines of a text or of what a page shows, undecided: raw is all it has. *fonts: of the page's
// runs, in bytes of raw; may be null.
SourceText UndecidedSource(Decoded decoded, bool html, std::vector<decode::FontRun>* fonts);

// Bytes that a label calls text of another script (koi8-r, gb2312...) and that are Vietnamese from
// before Unicode, or that it calls a 7-bit charset and that are UTF-8: as they read without the
// label, `raw` decoded, `legacy` the encodings found. nullopt: the label says how they read, or
// nothing speaks against it. `believed` is Decode(bytes, label).
std::optional<SourceText> ReadBesideLabel(Bytes bytes, const Decoded& believed, bool html);

// Lines as they stand: a name or a value has no quote marks and was not wrapped.
LineOptions PlainLines();

// Puts views of wanted (zone, form) pairs together, within Limits::view_bytes.
class ViewBuilder {
 public:
  ViewBuilder(const Wanted& wanted, const Limits& limits);

  bool WantsZone(std::string_view zone) const { return forms_.find(zone) != forms_.end(); }
  // "header:NAME" zones that are asked for, without "header:".
  std::vector<std::string> WantedHeaders() const;

  struct Place {
    uint32_t leaf = UINT32_MAX;
    std::string part;
    std::string path;
  };
  // All forms, the facts of its tricks, and the reading with them undone.
  void Add(const Zone& zone, const SourceText& source, const Place& place);
  // Another reading of a text that was added: no facts but those of tricks where `counts`, no
  // encodings before Unicode.
  void AddReading(const Zone& zone, const SourceText& source, const Place& place,
                  bool counts = false);
  // A text that needs neither quote marks taken off nor paragraphs guessed.
  void AddPlain(const Zone& zone, std::string_view utf8, const Place& place,
                std::string_view hint = {});

  // The zones sa:* that are asked for.
  std::vector<std::string> WantedForAssassin() const;
  // A view in form bytes.
  void AddPieces(const Zone& zone, std::string bytes, std::vector<uint32_t> ends);

  // Adds to a fact that counts; 0 leaves it alone.
  void AddCount(const char* fact, uint64_t count);

  // Bytes of sources that may still be turned into views; what is longer is to be cut.
  uint64_t room() const { return room_; }
  Views& out() { return out_; }

 private:
  void AddForms(const Zone& zone, const SourceText& source, const Place& place, bool undone);
  // The reading with tricks undone, where there are some.
  void AddUndone(const Zone& zone, std::string_view text, const std::vector<uint32_t>& soft_lines,
                 const OffsetMapPtr& map, const Place& place, bool counts = true);
  void AddForm(const Zone& zone, Form form, const Place& place, bool undone, std::string utf8,
               std::vector<uint32_t> soft, OffsetMapPtr map);

  const std::map<Zone, uint32_t, std::less<>>& forms_;  // the caller's
  uint64_t room_;
  Views out_;
};

}  // namespace gatepost::text
