// The content of one held mail: text, rendering, pictures, a copy. Each look is on the record first.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/encode.h"
#include "src/base/files.h"
#include "src/console/answer.h"
#include "src/console/app.h"
#include "src/console/frame.h"
#include "src/console/package.h"

namespace gatepost::console {

namespace {

constexpr int64_t kKeptMs = 5 * 60'000;
constexpr size_t kMostKept = 500;
constexpr size_t kMostKeptBytes = 96U << 20;

}  // namespace

bool App::MissesKey(const Call& call, const record::Held& held, Response* no) const {
  if (!held.sealed || KeyOf(call) != nullptr) {
    return false;
  }
  *no = Response::Error(409, "key-needed", "this mail is sealed: unlock your key first");
  return true;
}

Result<Json> App::AskAbout(const char* what, const record::Held& held, Bytes message,
                           const std::string& password) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd fd, MemFd("held", message));
  Json request = {{"do", what},
                  {"file", held.id},
                  {"from", held.envelope.sender.spelling()},
                  {"client_ip", held.envelope.client_ip},
                  {"auth", held.envelope.auth_user},
                  {"rcpt", Json::array()}};
  for (const mail::Recipient& one : held.envelope.recipients) {
    request["rcpt"].push_back(one.address.spelling());
  }
  if (!password.empty()) {
    request["password"] = password;
  }
  return house_.ask(request, fd.get());
}

// With `password`, the encrypted attachments are opened with it: in the worker's memory, for this
// one answer. With `pictures`, they are drawn anew by a picture worker.
Response App::HeldView(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kContent, &no);
  if (!held.has_value()) {
    return no;
  }
  if (MissesReason(call->Word("reason"), &no, "say why you read this")) {
    return no;
  }
  if (MissesKey(*call, *held, &no)) {
    return no;
  }
  const std::string password = call->Word("password");
  if (password.size() > 200) {
    return Response::Error(400, "too-long", "a password of at most 200 bytes");
  }
  const bool pictures = call->Word("pictures") == "1";
  GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kView, id, call->Word("reason"),
                                 {{"encrypted", password.empty() ? "no" : "opened"},
                                  {"pictures", pictures ? "drawn" : "no"}}));
  GATEPOST_ASSIGN_OR_ANSWER(const std::string bytes, quarantine_->ReadMessage(id, KeyOf(*call)));
  GATEPOST_ASSIGN_OR_ANSWER(Json shown, AskAbout("show", *held, bytes, password));
  // The rendering is fetched by a frame of its own.
  if (const auto pages = shown.find("pages"); pages != shown.end() && pages->is_array()) {
    for (Json& page : *pages) {
      page = {{"part", page.value("part", "")},
              {"frame", Keep(*call, Kept::Use::kFrame, "html", page.value("html", ""),
                             page.value("part", ""))}};
    }
  }
  if (pictures) {
    AddPictures(*call, *held, bytes, password, &shown);
  }
  shown["id"] = id;
  return Response::Of(shown);
}

void App::AddPictures(const Call& call, const record::Held& held, Bytes message,
                      const std::string& password, Json* shown) {
  const Result<Json> drawn = AskAbout("pictures", held, message, password);
  Json list = Json::array();
  if (!drawn.ok()) {
    (*shown)["pictures_error"] = drawn.status().message();
  } else {
    const Json all = drawn->value("pictures", Json::array());
    for (const Json& one : all) {
      const std::optional<std::string> png = FromBase64(one.value("png", ""));
      if (png.has_value()) {
        list.push_back({{"part", one.value("part", "")},
                        {"page", one.value("page", 0)},
                        {"pages", one.value("pages", 0)},
                        {"width", one.value("width", 0)},
                        {"height", one.value("height", 0)},
                        {"picture", Keep(call, Kept::Use::kPicture, "image/png", *png)}});
      }
    }
    (*shown)["pictures_left_out"] = drawn->value("left_out", Json::array());
  }
  (*shown)["pictures"] = list;
}

std::string App::Keep(const Call& call, Kept::Use use, std::string type, std::string bytes,
                      std::string name) {
  const std::string key = Hex(RandomBytes(16));
  const int64_t now = SteadyMs();
  const std::lock_guard<std::mutex> lock(kept_mutex_);
  const auto forget = [this](std::map<std::string, Kept>::iterator one) {
    kept_bytes_ -= one->second.bytes.size();
    return kept_.erase(one);
  };
  for (auto one = kept_.begin(); one != kept_.end();) {
    one = one->second.until_ms < now ? forget(one) : std::next(one);
  }
  while (!kept_.empty() &&
         (kept_.size() >= kMostKept || kept_bytes_ + bytes.size() > kMostKeptBytes)) {
    forget(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
      return a.second.until_ms < b.second.until_ms;
    }));
  }
  kept_bytes_ += bytes.size();
  const auto id = call.path.find("id");
  kept_[key] = {use,
                call.session.token,
                id == call.path.end() ? "" : id->second,
                std::move(type),
                std::move(bytes),
                std::move(name),
                now + kKeptMs};
  return key;
}

Response App::HandOut(Call* call, Kept::Use use) {
  Kept kept;
  {
    const std::lock_guard<std::mutex> lock(kept_mutex_);
    const auto found = kept_.find(call->path["key"]);
    if (found == kept_.end() || found->second.session != call->session.token ||
        found->second.held_id != call->path["id"] || found->second.until_ms < SteadyMs() ||
        found->second.use != use) {
      return Response::Error(404, "not-found", "this view is over: open it again");
    }
    kept = found->second;
    if (use == Kept::Use::kCopy) {  // once
      kept_bytes_ -= kept.bytes.size();
      kept_.erase(found);
    }
  }
  if (use == Kept::Use::kFrame) {
    GATEPOST_ANSWER_IF_ERROR(
        Write(*call, Kind::kPreview, call->path["id"], "", {{"part", kept.name}}));
  }
  Response response;
  response.type = kept.type;
  response.body = std::move(kept.bytes);
  if (use == Kept::Use::kCopy) {
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"" + kept.name + "\"");
  }
  return response;
}

Response App::HeldFrame(Call* call) {
  Response kept = HandOut(call, Kept::Use::kFrame);
  return kept.status == 200 ? FrameOf(kept.body) : kept;
}

Response App::HeldPicture(Call* call) { return HandOut(call, Kept::Use::kPicture); }

Response App::HeldDownload(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kExport, &no);
  if (!held.has_value()) {
    return no;
  }
  if (MissesReason(call->Word("reason"), &no, "say why you take a copy")) {
    return no;
  }
  if (MissesKey(*call, *held, &no)) {
    return no;
  }
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, Kind::kExport, id, call->Word("reason"), {{"form", "zip, encrypted"}}));
  GATEPOST_ASSIGN_OR_ANSWER(const std::string bytes, quarantine_->ReadMessage(id, KeyOf(*call)));
  const std::string password = MakePassword();
  GATEPOST_ASSIGN_OR_ANSWER(std::string zip, PackEncrypted(id + ".eml", bytes, password));
  return Response::Of({{"key", Keep(*call, Kept::Use::kCopy, "application/zip", std::move(zip), id + ".zip")},
                       {"password", password}});
}

Response App::HeldPackage(Call* call) { return HandOut(call, Kept::Use::kCopy); }

}  // namespace gatepost::console
