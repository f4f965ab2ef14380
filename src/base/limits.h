// Every budget of the house in one place, passed explicitly, printed by `gatepost check`. A limit
// that is hit is a named defect or an unscannable reason, never a silent pass.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace gatepost {

struct Limits {
  // One message over SMTP, bytes; above it 552 5.3.4. Default: Postfix's message_size_limit and a
  // little, so that Postfix normally says it first.
  uint64_t message_bytes = 11'000'000;
  // All messages that are being gathered or inspected, bytes; above it 451 4.3.2.
  uint64_t spool_bytes = 512ULL << 20;

  // MIME structure (RFC 2046). Postfix stops at 100 levels, ClamAV at 17.
  uint32_t mime_depth = 30;
  uint32_t mime_parts = 1'000;
  uint32_t header_fields = 1'000;         // in one part
  uint32_t header_field_bytes = 102'400;  // one field, as Postfix's header_size_limit
  uint32_t defects = 500;                 // listed ones; the count goes on

  // Decoding. Readings: the plausible ways to decode one part where its labels conflict.
  uint32_t readings_per_part = 8;
  uint32_t reading_expansion = 4;         // all readings together, times the message
  uint64_t decoded_bytes = 200ULL << 20;  // all leaves of a message together
  uint64_t leaf_bytes = 64ULL << 20;      // one leaf
  uint32_t archive_depth = 8;
  uint32_t archive_members = 10'000;  // all archives of a message together
  uint32_t archive_ratio = 250;       // unpacked / packed, for members over 1 MiB

  // Text, bytes of UTF-8. What is read out of all documents of a message together; and all views of a
  // message together: each text is searched in up to seven forms.
  uint64_t text_bytes = 32ULL << 20;
  uint64_t view_bytes = 160ULL << 20;
  uint32_t evidence_per_rule = 8;
  uint32_t evidence_text_bytes = 200;

  // Time. Deadline and retry together must stay under the 60 s that an SMTP client may wait.
  std::chrono::milliseconds inspect_deadline{20'000};
  std::chrono::milliseconds queue_deadline{15'000};  // waiting for a worker; then 451 4.3.2
  uint32_t worker_messages = 1'000;                  // then the worker is replaced
  uint64_t worker_memory_bytes = 4ULL << 30;         // RLIMIT_AS beyond what the zygote maps
  uint64_t scratch_bytes = 256ULL << 20;             // the worker's own tmpfs
  uint32_t findings_bytes = 4U << 20;                // what a worker may answer
};

}  // namespace gatepost
