// tally-requester as a requester uses it, against a real broker.
#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/background.h"
#include "tests/e2e/programs.h"
#include "tests/support/comes_true.h"

namespace tally::e2e {
namespace {

using Catch::Contains;
using Catch::StartsWith;
using test::comes_true;

constexpr const char* field = "[[field]]\nname = \"bird\"\ntype = \"choice\"\noptions = [\"robin\", \"wren\"]\n";

// A requester with the program, and money.
struct Requester {
  explicit Requester(Market& market) : program(market, Role::requester, "Rob", "rob") {
    market.admin->deposit(program.account(), Micros{100'000'000});
  }
  // One that must be done.
  std::string done(const std::string& arguments) const {
    const Ran ran = program.tally(arguments);
    INFO(arguments << ": " << ran.said);
    REQUIRE(ran.code == 0);
    return ran.said;
  }
  ProgramUser program;
};

std::string number_of(ProjectId project) { return std::to_string(project.value); }

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<ProjectRow> projects(Market& market) { return stack::must(market.admin->client(), ListProjects{}).rows; }
ProjectStatus status(Market& market, ProjectId project) {
  return stack::must(market.admin->client(), GetStatus{project});
}
// Whether more than so many items of the newest project become known while it is being posted.
bool are_posted(Market& market, std::int64_t more_than) {
  return comes_true([&] {
    const auto rows = projects(market);
    return !rows.empty() && status(market, rows[0].project).posted > more_than;
  });
}

Micros wallet_of(net::BrokerClient& worker) { return stack::must(worker, Earnings{}).wallet; }

}  // namespace

TEST_CASE("a posting that is killed goes on where it was, over the death of the broker, and every item is there once",
          "[fault-1]") {
  // Small messages, so that there is a middle to be interrupted in.
  const stack::TemporaryFolder folder("tally-e2e-");
  Market market(
      {"--config", write_file(folder.path() / "broker.toml", "[limits]\nitems_per_post_max = 100\n").string()});
  const Requester rob(market);
  constexpr std::int64_t count = 20'000;
  const auto project_file = write_file(market.folder.path() / "project.toml",
                                       "title = \"Birds\"\nreward = \"0.0001\"\n" + std::string(field));
  std::string rows = "text\n";
  for (std::int64_t i = 1; i <= count; ++i) rows += "Item " + std::to_string(i) + "\n";
  const auto items_file = write_file(market.folder.path() / "items.csv", rows);
  const std::string post = "post --yes " + quoted(project_file) + " " + quoted(items_file);

  Background interrupted(rob.program.unbounded_command(post));
  REQUIRE(are_posted(market, 0));
  interrupted.kill();
  const ProjectId project = projects(market).at(0).project;
  const std::int64_t posted = status(market, project).posted;
  REQUIRE(posted < count);
  CHECK(status(market, project).row.state == ProjectState::posting);
  CHECK_THAT(rob.done("status " + number_of(project)), Contains("run the same `tally-requester post` again"));

  // Another file in its place would not fit what is there.
  write_file(items_file, rows + "One more\n");
  const Ran changed = rob.program.tally(post);
  INFO(changed.said);
  CHECK(changed.code == 2);
  CHECK_THAT(changed.said, Contains("Project " + number_of(project) + " was interrupted after ") &&
                               Contains("the files have changed since") && Contains("cancel " + number_of(project)));
  write_file(items_file, rows);

  Background goes_on(rob.program.unbounded_command(post));
  REQUIRE(are_posted(market, posted));
  CHECK(status(market, project).posted < count);
  market.broker.kill();
  market.broker.start();
  const Ran ended = goes_on.end();
  INFO(ended.said);
  CHECK(ended.code == 0);
  CHECK_THAT(ended.said, Contains("Project " + number_of(project) + " is open: 20,000 items"));
  REQUIRE(projects(market).size() == 1);
  CHECK(status(market, project).posted == count);
  CHECK_THAT(rob.done(post), StartsWith("These files were posted already, as project " + number_of(project)));
  CHECK(projects(market).size() == 1);

  const auto output = market.folder.path() / "results.csv";
  rob.done("results " + number_of(project) + " -o " + quoted(output));
  std::ifstream results(output);
  std::string line;
  std::getline(results, line);
  std::int64_t row = 0;
  for (; std::getline(results, line); ++row) {
    const std::string item = std::to_string(row + 1);
    if (line.starts_with(item + ",t") && line.find(",Item " + item + ",") != std::string::npos) continue;
    FAIL("row " << item << " is " << line);
  }
  CHECK(row == count);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("each command of a requester does what it says, and a review, a bonus and an end are seen by all") {
  Market market;
  market.enrol_workers(2);
  net::BrokerClient& ann = *market.workers[0];
  net::BrokerClient& bob = *market.workers[1];
  const Requester rob(market);
  CHECK(rob.done("list") == "No projects yet. `tally-requester post PROJECT.toml ITEMS.csv` posts one.\n");
  CHECK_THAT(rob.done("balance"), Contains("wallet     100.00 USD\n"));

  const auto project_file = write_file(
      market.folder.path() / "project.toml",
      "title = \"Birds\"\nreward = \"0.01\"\npay = \"review\"\ndeadline = 2098-01-01\n[redundancy]\nmin = 1\nmax = 1\n"
      "quorum = 1\n" +
          std::string(field));
  const auto items_file = write_file(market.folder.path() / "items.csv", "text\nred breast\nsmall\n=brown\nblue\n");
  const std::string post = "post " + quoted(project_file) + " " + quoted(items_file);
  const Ran not_asked = rob.program.tally(post + " </dev/null");
  CHECK(not_asked.code == 2);
  CHECK_THAT(not_asked.said, Contains("worst case") && Contains("0.048") && Contains("add --yes"));
  rob.done(post + " --yes");
  const ProjectId project = projects(market).at(0).project;
  const std::string number = number_of(project);

  // The same once more only when it is wanted; and that one should not have been.
  CHECK_THAT(rob.done(post + " --yes"), StartsWith("These files were posted already, as project " + number) &&
                                            Contains("--again posts them once more"));
  CHECK(projects(market).size() == 1);
  rob.done(post + " --yes --again");
  REQUIRE(projects(market).size() == 2);
  const ProjectId second = projects(market)[0].project;
  CHECK(second != project);
  CHECK_THAT(rob.done("balance"),
             Contains("wallet     99.904 USD\n") && Contains("reserved   0.096 USD for your projects"));
  CHECK_THAT(rob.done("cancel --yes " + number_of(second)), Contains("is cancelled"));
  CHECK(comes_true([&] { return rob.done("balance").find("wallet     99.952 USD\n") != std::string::npos; }));
  CHECK_THAT(rob.done("status " + number_of(second)), Contains("cancelled") && Contains("refunded      0.048 USD"));
  const std::string list = rob.done("list");
  CHECK_THAT(list, Contains("cancelled") && Contains("open") && Contains("Birds"));

  CHECK_THAT(rob.done("pause " + number), Contains("is paused"));
  CHECK(stack::must(ann, Pull{project, 2, {}, 0}).no_work == NoWork::project_paused);
  CHECK_THAT(rob.done("resume " + number), Contains("is open"));
  CHECK_THAT(rob.done("extend " + number + " --deadline 2099-01-01"), Contains("now ends at 2099-01-01"));
  CHECK_THAT(rob.done("status " + number), Contains("deadline      2099-01-01"));
  CHECK_THAT(rob.done("extend " + number + " --deadline none"), Contains("now has no deadline"));
  CHECK(status(market, project).row.deadline_ms == 0);

  const Tasks two = stack::must(ann, Pull{project, 2, {}, 0});
  const Tasks third = stack::must(bob, Pull{project, 1, {}, 0});
  REQUIRE(two.tasks.size() == 2);
  REQUIRE(third.tasks.size() == 1);
  const auto answer = [](const TaskOffer& task, const char* bird) {
    return SubmittedAnswer{task.assignment, {{"bird", {bird}}}};
  };
  stack::must(ann, Submit{{answer(two.tasks[0], "robin"), answer(two.tasks[1], "wren")}, 0, {}});
  stack::must(bob, Submit{{answer(third.tasks[0], "wren")}, 0, {}});
  const std::string good = to_text(two.tasks[0].assignment);
  const std::string bad = to_text(two.tasks[1].assignment);
  CHECK_THAT(rob.done("status " + number), Contains("under review  3") && Contains("answers       3"));

  CHECK(rob.program.tally("review --reject " + bad).code == 2);  // Why not is what the worker reads.
  CHECK(rob.done("review --approve " + good) == "Approved 1.\n");
  CHECK(rob.done("review --reject " + bad + " --reason 'It is not small'") == "Rejected 1.\n");
  const Ran too_late = rob.program.tally("review --approve " + bad);
  CHECK(too_late.code == 1);
  CHECK_THAT(too_late.said, Contains(bad) && Contains("1 could not be judged"));
  CHECK(rob.done("review --approve-all " + number) == "Approved 1.\n");
  const EarningsPage unpaid = stack::must(ann, Earnings{.unpaid_only = true, .after = {}, .limit = 10});
  REQUIRE(unpaid.rows.size() == 1);
  CHECK_THAT(unpaid.rows[0].reason, Contains("It is not small"));

  CHECK(rob.done("bonus " + good + " 0.25 --reason 'Well seen'") == "Paid 0.25 USD more for " + good + ".\n");
  CHECK(comes_true([&] { return wallet_of(ann) >= Micros{250'000}; }));

  // What is watched ends by the end of the project.
  Background watch(rob.program.unbounded_command("watch " + number));
  CHECK_THAT(rob.done("end --yes " + number), Contains("has ended"));
  const Ran watched = watch.end();
  CHECK(watched.code == 0);
  CHECK_THAT(watched.said, Contains("state         ended") && Contains("closed        4 of 4 (100.0%)") &&
                               Contains("settled       3") && Contains("undecided     1") &&
                               Contains("paid          0.02 USD to workers"));
  CHECK(rob.program.tally("resume " + number).code == 1);

  const auto results = market.folder.path() / "results";
  rob.done("results " + number + " -o " + quoted(results));
  CHECK_THAT(content_of(results), StartsWith("_item,_task,text,_verdict.bird,_confidence.bird,_votes.bird,_state,") &&
                                      Contains("1,t" + number + ".1.1,red breast,robin,1,") &&
                                      Contains(",'=brown,wren,") && Contains(",blue,,,"));
  rob.done("results " + number + " --format jsonl -o " + quoted(results));
  std::ifstream lines(results);
  std::vector<nlohmann::json> tasks;
  for (std::string line; std::getline(lines, line);) tasks.push_back(nlohmann::json::parse(line));
  REQUIRE(tasks.size() == 4);
  CHECK(tasks[2]["values"]["text"] == "=brown");
  CHECK(tasks[2]["verdicts"]["bird"]["value"] == "wren");
  CHECK(tasks[3]["state"] == "undecided");
  CHECK(tasks[3]["reason"] == "project_ended");
  const std::string answers = rob.done("results --answers " + number);
  CHECK_THAT(answers, Contains("," + good + ",") && Contains(",paid,0.01,") && Contains(",unpaid,0.00,"));
  CHECK_THAT(answers, Contains("It is not small"));

  // 100, and what was spent: two rewards with their fees, and the bonus.
  CHECK(comes_true([&] { return rob.done("balance").find("wallet     99.726 USD\n") != std::string::npos; }));
  CHECK(comes_true([&] { return wallet_of(ann) == Micros{260'000} && wallet_of(bob) == Micros{10'000}; }));
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("a bonus that the broker's death interrupted is paid once when it is given again, stored before or not",
          "[fault-1]") {
  Market market;
  market.enrol_workers(1);
  net::BrokerClient& ann = *market.workers[0];
  const Requester rob(market);
  const auto project_file =
      write_file(market.folder.path() / "project.toml",
                 "title = \"Birds\"\nreward = \"0.01\"\npay = \"all\"\n[redundancy]\nmin = 1\nmax = 1\nquorum = 1\n" +
                     std::string(field));
  const auto items_file = write_file(market.folder.path() / "items.csv", "text\nred breast\n");
  rob.done("post --yes " + quoted(project_file) + " " + quoted(items_file));
  const ProjectId project = projects(market).at(0).project;
  const Tasks tasks = stack::must(ann, Pull{project, 1, {}, 30'000});
  REQUIRE(tasks.tasks.size() == 1);
  stack::must(ann, Submit{{{tasks.tasks[0].assignment, {{"bird", {"robin"}}}}}, 0, {}});
  const std::string which = to_text(tasks.tasks[0].assignment);
  CHECK(comes_true([&] { return wallet_of(ann) == Micros{10'000}; }));

  // Kills the broker while the commit of this bonus waits for this, and gives the bonus again.
  const auto interrupt = [&](const std::string& bonus, const std::string& waits_for) {
    Background interrupted(rob.program.unbounded_command("--wait 1 " + bonus));
    REQUIRE(comes_true([&] {
      return owner_sql(market,
                       "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE relation = "
                       "'tally.transfers'::regclass AND mode = 'RowExclusiveLock' AND wait_event = '" +
                           waits_for + "'") != "0";
    }));
    market.broker.kill();
    const Ran ran = interrupted.end();
    INFO(ran.said);
    CHECK(ran.code == 3);
    CHECK_THAT(ran.said, Contains("may have been paid") && Contains("The same command once more"));
    market.broker.start();
  };
  const auto paid = [&] {
    return owner_sql(market, "SELECT count(*) FROM tally.transfers WHERE kind = 'bonus' AND to_fund = 'wallet'");
  };

  // Before anything is stored.
  const std::string first = "bonus " + which + " 0.25 --reason 'Well seen'";
  owner_sql(market,
            "CREATE FUNCTION tally.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN "
            "NEW; END $$; CREATE TRIGGER wait BEFORE INSERT ON tally.transfers FOR EACH ROW WHEN (NEW.kind = 'bonus') "
            "EXECUTE FUNCTION tally.wait()");
  interrupt(first, "PgSleep");
  owner_sql(market, "DROP FUNCTION tally.wait() CASCADE");
  CHECK(owner_sql(market, "SELECT count(*) FROM tally.transfers WHERE kind = 'bonus'") == "0");
  const std::string again = rob.done(first);
  CHECK_THAT(again, Contains("An earlier try of this very command did not end") && Contains("Paid 0.25 USD more"));
  CHECK(comes_true([&] { return wallet_of(ann) == Micros{260'000}; }));

  // When it is stored, and waits for a standby that there is not. The next start knows of none.
  const std::string second = "bonus " + which + " 0.5 --reason 'Seen once more'";
  owner_sql(market, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  owner_sql(market, "SELECT pg_reload_conf()");
  owner_sql(market, "ALTER SYSTEM RESET synchronous_standby_names");
  interrupt(second, "SyncRep");
  CHECK(comes_true([&] { return paid() == "2"; }));
  CHECK_THAT(rob.done(second), Contains("Paid 0.50 USD more"));
  CHECK(comes_true([&] { return wallet_of(ann) == Micros{760'000}; }));
  CHECK(paid() == "2");

  // The same words are a new bonus by then.
  CHECK_THAT(rob.done(second), !Contains("An earlier try"));
  CHECK(comes_true([&] { return wallet_of(ann) == Micros{1'260'000}; }));
  CHECK(stack::audit(market.admin->client()) == "clean");
}

TEST_CASE("a requester is told what a project can claim, and what gold would do, before and after it has come out") {
  Market market;
  market.enrol_workers(3);
  const Requester rob(market);
  const auto project_file =
      write_file(market.folder.path() / "project.toml",
                 "title = \"Birds\"\nreward = \"0.01\"\npay = \"all\"\n[redundancy]\nmin = 3\nmax = 3\n"
                 "confidence = 0.9\n" +
                     std::string(field));
  std::string rows = "text,_gold.bird\n";
  for (int i = 1; i <= 40; ++i) rows += "Item " + std::to_string(i) + (i <= 30 ? ",robin\n" : ",\n");
  const auto items_file = write_file(market.folder.path() / "items.csv", rows);
  rob.done("post --yes " + quoted(project_file) + " " + quoted(items_file));
  const ProjectId project = projects(market).at(0).project;
  const std::string number = number_of(project);

  CHECK_THAT(rob.done("status " + number), Contains("Confidence asked for: 0.9\nField bird\n") &&
                                               Contains("none has its verdict yet; 30 more are open") &&
                                               Contains("cannot be supported yet: at most 0.849 can be claimed; ") &&
                                               Contains(" more gold tasks (") &&
                                               Contains("all answered right, would do: they cost about "));
  const auto confidence = [&] {
    return nlohmann::json::parse(rob.done("status --json " + number))["confidence"]["fields"].at(0);
  };
  const auto before = confidence();
  const auto needed = before["gold_needed"].get<std::int64_t>();
  CHECK(needed > 0);
  CHECK(before["gold_needed_cost"] == to_text(Micros{needed * 3 * 12'000}));

  CHECK(comes_true([&] {
    market.work(project, [](std::size_t, const TaskOffer&) { return std::string("robin"); });
    return status(market, project).row.closed == 40;
  }));
  // What a part has learned is on its way to the project for a moment.
  CHECK(comes_true([&] { return confidence()["gold"] == 30; }));
  const auto after = confidence();
  CHECK(after["gold_right"] == 30);
  CHECK(after["gold_open"] == 0);
  CHECK(after["claim_max"] > before["claim_max"]);
  CHECK_THAT(rob.done("status " + number), Contains("30 of 30 came out right\n"));
  CHECK_THAT(rob.done("quality " + number), Contains("30 gold tasks: 30 of 30 right") && Contains("audits   "));
  const std::string lines = rob.done("quality --json " + number);
  const auto about = nlohmann::json::parse(lines.substr(0, lines.find('\n')));
  CHECK(about["tasks"] == 40);
  CHECK(about["answers_beyond"] == 0);  // Nobody is left for more than three answers a task.
  CHECK_THAT(rob.done("results --output " + quoted(market.folder.path() / "results.csv") + " " + number),
             Contains("more by `tally-requester quality " + number + "`"));
  CHECK(rob.program.tally("quality birds").code == 2);

  // Who asks for none is told nothing.
  const ProjectId votes = stack::post_project(*rob.program.client(market), small_spec(), numbered_items(1), 0);
  CHECK_THAT(rob.done("status " + number_of(votes)), !Contains("Confidence"));
  CHECK(rob.program.tally("status --json birds").code == 2);
}

TEST_CASE(
    "gold that stands all on top is warned of where a confidence is asked for, and results show gold where votes "
    "count") {
  const stack::TemporaryFolder folder("tally-e2e-");
  Market market({"--config", write_file(folder.path() / "broker.toml", "[limits]\npart_size = 10\n").string()});
  const Requester rob(market);
  const auto post = [&](const std::string& redundancy, int gold_rows) {
    const auto project_file = write_file(market.folder.path() / "project.toml",
                                         "title = \"Birds\"\nreward = \"0.01\"\n" + redundancy + std::string(field));
    std::string rows = "text,_gold.bird\n";
    for (int i = 1; i <= 40; ++i) rows += "Item " + std::to_string(i) + (i <= gold_rows ? ",wren\n" : ",\n");
    const auto items_file = write_file(market.folder.path() / "items.csv", rows);
    return rob.done("post --yes " + quoted(project_file) + " " + quoted(items_file));
  };
  const std::string confidence = "[redundancy]\nconfidence = 0.9\n";
  CHECK_THAT(post(confidence, 20), Contains("Gold is spread unevenly: items 21 to 30 have 0 gold tasks, where an even "
                                            "spread would give them 5.") &&
                                       Contains("Shuffle the rows of ") && Contains("40 items"));
  CHECK_THAT(post(confidence, 40), !Contains("unevenly"));
  CHECK_THAT(post("", 20), !Contains("unevenly"));

  const auto header_of_newest = [&] {
    const std::string results = rob.done("results " + number_of(projects(market).at(0).project));
    return results.substr(0, results.find('\n'));
  };
  CHECK_THAT(header_of_newest(), Contains("_votes.bird,_gold.bird,_state"));
  CHECK_THAT(rob.done("results " + number_of(projects(market).at(0).project)), Contains(",wren,open,"));
  post("", 0);
  CHECK_THAT(header_of_newest(), Contains("_votes.bird,_state"));
}

}  // namespace tally::e2e
