// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/events.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/notice/letter.h"
#include "src/notice/words.h"
#include "src/record/held_table.h"
#include "src/record/release.h"

namespace gatepost::notice {

namespace {

using record::Held;
using record::HeldState;
using record::ReleaseRequest;
using record::RequestState;

class Writer {
 public:
  Writer(const Held& held, const Context& context) : held_(held), context_(context) {}

  void TellSender() {
    const Options& options = context_.options;
    const mail::Address& sender = held_.envelope.sender;
    if (!options.senders || !held_.tell_sender || !mail::IsOwnDomain(context_.site, sender)) {
      return;
    }
    if ((held_.state == HeldState::kHeld || held_.state == HeldState::kReleasing) &&
        held_.released.empty() && Fresh(held_.held_at_ms)) {
      Answer("held", SenderHeld(held_, options));
    }
    std::map<std::string, std::vector<mail::Address>> releases;
    for (const record::ReleaseMark& mark : held_.released) {
      if (Fresh(mark.at_ms)) {
        releases[mark.release_id].push_back(mark.recipient);
      }
    }
    for (const auto& [id, to] : releases) {
      Answer("released:" + id, SenderReleased(held_, to, options));
    }
    for (const ReleaseRequest& one : held_.requests) {
      if (one.state == RequestState::kDenied && Fresh(one.decided_at_ms)) {
        Answer("denied:" + one.id, SenderDenied(held_, options));
      }
    }
    if (held_.state == HeldState::kDeleted && Fresh(held_.changed_at_ms) &&
        held_.released.size() < held_.envelope.recipients.size()) {
      Answer("deleted", SenderDeleted(held_, options));
    }
  }

  void AlertPriority() {
    const std::string whom = PriorityPerson(held_, context_.priority);
    if (whom.empty() || held_.state != HeldState::kHeld || !held_.released.empty() ||
        !Fresh(held_.held_at_ms)) {
      return;
    }
    const Options& options = context_.options;
    for (const mail::Address& officer : options.Officers()) {
      Add("priority:" + officer.key(), officer, PriorityText(held_, whom, options));
    }
    if (!options.priority_command.empty()) {
      Item item;
      item.key = held_.id + ":priority-command";
      item.kind = "command";
      item.held_id = held_.id;
      item.argv = options.priority_command;
      item.input = DumpJson({{"what", "priority mail is held"},
                             {"id", held_.id},
                             {"person", whom},
                             {"category", held_.category},
                             {"from", held_.envelope.sender.spelling()},
                             {"held_at", Rfc3339(held_.held_at_ms)}}) +
                   "\n";
      item.made_ms = item.due_ms = context_.now_ms;
      items_.push_back(std::move(item));
    }
  }

  void TellOfRequests() {
    for (const ReleaseRequest& one : held_.requests) {
      if (one.countersign_by_ms > 0) {
        TellOfUrgent(one);
      } else {
        TellOfRequest(one);
      }
    }
  }

  void TellOfEnd(const ReleaseRequest& request, RequestNews news, const std::string& word) {
    std::vector<mail::Address> to = context_.options.Officers();
    to.push_back(context_.options.AddressOf(request.by));
    to.push_back(context_.options.AddressOf(request.decided_by));
    ToAll(word + ":" + request.id, std::move(to), request, news);
  }

  std::vector<Item> Take() { return std::move(items_); }

 private:
  bool Fresh(int64_t at_ms) const { return at_ms >= context_.now_ms - kNewsMs; }

  void TellOfRequest(const ReleaseRequest& one) {
    const Options& options = context_.options;
    if (Fresh(one.at_ms)) {
      std::vector<mail::Address> to = options.Officers();
      to.push_back(options.AddressOf(one.by));
      if (one.state == RequestState::kPending && !one.Expired(context_.now_ms)) {
        ToAll("asked:" + one.id, to, one, RequestNews::kAsked);
      }
      if (one.state == RequestState::kPending || one.state == RequestState::kApproved) {
        Check("check-expiry", one, one.expires_at_ms);
      }
    }
    if (one.decided_at_ms > 0 && Fresh(one.decided_at_ms)) {
      const bool denied = one.state == RequestState::kDenied;
      TellOfEnd(one, denied ? RequestNews::kDenied : RequestNews::kApproved, "decided");
    }
  }

  void TellOfUrgent(const ReleaseRequest& one) {
    if (!Fresh(one.at_ms)) {
      return;
    }
    if (one.WantsCountersign()) {
      TellOfEnd(one, RequestNews::kUrgent, "urgent");
      Check("check-countersign", one, one.countersign_by_ms);
    } else {
      TellOfEnd(one, RequestNews::kApproved, "countersigned");
    }
  }

  void Check(const std::string& kind, const ReleaseRequest& request, int64_t due_ms) {
    Item item;
    item.key = held_.id + ":" + kind + ":" + request.id;
    item.kind = kind;
    item.held_id = held_.id;
    item.about = request.id;
    item.made_ms = context_.now_ms;
    item.due_ms = due_ms;
    items_.push_back(std::move(item));
  }

  void ToAll(const std::string& word, std::vector<mail::Address> to, const ReleaseRequest& request,
             RequestNews news) {
    const Text text = RequestText(held_, request, news, context_.options);
    std::set<std::string> told;
    for (const mail::Address& one : to) {
      if (!one.is_null() && told.insert(one.key()).second) {
        Add(word + ":" + one.key(), one, text);
      }
    }
  }

  void Answer(const std::string& word, Text text) {
    text.answer = true;
    text.answers = held_.message_id;  // "" where a marking was found
    Add(word, held_.envelope.sender, text);
  }

  void Add(const std::string& word, const mail::Address& to, const Text& text) {
    const std::string kind = word.substr(0, word.find(':'));
    Item item = MakeItem(held_.id + ":" + word, kind, to, text, context_.options, context_.now_ms);
    item.held_id = held_.id;
    items_.push_back(std::move(item));
  }

  const Held& held_;
  const Context& context_;
  std::vector<Item> items_;
};

}  // namespace

Item MakeItem(const std::string& key, const std::string& kind, const mail::Address& to,
              const Text& text, const Options& options, int64_t now_ms) {
  Letter letter;
  letter.from = options.from;
  letter.to = to;
  letter.subject = text.subject;
  letter.body = text.body;
  letter.kind = kind;
  letter.key = key;
  letter.answers = text.answers;
  letter.answer = text.answer;
  letter.at_ms = now_ms;
  letter.language = options.language;
  Item item;
  item.key = key;
  item.kind = kind;
  item.to = to.spelling();
  item.message = Compose(letter);
  item.made_ms = item.due_ms = now_ms;
  return item;
}

std::string PriorityPerson(const Held& held, const std::vector<std::string>& list) {
  if (list.empty()) {
    return "";
  }
  for (const mail::Recipient& one : held.envelope.recipients) {
    if (record::InRecipients(list, one.address.key())) {
      return one.address.key();
    }
  }
  // What they send, too; but only when it is they who sent it.
  const mail::Address& sender = held.envelope.sender;
  return held.envelope.sender_is_ours && record::InRecipients(list, sender.key()) ? sender.key()
                                                                                  : "";
}

Status MayBeUrgent(const Held& held, const std::string& priority_list) {
  GATEPOST_RETURN_IF_ERROR(record::MayBeUrgent(held));
  if (priority_list.empty()) {
    return Status::Invalid(
        "an urgent release is for people on a list: 'notices: priority: list:' names none");
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> list, ReadAddressFile(priority_list));
  return PriorityPerson(held, list).empty()
             ? Status::Invalid(held.id +
                               ": nobody on the priority list has sent or is to get it; a "
                               "second person must grant its release")
             : Status();
}

std::vector<Item> NewsOf(const Held& held, const Context& context) {
  Writer writer(held, context);
  writer.TellSender();
  writer.AlertPriority();
  writer.TellOfRequests();
  return writer.Take();
}

std::vector<Item> NewsOfCheck(const Item& check, const Held& held, const Context& context) {
  Writer writer(held, context);
  for (const ReleaseRequest& one : held.requests) {
    if (one.id != check.about) {
      continue;
    }
    if (check.kind == "check-expiry" && one.Expired(context.now_ms) &&
        held.state != HeldState::kDeleted) {
      writer.TellOfEnd(one, RequestNews::kExpired, "expired");
    }
    if (check.kind == "check-countersign" && one.WantsCountersign()) {
      writer.TellOfEnd(one, RequestNews::kNotCountersigned, "overdue");
    }
  }
  return writer.Take();
}

}  // namespace gatepost::notice
