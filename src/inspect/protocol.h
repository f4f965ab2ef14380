// What travels between daemon, zygote and workers besides findings: options, diagnostics,
// envelopes. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

// The linker's build id of this program, hex; its version where the linker wrote none. Daemon and
// zygote must agree: a package upgrade must not pair two programs.
std::string BuildId();
// "gatepost inspector 1 <build id>"
std::string HelloText(const std::string& build_id);
// Not Ok when `hello` is not what a program of our build says.
Status CheckHello(Bytes hello, const std::string& own_build_id);

Json ToJson(const InspectorOptions& options);
Result<InspectorOptions> OptionsFromJson(const Json& json);

// Why a stem or a zygote does not start: what kRefused carries, and what the daemon makes of it.
std::string RefusalText(const Status& status, const Diagnostics& diagnostics);
Status Refusal(Bytes text, Diagnostics* diagnostics);

Json ToJson(const Diagnostics& diagnostics);
void AddDiagnostics(const Json& json, Diagnostics* diagnostics);

// What an inspection is asked with: for whom, and the envelope.
std::string EncodeInspectRequest(const mail::Envelope& envelope, Detail detail);
struct InspectRequest {
  mail::Envelope envelope;
  Detail detail = Detail::kRecord;
};
Result<InspectRequest> DecodeInspectRequest(Bytes wire);

std::string EncodeEnvelope(const mail::Envelope& envelope);
Result<mail::Envelope> DecodeEnvelope(Bytes wire);

}  // namespace gatepost::inspect
