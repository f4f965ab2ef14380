// The rendering of a held letter's HTML as a page of its own, for a sandboxed frame.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/console/http.h"

namespace gatepost::console {

// `safe`: what text::SafeHtml made in a worker. Nothing of it could run anyhow: the sandbox has no
// scripts, no forms, no origin; the policy lets nothing load but our own style and pictures that
// stand in the page.
Response FrameOf(const std::string& safe);

}  // namespace gatepost::console
