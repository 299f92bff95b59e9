#pragma once

#include <functional>
#include <string>
#include <utility>

#include "schemas/ids.h"
#include "tools/sim/client.h"

namespace tally::sim {

// Somebody with a key, who joins with an invitation and then begins what they do.
class Person {
 public:
  Person(Environment& environment, Network& network, std::string name)
      : client(environment, network, key_of(name)), name_(std::move(name)) {}
  virtual ~Person() = default;
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;

  // An invitation. `invite_again`: it was not taken; a new one is needed.
  void join(const std::string& code, std::function<void()> invite_again) {
    if (is_enrolled_) return;
    client.ask_for(Join{code}, [this, invite_again = std::move(invite_again)](Result<Joined, Refusal> joined) {
      if (is_enrolled_) return;
      if (!joined) return client.after(Duration{2'000}, invite_again);
      is_enrolled_ = true;
      account_ = joined->account;
      begin();
    });
  }
  [[nodiscard]] bool is_enrolled() const { return is_enrolled_; }
  [[nodiscard]] AccountId account() const { return account_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  Client client;

 protected:
  virtual void begin() = 0;

 private:
  // 32 bytes, as a CURVE key has.
  static std::string key_of(std::string name) {
    name.resize(32, '.');
    return name;
  }
  std::string name_;
  bool is_enrolled_ = false;
  AccountId account_;
};

}  // namespace tally::sim
