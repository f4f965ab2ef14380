// Words and sentences for types and reasons.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/leaf.h"

#include <array>

namespace gatepost::decode {

namespace {

// What it means, and what somebody can do about it.
struct ReasonRow {
  Reason reason;
  const char* word;
  const char* en;
  const char* vi;
  const char* advice_en;
  const char* advice_vi;
};

constexpr std::array<ReasonRow, 12> kReasons = {{
    {Reason::kEncrypted, "encrypted",
     "it is encrypted, and no word of the message opens it, so its content could not be read",
     "nội dung bị mã hoá, không từ nào trong thư mở được, nên không đọc được",
     "ask the sender for the password or for the file without one, and look at it before releasing",
     "hỏi người gửi mật khẩu hoặc xin tệp không đặt mật khẩu, xem rồi mới cho qua"},
    {Reason::kImageOnly, "image-only", "it holds pictures of pages and no text",
     "chỉ có ảnh chụp trang, không có chữ để đọc",
     "look at the pages yourself, or switch picture reading on",
     "tự xem các trang, hoặc bật chức năng đọc chữ trong ảnh"},
    {Reason::kUnknownType, "unknown-type",
     "it is of a kind that cannot be opened here: an unknown container, or compressed or encrypted "
     "data",
     "là loại tệp không mở được ở đây: tệp chứa lạ, hoặc dữ liệu đã nén hay mã hoá",
     "ask the sender for a common format (zip, docx, pdf)",
     "đề nghị người gửi dùng định dạng thông dụng (zip, docx, pdf)"},
    {Reason::kTooBig, "too-big", "it unpacks to more than the limits allow",
     "khi giải nén vượt quá giới hạn cho phép",
     "release only if you know what it is: small files that unpack to very much are a known attack",
     "chỉ cho qua khi biết rõ: tệp nhỏ mà giải nén ra quá nhiều là một kiểu tấn công"},
    {Reason::kTooDeep, "too-deep", "it is nested deeper than the limits allow",
     "lồng nhau sâu hơn giới hạn cho phép", "ask the sender to pack the files once",
     "đề nghị người gửi chỉ nén một lần"},
    {Reason::kDamaged, "damaged", "it is damaged and could not be read whole",
     "tệp bị hỏng nên không đọc được trọn vẹn",
     "ask the sender to send it again; what programs repair differs from one to the next",
     "đề nghị người gửi gửi lại; mỗi phần mềm sửa tệp hỏng một kiểu"},
    {Reason::kCrashed, "crashed", "the inspector crashed on it", "bộ kiểm tra bị lỗi khi xử lý",
     "treat it as hostile, keep it, and report it to whoever maintains Gatepost",
     "coi là nguy hiểm, giữ lại và báo cho người bảo trì Gatepost"},
    {Reason::kTimedOut, "timed-out", "the inspection took too long", "kiểm tra quá thời hạn",
     "inspect it again when the machine is idle (gatepost scan); if it times out again, treat it "
     "as hostile",
     "kiểm tra lại khi máy rảnh (gatepost scan); nếu vẫn quá hạn thì coi là nguy hiểm"},
    {Reason::kNoSignatures, "no-signatures", "no usable virus signatures are loaded",
     "chưa nạp được mẫu nhận dạng vi-rút",
     "update the signatures (freshclam), then inspect it again",
     "cập nhật mẫu vi-rút (freshclam) rồi kiểm tra lại"},
    {Reason::kNotScanned, "not-scanned", "the virus scanner could not finish it",
     "bộ quét vi-rút không quét hết được", "scan it by another scanner before releasing it",
     "quét bằng phần mềm khác trước khi cho qua"},
    {Reason::kTruncated, "truncated",
     "only a part of it is here or was inspected (a cut file, or one volume of a split archive)",
     "chỉ có hoặc chỉ kiểm tra được một phần (tệp bị cắt, hoặc một tập của tệp nén chia nhỏ)",
     "ask the sender for the whole file in one piece",
     "đề nghị người gửi gửi trọn tệp, không chia nhỏ"},
    {Reason::kNotRead, "not-read",
     "it is a picture that was not read to its end (too large, too many, out of time or damaged)",
     "là ảnh chưa đọc hết được (quá lớn, quá nhiều, hết thời gian hoặc hỏng)",
     "look at the picture yourself before releasing it", "tự xem ảnh trước khi cho qua"},
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
const char* AdviceEn(Reason reason) { return RowOf(reason).advice_en; }
const char* AdviceVi(Reason reason) { return RowOf(reason).advice_vi; }

}  // namespace gatepost::decode
