#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/core.h"
#include "common/base/digest.h"
#include "common/codec/messages_codec.h"

// A core with everything around it that a loop does, in memory and in order: each command is its own group, durable at
// once. What it wrote is kept per part, so that any part can be dropped and rebuilt from its records.
namespace tally::core {

class World {
 public:
  // Sees the effects of each command, once they are in the journal: for tests that store them.
  using Watch = std::function<void(World&, const Effects&)>;

  explicit World(const Limits& limits = {}, Watch watch = {}) : core(limits), watch_(std::move(watch)) {
    for (std::int64_t no = 0; no < account_parts; ++no) apply({}, PartLoaded{PartId{no}, false, {}, {}, {}, {}, 0});
    const Invited invited = std::get<Invited>(apply({}, Bootstrap{}).at(0));
    admin = "admin-key";
    join(admin, invited.line);
  }

  // Sends a request under this key; gives the replies it led to, for whomever.
  std::vector<Reply> ask(const std::string& key, Request request) {
    ++next_request;
    return send(key, std::move(request), next_request);
  }
  std::vector<Reply> send(const std::string& key, Request request, std::uint64_t id) {
    return apply(Peer{id, id, key}, std::move(request));
  }
  // The same by a gateway's key, for whom the token was granted.
  std::vector<Reply> ask_for(const std::string& token, const std::string& key, Request request) {
    ++next_request;
    return apply(Peer{next_request, next_request, key, token}, std::move(request));
  }
  template <class R>
  R get(const std::string& key, Request request) {
    std::vector<Reply> replies = ask(key, std::move(request));
    return std::get<R>(replies.at(0));
  }
  [[nodiscard]] RefusalCode refused(const std::string& key, Request request) {
    std::vector<Reply> replies = ask(key, std::move(request));
    return std::get<Refused>(replies.at(0)).code;
  }
  std::vector<Reply> pass(Duration time) {
    now = now + time;
    return apply({}, Tick{});
  }

  // A command that comes from the broker itself.
  std::vector<Reply> run(Command command) { return apply({}, std::move(command)); }

  AccountId enrol(const std::string& key, Role role) {
    Invite invite;
    invite.key = "invite " + key;
    invite.role = role;
    invite.display_name = key;
    const Invited invited = get<Invited>(admin, invite);
    join(key, invited.line);
    return invited.account;
  }
  void join(const std::string& key, const std::string& code) { static_cast<void>(get<Joined>(key, Join{code})); }

  // Kills the memory of a part and builds it again from its records.
  void reload(PartId part) {
    core.drop(part);
    static_cast<void>(load(part));
  }
  std::vector<Reply> load(PartId part) { return apply({}, loaded_from_records(part)); }
  // What a store would say of the part.
  [[nodiscard]] PartLoaded loaded_from_records(PartId part) const {
    const auto found = journal.find(part);
    if (found == journal.end()) return PartLoaded{part, false, {}, {}, {}, {}, 0};
    PartLoaded loaded{part, true, {}, {found->second}, {}, {}, 0};
    for (const auto& [from, records] : journal) {
      std::map<std::int64_t, PartId> outbox;
      for (const Record& record : records) {
        if (const auto* sent = std::get_if<MailSent>(&record)) outbox.emplace(sent->no, sent->to);
        if (const auto* delivered = std::get_if<MailDelivered>(&record)) outbox.erase(delivered->no);
      }
      for (const auto& [no, to] : outbox) {
        if (times_received(to, from, no) == 0) continue;
        if (from == part) loaded.received.push_back(no);
        if (to == part) loaded.arrived.emplace_back(from, no);
      }
    }
    return loaded;
  }
  // The records of one type, in order.
  template <class R>
  [[nodiscard]] std::vector<R> records_of(PartId part) const {
    std::vector<R> records;
    const auto found = journal.find(part);
    if (found == journal.end()) return records;
    for (const Record& record : found->second) {
      if (const auto* one = std::get_if<R>(&record)) records.push_back(*one);
    }
    return records;
  }
  [[nodiscard]] std::size_t times_received(PartId to, PartId from, std::int64_t no) const {
    std::size_t times = 0;
    for (const MailReceived& received : records_of<MailReceived>(to)) {
      times += received.from == from && received.no == no ? 1U : 0U;
    }
    return times;
  }
  // While set, senders are not told that their mail is durable: as if the broker were slow between the two commits.
  bool hold_forgets = false;
  void release_forgets() {
    hold_forgets = false;
    const std::vector<ForgetMail> mails = std::exchange(held_, {});
    for (const ForgetMail& mail : mails) apply({}, mail);
  }

  // While set, mail is under way and arrives nowhere; released, it arrives in the opposite order.
  bool hold_deliveries = false;
  void release_deliveries() {
    hold_deliveries = false;
    std::vector<DeliverMail> mails = std::exchange(undelivered_, {});
    for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) apply({}, *mail);
  }

  // While set, parts that the core asks for are not read yet.
  bool hold_loads = false;
  std::vector<Reply> release_loads() {
    hold_loads = false;
    std::vector<Reply> replies;
    for (const PartId part : std::exchange(unread_, {})) {
      for (Reply& reply : load(part)) replies.push_back(std::move(reply));
    }
    return replies;
  }

  // While set, parts leave memory as soon as nothing holds them.
  bool drop_idle = false;
  // Lets this time pass, and then those leave that may.
  std::vector<PartId> put_away_after(Duration time) {
    static_cast<void>(pass(time));
    const std::vector<PartId> leaving = core.leavers(now);
    for (const PartId part : leaving) core.put_away(part);
    return leaving;
  }
  // Every part that the core has asked for, in that order.
  std::vector<PartId> asked_for;

  // Every sub-account of every part, added up. Zero, always: each transfer has two sides.
  [[nodiscard]] Micros sum() const {
    Micros total;
    for (const PartId id : core.loaded()) {
      for (const auto& [account, balance] : core.find(id)->ledger.balances) total += balance;
    }
    return total;
  }
  [[nodiscard]] Micros total_of(Fund fund) const {
    Micros total;
    for (const PartId id : core.loaded()) {
      for (const auto& [account, balance] : core.find(id)->ledger.balances) {
        if (account.fund == fund) total += balance;
      }
    }
    return total;
  }
  [[nodiscard]] Micros wallet(AccountId account) const {
    return core.find(account_part_of(account))->ledger.balance({Fund::wallet, account});
  }

  Core core;
  Time now{1'700'000'000'000};
  std::string admin;
  std::map<PartId, std::vector<Record>> journal;
  std::uint64_t next_request = 0;

 private:
  std::vector<Reply> apply(const Peer& from, Command first) {
    std::vector<Reply> replies;
    std::vector<std::pair<Peer, Command>> queue{{from, std::move(first)}};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      Input input;
      input.at = now;
      input.from = queue[i].first;
      ++entropy_;
      input.entropy = {entropy_ * 0x9e3779b97f4a7c15U, entropy_, entropy_ * 3, entropy_ * 7};
      if (const auto* request = std::get_if<Request>(&queue[i].second)) {
        const std::string body = codec::encode_body(*request);
        input.body_digest = sha256(body);
        input.bytes = body.size();
      }
      input.command = std::move(queue[i].second);
      Effects effects = core.apply(input);
      for (const PartRecord& record : effects.records) journal[record.part].push_back(record.record);
      if (watch_) watch_(*this, effects);
      for (OutgoingReply& reply : effects.replies) replies.push_back(std::move(reply.reply));
      effects.load.insert(effects.load.end(), effects.load_in_between.begin(), effects.load_in_between.end());
      for (const PartId part : effects.load) {
        asked_for.push_back(part);
        if (hold_loads) {
          unread_.push_back(part);
        } else {
          queue.emplace_back(Peer{}, loaded_from_records(part));
        }
      }
      for (const DeliverMail& mail : effects.deliver) {
        if (hold_deliveries) {
          undelivered_.push_back(mail);
        } else {
          queue.emplace_back(Peer{}, mail);
        }
      }
      for (const ForgetMail& mail : effects.forget) {
        if (hold_forgets) {
          held_.push_back(mail);
        } else {
          queue.emplace_back(Peer{}, mail);
        }
      }
      for (const PartId part : drop_idle ? core.leavers(now + Duration{3'600'000}) : std::vector<PartId>())
        core.put_away(part);
    }
    return replies;
  }

  Watch watch_;
  std::uint64_t entropy_ = 0;
  std::vector<ForgetMail> held_;
  std::vector<DeliverMail> undelivered_;
  std::vector<PartId> unread_;
};

// A project with one choice field, and items of one column.
inline ProjectSpec simple_spec() {
  ProjectSpec spec;
  spec.title = "Birds";
  spec.columns = {{"picture", ColumnKind::text}};
  spec.form = {{"bird", "choice", "Which bird?", true, {"bunting", "grosbeak", "other"}, {}}};
  spec.reward = Micros{10'000};
  return spec;
}

}  // namespace tally::core
