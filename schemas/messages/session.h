#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/refusals.h"
#include "schemas/roles.h"

// Messages of every conversation: who is there, and why not.
namespace tally {

// Where a request is answered: by the core, in order with all decisions, or by a reader on a database connection of its
// own.
enum class Served { core, reader, transport };

// Broker -> anyone, in place of the reply that was asked for. Nothing was changed.
struct Refused {
  static constexpr int number = 1;
  static constexpr const char* name = "refused";

  RefusalCode code = RefusalCode::internal_error;
  std::string detail;
  std::int64_t retry_after_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"code", &Refused::code}, Field{"detail", &Refused::detail},
                      Field{"retry_after_ms", &Refused::retry_after_ms}};
  }
};

// Broker -> anyone: done, and nothing more to say.
struct Acknowledged {
  static constexpr int number = 2;
  static constexpr const char* name = "acknowledged";

  static constexpr auto fields() { return std::tuple<>{}; }
};

struct Welcome {
  static constexpr int number = 4;
  static constexpr const char* name = "welcome";

  AccountId account;
  Role role = Role::worker;
  std::string display_name;
  std::string broker_version;
  std::int64_t now_ms = 0;   // The broker's time, to show deadlines by.
  std::int64_t fee_ppm = 0;  // The platform's fee, parts per million of a reward.
  std::string currency;      // E.g. "USD": a label only.
  std::int64_t items_per_post_max = 0;
  std::int64_t submits_per_message_max = 0;
  std::int64_t leases_per_worker_max = 0;

  static constexpr auto fields() {
    using M = Welcome;
    return std::tuple{Field{"account", &M::account},
                      Field{"role", &M::role},
                      Field{"display_name", &M::display_name},
                      Field{"broker_version", &M::broker_version},
                      Field{"now_ms", &M::now_ms},
                      Field{"fee_ppm", &M::fee_ppm},
                      Field{"currency", &M::currency},
                      Field{"items_per_post_max", &M::items_per_post_max},
                      Field{"submits_per_message_max", &M::submits_per_message_max},
                      Field{"leases_per_worker_max", &M::leases_per_worker_max}};
  }
};

// Anyone -> broker. Who am I here, and what are the bounds? Also the sign of life of a client that waits.
struct Hello {
  static constexpr int number = 3;
  static constexpr const char* name = "hello";
  static constexpr RoleSet roles = everyone;
  static constexpr Served served = Served::core;
  using Reply = Welcome;

  std::string client;  // Program and version, for the log.

  static constexpr auto fields() { return std::tuple{Field{"client", &Hello::client}}; }
};

struct Joined {
  static constexpr int number = 6;
  static constexpr const char* name = "joined";

  AccountId account;
  Role role = Role::worker;
  std::string display_name;
  std::int64_t port = 0;  // Of the main socket, on the host that was joined.

  static constexpr auto fields() {
    return std::tuple{Field{"account", &Joined::account}, Field{"role", &Joined::role},
                      Field{"display_name", &Joined::display_name}, Field{"port", &Joined::port}};
  }
};

// A key without an account -> enrolment socket. The key of the connection becomes the account's one key.
// Safe to send again: the same key and code are acknowledged again.
struct Join {
  static constexpr int number = 5;
  static constexpr const char* name = "join";
  static constexpr RoleSet roles = everyone;  // Of no account yet: the enrolment socket takes this message alone.
  static constexpr Served served = Served::core;
  using Reply = Joined;

  std::string code;  // From the invitation.

  static constexpr auto fields() { return std::tuple{Field{"code", &Join::code}}; }
};

}  // namespace tally
