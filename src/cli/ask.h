// Many files to the inspectors, side by side.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/cli/commands.h"
#include "src/cli/house.h"

namespace gatepost::cli {

// Makes the request of gateway/control.h for one file; may change the bytes. Called by several
// threads at once.
using MakeRequest =
    std::function<Json(const gateway::Config& config, const std::string& file, std::string* bytes)>;

// Reads the files ("-" is standard input), asks about each and gives the answers to `print` in the
// order of `files`, from the calling thread. What could not be read or answered is printed as an
// error. Returns the exit code. `opened` (may be null): called once it is known who answers.
int AskAboutFiles(const Common& common, const std::vector<std::string>& files,
                  const MakeRequest& make_request,
                  const std::function<void(const std::string& file, const Json& answer)>& print,
                  const std::function<void(const Inspection& inspection)>& opened = nullptr);

}  // namespace gatepost::cli
