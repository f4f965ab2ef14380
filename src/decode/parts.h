// The parts of a message to leaves: transfer encodings, every plausible reading.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/decode/collector.h"
#include "src/mail/message.h"

namespace gatepost::decode {

// Adds the leaves of `message` as pending. `container` is the leaf it came from, nullptr for the
// message itself. The message's bytes must outlive the leaves.
void AddParts(const mail::Message& message, const Leaf* container, Collector* out);

// Parses the leaf's bytes as a message and adds its parts.
void OpenMessage(size_t leaf, Collector* out);

// Files and base64 blocks inside running text.
void OpenText(size_t leaf, Collector* out);

}  // namespace gatepost::decode
