#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <catch2/catch.hpp>

#include "admin/accounts.h"
#include "admin/asker.h"
#include "admin/audit.h"
#include "admin/money.h"
#include "admin/qualifications.h"
#include "common/cli/pending_key.h"
#include "common/cli/program.h"
#include "tests/support/scratch_folder.h"

using namespace tally;
using namespace tally::admin;
using tally::test::ScratchFolder;

namespace {

// A broker of which the test says what it answers; keeps what it was asked.
struct Broker {
  std::deque<Result<Reply, Refusal>> answers;
  std::vector<Request> asked;
  Asker asker{[this](const Request& request) -> Result<Reply, Refusal> {
    asked.push_back(request);
    if (answers.empty()) throw net::Unreachable("nobody answers");
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }};
  template <class M>
  const M& last() {
    return std::get<M>(asked.back());
  }
};

struct Output {
  std::ostringstream out;
  std::ostringstream info;
  Streams streams{out, info};
};

cli::Failure failure_of(const std::function<void()>& command) {
  try {
    command();
  } catch (const cli::Failure& failure) {
    return failure;
  }
  FAIL("the command succeeded");
  return {};
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

std::size_t files_in(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("an invitation is one line on standard output, and what to do with it stands elsewhere") {
  const ScratchFolder folder;
  Broker broker;
  broker.answers.push_back(Reply{Invited{AccountId{33}, "tally://host:1/key/code"}});
  Output output;
  InviteWanted wanted;
  wanted.role = "worker";
  wanted.name = "Ann \x1b[31m";
  CHECK(failure_of([&] {
          invite(
              broker.asker, wanted, [&] { return cli::PendingKey(folder.path(), "x"); }, output.streams);
        }).text == "the name must be one line of 1 to 400 bytes");
  wanted.name = "Ann";
  wanted.valid = "12h";
  invite(
      broker.asker, wanted, [&] { return cli::PendingKey(folder.path(), "x"); }, output.streams);
  CHECK(output.out.str() == "tally://host:1/key/code\n");
  CHECK(has(output.info.str(), "tally-worker join LINE"));
  CHECK(broker.last<Invite>().valid_ms == 12LL * 3'600'000);
  CHECK(broker.last<Invite>().role == Role::worker);
  CHECK(broker.last<Invite>().display_name == "Ann");
}

TEST_CASE("a deposit that was interrupted goes on under its key; once its outcome is known the same words are new") {
  const ScratchFolder folder;
  Broker broker;
  std::ostringstream out;
  const DepositWanted wanted{"33", "50.00", "bank 1"};
  const cli::KeySource keys = [&] { return cli::PendingKey(folder.path() / "pending", "deposit 33 50.00"); };
  CHECK_THROWS_AS(deposit(broker.asker, wanted, keys, out), net::Unreachable);
  const std::string first = broker.last<Deposit>().key;
  CHECK(first.size() == 32);
  broker.answers.push_back(Reply{Deposited{{PartId{1}, 7}, Micros{50'000'000}}});
  deposit(broker.asker, wanted, keys, out);
  CHECK(broker.last<Deposit>().key == first);
  CHECK(has(out.str(), "m0.1.7"));
  CHECK(files_in(folder.path() / "pending") == 0);
  broker.answers.push_back(Unexpected{Refusal{RefusalCode::account_not_found, "there is no account 33", 0}});
  CHECK(failure_of([&] { deposit(broker.asker, wanted, keys, out); }).code == cli::exit_refused);
  CHECK(broker.last<Deposit>().key != first);
  CHECK(files_in(folder.path() / "pending") == 0);
}

TEST_CASE("a value that cannot be meant is refused before anything is sent or kept, and says what to write") {
  const ScratchFolder folder;
  Broker broker;
  std::ostringstream out;
  const auto [account, amount, note, named] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"33", "5,00", "n", "write it like 12.50"},
      {"33", "-5", "n", "write it like 12.50"},
      {"33", "1.0000001", "n", "write it like 12.50"},
      {"33", "0", "n", "more than zero"},
      {"33", "", "n", "write it like 12.50"},
      {"ann", "5", "n", "tally-admin accounts lists them"},
      {"33", "5", "", "the note must be one line"},
      {"33", "5", "two\nlines", "the note must be one line"},
  }));
  const auto failure = failure_of([&, a = account, b = amount, c = note] {
    deposit(
        broker.asker, {a, b, c}, [&] { return cli::PendingKey(folder.path() / "pending", "x"); }, out);
  });
  INFO(failure.text);
  CHECK(failure.code == cli::exit_usage);
  CHECK(has(failure.text, named));
  CHECK(broker.asked.empty());
  CHECK(files_in(folder.path() / "pending") == 0);
}

TEST_CASE("a payout file asks every account part, is safe to open in a spreadsheet, and is whole or not there") {
  const ScratchFolder folder;
  Broker broker;
  Output output;
  PayoutsWanted wanted{"2026-11", "1.00", folder.path() / "payouts.csv"};
  const auto answer_all = [&](std::int64_t parts) {
    for (std::int64_t part = 0; part < parts; ++part) {
      PayoutFile file;
      if (part == 2) file.rows = {{AccountId{34}, "=cmd()", "a, \"b\"", Micros{12'500'000}}};
      if (part == 5) file.rows = {{AccountId{37}, "Ben", "DE00", Micros{1'000'000}}}, file.without_address = 2;
      broker.answers.push_back(Reply{file});
    }
  };
  answer_all(7);
  CHECK_THROWS_AS(export_payouts(broker.asker, wanted, output.streams), net::Unreachable);
  CHECK(files_in(folder.path()) == 0);
  broker.asked.clear();
  answer_all(account_parts);
  export_payouts(broker.asker, wanted, output.streams);
  CHECK(content_of(wanted.output) ==
        "account,name,address,amount\r\n34,'=cmd(),\"a, \"\"b\"\"\",12.50\r\n37,Ben,DE00,1.00\r\n");
  CHECK(has(output.info.str(), "13.50 for 2 accounts"));
  CHECK(has(output.info.str(), "Left out: 2 workers with as much in the wallet"));
  CHECK(output.out.str().empty());
  REQUIRE(broker.asked.size() == static_cast<std::size_t>(account_parts));
  CHECK(broker.last<ExportPayouts>().account_part == account_parts - 1);
  CHECK(broker.last<ExportPayouts>().minimum == Micros{1'000'000});
  wanted.output = folder.path() / "missing" / "payouts.csv";
  answer_all(account_parts);
  CHECK_THROWS_WITH(export_payouts(broker.asker, wanted, output.streams), Catch::Contains("cannot be written"));
  wanted.run = "a/b";
  CHECK(failure_of([&] { export_payouts(broker.asker, wanted, output.streams); }).code == cli::exit_usage);
}

TEST_CASE("a run is marked paid as a whole, or not at all") {
  Broker broker;
  std::ostringstream out;
  const auto answer = [&](std::int64_t parts, bool settled) {
    for (std::int64_t part = 0; part < parts; ++part) {
      PayoutFile file;
      file.settled = settled;
      if (part == 2) file.rows = {{AccountId{34}, "Ann", "DE00", Micros{12'500'000}}};
      broker.answers.push_back(Reply{file});
    }
  };
  const auto refuse = [&](std::int64_t parts) {
    for (std::int64_t part = 0; part < parts; ++part) {
      broker.answers.push_back(Unexpected{Refusal{RefusalCode::transfer_not_found, "export it first", 0}});
    }
  };
  const auto marked = [&] {
    return std::count_if(broker.asked.begin(), broker.asked.end(),
                         [](const Request& request) { return !std::get<SettlePayouts>(request).look; });
  };
  SECTION("all of it") {
    answer(account_parts, false);
    answer(account_parts, true);
    settle_payouts(broker.asker, "2026-11", out);
    CHECK(marked() == account_parts);
    CHECK(has(out.str(), "marked paid: 12.50 for 1 account."));
  }
  SECTION("a part of it was never exported") {
    answer(9, false);
    refuse(account_parts - 9);
    const cli::Failure failure = failure_of([&] { settle_payouts(broker.asker, "2026-11", out); });
    CHECK(has(failure.text, "did not come to its end"));
    CHECK(has(failure.text, "Export it again"));
    CHECK(marked() == 0);
  }
  SECTION("there is no such run") {
    refuse(account_parts);
    CHECK(has(failure_of([&] { settle_payouts(broker.asker, "2026-11", out); }).text, "no payout run '2026-11'"));
    CHECK(marked() == 0);
  }
}

TEST_CASE("an audit reads every page, adds up, and its exit code tells what it found") {
  Broker broker;
  std::ostringstream out;
  int shown = 0;
  const auto progress = [&](const AuditPage&) { ++shown; };
  AuditPage first;
  first.next = "17";
  first.parts = 16;
  first.transfers = 5;
  first.transit = Micros{-3};
  first.in_outboxes = Micros{0};
  AuditPage last;
  last.parts = 4;
  last.transfers = 2;
  last.transit = Micros{3};

  SECTION("clean") {
    broker.answers.push_back(Reply{first});
    broker.answers.push_back(Reply{last});
    verify(broker.asker, out, progress);
    CHECK(has(out.str(), "20 parts, 0 batches, 7 transfers"));
    CHECK(has(out.str(), "The audit is clean"));
    CHECK(shown == 1);
    CHECK(broker.last<VerifyAudit>().after == "17");
  }
  SECTION("wrong: the row is named, and nothing more is read") {
    first.wrong = "answers p17.1 a17.1.9: not in the journal";
    broker.answers.push_back(Reply{first});
    const auto failure = failure_of([&] { verify(broker.asker, out, progress); });
    CHECK(failure.code == cli::exit_refused);
    CHECK(has(failure.text, "answers p17.1 a17.1.9: not in the journal"));
    CHECK(broker.asked.size() == 1);
  }
  SECTION("pages that do not add up to zero are wrong, whatever they say") {
    last.sum = Micros{5};
    broker.answers.push_back(Reply{last});
    CHECK(has(failure_of([&] { verify(broker.asker, out, progress); }).text, "all parts add up to 0.000005"));
  }
}

TEST_CASE("a trace is a line a fact, harmless for the terminal, and an id of another kind names its command") {
  Broker broker;
  std::ostringstream out;
  broker.answers.push_back(
      Reply{AuditTrace{{{0, "deposit", "note '\x1b[2J'"}, {1'700'000'000'000, "payout", "m17.1.33: 0.05"}}}});
  trace(broker.asker, Traced::task, "t17.1.204", out);
  CHECK(has(out.str(), "1970-01-01T00:00:00Z  deposit"));
  CHECK(has(out.str(), "2023-11-14T22:13:20Z  payout"));
  CHECK_FALSE(has(out.str(), "\x1b"));
  CHECK(has(failure_of([&] { trace(broker.asker, Traced::task, "a17.1.9", out); }).text,
            "tally-admin audit assignment a17.1.9"));
  CHECK(failure_of([&] { trace(broker.asker, Traced::payout, "17", out); }).code == cli::exit_usage);
}

TEST_CASE("accounts and projects are listed over all pages, and names cannot move the cursor") {
  Broker broker;
  std::ostringstream out;
  AccountsPage first{{{house_account, Role::admin, "", false, false, 0, Micros{7'000'000}},
                      {AccountId{16}, Role::admin, "admin", true, false, 0, Micros{}}},
                     "16"};
  AccountsPage last{{{AccountId{33}, Role::worker, "A\x1b[1mnn", true, true, 0, Micros{1'250'000}}}, ""};
  broker.answers.push_back(Reply{first});
  broker.answers.push_back(Reply{last});
  show_accounts(broker.asker, {"worker"}, out);
  CHECK(broker.last<ListAccounts>().after == "16");
  CHECK(broker.last<ListAccounts>().role == Role::worker);
  CHECK(has(out.str(), "suspended"));
  CHECK(has(out.str(), "(the platform's fees)"));
  CHECK_FALSE(has(out.str(), "invited"));
  CHECK(has(out.str(), "1.25"));
  CHECK_FALSE(has(out.str(), "\x1b"));
  CHECK(failure_of([&] { show_accounts(broker.asker, {"boss"}, out); }).code == cli::exit_usage);
}

TEST_CASE("a suspension needs a reason, and being lifted does not") {
  Broker broker;
  std::ostringstream out;
  CHECK(failure_of([&] { suspend(broker.asker, "33", true, "", out); }).code == cli::exit_usage);
  broker.answers.push_back(Reply{Acknowledged{}});
  suspend(broker.asker, "33", false, "", out);
  CHECK_FALSE(broker.last<Suspend>().suspended);
}

TEST_CASE("a qualification is granted with its score and taken away, and what cannot be meant is not sent") {
  Broker broker;
  std::ostringstream out;
  broker.answers.push_back(Reply{Acknowledged{}});
  grant(broker.asker, {"33", "birds"}, out);
  CHECK(broker.last<GrantQualification>().account == AccountId{33});
  CHECK(broker.last<GrantQualification>().qualification == "birds");
  CHECK(broker.last<GrantQualification>().score == 100);
  CHECK_FALSE(broker.last<GrantQualification>().is_revoked);
  CHECK(out.str() == "Account 33 holds 'birds' with a score of 100.\n");
  broker.answers.push_back(Reply{Acknowledged{}});
  grant(broker.asker, {"33", "birds", "0"}, out);
  CHECK(broker.last<GrantQualification>().score == 0);
  broker.answers.push_back(Reply{Acknowledged{}});
  revoke(broker.asker, "33", "birds", out);
  CHECK(broker.last<GrantQualification>().is_revoked);
  broker.answers.push_back(Unexpected{Refusal{RefusalCode::qualification_not_held, "account 33 has none", 0}});
  CHECK(failure_of([&] { revoke(broker.asker, "33", "birds", out); }).code == cli::exit_refused);

  broker.asked.clear();
  for (const std::string& name : {std::string(), std::string("Birds"), std::string("2birds"), std::string("bi rds"),
                                  std::string("_a"), std::string(41, 'a')}) {
    INFO(name);
    const auto failure = failure_of([&] { grant(broker.asker, {"33", name}, out); });
    CHECK(failure.code == cli::exit_usage);
    CHECK(has(failure.text, "lower-case letters"));
  }
  for (const char* score : {"", "-1", "101", "9.5", "all"}) {
    INFO(score);
    CHECK(has(failure_of([&] { grant(broker.asker, {"33", "birds", score}, out); }).text, "from 0 to 100"));
  }
  CHECK(failure_of([&] { grant(broker.asker, {"ann", "birds"}, out); }).code == cli::exit_usage);
  CHECK(failure_of([&] { revoke(broker.asker, "33", "", out); }).code == cli::exit_usage);
  CHECK(failure_of([&] { show_qualified(broker.asker, {"A", {}}, out); }).code == cli::exit_usage);
  CHECK(failure_of([&] { show_qualified(broker.asker, {"", {true, true}}, out); }).code == cli::exit_usage);
  CHECK(failure_of([&] { show_standing(broker.asker, {"33", "x", {}}, out); }).code == cli::exit_usage);
  CHECK(broker.asked.empty());
}

TEST_CASE("who holds which qualification is listed over all pages, for people and for programs") {
  const auto shown = [](const QualifiedWanted& wanted) {
    Broker broker;
    std::ostringstream out;
    const QualificationRow by_training{"birds", 90, GrantedBy::training, ProjectId{17}, 1'700'000'000'000};
    const QualificationRow by_rule{"trusted", 97, GrantedBy::rule, std::nullopt, 0};
    broker.answers.push_back(Reply{QualifiedPage{{{AccountId{33}, by_training}, {AccountId{33}, by_rule}}, "33"}});
    broker.answers.push_back(Reply{QualifiedPage{{{AccountId{34}, by_rule}}, ""}});
    show_qualified(broker.asker, wanted, out);
    CHECK(broker.asked.size() == 2);
    CHECK(broker.last<ListQualified>().after == "33");
    CHECK(broker.last<ListQualified>().qualification == wanted.name);
    return out.str();
  };
  CHECK(shown({"", {}}) ==
        "account  qualification  score  granted by              since\n"
        "     33  birds             90  training of project 17  2023-11-14T22:13:20Z\n"
        "     33  trusted           97  rule                    1970-01-01T00:00:00Z\n"
        "     34  trusted           97  rule                    1970-01-01T00:00:00Z\n");
  CHECK(has(shown({"trusted", {false, true}}),
            "account,qualification,score,granted_by,project,since\r\n33,birds,90,training,17,2023-11-14T22:13:20Z\r\n"
            "33,trusted,97,rule,,"));
  CHECK(has(shown({"", {true, false}}), "{\"account\":33,\"qualification\":\"birds\",\"score\":90,"));

  Broker broker;
  std::ostringstream out;
  broker.answers.push_back(Reply{QualifiedPage{}});
  show_qualified(broker.asker, {"birds", {}}, out);
  CHECK(out.str() == "Nobody holds 'birds'.\n");
  broker.answers.push_back(Reply{QualifiedPage{{}, "33"}});
  broker.answers.push_back(Reply{QualifiedPage{{}, "33"}});
  CHECK(has(failure_of([&] { show_qualified(broker.asker, {"", {}}, out); }).text, "the same page again"));
}

TEST_CASE("a standing tells what was judged, what is held, and what is missing in a project") {
  StandingPage page;
  page.account = AccountId{33};
  page.over_all = {120, 108, 10, 9};
  page.qualifications = {{"birds", 90, GrantedBy::admin, std::nullopt, 0}};
  const auto shown = [&](const StandingWanted& wanted) {
    Broker broker;
    std::ostringstream out;
    broker.answers.push_back(Reply{page});
    show_standing(broker.asker, wanted, out);
    CHECK(broker.last<GetStanding>().account == AccountId{33});
    return out.str();
  };
  std::string text = shown({"33", "", {}});
  CHECK(has(text, "120, 108 agreed with the verdict (90.0%)"));
  CHECK(has(text, "10, 9 right (90.0%)"));
  CHECK(has(text, "birds             90  admin"));
  CHECK_FALSE(has(text, "In project"));

  page.in_project = ProjectStanding{4, 1, 5, false, 1, NoWork::not_qualified, "this project asks for \x1b[2J more"};
  text = shown({"33", "17", {}});
  CHECK(has(text, "In project 17"));
  CHECK(has(text, "4, 1 right (25.0%)"));
  CHECK(has(text, "not passed; 1 round is left"));
  CHECK(has(text, "no (not_qualified)"));
  CHECK(has(text, "this project asks for"));
  CHECK_FALSE(has(text, "\x1b"));
  const std::string csv = shown({"33", "17", {false, true}});
  CHECK(has(csv, "worker,,judged,120\r\n"));
  CHECK(has(csv, "qualification,,name,birds\r\n"));
  CHECK(has(csv, "project,,no_work,not_qualified\r\n"));
  CHECK(has(shown({"33", "17", {true, false}}), "{\"about\":\"worker\",\"account\":33,\"judged\":120,"));

  page = {};
  page.account = AccountId{33};
  page.in_project = ProjectStanding{};
  text = shown({"33", "17", {}});
  CHECK(has(text, "No qualifications."));
  CHECK(has(text, "this project has none"));
  CHECK(has(text, "yes, as far as it is their standing"));
}
