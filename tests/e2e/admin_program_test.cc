// tally-admin as an admin uses it, against a real broker.
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"
#include "tests/support/comes_true.h"

namespace tally::e2e {
namespace {

using Catch::Contains;
using Catch::StartsWith;
using test::comes_true;

// What must be done; all that is said.
std::string done(const ProgramUser& user, const std::string& arguments) {
  const Ran ran = user.tally(arguments);
  INFO(arguments << ": " << ran.said);
  REQUIRE(ran.code == 0);
  return ran.said;
}
std::string refused(const ProgramUser& user, const std::string& arguments) {
  const Ran ran = user.tally(arguments);
  INFO(arguments << ": " << ran.said);
  CHECK(ran.code == 1);
  return ran.said;
}

// What the program prints for others to use, alone.
std::string line_of(const ProgramUser& admin, const std::string& arguments) {
  std::string line = done(admin, arguments + " 2>/dev/null");
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  CHECK(line.find('\n') == std::string::npos);
  return line;
}

// The first id of this kind in a text: "m" for a transfer.
std::string first_id(const std::string& text, const std::string& kind, const std::string& after = "") {
  std::smatch found;
  const std::string rest = text.substr(text.find(after));
  REQUIRE(std::regex_search(rest, found, std::regex("\\b" + kind + "[0-9]+\\.[0-9]+\\.[0-9]+")));
  return found.str();
}

std::string number_of(AccountId account) { return std::to_string(account.value); }

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("an admin lets people in, out and in again, and a key that was lost opens nothing any more", "[fault-9]") {
  Market market;
  const ProgramUser boss(market, Role::admin, "Bo", "boss");
  const Ran told = boss.tally("invite --role requester --name 'Bird Club'");
  CHECK(told.code == 0);
  CHECK_THAT(told.said, Contains("in private") && Contains("tally-requester join LINE"));

  const std::string invitation = line_of(boss, "invite --role worker --name Ann --valid 2d");
  CHECK_THAT(invitation, StartsWith("tally://"));
  CHECK_THAT(done(boss, "accounts --role worker"), Contains("Ann") && Contains("invited") && !Contains("Bird Club"));
  const ProgramUser ann(market, Role::worker, ProgramUser::Invitation{invitation}, "ann");
  CHECK_THAT(done(boss, "accounts"), Contains("Ann") && Contains("active") && Contains("Bird Club"));
  // Whoever comes second does not get in.
  const std::string elsewhere = "TALLY_HOME=" + quoted(market.folder.path() / "thief") + " timeout 60 " +
                                quoted(program("tally-worker")) + " join " + quoted(invitation);
  const Ran thief = run_shell(elsewhere);
  CHECK(thief.code == 1);
  CHECK_THAT(thief.said, Contains("an invitation works once"));

  const std::string account = number_of(ann.account());
  CHECK_THAT(done(boss, "suspend " + account + " --reason 'answers at random'"), Contains("is suspended"));
  CHECK_THAT(done(boss, "accounts --role worker"), Contains("suspended"));
  CHECK_THAT(refused(ann, "projects"), Contains("suspended"));
  CHECK_THAT(done(boss, "unsuspend " + account), Contains("active again"));
  done(ann, "payout-address 'IBAN 1'");

  const std::string line = line_of(boss, "invite --account " + account);
  const ProgramUser again(market, Role::worker, ProgramUser::Invitation{line}, "ann2");
  CHECK(again.account() == ann.account());
  CHECK(done(again, "payout-address") == "IBAN 1\n");
  CHECK_THAT(refused(ann, "--wait 5 payout-address"), Contains("join"));
  CHECK(done(again, "payout-address") == "IBAN 1\n");
  CHECK_THAT(refused(boss, "suspend 99999 --reason x"), Contains("account"));
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("an admin pays what was earned once, can tell what each cent was for, and is told which row was changed") {
  Market market;
  const ProgramUser boss(market, Role::admin, "Bo", "boss");
  const ProgramUser club(market, Role::requester, "Bird Club", "club");
  std::vector<std::unique_ptr<ProgramUser>> workers;
  for (const char* name : {"ann", "bob", "cid"}) {
    workers.push_back(std::make_unique<ProgramUser>(market, Role::worker, name, name));
  }
  const auto earned_by = [&](std::size_t worker) { return stack::must(*workers[worker]->client(market), Earnings{}); };

  const std::string club_account = number_of(club.account());
  const std::string deposited = done(boss, "deposit " + club_account + " 250.00 --note 'bank, ref 8841'");
  CHECK_THAT(deposited, StartsWith("250.00 deposited for account " + club_account + " as m0.") &&
                            Contains("its wallet then held 250.00.\n"));
  const std::string wrong = first_id(done(boss, "deposit " + club_account + " 9 --note 'wrong account'"), "m");
  CHECK_THAT(done(club, "balance"), Contains("wallet     259.00 USD\n"));
  CHECK_THAT(done(boss, "reverse " + wrong + " --reason 'booked for the wrong account'"), Contains("is reversed"));
  CHECK_THAT(done(club, "balance"), Contains("wallet     250.00 USD\n"));
  CHECK_THAT(done(boss, "audit payout " + wrong),
             Contains("wrong account") && Contains("reversal") && Contains("reverses " + wrong));

  // Two items; cid disagrees about the second.
  const auto client = club.client(market);
  const ProjectId project = stack::post_project(*client, small_spec(), numbered_items(2), 0);
  const std::string number = std::to_string(project.value);
  std::string answer_of_ann;
  for (const auto& worker : workers) {
    const auto worker_client = worker->client(market);
    Submit submit;
    for (const TaskOffer& task : stack::must(*worker_client, Pull{project, 2, {}, 30'000}).tasks) {
      const bool is_odd = worker == workers[2] && task.item_no == 2;
      submit.answers.push_back({task.assignment, {{"bird", {is_odd ? "wren" : "robin"}}}});
      if (worker == workers[0] && task.item_no == 1) answer_of_ann = to_text(task.assignment);
    }
    REQUIRE(submit.answers.size() == 2);
    stack::must(*worker_client, submit);
  }
  const auto is_over = [](const ProjectStatus& now) { return now.row.state == ProjectState::ended; };
  stack::wait_for_status(*client, project, is_over, Duration{60'000});
  CHECK(comes_true([&] { return earned_by(0).wallet == Micros{20'000} && earned_by(2).wallet == Micros{10'000}; }));
  CHECK_THAT(done(boss, "projects"), Contains(number) && Contains("Birds") && Contains("ended"));

  // The chain of a task, of an answer, and of the payout that it led to.
  const std::string task = done(boss, "audit task t" + number + ".1.2");
  for (const char* fact : {"project posted", "deposit", "bank, ref 8841", "reserve", "task posted", "leased",
                           "answer accepted", "verdict", "pay decided", "payout", "fee", "swept"}) {
    CHECK_THAT(task, Contains(fact));
  }
  CHECK_THAT(task,
             Contains("'robin'") && Contains("'wren'") && Contains("account " + number_of(workers[2]->account())));
  const std::string chain = done(boss, "audit assignment " + answer_of_ann);
  CHECK_THAT(chain, Contains("account " + number_of(workers[0]->account())) && Contains("arrived") &&
                        !Contains("account " + number_of(workers[1]->account()) + ":"));
  const std::string payout = first_id(chain, "m", "  payout ");
  CHECK_THAT(done(boss, "audit payout " + payout), Contains(answer_of_ann) && Contains("verdict"));
  CHECK(boss.tally("audit payout " + answer_of_ann).code == 2);

  // Paid to those who have said where.
  done(*workers[0], "payout-address 'IBAN 1'");
  done(*workers[1], "payout-address '=IBAN 2'");
  CHECK_THAT(refused(boss, "payouts settle --run 2026-11"), Contains("There is no payout run '2026-11'"));
  const auto file = market.folder.path() / "payouts.csv";
  const std::string export_run = "payouts export --run 2026-11 --minimum 0.01 --output " + quoted(file);
  CHECK_THAT(done(boss, export_run), Contains("sets aside 0.04 for 2 accounts") && Contains("Left out: 1 worker"));
  const std::string rows = content_of(file);
  CHECK_THAT(rows, StartsWith("account,name,address,amount\r\n") &&
                       Contains(number_of(workers[0]->account()) + ",ann,IBAN 1,0.02\r\n") &&
                       Contains(number_of(workers[1]->account()) + ",bob,'=IBAN 2,0.02\r\n") && !Contains("cid"));
  done(boss, export_run);
  CHECK(content_of(file) == rows);
  CHECK(earned_by(0).wallet.value == 20'000);  // Set aside, and not paid yet.
  for (int i = 0; i < 2; ++i) {
    CHECK(done(boss, "payouts settle --run 2026-11") == "Run '2026-11' is marked paid: 0.04 for 2 accounts.\n");
    CHECK(earned_by(0).wallet.value == 0);
    CHECK(earned_by(0).paid_out.value == 20'000);
    CHECK(earned_by(1).paid_out.value == 20'000);
    CHECK(earned_by(2).wallet.value == 10'000);
  }
  CHECK(owner_sql(market, "SELECT count(*), sum(amount) FROM tally.transfers WHERE kind = 'paid_out'") == "2|40000");
  CHECK_THAT(done(boss, export_run), Contains("marked paid already: do not pay it again"));
  CHECK_THAT(done(boss, "audit payout " + payout), Contains("payout run") && Contains("paid out"));

  // Fraud after all: the reward goes home, the worker owes it.
  const Micros before = stack::must(*client, GetBalance{}).wallet;
  CHECK_THAT(done(boss, "reverse " + payout + " --reason fraud"), Contains("is reversed"));
  CHECK(comes_true([&] { return stack::must(*client, GetBalance{}).wallet == before + Micros{10'000}; }));
  CHECK_THAT(done(boss, "audit payout " + payout), Contains("asked back") && Contains("fraud"));
  CHECK_THAT(done(*workers[0], "earnings"), Contains("reversed"));

  CHECK(comes_true([&] { return stack::audit(market.admin->client()) == "clean"; }));
  CHECK_THAT(done(boss, "audit verify"), Contains("The audit is clean"));
  const std::string where = " WHERE part_id = " + std::to_string(part_of(project, 1).value) + " AND assignment_no = 1";
  const std::string worker = owner_sql(market, "SELECT worker_id FROM tally.answers" + where);
  owner_sql(market, "UPDATE tally.answers SET worker_id = 99" + where);
  CHECK_THAT(refused(boss, "audit verify"), Contains("tally-admin: wrong: answers p" + number + ".1 a" + number +
                                                     ".1.1: worker_id is 99, the journal says " + worker));
  owner_sql(market, "UPDATE tally.answers SET worker_id = " + worker + where);
  done(boss, "audit verify");
}

TEST_CASE("an admin sees how good a project's results are, who gave them, and what another policy would have bought") {
  Market market;
  const ProgramUser boss(market, Role::admin, "Bo", "boss");
  market.enrol_workers(3);
  const ProjectId project = market.post(small_spec(), numbered_items(6));
  const std::string number = std::to_string(project.value);
  // The last worker says something else about the second item.
  market.work(project, [](std::size_t worker, const TaskOffer& task) {
    return worker == 2 && task.item_no == 2 ? std::string("wren") : std::string("robin");
  });
  const auto is_over = [](const ProjectStatus& now) { return now.row.state == ProjectState::ended; };
  stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});

  CHECK_THAT(done(boss, "quality project " + number),
             Contains("Project " + number + ": Birds") && Contains("settled") && Contains("Field bird (choice)") &&
                 Contains("18, 3.00 a task, of 3 workers") && Contains("not proven by gold"));
  const std::string odd = number_of(market.people[2].account);
  CHECK_THAT(done(boss, "quality worker " + number), Contains(odd) && Contains("No signals."));
  CHECK_THAT(done(boss, "quality worker " + number + " " + odd), Contains("Worker " + odd) && Contains("is robin"));
  CHECK_THAT(done(boss, "quality task " + number + " 2"), Contains("t" + number + ".1.2") &&
                                                              Contains("'robin', settled by plurality") &&
                                                              Contains("workers " + odd));
  CHECK(done(boss, "quality task " + number + " t" + number + ".1.2") == done(boss, "quality task " + number + " 2"));

  CHECK_THAT(done(boss, "whatif " + number + " --redundancy min=1,max=1"),
             Contains("1.00") && Contains("what was paid is paid") && !Contains("ran out"));
  CHECK_THAT(done(boss, "whatif " + number + " --redundancy min=5,max=5,quorum=4"), Contains("ran out"));

  const std::string json = done(boss, "quality project " + number + " --json");
  CHECK_THAT(json, StartsWith("{\"about\":\"project\",\"project\":" + number + ",\"tasks\":6,\"settled\":6,"));
  CHECK_THAT(done(boss, "quality worker " + number + " --csv"), StartsWith("worker,field,answers,"));
  CHECK_THAT(done(boss, "whatif " + number + " --redundancy max=3 --csv"), StartsWith("about,field,figure,value"));

  CHECK(boss.tally("quality project birds").code == 2);
  CHECK_THAT(refused(boss, "quality project 99999999"), Contains("project"));
  CHECK_THAT(refused(boss, "quality worker " + number + " 99999"), Contains("has answered nothing"));
  CHECK_THAT(refused(boss, "quality task " + number + " 7"), Contains("has no task 7"));
  CHECK(boss.tally("whatif " + number + " --redundancy votes=3").code == 2);
  CHECK(boss.tally("quality project " + number + " --json --csv").code == 2);
}

TEST_CASE("an admin qualifies workers, a rule does too, and what each may work on follows") {
  const stack::TemporaryFolder folder("tally-e2e-");
  const auto config = write_file(folder.path() / "broker.toml",
                                 "[[qualification_rule]]\nname = \"trusted\"\njudged = 6\nagreement = 0.9\n");
  Market market({"--config", config.string()});
  const ProgramUser boss(market, Role::admin, "Bo", "boss");
  market.enrol_workers(3);
  const auto account_of = [&](std::size_t worker) { return number_of(market.people[worker].account); };
  CHECK_THAT(done(boss, "qualification list"), Contains("Nobody holds a qualification"));

  ProjectSpec spec = small_spec();
  spec.require.qualifications = {{"birds", 50}};
  const ProjectId asks = market.post(spec, numbered_items(2));
  const std::string number = std::to_string(asks.value);
  const auto why_none = [&](std::size_t worker) {
    return stack::must(*market.workers[worker], Pull{asks, 1, {}, 0}).no_work;
  };
  CHECK(why_none(0) == NoWork::not_qualified);
  CHECK_THAT(done(boss, "standing " + account_of(0) + " --project " + number),
             Contains("No qualifications.") && Contains("no (not_qualified)") && Contains("'birds'"));
  done(boss, "qualification grant " + account_of(0) + " birds --score 49");
  CHECK(why_none(0) == NoWork::not_qualified);
  CHECK_THAT(done(boss, "qualification grant " + account_of(0) + " birds --score 90"), Contains("with a score of 90"));
  CHECK_FALSE(why_none(0));
  CHECK_THAT(done(boss, "standing " + account_of(0) + " --project " + number),
             Contains("birds") && Contains("yes, as far"));
  done(boss, "qualification grant " + account_of(1) + " birds");
  CHECK_THAT(done(boss, "qualification revoke " + account_of(1) + " birds"), Contains("holds 'birds' no more"));
  CHECK(why_none(1) == NoWork::not_qualified);

  // By the rule, when a part of a project has its verdicts: the last worker agrees with five of six.
  const ProjectId project = market.post(small_spec(), numbered_items(6));
  market.work(project, [](std::size_t worker, const TaskOffer& task) {
    return worker == 2 && task.item_no == 2 ? std::string("wren") : std::string("robin");
  });
  CHECK(comes_true([&] { return done(boss, "qualification list --csv").find(",trusted,") != std::string::npos; }));
  CHECK(comes_true([&] { return done(boss, "standing " + account_of(2)).find("6, 5 agreed") != std::string::npos; }));
  const std::string trusted = done(boss, "qualification list trusted --csv");
  CHECK_THAT(trusted, StartsWith("account,qualification,score,granted_by,project,since\r\n") &&
                          Contains(account_of(0) + ",trusted,100,rule,,") && !Contains(",birds,"));
  CHECK_THAT(trusted, !Contains(account_of(2) + ",trusted,"));
  CHECK_THAT(done(boss, "qualification list --json"), Contains("\"qualification\":\"birds\",\"score\":90"));

  CHECK_THAT(refused(boss, "qualification grant 99999 birds"), Contains("there is no worker with account 99999"));
  CHECK_THAT(refused(boss, "qualification revoke " + account_of(1) + " birds"),
             Contains("has no qualification 'birds'"));
  CHECK_THAT(refused(boss, "standing 99999"), Contains("there is no worker"));
  CHECK_THAT(refused(boss, "standing " + account_of(0) + " --project 99999999"), Contains("project"));
  for (const std::string wrong : {"qualification", "qualification grant 33", "qualification grant 33 Birds",
                                  "qualification grant 33 birds --score 101", "qualification list --json --csv",
                                  "standing", "standing ann", "standing 33 --project x"}) {
    INFO(wrong);
    CHECK(boss.tally(wrong).code == 2);
  }
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace tally::e2e
