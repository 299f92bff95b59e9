#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/net/client.h"
#include "common/net/keys.h"
#include "schemas/ids.h"
#include "schemas/money.h"
#include "schemas/refusals.h"
#include "schemas/roles.h"

// Accounts of a broker of one's own: their keys are in memory only.
namespace tally::stack {

struct Person {
  AccountId account;
  std::string name;
  net::ConversationConfig config;  // How they reach the broker.
};

// Joins with an invitation. Throws std::runtime_error when it is refused.
[[nodiscard]] Person join(const net::Network& network, const std::string& invitation_line, const std::string& name);

// An admin, who makes all the others. One thread. Throws std::runtime_error where the broker refuses.
class Admin {
 public:
  Admin(const net::Network& network, Person person);

  // One person for each name, in their order; many at a time.
  [[nodiscard]] std::vector<Person> enrol(Role role, std::span<const std::string> names);
  void deposit(AccountId account, Micros amount);

  [[nodiscard]] const Person& person() const { return person_; }
  [[nodiscard]] net::BrokerClient& client() { return client_; }

 private:
  [[nodiscard]] std::vector<std::string> invite(Role role, std::span<const std::string> names);

  const net::Network& network_;
  Person person_;
  net::BrokerClient client_;
};

[[noreturn]] void throw_refusal(const std::string& message, const Refusal& refusal);

// The reply, or std::runtime_error with the refusal.
template <class M>
typename M::Reply must(net::BrokerClient& client, M message) {
  auto reply = client.ask(std::move(message));
  if (!reply) throw_refusal(M::name, reply.error());
  return std::move(reply).value();
}
// For commands that must not be carried out twice: 32 hex digits.
[[nodiscard]] std::string random_key();

}  // namespace tally::stack
