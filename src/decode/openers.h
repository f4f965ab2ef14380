// One function for each kind of container or document: it reads the leaf's bytes and puts members,
// text, defects and refusals into the collector. All are total.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/decode/collector.h"

namespace gatepost::decode {

void OpenZip(size_t leaf, Collector* out);         // zip, OOXML, ODF (zip_open.cc)
void ReadGzipHeader(size_t leaf, Collector* out);  // its name and comment (gzip_header.cc)
// "plan.docx" for "plan.docx.gz", and so for other compressors; "data" for no name.
std::string InnerName(const std::string& packed);
void OpenArchive(size_t leaf, Collector* out);  // what libarchive opens (archive.cc)
void OpenOle(size_t leaf, Collector* out);      // legacy Office, encrypted OOXML (ole.cc)
void OpenRtf(size_t leaf, Collector* out);      // rtf.cc
// The body of a message of Outlook as a page; `charset` as Leaf::charset (outlook.cc).
void AddHtmlBody(size_t leaf, Bytes html, const std::string& charset, Collector* out);
// An attachment of which the message has only the place, a path or an address (outlook.cc).
void AddReference(size_t leaf, const std::string& place, Collector* out);
void OpenPdf(size_t leaf, Collector* out);         // pdf.cc
void OpenTnef(size_t leaf, Collector* out);        // winmail.dat (tnef.cc)
void OpenPkcs7(size_t leaf, Collector* out);       // S/MIME (pkcs7.cc)
void OpenScripts(size_t leaf, Collector* out);     // files that a page builds (script_open.cc)
void OpenTable(size_t leaf, Collector* out);       // cells of a csv file (csv.cc)
void OpenEscapes(size_t leaf, Collector* out);     // strings of JSON and sources, TeX (escapes.cc)
void OpenEntities(size_t leaf, Collector* out);    // XML that declares some (entities.cc)
void OpenCalendar(size_t leaf, Collector* out);    // iCalendar and vCard (calendar.cc)
void OpenActiveMime(size_t leaf, Collector* out);  // macros of Word's web archives (shortcut.cc)
void OpenAppended(size_t leaf, Collector* out);    // archives beside what it is (polyglot.cc)
void OpenPictureWords(size_t leaf, Collector* out);  // comments of pictures (picture_words.cc)
void OpenZlib(size_t leaf, Collector* out);          // a zlib stream by itself (packed.cc)
void OpenBehindFrames(size_t leaf, Collector* out);  // zstd, lz4 behind others (packed.cc)
// Of the first packet of OpenPGP (RFC 9580 section 4.2); 0, which is reserved: none begins so.
unsigned PgpTag(Bytes bytes);
void OpenPgpPacket(size_t leaf, Collector* out);  // OpenPGP without a key (openpgp.cc)
// The same in armour. False: some message of it is encrypted, or nobody knows.
bool OpenPgpArmour(size_t leaf, Collector* out);
bool IsEncryptedFile(const Leaf& leaf);         // OpenPGP, age, openssl enc (packed.cc)
void OpenUnknown(size_t leaf, Collector* out);  // what is of no known kind (unknown.cc)
// Files that open something else; false: it is none (shortcut.cc).
bool OpenShortcut(size_t leaf, Collector* out);
void OpenOneNote(size_t leaf, Collector* out);  // embedded files are carved (onenote.cc)

// The content of an OLE 1.0 package (flags, label, file name, command, data): a file that a
// document carries. False: no such thing.
bool ReadPackage(Bytes bytes, std::string* name, Bytes* data);
// The facts of a file that a document carries: executable.embedded where it is a program or is
// named like one.
void NoteEmbedded(const std::string& name, Bytes data, Collector* out);

}  // namespace gatepost::decode
