// Who may send what: every message there is, from every role. A new message is tried by itself.
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <catch2/catch.hpp>

#include "tests/broker/core/world.h"

namespace tally::core {
namespace {

// The reason why this key may not send the message; nothing: it may, whatever else is wrong with an empty one.
std::optional<RefusalCode> barred_from(World& world, const std::string& key, RoleSet roles, Served served,
                                       Request message) {
  if (served != Served::core) {
    const auto who = world.core.admit({0, 0, key, {}}, roles, world.now);
    return who ? std::nullopt : std::optional(who.error().code);
  }
  const std::vector<Reply> replies = world.ask(key, std::move(message));
  const auto* refused = replies.empty() ? nullptr : std::get_if<Refused>(&replies[0]);
  if (refused == nullptr) return std::nullopt;
  const bool is_about_who = refused->code == RefusalCode::not_enrolled ||
                            refused->code == RefusalCode::account_suspended ||
                            refused->code == RefusalCode::role_not_allowed;
  return is_about_who ? std::optional(refused->code) : std::nullopt;
}

template <class Message>
struct Tried {
  using type = Message;
};
template <class Work, class... Message>
void for_each_message(const std::variant<Message...>*, const Work& work) {
  (work(Tried<Message>{}), ...);
}
// Calls work(barred, message) for each message: barred(key) is the reason why this key may not send it.
template <class Work>
void for_each_message(World& world, const Work& work) {
  const Request* all = nullptr;
  for_each_message(all, [&]<class Message>(Tried<Message>) {
    INFO(Message::name);
    work([&](const std::string& key) { return barred_from(world, key, Message::roles, Message::served, Message{}); },
         Tried<Message>{});
  });
}

}  // namespace

TEST_CASE("a message from a role that may not send it is refused for that, and from one that may it is not") {
  World world;
  const std::map<Role, std::string> keys{
      {Role::worker, "ann"}, {Role::requester, "req"}, {Role::admin, world.admin}, {Role::gateway, "pages"}};
  REQUIRE(keys.size() == EnumNames<Role>::names.size());
  static_cast<void>(world.enrol("ann", Role::worker));
  static_cast<void>(world.enrol("req", Role::requester));
  static_cast<void>(world.enrol("pages", Role::gateway));
  for_each_message(world, [&]<class Message>(const auto& barred, Tried<Message>) {
    if (std::is_same_v<Message, Join>) return;  // Of no account, and so of no role.
    for (const auto& [role, key] : keys) {
      INFO(name_of(role));
      const auto expected = Message::roles.has(role) ? std::nullopt : std::optional(RefusalCode::role_not_allowed);
      CHECK(barred(key) == expected);
    }
  });
}

TEST_CASE("a key without an account may send nothing but join, and a suspended account nothing at all") {
  World world;
  std::map<Role, std::string> keys{
      {Role::worker, "ann"}, {Role::requester, "req"}, {Role::admin, "adm"}, {Role::gateway, "pages"}};
  for (const auto& [role, key] : keys) {
    const AccountId account = world.enrol(key, role);
    static_cast<void>(world.get<Acknowledged>(world.admin, Suspend{account, true, "rude"}));
  }
  for_each_message(world, [&]<class Message>(const auto& barred, Tried<Message>) {
    if (std::is_same_v<Message, Join>) return;
    CHECK(barred("stranger") == RefusalCode::not_enrolled);
    for (const auto& [role, key] : keys) CHECK(barred(key) == RefusalCode::account_suspended);
  });
}

}  // namespace tally::core
