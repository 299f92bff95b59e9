#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/base/planted.h"

// How what was earned in a task part reaches the wallets: by mail to the account parts where they live. A little at a
// time, because a group with all that a thousand workers earned would hold up the answers behind it.
namespace tally::core {
namespace {

constexpr Duration step_every{20};

bool is_to_sweep(SubAccount account, Micros balance) {
  return (account.fund == Fund::earnings || account.fund == Fund::fees) && balance.value != 0;
}

// Not more than `most` balances of those that go to one account part; `from` is where the next time begins.
// False: there are no more.
bool sweep_to(const Turn& turn, Part& part, PartId home, SubAccount& from, std::size_t& most) {
  std::vector<std::pair<SubAccount, Micros>> swept;
  const auto& balances = part.ledger.balances;
  auto it = balances.lower_bound(from);
  for (; it != balances.end() && swept.size() < most; ++it) {
    if (is_to_sweep(it->first, it->second) && account_part_of(it->first.owner) == home) swept.push_back(*it);
  }
  const bool has_more = it != balances.end();
  from = has_more ? it->first : SubAccount{};
  Sweep mail;
  for (const auto& [account, balance] : swept) {
    turn.transfer(part, TransferKind::sweep, account, transit, balance);
    mail.rows.push_back({account.owner, balance});
  }
  most -= swept.size();
  if (swept.empty()) return has_more;
  if (planted(Bug::double_sweep)) turn.mail(part, home, mail);
  turn.mail(part, home, std::move(mail));
  return has_more;
}

// One account part after the other. False: there are no more.
bool sweep_on(const Turn& turn, Part& part, Sweeping& at, std::size_t& most) {
  while (at.home < account_parts && most > 0) {
    if (!sweep_to(turn, part, PartId{at.home}, at.from, most)) ++at.home;
  }
  return at.home < account_parts;
}

// Earnings of parts that stay open for long do not wait for their end.
void begin_with_open_parts(const Turn& turn) {
  State& state = turn.state;
  if (turn.input.at < state.next_sweep) return;
  state.next_sweep = turn.input.at + state.limits.sweep_every;
  for (const auto& [id, part] : state.parts) {
    if (is_task_part(id) && part.tasks().state != PartState::done) begin_sweep(state, part);
  }
}

}  // namespace

bool has_unswept(const Part& part) {
  return std::any_of(part.ledger.balances.begin(), part.ledger.balances.end(),
                     [](const auto& entry) { return is_to_sweep(entry.first, entry.second); });
}

void begin_sweep(State& state, const Part& part) {
  if (has_unswept(part)) state.sweeps.try_emplace(part.id);
}

void sweep_at_once(const Turn& turn, Part& part) {
  Sweeping at;
  std::size_t most = turn.state.limits.balances_per_sweep;
  if (sweep_on(turn, part, at, most)) turn.state.sweeps.try_emplace(part.id, at);
}

// The step grows while it is not enough, so that what is earned anew never outruns it.
void sweep_some(const Turn& turn) {
  State& state = turn.state;
  begin_with_open_parts(turn);
  if (state.sweeps.empty() || turn.input.at < state.next_sweep_step) return;
  state.next_sweep_step = turn.input.at + step_every;
  std::size_t most = state.limits.balances_per_sweep + state.sweep_steps++;
  while (most > 0 && !state.sweeps.empty()) {
    const auto first = state.sweeps.begin();
    Part& part = state.parts.at(first->first);
    // With the last balance its end is decided in the same turn: a part without any is not read again by itself.
    if (sweep_on(turn, part, first->second, most) && has_unswept(part)) return;
    state.sweeps.erase(first);
    finish_part(turn, part);
  }
  if (state.sweeps.empty()) state.sweep_steps = 0;
}

}  // namespace tally::core
