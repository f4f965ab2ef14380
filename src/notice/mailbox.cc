// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/mailbox.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/base/utf8.h"
#include "src/notice/digest.h"
#include "src/notice/mailbox_words.h"
#include "src/notice/words.h"
#include "src/record/release.h"

namespace gatepost::notice {

namespace {

constexpr size_t kMostShown = 200;
constexpr size_t kMostReason = 1'000;
constexpr int64_t kAskAgainMs = 600'000;
constexpr size_t kMostAsked = 5'000;  // within that time, by everybody

bool HasCopy(const record::Held& held, const mail::Address& recipient) {
  return std::any_of(held.envelope.recipients.begin(), held.envelope.recipients.end(),
                     [&](const mail::Recipient& one) { return one.address == recipient; });
}

bool HasGot(const record::Held& held, const mail::Address& recipient) {
  return std::any_of(held.released.begin(), held.released.end(),
                     [&](const record::ReleaseMark& one) { return one.recipient == recipient; });
}

const record::ReleaseRequest* OpenRequest(const record::Held& held, int64_t now_ms) {
  const auto found = std::find_if(
      held.requests.begin(), held.requests.end(), [&](const record::ReleaseRequest& one) {
        return one.state == record::RequestState::kPending && !one.Expired(now_ms);
      });
  return found == held.requests.end() ? nullptr : &*found;
}

// Who reads mail there: the name that `people` gives, so that nobody has two names; else the
// address itself.
std::string NameOf(const Options& options, const std::string& address) {
  const mail::Address wanted = mail::Address::Parse(address);
  const auto found = std::find_if(options.people.begin(), options.people.end(),
                                  [&](const auto& one) { return one.second == wanted; });
  return found == options.people.end() ? address : found->first;
}

std::string Row(const char* name, const std::string& value) {
  return std::string("<dt>") + name + "</dt><dd>" + Escaped(value) + "</dd>\n";
}

const std::vector<std::pair<std::string, std::string>>& Headers() {
  static const std::vector<std::pair<std::string, std::string>> kHeaders = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
       "frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      // The link is in the address: it must not travel on.
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"X-Robots-Tag", "noindex, nofollow"},
  };
  return kHeaders;
}

}  // namespace

struct Mailbox::Call {
  const web::Request& request;
  Language language = Language::kVietnamese;
  Link link;  // of /m/TOKEN
};

struct Mailbox::Route {
  const char* method;
  const char* path;  // "/m/" stands for all that begin so
  web::Response (Mailbox::*answer)(const Call&);
};

const std::vector<Mailbox::Route>& Mailbox::Routes() {
  static const std::vector<Route> kRoutes = {
      {"GET", "/", &Mailbox::Front},         {"GET", "/style.css", &Mailbox::Style},
      {"POST", "/link", &Mailbox::SendLink}, {"GET", "/m/", &Mailbox::Show},
      {"POST", "/m/", &Mailbox::Act},
  };
  return kRoutes;
}

Result<std::unique_ptr<Mailbox>> Mailbox::Open(MailboxHouse house) {
  Result<LinkSigner> signer = LinkSigner::Open(house.state, /*make=*/false);
  if (!signer.ok()) {
    return signer.status().code() == Code::kNotFound
               ? Status::Unavailable(signer.status().message() +
                                     ": gatepostd makes this key when it runs with 'mailbox'")
               : signer.status();
  }
  GATEPOST_ASSIGN_OR_RETURN(UsedLinks used, UsedLinks::Open(house.state));
  const record::StoreOptions store = house.custody.ForStore(house.state);
  const record::AuditTrail::Options trail{record::AuditFolder(house.state), house.node, nullptr};
  std::unique_ptr<Mailbox> made(  // NOLINT: private constructor
      new Mailbox(std::move(house), std::move(signer).value(), std::move(used)));
  GATEPOST_ASSIGN_OR_RETURN(made->quarantine_, record::Quarantine::Open(store));
  GATEPOST_ASSIGN_OR_RETURN(made->trail_, record::AuditTrail::Open(trail));
  return made;
}

web::Response Mailbox::Handle(const web::Request& asked) {
  web::Request request = asked;
  if (request.method == "HEAD") {
    request.method = "GET";  // a scanner that asks for the head only; it acts no more than GET does
  }
  web::Response response = Answer(request);
  response.headers = Headers();
  if (request.secure) {
    response.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  }
  return response;
}

web::Response Mailbox::Answer(const web::Request& request) {
  Call call{request, house_.options.language, {}};
  Language language = call.language;
  if (LanguageFromString(request.Query("lang"), &language)) {
    call.language = language;
  }
  const auto refuse = [&call](int status, const char* vi, const char* en) {
    return web::Response{status, "text/html; charset=utf-8",
                         Notice(call.language, Say(call.language, vi, en), "")};
  };
  bool known = false;
  for (const Route& route : Routes()) {
    const std::string path = route.path;
    const bool below = path.size() > 1 && path.back() == '/';
    if (below ? request.path.rfind(path, 0) != 0 : request.path != path) {
      continue;
    }
    known = true;
    if (request.method != route.method) {
      continue;
    }
    const std::string site = AsciiLower(request.Header("sec-fetch-site"));
    if (request.method == "POST" && !site.empty() && site != "same-origin" && site != "none") {
      return refuse(403, "Yêu cầu đến từ trang khác", "The request came from another site");
    }
    if (below) {
      Result<Link> link = signer_.Read(request.path.substr(path.size()), NowUnixMs());
      if (!link.ok()) {
        return link.status().code() == Code::kNotFound
                   ? refuse(410, "Liên kết đã hết hạn", "This link has expired")
                   : refuse(404, "Liên kết không đúng", "This link is not valid");
      }
      call.link = std::move(link).value();
    }
    return (this->*route.answer)(call);
  }
  return known ? refuse(405, "Không được phép", "Not allowed")
               : refuse(404, "Không có trang này", "There is no such page");
}

web::Response Mailbox::Style(const Call& /*call*/) {
  return {200, "text/css; charset=utf-8", StyleSheet()};
}

web::Response Mailbox::Front(const Call& call) {
  const Language language = call.language;
  const std::string body =
      std::string("<p>") +
      Say(language,
          "Nhập địa chỉ thư của bạn; liên kết tới các thư đang giữ cho bạn sẽ được gửi vào hộp thư "
          "đó.",
          "Enter your mail address; a link to what is held for you is sent there.") +
      "</p>\n<form method=\"post\" action=\"/link?lang=" + ToString(language) +
      "\">\n<label for=\"address\">" + Say(language, "Địa chỉ thư", "Mail address") +
      "</label>\n<input id=\"address\" name=\"address\" type=\"email\" autocomplete=\"email\" "
      "maxlength=\"254\" required>\n<button>" +
      Say(language, "Gửi liên kết", "Send a link") + "</button>\n</form>\n";
  return {200, "text/html; charset=utf-8",
          Page(language, Say(language, "Thư đang giữ cho bạn", "Your held mail"), body, "/")};
}

// The answer is the same whatever the address: nobody learns who is here.
web::Response Mailbox::SendLink(const Call& call) {
  const mail::Address address = mail::Address::Parse(call.request.Query("address"));
  const int64_t now = NowUnixMs();
  bool send = address.valid() && !address.is_null() && IsAscii(address.spelling()) &&
              mail::IsOwnDomain(house_.site, address);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto one = asked_.begin(); one != asked_.end();) {
      one = now - one->second > kAskAgainMs ? asked_.erase(one) : std::next(one);
    }
    send = send && asked_.size() < kMostAsked && asked_.emplace(address.key(), now).second;
  }
  if (send) {
    const DigestRun run{
        house_.options, house_.site, &signer_, now, now, now + house_.options.mailbox.links_ms};
    if (const Status dropped = Drop(NoticeFolder(house_.state), BoxLink(address, run));
        !dropped.ok()) {
      return {503, "text/html; charset=utf-8",
              Notice(call.language, Say(call.language, "Xin thử lại sau", "Please try again later"),
                     "")};
    }
  }
  return {200, "text/html; charset=utf-8",
          Notice(call.language, Say(call.language, "Xin xem hộp thư", "Please look into your mail"),
                 Say(call.language,
                     "Nếu địa chỉ này thuộc cơ quan, liên kết sẽ tới trong ít phút nữa. Mỗi địa "
                     "chỉ được gửi một liên kết trong mười phút.",
                     "If this is an address of this office, a link is on its way. An address gets "
                     "one link in ten minutes."))};
}

web::Response Mailbox::Show(const Call& call) {
  return call.link.kind == Link::Kind::kBox ? ShowBox(call) : ShowEntry(call);
}

bool Mailbox::MayRelease(const record::Held& held) const {
  return house_.options.mailbox.release.count(held.category) > 0 && !held.marked &&
         held.category != "virus" && held.category != "marking" && !quarantine_->NeedsTwo(held);
}

web::Response Mailbox::ShowBox(const Call& call) {
  const Language language = call.language;
  const mail::Address reader = mail::Address::Parse(call.link.recipient);
  record::HeldFilter filter;
  filter.recipient = reader.spelling();
  filter.state = record::ToString(record::HeldState::kHeld);
  filter.limit = 5 * kMostShown;  // the filter finds parts of addresses, too
  Result<std::vector<record::Held>> list = std::vector<record::Held>();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    list = watch_.List(filter);
  }
  if (!list.ok()) {
    return {503, "text/html; charset=utf-8",
            Notice(language, Say(language, "Xin thử lại sau", "Please try again later"), "")};
  }
  // A page that lies open must not make links that outlive it.
  const int64_t now = NowUnixMs();
  const DigestRun run{house_.options, house_.site, &signer_, now, now, call.link.expires_ms};
  std::string rows;
  size_t shown = 0;
  for (const record::Held& held : *list) {
    if (shown >= kMostShown || !HasCopy(held, reader) || HasGot(held, reader)) {
      continue;
    }
    ++shown;
    const std::string url = EntryUrl(run, call.link.reader, call.link.recipient, held);
    rows +=
        "<li><dl>\n" +
        Row(Say(language, "Người gửi", "From"),
            PrintableUtf8(held.envelope.sender.spelling(), 300)) +
        (held.sealed || held.marked || held.subject.empty()
             ? std::string()
             : Row(Say(language, "Chủ đề", "Subject"), PrintableUtf8(held.subject, 300))) +
        Row(Say(language, "Thời gian", "Time"), LocalTime(held.held_at_ms, language)) +
        Row(Say(language, "Lý do", "Why"), ReasonOf(held.category, language)) + "</dl>" +
        "<a href=\"" + Escaped(url.substr(house_.options.mailbox.url.size())) +
        "?lang=" + ToString(language) + "\">" +
        (MayRelease(held) ? Say(language, "Xem và nhận thư", "Look at it and release it")
                          : Say(language, "Xem và đề nghị chuyển", "Look at it and ask for it")) +
        "</a></li>\n";
  }
  const std::string body =
      rows.empty()
          ? std::string("<p>") +
                Say(language, "Không có thư nào đang giữ cho bạn.", "Nothing is held.") + "</p>\n"
          : "<ul>\n" + rows + "</ul>\n";
  return {200, "text/html; charset=utf-8",
          Page(language, Say(language, "Thư đang giữ cho bạn", "Your held mail"), body,
               call.request.path)};
}

web::Response Mailbox::ShowEntry(const Call& call) {
  const Language language = call.language;
  const mail::Address recipient = mail::Address::Parse(call.link.recipient);
  const Result<record::Held> held = quarantine_->Find(call.link.held_id);
  if (!held.ok() || !HasCopy(*held, recipient)) {
    return {404, "text/html; charset=utf-8",
            Notice(language, Say(language, "Không còn thư này", "This mail is not here"), "")};
  }
  std::string subject = held->sealed || held->marked ? "" : held->subject;
  // The recipients' own mail, opened for nobody else: a clerk sees what the index holds.
  if (held->sealed && !held->marked && MayRelease(*held) &&
      call.link.reader == call.link.recipient && held->state == record::HeldState::kHeld) {
    if (const auto key = house_.service_key(held->category); key.has_value()) {
      if (const Result<record::HeldWords> words = quarantine_->ReadWords(*held, &*key);
          words.ok()) {
        subject = words->subject;
      }
    }
  }
  std::string body =
      "<dl>\n" +
      Row(Say(language, "Người gửi", "From"),
          held->envelope.sender.is_null() ? "<>"
                                          : PrintableUtf8(held->envelope.sender.spelling(), 300)) +
      Row(Say(language, "Người nhận", "To"), PrintableUtf8(recipient.spelling(), 300)) +
      (subject.empty() ? std::string()
                       : Row(Say(language, "Chủ đề", "Subject"), PrintableUtf8(subject, 300))) +
      Row(Say(language, "Thời gian", "Time"), LocalTime(held->held_at_ms, language)) +
      Row(Say(language, "Kích thước", "Size"),
          std::to_string((held->size + 1'023) / 1'024) + " KB") +
      Row(Say(language, "Lý do giữ", "Why"), ReasonOf(held->category, language)) +
      Row(Say(language, "Mã số", "Reference"), held->id) + "</dl>\n";
  const auto note = [&](const char* vi, const char* en) {
    body += std::string("<p class=\"note\">") + Say(language, vi, en) + "</p>\n";
  };
  const std::string form = "<form method=\"post\" action=\"" + Escaped(call.request.path) +
                           "?lang=" + ToString(language) + "\">\n";
  const record::ReleaseRequest* const open = OpenRequest(*held, NowUnixMs());
  if (HasGot(*held, recipient)) {
    note("Thư này đã được chuyển tới người nhận.", "This mail has been delivered.");
  } else if (held->state == record::HeldState::kDeleted) {
    note("Thư này đã bị xóa.", "This mail has been deleted.");
  } else if (held->state == record::HeldState::kReleasing) {
    note("Thư này đang được chuyển.", "This mail is on its way.");
  } else if (used_.IsClaimed(call.link.number)) {
    note("Liên kết này đã được dùng.", "This link has been used.");
  } else if (MayRelease(*held)) {
    body += form + "<button>" +
            Say(language, "Chuyển thư này vào hộp thư của tôi", "Deliver this mail to my mailbox") +
            "</button>\n</form>\n";
    note("Chỉ nhận thư nếu bạn biết người gửi. Thư được kiểm tra vi-rút lại trước khi chuyển.",
         "Only if you know who sent it. It is checked for viruses again first.");
  } else if (open != nullptr) {
    note("Đã có đề nghị chuyển thư này, đang chờ quyết định.",
         "A release of this mail has been asked for and waits for a decision.");
  } else {
    body += form + "<label for=\"reason\">" +
            Say(language, "Vì sao bạn cần thư này?", "Why do you need this mail?") +
            "</label>\n<textarea id=\"reason\" name=\"reason\" rows=\"3\" maxlength=\"500\" "
            "required></textarea>\n<button>" +
            Say(language, "Đề nghị chuyển thư", "Ask for it") + "</button>\n</form>\n";
    note("Người có trách nhiệm sẽ xem xét; bạn sẽ được báo kết quả qua thư.",
         "A responsible person decides; you will be told by mail.");
  }
  return {200, "text/html; charset=utf-8",
          Page(language, Say(language, "Thư đang giữ", "Held mail"), body, call.request.path)};
}

web::Response Mailbox::Act(const Call& call) {
  const Language language = call.language;
  const auto say = [language](int status, const char* vi, const char* en) {
    return web::Response{status, "text/html; charset=utf-8",
                         Notice(language, Say(language, vi, en), "")};
  };
  const mail::Address recipient = mail::Address::Parse(call.link.recipient);
  if (call.link.kind != Link::Kind::kEntry) {
    return say(405, "Không được phép", "Not allowed");
  }
  const Result<record::Held> held = quarantine_->Find(call.link.held_id);
  if (!held.ok() || !HasCopy(*held, recipient)) {
    return say(404, "Không còn thư này", "This mail is not here");
  }
  const Result<bool> claimed = used_.Claim(call.link.number);
  if (!claimed.ok()) {
    return say(503, "Xin thử lại sau", "Please try again later");
  }
  if (!*claimed) {
    return say(409, "Liên kết này đã được dùng", "This link has been used");
  }
  web::Response response = MayRelease(*held) ? Release(call, *held) : Ask(call, *held);
  // 202: nobody knows whether it was sent, so it stays used up.
  if (response.status >= 400) {
    used_.GiveBack(call.link.number);
  }
  return response;
}

Result<record::Reinspection> Mailbox::InspectAgain(const record::Held& held,
                                            const std::string& message) const {
  GATEPOST_ASSIGN_OR_RETURN(const Fd fd, MemFd("held", message));
  GATEPOST_ASSIGN_OR_RETURN(const Json report, house_.ask(record::ScanAgain(held), fd.get()));
  return record::ReadAgain(report);
}

web::Response Mailbox::Release(const Call& call, const record::Held& held) {
  const Language language = call.language;
  const auto say = [language](int status, const char* vi, const char* en) {
    return web::Response{status, "text/html; charset=utf-8",
                         Notice(language, Say(language, vi, en), "")};
  };
  record::ReleaseOptions options;
  std::optional<record::PrivateKey> key;
  if (held.sealed) {
    key = house_.service_key(held.category);
    options.key = key.has_value() ? &*key : nullptr;
  }
  bool infected = false;
  options.inspect = [this, &infected](const record::Held& now, const std::string& message) {
    Result<record::Reinspection> today = InspectAgain(now, message);
    infected = today.ok() && !today->infections.empty();
    return today;
  };
  options.audit = trail_.get();
  options.via = "recipients";
  options.client_ip = call.request.peer;
  options.reason = "asked for by its recipient";
  if (call.link.reader != call.link.recipient) {
    options.on_behalf = call.link.recipient;
    options.reason = "asked for by the recipient's clerk";
  }
  const Result<record::ReleaseReport> report =
      record::Release(quarantine_.get(), held.id, {mail::Address::Parse(call.link.recipient)},
                      house_.release, call.link.reader, options);
  if (infected) {
    return say(403, "Thư có vi-rút nên không được chuyển", "It carries a virus and stays held");
  }
  using Outcome = record::ReleaseReport::Outcome;
  if (!report.ok() || report->outcome != Outcome::kSent) {
    Journal(Loudness::kWarning, "GP8004", "a recipient's release did not work",
            {{"id", held.id}, {"reason", report.ok() ? report->said : report.status().message()}});
  }
  if (!report.ok()) {
    return report.status().code() == Code::kInvalid
               ? say(409, "Thư này không còn được giữ cho bạn", "It is not held for you any more")
               : say(503, "Chưa chuyển được, xin thử lại sau", "It did not work, try again later");
  }
  switch (report->outcome) {
    case Outcome::kSent:
      return say(200, "Thư đã được chuyển vào hộp thư của bạn", "The mail is on its way to you");
    case Outcome::kUnknown:
      return say(202, "Thư có thể đã được chuyển; người quản trị sẽ kiểm tra",
                 "The mail may have been sent; the administrator will look");
    case Outcome::kRefused:
      break;
  }
  return say(503, "Chưa chuyển được, xin thử lại sau", "It did not work, please try again later");
}

web::Response Mailbox::Ask(const Call& call, const record::Held& held) {
  const Language language = call.language;
  const auto say = [language](int status, const char* vi, const char* en) {
    return web::Response{status, "text/html; charset=utf-8",
                         Notice(language, Say(language, vi, en), "")};
  };
  const std::string reason = PrintableUtf8(AsciiTrim(call.request.Query("reason")), kMostReason);
  if (reason.empty()) {
    return say(400, "Xin cho biết lý do", "Please say why");
  }
  record::AuditEvent event;
  event.kind = record::AuditKind::kRequest;
  // The name that the approvers are known by: nobody grants what they asked for themselves.
  const std::string by = NameOf(house_.options, call.link.reader);
  event.actor = by;
  event.on_behalf = call.link.reader == call.link.recipient ? "" : call.link.recipient;
  event.via = "recipients";
  event.client_ip = call.request.peer;
  event.held_id = held.id;
  event.reason = reason;
  event.details = {{"recipients", call.link.recipient}};
  if (!trail_->Append(event).ok()) {
    return say(503, "Xin thử lại sau", "Please try again later");
  }
  const Result<record::ReleaseRequest> asked =
      quarantine_->RequestRelease(held.id, by, reason, {mail::Address::Parse(call.link.recipient)},
                                  house_.custody.request_valid_ms);
  if (asked.ok()) {
    return say(200, "Đã gửi đề nghị; bạn sẽ được báo kết quả qua thư",
               "Asked for; you will be told by mail");
  }
  return asked.status().code() == Code::kUnavailable
             ? say(409, "Đã có đề nghị chuyển thư này", "Somebody has asked for it already")
             : say(409, "Thư này không còn được giữ", "It is not held any more");
}

}  // namespace gatepost::notice
