// The door to qpdf: its headers, and a sink that keeps within a limit.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// std::shared_ptr, as qpdf 11 asks. Its JSON.hh is no C++20 for clang 14 (a vector of a class that
// is not complete yet); nothing here uses it, so the class is only declared.
#define POINTERHOLDER_TRANSITION 4
#define JSON_HH
class JSON;
#include <algorithm>
#include <cstdint>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFWriter.hh>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gatepost::decode {

// Keeps at most `limit` bytes; more ends the stream.
class PdfPipe : public Pipeline {
 public:
  explicit PdfPipe(uint64_t limit) : Pipeline("bounded", nullptr), limit_(limit) {}
  void write(const unsigned char* data, size_t length) override {
    const uint64_t left = limit_ - data_.size();
    data_.append(reinterpret_cast<const char*>(data), std::min<uint64_t>(left, length));
    if (length > left) {
      cut_ = true;
      throw std::runtime_error("over the limit");
    }
  }
  void finish() override {}
  std::string Take() { return std::move(data_); }
  bool cut() const { return cut_; }

 private:
  uint64_t limit_;
  std::string data_;
  bool cut_ = false;
};

// The appearances of an annotation as it is shown, one for each of its states.
inline std::vector<QPDFObjectHandle> LooksOf(QPDFObjectHandle note) {
  std::vector<QPDFObjectHandle> looks;
  if (!note.isDictionary() || !note.getKey("/AP").isDictionary()) {
    return looks;
  }
  QPDFObjectHandle look = note.getKey("/AP").getKey("/N");
  if (look.isStream()) {
    looks.push_back(look);
  } else if (look.isDictionary()) {
    for (const std::string& key : look.getKeys()) {
      looks.push_back(look.getKey(key));
    }
  }
  return looks;
}

inline bool IsPdfName(QPDFObjectHandle value, const char* name) {
  return value.isName() && value.getName() == name;
}

}  // namespace gatepost::decode
