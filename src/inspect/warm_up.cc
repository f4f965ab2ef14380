// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "src/inspect/worker.h"

namespace gatepost::inspect {

// Every part is as small as its reader allows; what some reader calls damaged has loaded it all the
// same.
std::string WarmUpMessage() {
  std::string mail =
      "From: =?utf-8?B?xJDGoW4gduG7iw==?= <a@example.org>\r\n"
      "To: b@example.net\r\n"
      "Subject: =?windows-1258?Q?C=F4ng_v=E3n?=\r\n"
      "Message-ID: <warm-up@gatepost.invalid>\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=w\r\n\r\n";
  const auto part = [&mail](const char* header, const std::string& body) {
    mail += std::string("--w\r\n") + header + "\r\n\r\n" + body + "\r\n";
  };
  part("Content-Type: text/plain; charset=utf-8",
       "C\xC3\xB4ng v\xC4\x83n s\xE1\xBB\x91 15, xem http://example.org/a?b=c\r\n> x\r\n");
  part("Content-Type: text/plain; charset=iso-2022-jp", "\x1B$B$\"\x1B(B\r\n");
  part("Content-Type: text/plain; charset=x-unknown", "C\xAB\xA9ng v\xA8n m\xCBt\r\n");
  part("Content-Type: text/html; charset=windows-1252",
       "<html><head><style>.a{display:none}</style></head><body><p class=a>x</p>"
       "<a href=\"http://example.org/\">&eacute;</a></body></html>");
  part("Content-Type: application/rtf; name=a.rtf",
       "{\\rtf1\\ansi\\ansicpg1258 {\\fonttbl{\\f0 .VnTime;}}"
       "\\f0 x\\'e9\\u273?\\par}");
  part("Content-Type: application/pdf; name=a.pdf",
       "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
       "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
       "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
       "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
       "4 0 obj<</Length 33>>stream\nBT /F 9 Tf 9 9 Td (warm up) Tj ET\nendstream endobj\n"
       "trailer<</Root 1 0 R>>\n%%EOF\n");
  // A zip of one stored file "a.xml" with the text "<a/>".
  part("Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64",
       "UEsDBBQAAAAAAAAAIQDUHNEBBAAAAAQAAAAFAAAAYS54bWw8YS8+UEsBAhQDFAAAAAAAAAAhANQc\r\n"
       "0QEEAAAABAAAAAUAAAAAAAAAAAAAAIABAAAAAGEueG1sUEsFBgAAAAABAAEAMwAAACcAAAAAAA==\r\n");
  // A gzip stream and the head of an OLE file.
  part("Content-Type: application/gzip; name=a.txt.gz\r\nContent-Transfer-Encoding: base64",
       "H4sIAAAAAAAAA0vkAgAHoerdAgAAAA==\r\n");
  part("Content-Type: application/msword; name=a.doc\r\nContent-Transfer-Encoding: base64",
       "0M8R4KGxGuEAAAAAAAAAAAAAAAAAAAAAPgADAP7/CQAGAAAAAAAAAAAAAAABAAAAAQAAAAAAAAAA\r\n"
       "EAAAAgAAAAEAAAD+////AAAAAAAAAAD/////////////////////////////////////////////\r\n");
  mail += "--w--\r\n";
  return mail;
}

}  // namespace gatepost::inspect
