#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "schemas/bytes.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/messages/requester.h"
#include "schemas/money.h"
#include "schemas/project_spec.h"
#include "schemas/standing.h"

// What parts tell each other: an outbox row in the sender's transaction, received at most once. Where a mail carries an
// amount, the sender has moved it to its transit and the receiver moves it on from its own.
namespace tally {

struct AmountOf {
  AccountId account;
  Micros amount;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &AmountOf::account}, Field{"amount", &AmountOf::amount}};
  }
  friend bool operator==(const AmountOf&, const AmountOf&) = default;
};

// Account part -> control part: a batch was opened and its worst case reserved.
struct OpenControl {
  static constexpr int number = 1;
  static constexpr const char* name = "open_control";

  AccountId owner;
  ProjectSpec spec;
  std::int64_t items = 0;
  std::int64_t answers_max = 0;
  std::int64_t fee_ppm = 0;
  std::int64_t part_size = 0;
  Bytes salt;  // Of the digests of free-text answers.
  Micros amount;

  static constexpr auto fields() {
    using S = OpenControl;
    return std::tuple{Field{"owner", &S::owner},     Field{"spec", &S::spec},
                      Field{"items", &S::items},     Field{"answers_max", &S::answers_max},
                      Field{"fee_ppm", &S::fee_ppm}, Field{"part_size", &S::part_size},
                      Field{"salt", &S::salt},       Field{"amount", &S::amount}};
  }
  friend bool operator==(const OpenControl&, const OpenControl&) = default;
};

// Task part -> control part: so much has been posted here.
struct PartFilled {
  static constexpr int number = 2;
  static constexpr const char* name = "part_filled";

  std::int64_t posted = 0;       // Tasks of the part.
  std::int64_t answers_max = 0;  // Sum of their greatest redundancy.

  static constexpr auto fields() {
    return std::tuple{Field{"posted", &PartFilled::posted}, Field{"answers_max", &PartFilled::answers_max}};
  }
  friend bool operator==(const PartFilled&, const PartFilled&) = default;
};

// Control part -> task part: here is your escrow; open.
struct FundPart {
  static constexpr int number = 3;
  static constexpr const char* name = "fund_part";

  Micros amount;

  static constexpr auto fields() { return std::tuple{Field{"amount", &FundPart::amount}}; }
  friend bool operator==(const FundPart&, const FundPart&) = default;
};

// Control part -> task part: the project is over; close what is open as undecided.
struct ClosePart {
  static constexpr int number = 4;
  static constexpr const char* name = "close_part";

  ProjectState state = ProjectState::ended;  // ended or cancelled

  static constexpr auto fields() { return std::tuple{Field{"state", &ClosePart::state}}; }
  friend bool operator==(const ClosePart&, const ClosePart&) = default;
};

// Task part -> control part: all tasks have their verdict and all money has moved; this was not spent.
struct PartDone {
  static constexpr int number = 5;
  static constexpr const char* name = "part_done";

  Micros amount;

  static constexpr auto fields() { return std::tuple{Field{"amount", &PartDone::amount}}; }
  friend bool operator==(const PartDone&, const PartDone&) = default;
};

// Task part -> account part: earnings (and, for account 0, fees) of people who live there.
struct Sweep {
  static constexpr int number = 6;
  static constexpr const char* name = "sweep";

  std::vector<AmountOf> rows;  // By account, each once.

  static constexpr auto fields() { return std::tuple{Field{"rows", &Sweep::rows}}; }
  friend bool operator==(const Sweep&, const Sweep&) = default;
};

// Control or account part -> account part: money back to a requester's wallet.
struct Refund {
  static constexpr int number = 7;
  static constexpr const char* name = "refund";

  AccountId account;
  ProjectId project;
  Micros amount;

  static constexpr auto fields() {
    return std::tuple{Field{"account", &Refund::account}, Field{"project", &Refund::project},
                      Field{"amount", &Refund::amount}};
  }
  friend bool operator==(const Refund&, const Refund&) = default;
};

// Account part of a requester -> account part of a worker.
struct BonusPaid {
  static constexpr int number = 8;
  static constexpr const char* name = "bonus_paid";

  AccountId worker;
  AssignmentId assignment;
  Micros amount;

  static constexpr auto fields() {
    return std::tuple{Field{"worker", &BonusPaid::worker}, Field{"assignment", &BonusPaid::assignment},
                      Field{"amount", &BonusPaid::amount}};
  }
  friend bool operator==(const BonusPaid&, const BonusPaid&) = default;
};

// Task part -> account part of a worker: a payout was reversed after it was swept. Carries no money: the account part
// takes the amount from the wallet, what is missing from receivable, and refunds it to the requester.
struct TakeBack {
  static constexpr int number = 9;
  static constexpr const char* name = "take_back";

  AccountId worker;
  AccountId requester;
  AssignmentId assignment;
  Micros amount;

  static constexpr auto fields() {
    using S = TakeBack;
    return std::tuple{Field{"worker", &S::worker}, Field{"requester", &S::requester},
                      Field{"assignment", &S::assignment}, Field{"amount", &S::amount}};
  }
  friend bool operator==(const TakeBack&, const TakeBack&) = default;
};

// Task part -> account part, when all its tasks have their verdict: what the answers of people who live there came to.
struct StandingEarned {
  static constexpr int number = 10;
  static constexpr const char* name = "standing_earned";

  std::vector<StandingOf> rows;  // By account, each once.

  static constexpr auto fields() { return std::tuple{Field{"rows", &StandingEarned::rows}}; }
  friend bool operator==(const StandingEarned&, const StandingEarned&) = default;
};

// Task part -> control part, when all its tasks have their verdict: what it learned, for the parts after it.
struct PartLearned {
  static constexpr int number = 11;
  static constexpr const char* name = "part_learned";

  std::vector<FieldSkill> skills;  // By field.

  static constexpr auto fields() { return std::tuple{Field{"skills", &PartLearned::skills}}; }
  friend bool operator==(const PartLearned&, const PartLearned&) = default;
};

// Control part -> account part: a worker passed the training round of this project.
struct QualificationEarned {
  static constexpr int number = 12;
  static constexpr const char* name = "qualification_earned";

  AccountId account;
  std::string qualification;
  std::int64_t score = 0;

  static constexpr auto fields() {
    using S = QualificationEarned;
    return std::tuple{Field{"account", &S::account}, Field{"qualification", &S::qualification},
                      Field{"score", &S::score}};
  }
  friend bool operator==(const QualificationEarned&, const QualificationEarned&) = default;
};

using Mail = std::variant<OpenControl, PartFilled, FundPart, ClosePart, PartDone, Sweep, Refund, BonusPaid, TakeBack,
                          StandingEarned, PartLearned, QualificationEarned>;

}  // namespace tally
