// A message as SpamAssassin 4.0 shows it to its rules, for rules that were written for it: zones
// sa:*. What stands here follows its observed behaviour piece by piece, also where a mail reader
// would do otherwise; src/import/README.md says how well, and tests/import measures it.
// LIMITS: SpamAssassin's own: 50,000 characters a part in sa:body, 500,000 bytes in sa:rawbody,
// lines of 2,048; 8,192 bytes a header field and a URI; 2,000 URIs.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/mail/envelope.h"
#include "src/mail/message.h"
#include "src/text/view.h"

namespace gatepost::text {

// What expressions see at once, one behind the other (TextView::pieces).
struct Pieces {
  std::string bytes;
  std::vector<uint32_t> ends;
  void Add(std::string_view piece) {
    bytes += piece;
    ends.push_back(static_cast<uint32_t>(bytes.size()));
    bytes += '\n';
  }
};

// assassin_relay.cc: the hops of the Received fields, as in X-Spam-Relays-External and its kin.
// Read once, when first asked for; a dozen zones ask.
class AssassinRelays {
 public:
  explicit AssassinRelays(const mail::Message& message) : message_(message) {}
  const std::string& Hops(bool trusted);
  // How many Received fields stand above the first hop that is not trusted.
  size_t TrustedFields();

 private:
  void Prepare();

  const mail::Message& message_;
  bool prepared_ = false;
  std::string trusted_, untrusted_;
  size_t trusted_fields_ = 0;
};

// Reads what is asked for, once.
class AssassinReader {
 public:
  AssassinReader(const mail::Envelope& envelope, const mail::Message& message)
      : envelope_(envelope), message_(message), relays_(message) {}

  // `zone` begins with "sa:"; one that does not exist is empty.
  Pieces Read(std::string_view zone);

 private:
  struct Part {
    const mail::Part* part = nullptr;
    bool html = false;
    bool shown = false;  // text/plain or text/html to SpamAssassin
    bool text = false;   // or other text
    std::string decoded;
  };

  void Prepare();
  const std::vector<std::string>& Body();
  Pieces Rawbody();
  Pieces Uris();
  Pieces Full() const;
  Pieces Fields() const;
  Pieces Header(std::string_view field);
  Pieces MimeHeader(std::string_view field);
  Pieces Checks();  // assassin_checks.cc
  std::string FieldOf(std::string_view field);

  const mail::Envelope& envelope_;
  const mail::Message& message_;
  AssassinRelays relays_;
  bool prepared_ = false;
  std::vector<Part> parts_;
  bool has_body_ = false;
  std::vector<std::string> body_;
  std::vector<std::string> html_uris_;
  bool has_html_ = false;
  std::set<std::string> tags_;  // of HTML
};

// assassin_charset.cc: a text between decoding and the rules. `wide`: characters, which rules see
// as UTF-8. Otherwise none is beyond U+00FF, and rules see each as one byte.
struct AssassinText {
  std::string utf8;
  bool wide = false;
};
// `insist`: the label is believed (encoded words); otherwise UTF-8 is tried first.
AssassinText ReadForAssassin(std::string_view bytes, std::string_view charset, bool insist);

// assassin_html.cc: the text of an HTML part as SpamAssassin renders it (before blanks are
// collapsed), where it points to, as written and with relative targets resolved, and its tags.
AssassinText RenderAssassinHtml(const AssassinText& html, std::vector<std::string>* uris,
                                std::set<std::string>* tags);

// assassin_uri.cc: URIs in rendered text. assassin_canonical.cc: each URI with what SpamAssassin
// adds to it (unescaped, without a port, behind a redirector...).
std::vector<std::string> FindAssassinUris(const std::vector<std::string>& body);
std::vector<std::string> CanonicalUris(const std::string& uri);

// assassin_address.cc: the entries of an address field. `name` may have quotes' content, a comment
// or what else stands for one; not decoded.
struct AssassinMailbox {
  bool has_name = false;
  bool has_address = false;
  std::string name;
  std::string address;
};
std::vector<AssassinMailbox> ReadAssassinMailboxes(std::string_view value);

// assassin_header.cc: the value of a field with its readings ("from:addr"); false: there is none.
bool ReadAssassinField(const mail::Envelope& envelope, const mail::Message& message,
                       const mail::Part& part, std::string_view field, AssassinRelays* relays,
                       std::string* out);
// Line ends as LF.
std::string WithLf(std::string_view bytes);

}  // namespace gatepost::text
