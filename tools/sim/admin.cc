#include "tools/sim/admin.h"

#include <iterator>
#include <utility>

#include "schemas/qualification_name.h"
#include "tools/sim/projects.h"

namespace tally::sim {

void Admin::invited(const std::string& code) {
  code_ = code;
  try_to_join();
}

void Admin::try_to_join() {
  join(code_, [this] { try_to_join(); });
}

void Admin::begin() {
  for (const Expected& expected : people_) invite(expected);
  client.after(Duration{30'000}, [this] { meddle(); });
}

void Admin::invite(const Expected& expected) {
  Invite invite;
  invite.key = "invite " + expected.person->name();
  invite.role = expected.role;
  invite.display_name = expected.person->name();
  client.ask_for(std::move(invite), [this, expected](Result<Invited, Refusal> invited) {
    if (!invited) return client.after(Duration{5'000}, [this, expected] { this->invite(expected); });
    hand_over(expected, *invited);
    if (expected.role == Role::requester) deposit(*expected.person);
  });
}

// A new code makes an earlier one void.
void Admin::invite_again(const Expected& expected, AccountId account) {
  Invite invite;
  invite.key = "again";
  invite.account = account;
  client.ask_for(std::move(invite), [this, expected, account](Result<Invited, Refusal> invited) {
    if (!invited) return client.after(Duration{5'000}, [this, expected, account] { invite_again(expected, account); });
    hand_over(expected, *invited);
  });
}

void Admin::hand_over(const Expected& expected, const Invited& invited) {
  expected.person->join(invited.line, [this, expected, account = invited.account] { invite_again(expected, account); });
}

void Admin::deposit(Person& requester) {
  // The account is known when the requester has joined.
  if (!requester.is_enrolled()) return client.after(Duration{1'000}, [this, &requester] { deposit(requester); });
  Deposit money;
  money.key = "deposit " + std::to_string(++keys_);
  money.account = requester.account();
  money.amount = Micros{client.random.between(1'000'000, 20'000'000)};
  client.ask_for(std::move(money), [this, &requester](Result<Deposited, Refusal> done) {
    if (!done) return client.after(Duration{5'000}, [this, &requester] { deposit(requester); });
    if (!is_finishing_ && client.random.percent(30)) {
      client.after(client.random.between(Duration{1'000}, Duration{300'000}),
                   [this, &requester] { deposit(requester); });
    }
  });
}

void Admin::meddle() {
  if (is_finishing_) return;
  switch (client.random.between(0, 6)) {
    case 0:
      suspend_someone();
      break;
    case 1:
      reverse_something();
      break;
    case 2:
      pay_out();
      break;
    case 3:
    case 4:
      judge_someone();
      break;
    case 5:
      look_who_is_qualified();
      break;
    default:
      break;
  }
  client.after(client.random.between(Duration{10'000}, Duration{180'000}), [this] { meddle(); });
}

void Admin::suspend_someone() {
  const Expected& expected = client.random.pick(people_);
  if (expected.role != Role::worker || !expected.person->is_enrolled()) return;
  const AccountId account = expected.person->account();
  suspended_.push_back(account);
  client.ask_for(Suspend{account, true, "a look"}, [this, account](const Result<Acknowledged, Refusal>&) {
    client.after(client.random.between(Duration{5'000}, Duration{90'000}), [this, account] { let_in(account); });
  });
}

void Admin::let_in(AccountId account) {
  client.ask_for(Suspend{account, false, ""}, [this, account](const Result<Acknowledged, Refusal>& done) {
    if (!done) client.after(Duration{5'000}, [this, account] { let_in(account); });
  });
}

// Gives a qualification, or takes it away: also those that were earned, and those that are not held.
void Admin::judge_someone() {
  const Expected& expected = client.random.pick(people_);
  if (expected.role != Role::worker || !expected.person->is_enrolled()) return;
  GrantQualification grant;
  grant.account = expected.person->account();
  grant.qualification = client.random.pick(std::vector<std::string>{granted_qualification, granted_qualification,
                                                                    trained_qualification, ruled_qualification});
  grant.score = client.random.between(0, qualification_score_max);
  grant.is_revoked = client.random.percent(30);
  if (grant.is_revoked && grant.qualification == trained_qualification) {
    // What a training gave has its owner in its name.
    const Expected& owner = client.random.pick(people_);
    if (owner.person->is_enrolled()) {
      grant.qualification = name_by_training(trained_qualification, owner.person->account());
    }
  }
  client.ask_for(std::move(grant), [](const Result<Acknowledged, Refusal>&) {});
}

void Admin::look_who_is_qualified() {
  ListQualified list;
  if (client.random.percent(50)) list.qualification = granted_qualification;
  list.limit = client.random.between(1, 5);
  client.ask_for(std::move(list), [](const Result<QualifiedPage, Refusal>&) {});
}

// Any payout, or a transfer that is none.
void Admin::reverse_something() {
  const auto& transfers = database_.tables().transfers;
  const auto& payouts = database_.tables().payouts;
  if (payouts.empty() || transfers.empty()) return;
  const auto payout = std::next(payouts.begin(), client.random.between(0, std::ssize(payouts) - 1));
  TransferId transfer{payout->first.part, payout->second.no};
  if (client.random.percent(10)) {
    transfer = std::next(transfers.begin(), client.random.between(0, std::ssize(transfers) - 1))->first;
  }
  client.ask_for(Reverse{transfer, "a mistake"}, [](const Result<Acknowledged, Refusal>&) {});
}

void Admin::pay_out() {
  const std::string run = "run " + std::to_string(++keys_);
  for (std::int64_t part = 0; part < account_parts; ++part) {
    client.ask_for(ExportPayouts{run, part, Micros{client.random.between(0, 20'000)}},
                   [this, run, part](const Result<PayoutFile, Refusal>& file) {
                     if (!file || !client.random.percent(80)) return;
                     client.ask_for(SettlePayouts{run, part, false}, [](const Result<PayoutFile, Refusal>&) {});
                   });
  }
}

void Admin::finish() {
  for (const Expected& expected : people_) {
    if (is_finishing_ || expected.role != Role::worker || !expected.person->is_enrolled()) continue;
    GrantQualification grant;
    grant.account = expected.person->account();
    grant.qualification = granted_qualification;
    client.ask_for(std::move(grant), [](const Result<Acknowledged, Refusal>&) {});
  }
  is_finishing_ = true;
  for (const AccountId account : suspended_) let_in(account);
}

}  // namespace tally::sim
