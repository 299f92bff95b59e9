#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/bytes.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/mail.h"
#include "schemas/roles.h"
#include "schemas/standing.h"

// Records of account parts: people, their keys, numbers given out, payout runs. See schemas/records.h.
namespace tally {

struct AccountPartCreated {
  static constexpr int number = 10;
  static constexpr const char* name = "account_part_created";

  static constexpr auto fields() { return std::tuple<>{}; }
};

// The display name is content.
struct AccountCreated {
  static constexpr int number = 11;
  static constexpr const char* name = "account_created";

  AccountId account;
  Role role = Role::worker;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &AccountCreated::account}, Field{"role", &AccountCreated::role},
                      Field{"at_ms", &AccountCreated::at_ms}};
  }
};

// Replaces an earlier invitation to the same account.
struct InvitationIssued {
  static constexpr int number = 12;
  static constexpr const char* name = "invitation_issued";

  AccountId account;
  Bytes code_digest;
  std::int64_t expires_ms = 0;

  static constexpr auto fields() {
    using S = InvitationIssued;
    return std::tuple{Field{"account", &S::account}, Field{"code_digest", &S::code_digest},
                      Field{"expires_ms", &S::expires_ms}};
  }
};

// The account's one key from now on; uses up the invitation.
struct KeyEnrolled {
  static constexpr int number = 13;
  static constexpr const char* name = "key_enrolled";

  AccountId account;
  Bytes key;  // CURVE public key, 32 bytes.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &KeyEnrolled::account}, Field{"key", &KeyEnrolled::key},
                      Field{"at_ms", &KeyEnrolled::at_ms}};
  }
};

struct AccountSuspended {
  static constexpr int number = 14;
  static constexpr const char* name = "account_suspended";

  AccountId account;
  bool suspended = true;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &AccountSuspended::account}, Field{"suspended", &AccountSuspended::suspended}};
  }
};

// The address is content: `is_set` false took it away.
struct PayoutAddressSet {
  static constexpr int number = 15;
  static constexpr const char* name = "payout_address_set";

  AccountId account;
  bool is_set = true;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &PayoutAddressSet::account}, Field{"is_set", &PayoutAddressSet::is_set}};
  }
};

// A project number was given out.
struct ProjectNumbered {
  static constexpr int number = 16;
  static constexpr const char* name = "project_numbered";

  ProjectId project;
  AccountId owner;

  static constexpr auto fields() {
    return std::tuple{Field{"project", &ProjectNumbered::project}, Field{"owner", &ProjectNumbered::owner}};
  }
};

struct PayoutRunMade {
  static constexpr int number = 17;
  static constexpr const char* name = "payout_run_made";

  std::string run;
  Micros minimum;
  std::vector<AmountOf> rows;

  static constexpr auto fields() {
    return std::tuple{Field{"run", &PayoutRunMade::run}, Field{"minimum", &PayoutRunMade::minimum},
                      Field{"rows", &PayoutRunMade::rows}};
  }
};

struct PayoutRunSettled {
  static constexpr int number = 18;
  static constexpr const char* name = "payout_run_settled";

  std::string run;

  static constexpr auto fields() { return std::tuple{Field{"run", &PayoutRunSettled::run}}; }
};

// Replaces what the account held of this name.
struct QualificationGranted {
  static constexpr int number = 19;
  static constexpr const char* name = "qualification_granted";

  AccountId account;
  std::string qualification;
  std::int64_t score = 0;
  GrantedBy by = GrantedBy::admin;
  ProjectId project;  // by training: whose; else 0.
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = QualificationGranted;
    return std::tuple{Field{"account", &S::account}, Field{"qualification", &S::qualification},
                      Field{"score", &S::score},     Field{"by", &S::by},
                      Field{"project", &S::project}, Field{"at_ms", &S::at_ms}};
  }
};

struct QualificationRevoked {
  static constexpr int number = 20;
  static constexpr const char* name = "qualification_revoked";

  AccountId account;
  std::string qualification;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = QualificationRevoked;
    return std::tuple{Field{"account", &S::account}, Field{"qualification", &S::qualification},
                      Field{"at_ms", &S::at_ms}};
  }
};

// Adds to what is known of people of this part.
struct StandingCounted {
  static constexpr int number = 21;
  static constexpr const char* name = "standing_counted";

  std::vector<StandingOf> rows;  // By account, each once.

  static constexpr auto fields() { return std::tuple{Field{"rows", &StandingCounted::rows}}; }
};

// A gateway may act for the account; uses up the invitation.
struct GrantOpened {
  static constexpr int number = 22;
  static constexpr const char* name = "grant_opened";

  AccountId account;
  std::int64_t no = 0;  // Among the account's, from 1.
  AccountId gateway;
  Bytes secret_digest;
  std::int64_t expires_ms = 0;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = GrantOpened;
    return std::tuple{Field{"account", &S::account},       Field{"no", &S::no},
                      Field{"gateway", &S::gateway},       Field{"secret_digest", &S::secret_digest},
                      Field{"expires_ms", &S::expires_ms}, Field{"at_ms", &S::at_ms}};
  }
};

// The secret before is good until `overlap_until_ms`.
struct GrantRenewed {
  static constexpr int number = 23;
  static constexpr const char* name = "grant_renewed";

  AccountId account;
  std::int64_t no = 0;
  Bytes secret_digest;
  std::int64_t overlap_until_ms = 0;
  std::int64_t expires_ms = 0;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    using S = GrantRenewed;
    return std::tuple{Field{"account", &S::account},
                      Field{"no", &S::no},
                      Field{"secret_digest", &S::secret_digest},
                      Field{"overlap_until_ms", &S::overlap_until_ms},
                      Field{"expires_ms", &S::expires_ms},
                      Field{"at_ms", &S::at_ms}};
  }
};

struct GrantEnded {
  static constexpr int number = 24;
  static constexpr const char* name = "grant_ended";

  AccountId account;
  std::int64_t no = 0;
  std::int64_t at_ms = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &GrantEnded::account}, Field{"no", &GrantEnded::no},
                      Field{"at_ms", &GrantEnded::at_ms}};
  }
};

}  // namespace tally
