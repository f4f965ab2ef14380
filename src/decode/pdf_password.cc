// A PDF that asks for a password before it is read: the words that the message offers.
// LIMITS: the tries of a message (Collector::TakeTry).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <exception>
#include <memory>
#include <string>

#include "src/decode/pdf_objects.h"
#include "src/decode/pdf_pages.h"
#include "src/decode/pdf_qpdf.h"

namespace gatepost::decode {

namespace {

// False: it wants another password. Throws what qpdf throws where something else is wrong.
bool OpensWith(const std::string& password, Bytes bytes, QPDF* pdf) {
  pdf->setSuppressWarnings(true);
  try {
    pdf->processMemoryFile("mail", bytes.data(), bytes.size(), password.c_str());
  } catch (const QPDFExc& wrong) {
    if (wrong.getErrorCode() == qpdf_e_password) {
      return false;
    }
    throw;
  }
  return true;
}

// A document of nothing but the lock, so that a try costs the same however large the file is.
std::string LockOf(Bytes bytes) {
  const std::shared_ptr<QPDF> pdf = QPDF::create();
  if (OpensWith("", bytes, pdf.get())) {
    return {};
  }
  QPDFObjectHandle trailer = pdf->getTrailer();
  std::string out = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n";
  const std::string xref_row = " 00000 n \n";
  const size_t second = out.size();
  out += "2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n";
  const std::string where = std::to_string(second);
  const std::string xref = std::to_string(out.size());
  out += "xref\n0 3\n0000000000 65535 f \n0000000009" + xref_row +
         std::string(10 - where.size(), '0') + where + xref_row + "trailer\n<</Root 1 0 R/Size 3";
  for (const char* key : {"/ID", "/Encrypt"}) {
    out += key + trailer.getKey(key).unparseResolved();
  }
  return out + ">>\nstartxref\n" + xref + "\n%%EOF\n";
}

}  // namespace

std::string UnlockPdf(Bytes bytes, Collector* out) {
  constexpr uint32_t kCost = 100;  // AES of the last revision: five thousandths of a second
  try {
    const std::string lock = LockOf(bytes);
    for (const std::string& word : *out->passwords()) {
      if (lock.empty() || !out->TakeTry(kCost)) {
        break;
      }
      const std::shared_ptr<QPDF> trial = QPDF::create();
      if (!OpensWith(word, lock, trial.get())) {
        continue;
      }
      const std::shared_ptr<QPDF> pdf = QPDF::create();
      if (OpensWith(word, bytes, pdf.get())) {
        return WritePdf(pdf.get(), out->Room());
      }
    }
  } catch (const std::exception&) {
    // It stays locked.
  }
  return {};
}

}  // namespace gatepost::decode
