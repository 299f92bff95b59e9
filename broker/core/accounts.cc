#include <string>
#include <utility>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/digest.h"

// Accounts, invitations and keys.
namespace tally::core {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t first_invitation_ms = 30 * day_ms;

// ACCOUNT-32 hex digits: the account tells where to look, the rest is the secret. Only its digest is kept.
std::string make_code(const Turn& turn, AccountId account) {
  std::string secret;
  for (std::size_t i = 0; i < 2; ++i) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      secret += static_cast<char>((turn.input.entropy.at(i) >> shift) & 0xFFU);
    }
  }
  return std::to_string(account.value) + '-' + hex_of(secret);
}

std::string invite(const Turn& turn, PartId home, AccountId account, std::int64_t valid_ms) {
  std::string code = make_code(turn, account);
  turn.emit(home, InvitationIssued{account, Bytes{bytes_of(sha256(code))}, turn.now_ms() + valid_ms});
  return code;
}

const Account* find_account(const Part& part, AccountId account) {
  const auto found = part.accounts().accounts.find(account);
  return found == part.accounts().accounts.end() ? nullptr : &found->second;
}

AccountId create_account(const Turn& turn, Part& part, Role role, const std::string& display_name) {
  const AccountId account{part.accounts().next_account * account_parts + part.id.value};
  turn.emit(part.id, AccountCreated{account, role, turn.now_ms()});
  turn.store(part.id, ContentKind::display_name, account.value, display_name);
  return account;
}

}  // namespace

std::pair<Part*, const Account*> need_account(const Turn& turn, AccountId id) {
  if (id.value < account_parts) {
    turn.refuse(RefusalCode::account_not_found, "there is no account " + std::to_string(id.value));
    return {nullptr, nullptr};
  }
  Part* part = turn.need(account_part_of(id));
  if (part == nullptr) return {nullptr, nullptr};
  const Account* account = find_account(*part, id);
  if (account != nullptr) return {part, account};
  turn.refuse(RefusalCode::account_not_found, "there is no account " + std::to_string(id.value));
  return {nullptr, nullptr};
}

std::optional<Invitee> find_invitee(const Turn& turn, const std::string& code) {
  const auto id = whole_number_from(std::string_view(code).substr(0, code.find('-')));
  if (!id || *id < account_parts) {
    refuse_invitation(turn);
    return std::nullopt;
  }
  Part* part = turn.need(account_part_of(AccountId{*id}));
  if (part == nullptr) return std::nullopt;
  const Account* account = find_account(*part, AccountId{*id});
  if (account != nullptr) return Invitee{part, AccountId{*id}, account};
  refuse_invitation(turn);
  return std::nullopt;
}

bool is_open_invitation(const Turn& turn, const Account& account, const std::string& code) {
  return account.invitation.value == bytes_of(sha256(code)) && account.invited_until_ms >= turn.now_ms();
}

void refuse_invitation(const Turn& turn) {
  turn.refuse(RefusalCode::invitation_unknown,
              "this invitation is not known, was used, or has expired; ask for a new one");
}

void handle(const Turn& turn, const Identity& who, const Hello&) {
  Welcome welcome;
  welcome.account = who.account;
  welcome.role = who.role;
  welcome.now_ms = turn.now_ms();
  welcome.fee_ppm = turn.state.limits.fee_ppm;
  welcome.leases_per_worker_max = turn.state.limits.leases_per_worker_max;
  turn.reply(std::move(welcome));
}

void handle_join(const Turn& turn, const Join& join) {
  const auto invitee = find_invitee(turn, join.code);
  if (!invitee) return;
  const auto& [part, id, account] = *invitee;
  const std::string& key = turn.input.from.key;
  if (account->key.value == key) return turn.reply(Joined{id, account->role, {}, 0});
  if (!is_open_invitation(turn, *account, join.code)) return refuse_invitation(turn);
  if (turn.state.keys.contains(key)) {
    return turn.refuse(RefusalCode::key_in_use, "this key belongs to another account; make a new one");
  }
  const Role role = account->role;
  turn.effects.keys.push_back({key, account->key.value});
  turn.emit(part->id, KeyEnrolled{id, Bytes{key}, turn.now_ms()});
  turn.reply(Joined{id, role, {}, 0});
}

void handle(const Turn& turn, const Identity& who, const Invite& message) {
  if (message.account) {
    const auto [part, account] = need_account(turn, *message.account);
    if (part == nullptr) return;
    return turn.reply(Invited{*message.account, invite(turn, part->id, *message.account, message.valid_ms)});
  }
  // The key says in which part the account is made, so that the same command comes to the same place.
  const PartId home{sha256(message.key).at(0) % account_parts};
  Part* part = turn.need(home);
  if (part == nullptr) return;
  const auto kept = find_kept(turn, part->accounts().kept, who.account, message.key);
  if (!kept) return turn.refuse(kept.error());
  if (*kept != nullptr) {
    // The code itself is not kept: the same command gets the same account and a new code.
    const AccountId account{(*kept)->result.at(0)};
    return turn.reply(Invited{account, invite(turn, home, account, message.valid_ms)});
  }
  const AccountId account = create_account(turn, *part, message.role, message.display_name);
  std::string code = invite(turn, home, account, message.valid_ms);
  keep(turn, *part, who.account, message.key, {account.value});
  turn.reply(Invited{account, std::move(code)});
}

void handle(const Turn& turn, const Identity& who, const Suspend& suspend) {
  const auto [part, account] = need_account(turn, suspend.account);
  if (part == nullptr) return;
  if (suspend.account == who.account) {
    return turn.refuse(RefusalCode::role_not_allowed, "an admin cannot suspend themselves");
  }
  if (account->suspended != suspend.suspended) {
    turn.emit(part->id, AccountSuspended{suspend.account, suspend.suspended});
    turn.store(part->id, ContentKind::suspension, suspend.account.value, suspend.reason);
  }
  turn.reply(Acknowledged{});
}

void handle(const Turn& turn, const Identity& who, const SetPayoutAddress& set) {
  Part* part = turn.need(account_part_of(who.account));
  if (part == nullptr) return;
  turn.emit(part->id, PayoutAddressSet{who.account, !set.address.empty()});
  turn.store(part->id, ContentKind::payout_address, who.account.value, set.address);
  turn.reply(Acknowledged{});
}

void bootstrap(const Turn& turn, const Bootstrap& command) {
  const PartId first{0};
  if (turn.is_absent(first)) {
    for (std::int64_t no = 0; no < account_parts; ++no) {
      turn.state.absent.erase(PartId{no});
      turn.state.parts.emplace(PartId{no}, empty_part(PartId{no}));
      turn.emit(PartId{no}, AccountPartCreated{});
    }
    Part& part = turn.state.parts.at(first);
    turn.emit(first, AccountCreated{house_account, Role::admin, turn.now_ms()});
    const AccountId admin = create_account(turn, part, Role::admin, "admin");
    return turn.reply(Invited{admin, invite(turn, first, admin, first_invitation_ms)});
  }
  std::optional<AccountId> admin;
  for (std::int64_t no = 0; no < account_parts; ++no) {
    const Part* part = turn.loaded(PartId{no});
    TALLY_ASSERT(part != nullptr);
    for (const auto& [id, account] : part->accounts().accounts) {
      if (account.role != Role::admin || id == house_account) continue;
      if (!account.key.value.empty() && !command.invite_again) return;
      if (!admin) admin = id;
    }
  }
  TALLY_ASSERT(admin.has_value());
  turn.reply(Invited{*admin, invite(turn, account_part_of(*admin), *admin, first_invitation_ms)});
}

}  // namespace tally::core
