#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "schemas/roles.h"
#include "tools/sim/model_database.h"
#include "tools/sim/person.h"

namespace tally::sim {

// Lets people in, records deposits, and does what admins do: suspends and lets in again, reverses payouts, pays out,
// gives qualifications and takes them away.
class Admin final : public Person {
 public:
  Admin(Environment& environment, Network& network, const ModelDatabase& database)
      : Person(environment, network, "admin"), database_(database) {}

  // The broker printed an invitation; the last one holds.
  void invited(const std::string& code);
  // To be let in as soon as the admin is.
  void expects(Person& person, Role role) { people_.push_back({&person, role}); }

  // Everybody is let in, nobody stays suspended, and nothing new is begun.
  void finish();

 protected:
  void begin() override;

 private:
  struct Expected {
    Person* person;
    Role role;
  };

  void try_to_join();
  void invite(const Expected& expected);
  void invite_again(const Expected& expected, AccountId account);
  void hand_over(const Expected& expected, const Invited& invited);
  void deposit(Person& requester);
  void meddle();
  void suspend_someone();
  void let_in(AccountId account);
  void reverse_something();
  void pay_out();
  void judge_someone();
  void look_who_is_qualified();

  const ModelDatabase& database_;
  std::string code_;
  std::vector<Expected> people_;
  std::vector<AccountId> suspended_;
  std::int64_t keys_ = 0;
  bool is_finishing_ = false;
};

}  // namespace tally::sim
