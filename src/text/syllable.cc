// Vietnamese phonotactics: onset, rime, tone rule. Letters are keyed by one byte each: A = a-breve,
// B = a-circumflex, E = e-circumflex, O = o-circumflex, P = o-horn, U = u-horn, D = d-stroke.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "src/text/legacy.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr std::array<std::string_view, 168> kRimes = {
    "Ac",   "Am",   "An",  "Ang", "Ap",   "At",   "Bc",   "Bm",   "Bn",   "Bng",  "Bp",   "Bt",
    "Bu",   "By",   "E",   "Ec",  "Ech",  "Em",   "En",   "Eng",  "Enh",  "Ep",   "Et",   "Eu",
    "O",    "Oc",   "Oi",  "Om",  "On",   "Ong",  "Op",   "Ot",   "P",    "Pi",   "Pm",   "Pn",
    "Pp",   "Pt",   "U",   "UPc", "UPi",  "UPm",  "UPn",  "UPng", "UPp",  "UPt",  "UPu",  "Ua",
    "Uc",   "Ui",   "Um",  "Un",  "Ung",  "Ut",   "Uu",   "a",    "ac",   "ach",  "ai",   "am",
    "an",   "ang",  "anh", "ao",  "ap",   "at",   "au",   "ay",   "e",    "ec",   "em",   "en",
    "eng",  "eo",   "ep",  "et",  "i",    "iEc",  "iEm",  "iEn",  "iEng", "iEp",  "iEt",  "iEu",
    "ia",   "ich",  "im",  "in",  "inh",  "ip",   "it",   "iu",   "o",    "oAc",  "oAm",  "oAn",
    "oAng", "oAt",  "oa",  "oac", "oach", "oai",  "oam",  "oan",  "oang", "oanh", "oao",  "oap",
    "oat",  "oay",  "oc",  "oe",  "oem",  "oen",  "oeo",  "oet",  "oi",   "om",   "on",   "ong",
    "ooc",  "oong", "op",  "ot",  "u",    "uBn",  "uBng", "uBt",  "uBy",  "uE",   "uEch", "uEnh",
    "uOc",  "uOi",  "uOm", "uOn", "uOng", "uOt",  "uP",   "ua",   "uc",   "ui",   "um",   "un",
    "ung",  "up",   "ut",  "uy",  "uyEn", "uyEt", "uya",  "uych", "uyn",  "uynh", "uyp",  "uyt",
    "uyu",  "y",    "yEm", "yEn", "yEng", "yEt",  "yEu",  "ych",  "ynh",  "yp",   "yt",   "yu",
};

constexpr std::array<std::string_view, 27> kOnsets = {
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "D",
    "d",   "g",  "h",  "k",  "l",  "m",  "n",  "p",  "r",  "s",  "t",  "v", "x"};

struct Sound {
  char key = 0;
  char tone = 0;  // 0 none, 1 grave, 2 acute, 3 tilde, 4 hook, 5 dot
};

// Both cases of the 134 letters, and ASCII letters; by code point.
constexpr size_t kSoundsEnd = 0x1F00;
const std::vector<Sound>& Sounds() {
  static const std::vector<Sound> sounds = [] {
    constexpr std::u32string_view kBases = U"aeiouyăâêôơư";
    constexpr std::string_view kKeys = "aeiouyABEOPU";
    constexpr std::u32string_view kTones = U"\u0300\u0301\u0303\u0309\u0323";
    std::vector<Sound> out(kSoundsEnd);
    for (size_t c = 'a'; c <= 'z'; ++c) {
      out[c] = {static_cast<char>(c), 0};
      out[c - 32] = {static_cast<char>(c), 0};
    }
    out[U'đ'] = {'D', 0};
    out[U'Đ'] = {'D', 0};
    for (size_t i = 0; i < kBases.size(); ++i) {
      out[kBases[i]] = {kKeys[i], 0};
      out[ToUpper(kBases[i])] = {kKeys[i], 0};
      for (size_t tone = 0; tone < kTones.size(); ++tone) {
        const std::u32string letter = Compose(std::u32string{kBases[i], kTones[tone]});
        const Sound sound{kKeys[i], static_cast<char>(tone + 1)};
        out[letter[0]] = sound;
        out[ToUpper(letter[0])] = sound;
      }
    }
    return out;
  }();
  return sounds;
}

bool IsRime(std::string_view rime, char tone) {
  if (!std::binary_search(kRimes.begin(), kRimes.end(), rime)) {
    return false;
  }
  const char last = rime.back();
  const bool stopped = last == 'c' || last == 'p' || last == 't' ||
                       (last == 'h' && rime.size() > 1 && rime[rime.size() - 2] == 'c');
  return !stopped || tone == 2 || tone == 5;
}

// Before i, e and y stand k, gh and ngh, elsewhere c, g and ng ("ciò" and "genève" are none; "gì"
// is written with g).
bool IsSpelled(std::string_view onset, std::string_view rime) {
  const char first = rime.front();
  const bool front = first == 'i' || first == 'e' || first == 'E' || first == 'y';
  if (onset == "c" || onset == "ng") {
    return !front;
  }
  if (onset == "g") {
    return !front || first == 'i';
  }
  return front || (onset != "gh" && onset != "ngh");
}

// With a mark; of letters, laws and news. Own choice.
const std::unordered_set<std::u32string_view>& CommonSyllables() {
  static const std::unordered_set<std::u32string_view> syllables = {
      U"và",    U"của",    U"các",   U"có",    U"là",     U"được",  U"với",    U"không",  U"những",
      U"một",   U"để",     U"người", U"đã",    U"về",     U"việc",  U"này",    U"số",     U"định",
      U"tại",   U"từ",     U"công",  U"đảng",  U"tỉnh",   U"ngày",  U"đến",    U"phải",   U"hội",
      U"việt",  U"đồng",   U"chính", U"bộ",    U"quyết",  U"mật",   U"bảo",    U"nước",   U"nhà",
      U"đơn",   U"độc",    U"lập",   U"tự",    U"hạnh",   U"phúc",  U"cộng",   U"hòa",    U"hoà",
      U"xã",    U"chủ",    U"nghĩa", U"điều",  U"khoản",  U"nghị",  U"thông",  U"tư",     U"hành",
      U"ủy",    U"uỷ",     U"dân",   U"sở",    U"giám",   U"đốc",   U"trưởng", U"phòng",  U"vị",
      U"cán",   U"viên",   U"chức",  U"cấp",   U"quản",   U"lý",    U"tổ",     U"nhiệm",  U"vụ",
      U"quyền", U"hạn",    U"trách", U"thực",  U"hiện",   U"kế",    U"hoạch",  U"báo",    U"cáo",
      U"kết",   U"quả",    U"năm",   U"tháng", U"thời",   U"địa",   U"phương", U"huyện",  U"thành",
      U"phố",   U"phường", U"trên",  U"dưới",  U"ngoài",  U"trước", U"đó",     U"đây",    U"thì",
      U"mà",    U"như",    U"vào",   U"lên",   U"xuống",  U"lại",   U"cũng",   U"đều",    U"rất",
      U"đang",  U"sẽ",     U"cần",   U"nếu",   U"bị",     U"bởi",   U"cùng",   U"giữa",   U"mọi",
      U"mỗi",   U"nhiều",  U"ít",    U"hơn",   U"nhất",   U"tế",    U"văn",    U"hóa",    U"hoá",
      U"giáo",  U"dục",    U"đào",   U"tạo",   U"học",    U"kỹ",    U"thuật",  U"nghiệp", U"nông",
      U"sản",   U"xuất",   U"đầu",   U"tài",   U"sách",   U"ngân",  U"hàng",   U"tiền",   U"đất",
      U"môi",   U"trường", U"tổng",  U"mức",   U"vốn",    U"giá",   U"trị",    U"đối",    U"tượng",
      U"hợp",   U"tác",    U"hệ",    U"quốc",  U"phát",   U"triển", U"xây",    U"dựng",   U"tình",
      U"hình",  U"vấn",    U"đề",    U"giải",  U"pháp",   U"luật",  U"sửa",    U"đổi",    U"bổ",
      U"ký",    U"hiệu",   U"lực",   U"căn",   U"cứ",     U"thủ",   U"tướng",  U"phủ",    U"chỉ",
      U"đạo",   U"tiếp",   U"nhận",  U"yêu",   U"cầu",    U"kiến",  U"ý",      U"phần",   U"mềm",
      U"máy",   U"mạng",   U"dữ",    U"liệu",  U"hồ",     U"sơ",    U"biên",   U"bản",    U"họp",
      U"lãnh",  U"ông",    U"bà",    U"chị",   U"tôi",    U"chúng", U"họ",     U"nó",     U"gửi",
      U"kính",  U"trân",   U"trọng", U"cảm",   U"ơn",     U"nơi",   U"lưu",    U"trữ",    U"tuyệt",
      U"tối",   U"khẩn",   U"hỏa",   U"tốc",   U"thượng", U"hoả",   U"đoàn",   U"động",   U"nhân",
      U"lớn",   U"nhỏ",    U"mới",   U"cũ",    U"tốt",    U"đi",    U"làm",    U"nói",    U"biết",
      U"thấy",  U"còn",    U"rồi",   U"đâu",   U"gì",     U"nào",   U"thế",    U"nên",    U"vì",
      U"bốn",   U"bảy",    U"tám",   U"chín",  U"mười",   U"trăm",  U"nghìn",  U"triệu",  U"tỷ",
      U"đường", U"điện",   U"thoại", U"sáng",  U"chiều",  U"lúc",   U"giờ"};
  return syllables;
}

}  // namespace

bool IsCommonSyllable(std::u32string_view word) { return CommonSyllables().count(word) > 0; }

bool IsSyllable(std::u32string_view word) {
  if (word.empty() || word.size() > 8) {
    return false;
  }
  std::string keys;
  char tone = 0;
  const auto& sounds = Sounds();
  for (const char32_t c : word) {
    const Sound sound = c < kSoundsEnd ? sounds[c] : Sound{};
    if (sound.key == 0 || (tone != 0 && sound.tone != 0)) {
      return false;
    }
    keys.push_back(sound.key);
    tone = sound.tone != 0 ? sound.tone : tone;
  }
  const std::string_view all = keys;
  if (IsRime(all, tone)) {
    return true;
  }
  for (const std::string_view onset : kOnsets) {
    if (all.size() > onset.size() && all.substr(0, onset.size()) == onset &&
        IsRime(all.substr(onset.size()), tone) && IsSpelled(onset, all.substr(onset.size()))) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::text
