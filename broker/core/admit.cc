#include <string>

#include "broker/core/turn.h"
#include "common/base/digest.h"
#include "schemas/grant_token.h"

// Who speaks: the owner of a key, or somebody who has granted a gateway to speak for them.
namespace tally::core {
namespace {

Refusal not_granted(std::string detail) { return {RefusalCode::on_behalf_not_granted, std::move(detail), 0}; }

const Account* find_account(const State& state, AccountId id) {
  const auto part = state.parts.find(account_part_of(id));
  if (part == state.parts.end()) return nullptr;
  const auto found = part->second.accounts().accounts.find(id);
  return found == part->second.accounts().accounts.end() ? nullptr : &found->second;
}

Result<Identity, Refusal> owner_of(const State& state, const std::string& key) {
  const auto found = state.keys.find(key);
  if (found == state.keys.end()) {
    return Unexpected{
        Refusal{RefusalCode::not_enrolled, "this key belongs to no account; ask an admin for an invitation", 0}};
  }
  return Identity{found->second, find_account(state, found->second)->role};
}

bool proves(const Grant& grant, const std::string& secret, Time now) {
  const std::string digest = bytes_of(secret_digest_of(secret));
  if (digest == grant.secret_digest.value) return true;
  return digest == grant.secret_before.value && now.ms <= grant.overlap_until_ms;
}

// One answer to all that is wrong with a grant: whoever guesses learns nothing.
Result<Identity, Refusal> granter_of(const State& state, AccountId gateway, const std::string& on_behalf, Time now) {
  const auto unknown = [] { return Unexpected{not_granted("this sign-in is not known, has ended or has expired")}; };
  const auto token = grant_token_from(on_behalf);
  if (!token) return unknown();
  const Account* account = find_account(state, token->account);
  if (account == nullptr) return unknown();
  const auto grant = account->grants.find(token->grant);
  if (grant == account->grants.end() || grant->second.gateway != gateway) return unknown();
  if (grant->second.expires_ms < now.ms || !proves(grant->second, token->secret, now)) return unknown();
  return Identity{token->account, account->role};
}

Result<Identity, Refusal> speaker(const State& state, const Peer& from, Time now) {
  auto owner = owner_of(state, from.key);
  if (!owner || find_account(state, owner->account)->suspended || from.on_behalf.empty()) return owner;
  if (owner->role != Role::gateway) return Unexpected{not_granted("only a gateway may act for another account")};
  return granter_of(state, owner->account, from.on_behalf, now);
}

}  // namespace

std::string client_of(const Peer& from) {
  return from.on_behalf.empty() ? from.key : "for " + from.on_behalf.substr(0, from.on_behalf.find('-'));
}

Result<Identity, Refusal> admit_in(const State& state, const Peer& from, RoleSet roles, Time now) {
  auto who = speaker(state, from, now);
  if (!who) return who;
  if (find_account(state, who->account)->suspended) {
    return Unexpected{Refusal{RefusalCode::account_suspended, "this account is suspended; an admin can say why", 0}};
  }
  if (!roles.has(who->role)) {
    return Unexpected{Refusal{RefusalCode::role_not_allowed,
                              "a " + std::string(name_of(who->role)) + " may not send this message", 0}};
  }
  return who;
}

}  // namespace tally::core
