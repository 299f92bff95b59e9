#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/bytes.h"
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
  static constexpr RoleSet roles = people_and_gateways;
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

struct Granted {
  static constexpr int number = 8;
  static constexpr const char* name = "granted";

  AccountId account;
  Role role = Role::worker;
  std::int64_t grant = 0;       // Its number among the account's.
  std::int64_t expires_ms = 0;  // Unless it is renewed.
  bool is_current = true;       // The digest that was asked for is the grant's from now on.

  static constexpr auto fields() {
    using M = Granted;
    return std::tuple{Field{"account", &M::account}, Field{"role", &M::role}, Field{"grant", &M::grant},
                      Field{"expires_ms", &M::expires_ms}, Field{"is_current", &M::is_current}};
  }
};

// A gateway -> broker, for a person who has given it an invitation: uses it up, and lets the gateway act for the
// account (grant_token.h) while it knows the secret that it has made. The account's key stays what it is.
// Safe to send again: the same code and digest are acknowledged again.
struct OpenGrant {
  static constexpr int number = 7;
  static constexpr const char* name = "open_grant";
  static constexpr RoleSet roles = gateways_only;
  static constexpr Served served = Served::core;
  using Reply = Granted;

  std::string code;     // From the invitation.
  Bytes secret_digest;  // SHA-256 of the token's secret.

  static constexpr auto fields() {
    return std::tuple{Field{"code", &OpenGrant::code}, Field{"secret_digest", &OpenGrant::secret_digest}};
  }
};

// A gateway on behalf of somebody -> broker. Another secret for the grant that this request comes with; the old one is
// good for a minute more, for what is under way, but not to renew with: `is_current` is false then. Safe to send again.
struct RenewGrant {
  static constexpr int number = 9;
  static constexpr const char* name = "renew_grant";
  static constexpr RoleSet roles = everyone;
  static constexpr Served served = Served::core;
  using Reply = Granted;

  Bytes secret_digest;

  static constexpr auto fields() { return std::tuple{Field{"secret_digest", &RenewGrant::secret_digest}}; }
};

// Anyone -> broker. Signs out: ends a grant of one's own, or all of them; admins end anyone's.
struct EndGrants {
  static constexpr int number = 10;
  static constexpr const char* name = "end_grants";
  static constexpr RoleSet roles = everyone;
  static constexpr Served served = Served::core;
  using Reply = Acknowledged;

  std::optional<AccountId> account;   // Admins: whose.
  std::optional<std::int64_t> grant;  // None: all.

  static constexpr auto fields() {
    return std::tuple{Field{"account", &EndGrants::account}, Field{"grant", &EndGrants::grant}};
  }
};

struct GrantRow {
  std::int64_t grant = 0;
  AccountId gateway;
  std::int64_t opened_ms = 0;
  std::int64_t renewed_ms = 0;
  std::int64_t expires_ms = 0;
  bool is_this = false;  // The request came with it.

  static constexpr auto fields() {
    using S = GrantRow;
    return std::tuple{Field{"grant", &S::grant},           Field{"gateway", &S::gateway},
                      Field{"opened_ms", &S::opened_ms},   Field{"renewed_ms", &S::renewed_ms},
                      Field{"expires_ms", &S::expires_ms}, Field{"is_this", &S::is_this}};
  }
};

struct GrantsPage {
  static constexpr int number = 12;
  static constexpr const char* name = "grants_page";

  std::vector<GrantRow> rows;  // Oldest first; there are few.

  static constexpr auto fields() { return std::tuple{Field{"rows", &GrantsPage::rows}}; }
};

// Anyone -> broker. Who may act for this account: for one's own; for an admin of anyone.
struct ListGrants {
  static constexpr int number = 11;
  static constexpr const char* name = "list_grants";
  static constexpr RoleSet roles = everyone;
  static constexpr Served served = Served::core;
  using Reply = GrantsPage;

  std::optional<AccountId> account;

  static constexpr auto fields() { return std::tuple{Field{"account", &ListGrants::account}}; }
};

}  // namespace tally
