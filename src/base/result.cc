// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/result.h"

#include <cerrno>
#include <system_error>

namespace gatepost {

Status Status::FromErrno(const std::string& where, int error_number) {
  // std::generic_category gives strerror's text without its shared buffer.
  std::string message = where + ": " + std::generic_category().message(error_number);
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return {Code::kNoSpace, std::move(message)};
    case ENOENT:
      return {Code::kNotFound, std::move(message)};
    default:
      return {Code::kIo, std::move(message)};
  }
}

}  // namespace gatepost
