// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/http.h"

#include "src/console/answer.h"
#include "src/record/standing.h"

namespace gatepost::console {

Response Response::Of(const Json& json, int status) {
  Response response;
  response.status = status;
  response.body = DumpJson(json);
  return response;
}

Response Response::Error(int status, const std::string& code, const std::string& message) {
  return Of({{"error", {{"code", code}, {"message", message}}}}, status);
}

bool MissesReason(std::string_view reason, Response* no, const char* ask) {
  if (record::IsReason(reason)) {
    return false;
  }
  *no = Response::Error(400, "reason-needed", ask);
  return true;
}

Response AnswerOf(const Status& status) {
  switch (status.code()) {
    case Code::kInvalid:
      return Response::Error(409, "conflict", status.message());
    case Code::kNotFound:
      return Response::Error(404, "not-found", status.message());
    case Code::kUnavailable:
      return Response::Error(503, "unavailable", status.message());
    case Code::kNoSpace:
      return Response::Error(507, "no-space", status.message());
    default:
      return Response::Error(500, "internal", status.message());
  }
}

}  // namespace gatepost::console
