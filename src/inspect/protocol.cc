// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/protocol.h"

#include <elf.h>
#include <link.h>

#include <cstring>

#include "src/inspect/codec.h"

namespace gatepost::inspect {

namespace {

constexpr size_t kMostText = 1 << 20;  // of one field of an envelope
constexpr uint32_t kMostRecipients = 100'000;

// Looks for the note NT_GNU_BUILD_ID in one loaded object's notes.
std::string BuildIdIn(const dl_phdr_info& object) {
  for (size_t i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object.dlpi_phdr[i];
    if (header.p_type != PT_NOTE) {
      continue;
    }
    const Bytes notes(reinterpret_cast<const char*>(object.dlpi_addr + header.p_vaddr),
                      header.p_memsz);
    size_t at = 0;
    while (at + sizeof(ElfW(Nhdr)) <= notes.size()) {
      ElfW(Nhdr) note;
      std::memcpy(&note, notes.data() + at, sizeof(note));
      const size_t name = at + sizeof(note);
      const size_t content = name + ((note.n_namesz + 3U) & ~3U);
      const size_t next = content + ((note.n_descsz + 3U) & ~3U);
      if (next > notes.size()) {
        break;
      }
      if (note.n_type == NT_GNU_BUILD_ID && notes.substr(name, 4) == Bytes("GNU\0", 4)) {
        return Hex(notes.substr(content, note.n_descsz));
      }
      at = next;
    }
  }
  return {};
}

int FirstObject(dl_phdr_info* object, size_t /*size*/, void* out) {
  *static_cast<std::string*>(out) = BuildIdIn(*object);
  return 1;  // the program itself comes first; no library counts
}

const char* ToString(AntivirusOptions::Need need) {
  switch (need) {
    case AntivirusOptions::Need::kRequired:
      return "required";
    case AntivirusOptions::Need::kOptional:
      return "optional";
    case AntivirusOptions::Need::kOff:
      return "off";
  }
  return "required";
}

AntivirusOptions::Need NeedFromString(const std::string& text) {
  if (text == "off") {
    return AntivirusOptions::Need::kOff;
  }
  return text == "optional" ? AntivirusOptions::Need::kOptional : AntivirusOptions::Need::kRequired;
}

// Calls visit(name, field) for each number of Limits, so that writing and reading cannot differ.
template <typename LimitsType, typename Visit>
void ForEachLimit(LimitsType& limits, Visit visit) {
  visit("message_bytes", limits.message_bytes);
  visit("spool_bytes", limits.spool_bytes);
  visit("mime_depth", limits.mime_depth);
  visit("mime_parts", limits.mime_parts);
  visit("header_fields", limits.header_fields);
  visit("header_field_bytes", limits.header_field_bytes);
  visit("defects", limits.defects);
  visit("readings_per_part", limits.readings_per_part);
  visit("reading_expansion", limits.reading_expansion);
  visit("decoded_bytes", limits.decoded_bytes);
  visit("leaf_bytes", limits.leaf_bytes);
  visit("archive_depth", limits.archive_depth);
  visit("archive_members", limits.archive_members);
  visit("archive_ratio", limits.archive_ratio);
  visit("text_bytes", limits.text_bytes);
  visit("view_bytes", limits.view_bytes);
  visit("evidence_per_rule", limits.evidence_per_rule);
  visit("evidence_text_bytes", limits.evidence_text_bytes);
  visit("worker_messages", limits.worker_messages);
  visit("worker_memory_bytes", limits.worker_memory_bytes);
  visit("scratch_bytes", limits.scratch_bytes);
  visit("findings_bytes", limits.findings_bytes);
}

}  // namespace

std::string BuildId() {
  std::string id;
  dl_iterate_phdr(FirstObject, &id);
  return id.empty() ? std::string("version-") + GATEPOST_VERSION : id;
}

std::string HelloText(const std::string& build_id) { return "gatepost inspector 1 " + build_id; }

Status CheckHello(Bytes hello, const std::string& own_build_id) {
  if (hello == HelloText(own_build_id)) {
    return Status::Ok();
  }
  return Status::Unavailable("inspector: daemon and zygote are not of one build (" +
                             PrintableUtf8(hello, 120) + " instead of " + own_build_id +
                             "); was the program upgraded while it ran? restart gatepostd");
}

Json ToJson(const InspectorOptions& options) {
  Json limits = Json::object();
  ForEachLimit(options.limits, [&](const char* name, const auto& value) { limits[name] = value; });
  limits["inspect_deadline"] = options.limits.inspect_deadline.count();
  limits["queue_deadline"] = options.limits.queue_deadline.count();
  return Json{{"antivirus",
               {{"need", ToString(options.antivirus.need)},
                {"database", options.antivirus.database},
                {"max_age_s", options.antivirus.max_age_s}}},
              {"site",
               {{"own_domains", options.site.own_domains},
                {"own_networks", options.site.own_networks},
                {"trusted_relays", options.site.trusted_relays},
                {"authserv_id", options.site.authserv_id},
                {"auth_milters", options.site.auth_milters}}},
              {"limits", limits},
              // All that a worker has to know: the daemon reads pictures.
              {"pictures", {{"on", options.pictures.on}, {"pixels", options.pictures.pixels}}},
              {"workers", options.workers},
              {"cache_folder", options.cache_folder},
              // Any bytes; JSON carries text.
              {"cache_key", Hex(options.cache_key)},
              {"run_examples", options.run_examples},
              {"only_rules", options.only_rules},
              {"sandbox", options.sandbox}};
}

namespace {

std::string Unhex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

Result<InspectorOptions> OptionsFromJson(const Json& json) {
  // The daemon wrote it with ToJson of the same build; anything else is our own fault.
  try {
    InspectorOptions options;
    const Json& antivirus = json.at("antivirus");
    options.antivirus.need = NeedFromString(antivirus.at("need").get<std::string>());
    options.antivirus.database = antivirus.at("database").get<std::string>();
    options.antivirus.max_age_s = antivirus.at("max_age_s").get<int64_t>();
    const Json& site = json.at("site");
    options.site.own_domains = site.at("own_domains").get<std::vector<std::string>>();
    options.site.own_networks = site.at("own_networks").get<std::vector<std::string>>();
    options.site.trusted_relays = site.at("trusted_relays").get<std::vector<std::string>>();
    options.site.authserv_id = site.at("authserv_id").get<std::string>();
    options.site.auth_milters = site.at("auth_milters").get<bool>();
    const Json& limits = json.at("limits");
    ForEachLimit(options.limits,
                 [&](const char* name, auto& value) { limits.at(name).get_to(value); });
    options.limits.inspect_deadline =
        std::chrono::milliseconds(limits.at("inspect_deadline").get<int64_t>());
    options.limits.queue_deadline =
        std::chrono::milliseconds(limits.at("queue_deadline").get<int64_t>());
    const Json& pictures = json.at("pictures");
    options.pictures.on = pictures.at("on").get<bool>();
    options.pictures.pixels = pictures.at("pixels").get<uint64_t>();
    options.workers = json.at("workers").get<uint32_t>();
    options.cache_folder = json.at("cache_folder").get<std::string>();
    options.cache_key = Unhex(json.at("cache_key").get<std::string>());
    options.run_examples = json.at("run_examples").get<bool>();
    options.only_rules = json.at("only_rules").get<std::vector<std::string>>();
    options.sandbox = json.at("sandbox").get<bool>();
    return options;
  } catch (const std::exception& e) {
    return Status::Internal(std::string("inspector options: ") + e.what());
  }
}

std::string RefusalText(const Status& status, const Diagnostics& diagnostics) {
  return DumpJson({{"message", status.message()},
                   {"code", static_cast<int>(status.code())},
                   {"diagnostics", ToJson(diagnostics)}});
}

Status Refusal(Bytes text, Diagnostics* diagnostics) {
  const Result<Json> json = ParseJson("inspector", text);
  if (!json.ok() || !json->is_object()) {
    return Status::Internal("inspector: a process refused to start and gave no reason");
  }
  AddDiagnostics(json->value("diagnostics", Json::array()), diagnostics);
  return {static_cast<Code>(json->value("code", static_cast<int>(Code::kInternal))),
          json->value("message", "inspector: a process refused to start")};
}

Json ToJson(const Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& one : diagnostics.all()) {
    list.push_back({{"error", one.severity == Diagnostic::Severity::kError},
                    {"file", one.place.file},
                    {"line", one.place.line},
                    {"column", one.place.column},
                    {"message", one.message}});
  }
  return list;
}

void AddDiagnostics(const Json& json, Diagnostics* diagnostics) {
  try {
    for (const Json& one : json) {
      const Place place{one.at("file").get<std::string>(), one.at("line").get<int>(),
                        one.at("column").get<int>()};
      if (one.at("error").get<bool>()) {
        diagnostics->Error(place, one.at("message").get<std::string>());
      } else {
        diagnostics->Warning(place, one.at("message").get<std::string>());
      }
    }
  } catch (const std::exception& e) {
    diagnostics->Error({}, std::string("inspector: unreadable diagnostics: ") + e.what());
  }
}

std::string EncodeEnvelope(const mail::Envelope& envelope) {
  Writer out(512);
  out.Raw(envelope.sender.spelling());
  out.U32(static_cast<uint32_t>(envelope.recipients.size()));
  for (const mail::Recipient& recipient : envelope.recipients) {
    out.Raw(recipient.address.spelling());
    out.U8(static_cast<uint8_t>(recipient.direction));
    out.U8(recipient.known_correspondent ? 1 : 0);
  }
  for (const std::string* text :
       {&envelope.client_ip, &envelope.client_name, &envelope.helo, &envelope.auth_user,
        &envelope.daemon_name, &envelope.queue_id, &envelope.tls_version}) {
    out.Raw(*text);
  }
  out.U8(envelope.smtputf8 ? 1 : 0);
  out.I64(envelope.received_at_ms);
  out.U8(envelope.sender_is_ours ? 1 : 0);
  return out.Take();
}

std::string EncodeInspectRequest(const mail::Envelope& envelope, Detail detail) {
  return std::string(1, static_cast<char>(detail)) + EncodeEnvelope(envelope);
}

Result<InspectRequest> DecodeInspectRequest(Bytes wire) {
  constexpr auto kLast = static_cast<uint8_t>(Detail::kMeasured);
  if (wire.empty() || static_cast<uint8_t>(wire.front()) > kLast) {
    return Status::Invalid("inspector: a request that is not valid");
  }
  InspectRequest request;
  request.detail = static_cast<Detail>(wire.front());
  GATEPOST_ASSIGN_OR_RETURN(request.envelope, DecodeEnvelope(wire.substr(1)));
  return request;
}

Result<mail::Envelope> DecodeEnvelope(Bytes wire) {
  Reader in(wire);
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse(in.Raw(kMostText));
  const uint32_t recipients = in.Count(kMostRecipients, 6);
  for (uint32_t i = 0; i < recipients; ++i) {
    mail::Recipient recipient;
    recipient.address = mail::Address::Parse(in.Raw(kMostText));
    recipient.direction =
        static_cast<mail::Direction>(in.Upto(static_cast<uint8_t>(mail::Direction::kRelay)));
    recipient.known_correspondent = in.Upto(1) == 1;
    envelope.recipients.push_back(std::move(recipient));
  }
  for (std::string* text :
       {&envelope.client_ip, &envelope.client_name, &envelope.helo, &envelope.auth_user,
        &envelope.daemon_name, &envelope.queue_id, &envelope.tls_version}) {
    *text = std::string(in.Raw(kMostText));
  }
  envelope.smtputf8 = in.Upto(1) == 1;
  envelope.received_at_ms = in.I64();
  envelope.sender_is_ours = in.Upto(1) == 1;
  if (!in.AtEnd()) {
    return Status::Internal("inspector: the envelope on the wire is broken");
  }
  return envelope;
}

}  // namespace gatepost::inspect
