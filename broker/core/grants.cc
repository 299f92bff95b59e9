#include <algorithm>
#include <string>
#include <utility>

#include "broker/core/turn.h"
#include "schemas/grant_token.h"

// Grants: by which a gateway acts for people. Opened with an invitation, renewed in use, ended by either side.
namespace tally::core {
namespace {

// The one that was renewed longest ago.
std::int64_t stalest(const std::map<std::int64_t, Grant>& grants) {
  return std::min_element(grants.begin(), grants.end(),
                          [](const auto& a, const auto& b) { return a.second.renewed_ms < b.second.renewed_ms; })
      ->first;
}

void end_grant(const Turn& turn, PartId home, AccountId account, std::int64_t no) {
  turn.emit(home, GrantEnded{account, no, turn.now_ms()});
}

// What one more has to make room for: those that have expired, or the stalest.
void make_room(const Turn& turn, PartId home, AccountId id, const Account& account) {
  std::vector<std::int64_t> expired;
  for (const auto& [no, grant] : account.grants) {
    if (grant.expires_ms < turn.now_ms()) expired.push_back(no);
  }
  for (const std::int64_t no : expired) end_grant(turn, home, id, no);
  while (account.grants.size() >= turn.state.limits.grants_per_account_max) {
    end_grant(turn, home, id, stalest(account.grants));
  }
}

// Whose grants somebody asks about: their own, or an admin anyone's. Nothing: that was refused.
std::optional<AccountId> whose(const Turn& turn, const Identity& who, std::optional<AccountId> account) {
  if (!account || *account == who.account || who.role == Role::admin) return account.value_or(who.account);
  turn.refuse(RefusalCode::not_yours, "only an admin sees to the sign-ins of others");
  return std::nullopt;
}

Granted granted(AccountId id, const Account& account, std::int64_t no, bool is_current) {
  return {id, account.role, no, account.grants.at(no).expires_ms, is_current};
}

}  // namespace

void handle(const Turn& turn, const Identity& who, const OpenGrant& open) {
  const auto invitee = find_invitee(turn, open.code);
  if (!invitee) return;
  const auto& [part, id, account] = *invitee;
  for (const auto& [no, grant] : account->grants) {
    const bool is_this = grant.gateway == who.account && grant.secret_digest == open.secret_digest;
    if (is_this) return turn.reply(granted(id, *account, no, true));
  }
  if (!is_open_invitation(turn, *account, open.code)) return refuse_invitation(turn);
  if (account->suspended) {
    return turn.refuse(RefusalCode::account_suspended, "this account is suspended; an admin can say why");
  }
  if (account->role == Role::gateway) {
    return turn.refuse(RefusalCode::role_not_allowed, "a gateway joins with its key; it acts for people only");
  }
  make_room(turn, part->id, id, *account);
  const std::int64_t no = account->grants_opened + 1;
  const std::int64_t expires_ms = turn.now_ms() + turn.state.limits.grant_valid.ms;
  turn.emit(part->id, GrantOpened{id, no, who.account, open.secret_digest, expires_ms, turn.now_ms()});
  turn.reply(granted(id, *account, no, true));
}

void handle(const Turn& turn, const Identity& who, const RenewGrant& renew) {
  const auto token = grant_token_from(turn.input.from.on_behalf);
  if (!token) {
    return turn.refuse(RefusalCode::on_behalf_not_granted, "only what a gateway was granted is renewed");
  }
  const auto [part, account] = need_account(turn, who.account);
  if (part == nullptr) return;
  const Grant& grant = account->grants.at(token->grant);
  if (grant.secret_digest == renew.secret_digest) return turn.reply(granted(who.account, *account, token->grant, true));
  const bool is_current = grant.secret_digest.value == bytes_of(secret_digest_of(token->secret));
  if (is_current) {
    const Limits& limits = turn.state.limits;
    turn.emit(part->id,
              GrantRenewed{who.account, token->grant, renew.secret_digest, turn.now_ms() + limits.grant_overlap.ms,
                           turn.now_ms() + limits.grant_valid.ms, turn.now_ms()});
  }
  turn.reply(granted(who.account, *account, token->grant, is_current));
}

void handle(const Turn& turn, const Identity& who, const EndGrants& end) {
  const auto id = whose(turn, who, end.account);
  if (!id) return;
  const auto [part, account] = need_account(turn, *id);
  if (part == nullptr) return;
  std::vector<std::int64_t> ended;
  for (const auto& [no, grant] : account->grants) {
    if (!end.grant || *end.grant == no) ended.push_back(no);
  }
  for (const std::int64_t no : ended) end_grant(turn, part->id, *id, no);
  turn.reply(Acknowledged{});
}

void handle(const Turn& turn, const Identity& who, const ListGrants& list) {
  const auto id = whose(turn, who, list.account);
  if (!id) return;
  const auto [part, account] = need_account(turn, *id);
  if (part == nullptr) return;
  const auto token = grant_token_from(turn.input.from.on_behalf);
  GrantsPage page;
  for (const auto& [no, grant] : account->grants) {
    if (grant.expires_ms < turn.now_ms()) continue;
    const bool is_this = token && token->account == *id && token->grant == no;
    page.rows.push_back({no, grant.gateway, grant.opened_ms, grant.renewed_ms, grant.expires_ms, is_this});
  }
  turn.reply(std::move(page));
}

}  // namespace tally::core
