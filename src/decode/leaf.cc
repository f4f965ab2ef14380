// Words and sentences for types and reasons.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/leaf.h"

#include <array>

namespace gatepost::decode {

namespace {

struct ReasonRow {
  Reason reason;
  const char* word;
  const char* en;
  const char* vi;
};

constexpr std::array<ReasonRow, 11> kReasons = {{
    {Reason::kEncrypted, "encrypted", "it is encrypted, so its content could not be read",
     "nội dung bị mã hoá nên không đọc được"},
    {Reason::kImageOnly, "image-only", "it holds pictures of pages and no text",
     "chỉ có ảnh chụp trang, không có chữ để đọc"},
    {Reason::kUnknownType, "unknown-type", "it is a container that cannot be opened here",
     "là loại tệp chứa không mở được ở đây"},
    {Reason::kTooBig, "too-big", "it unpacks to more than the limits allow",
     "khi giải nén vượt quá giới hạn cho phép"},
    {Reason::kTooDeep, "too-deep", "it is nested deeper than the limits allow",
     "lồng nhau sâu hơn giới hạn cho phép"},
    {Reason::kDamaged, "damaged", "it is damaged and could not be read whole",
     "tệp bị hỏng nên không đọc được trọn vẹn"},
    {Reason::kCrashed, "crashed", "the inspector crashed on it", "bộ kiểm tra bị lỗi khi xử lý"},
    {Reason::kTimedOut, "timed-out", "the inspection took too long", "kiểm tra quá thời hạn"},
    {Reason::kNoSignatures, "no-signatures", "no usable virus signatures are loaded",
     "chưa nạp được mẫu nhận dạng vi-rút"},
    {Reason::kNotScanned, "not-scanned", "the virus scanner could not finish it",
     "bộ quét vi-rút không quét hết được"},
    {Reason::kTruncated, "truncated", "only a part of it was inspected",
     "chỉ kiểm tra được một phần"},
}};

const ReasonRow& RowOf(Reason reason) {
  for (const ReasonRow& row : kReasons) {
    if (row.reason == reason) {
      return row;
    }
  }
  return kReasons[5];
}

}  // namespace

const char* ToString(Type type) {
  switch (type) {
    case Type::kEmpty:
      return "empty";
    case Type::kText:
      return "text";
    case Type::kHtml:
      return "html";
    case Type::kMessage:
      return "message";
    case Type::kZip:
      return "zip";
    case Type::kArchive:
      return "archive";
    case Type::kOoxml:
      return "ooxml";
    case Type::kOdf:
      return "odf";
    case Type::kOle:
      return "ole";
    case Type::kRtf:
      return "rtf";
    case Type::kPdf:
      return "pdf";
    case Type::kXml:
      return "xml";
    case Type::kCalendar:
      return "calendar";
    case Type::kVcard:
      return "vcard";
    case Type::kTnef:
      return "tnef";
    case Type::kImage:
      return "image";
    case Type::kExecutable:
      return "executable";
    case Type::kPkcs7:
      return "pkcs7";
    case Type::kPgp:
      return "pgp";
    case Type::kBinary:
      return "binary";
  }
  return "binary";
}

const char* ToString(Reason reason) { return RowOf(reason).word; }

bool ReasonFromString(std::string_view text, Reason* out) {
  for (const ReasonRow& row : kReasons) {
    if (text == row.word) {
      *out = row.reason;
      return true;
    }
  }
  return false;
}

const char* SentenceEn(Reason reason) { return RowOf(reason).en; }
const char* SentenceVi(Reason reason) { return RowOf(reason).vi; }

}  // namespace gatepost::decode
