// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/pages.h"

#include "src/base/digest.h"
#include "src/console/app.h"

namespace gatepost::console {

Response Page(const Request& request) {
  if (request.method != "GET") {
    return Response::Error(405, "no-method", "not this method");
  }
  const std::string path = request.path == "/" ? "/index.html" : request.path;
  for (const PageFile& file : PageFiles()) {
    if (file.path == path) {
      Response response;
      response.type = std::string(file.type);
      const std::string tag = "\"" + Sha256Hex(file.bytes).substr(0, 32) + "\"";
      // Nothing in them is anybody's; what is fresh is told by the tag.
      response.headers.emplace_back("Cache-Control", "no-cache");
      response.headers.emplace_back("ETag", tag);
      if (request.Header("if-none-match") == tag) {
        response.status = 304;
      } else {
        response.body = std::string(file.bytes);
      }
      return response;
    }
  }
  return Response::Error(404, "not-found", "there is nothing here");
}

Response App::OpenApi(Call* /*call*/) {
  for (const PageFile& file : PageFiles()) {
    if (file.path == "/openapi.json") {
      Response response;
      response.body = std::string(file.bytes);
      return response;
    }
  }
  return Response::Error(404, "not-found", "there is nothing here");
}

}  // namespace gatepost::console
