// The pages as they are in the folder pages/, compiled into the program: nothing to install,
// nothing to fetch, and they belong to the API they speak to. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/console/http.h"

namespace gatepost::console {

struct PageFile {
  std::string_view path;  // "/app.js"
  std::string_view type;
  std::string_view bytes;
};
// Made by embed.cmake out of pages/.
const std::vector<PageFile>& PageFiles();

// The answer to a GET of anything but the API: a page file, or 404.
Response Page(const Request& request);

}  // namespace gatepost::console
