#include "tests/broker/audit/history.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "broker/storage/connection.h"
#include "broker/storage/embedded.h"
#include "tests/broker/storage/support.h"

namespace tally::audit::testing {
namespace {

using core::World;

const std::atomic<bool> never_stop{false};

// Apart from the cluster of the storage tests, whose parts make no sense as a whole.
storage::EmbeddedCluster& cluster() {
  static const storage::testing::ScratchFolder folder;
  static storage::EmbeddedCluster started(storage::testing::test_config(folder.path() / "postgres"));
  return started;
}

storage::StoreConfig store_config() {
  storage::StoreConfig config;
  config.connection = cluster().connection();
  config.broker_id = "broker-a";
  config.lease = Duration{3'600'000};
  return config;
}

// So that one project has two parts.
constexpr std::int64_t part_size = 12;

// What happened: see History.
struct Script {
  explicit Script(World& the_world) : world(the_world) {}
  World& world;
  History made;

  // So that things happen one after the other.
  void later() { world.now = world.now + Duration{1000}; }

  // The first `gold` of the items are known to be buntings.
  ProjectId post(const std::string& key, const ProjectSpec& spec, std::int64_t items, std::int64_t gold = 0) {
    later();
    OpenProject open;
    open.key = key;
    open.spec = spec;
    open.items = items;
    const ProjectId project = world.get<ProjectOpened>("req", open).project;
    for (std::int64_t first = 1; first <= items; first += part_size) {
      PostItems post;
      post.project = project;
      post.first = first;
      for (std::int64_t i = first; i <= std::min(items, first + part_size - 1); ++i) {
        post.items.push_back({{"picture " + std::to_string(i)}, std::nullopt, {}});
        if (i <= gold) post.items.back().gold = {{"bird", "bunting"}};
      }
      static_cast<void>(world.get<ItemsPosted>("req", post));
    }
    return project;
  }
  std::vector<TaskOffer> pull(const std::string& key, ProjectId project, std::int64_t count = 20) {
    later();
    Pull pull;
    pull.project = project;
    pull.count = count;
    return world.get<Tasks>(key, pull).tasks;
  }
  void answer(const std::string& key, AssignmentId assignment, const std::string& value) {
    later();
    Submit submit;
    submit.answers.push_back({assignment, {{"bird", {value}}}});
    if (!world.get<Submitted>(key, submit).outcomes.at(0).accepted) throw std::runtime_error("an answer was refused");
  }
  void deposit(const std::string& key, std::int64_t micros) {
    Deposit deposit;
    deposit.key = key;
    deposit.account = made.requester;
    deposit.amount = Micros{micros};
    deposit.note = "bank transfer " + key;
    static_cast<void>(world.get<Deposited>(world.admin, deposit));
  }
  TransferId payout_of(AssignmentId id) {
    return {id.part, world.core.find(id.part)->tasks().find_assignment(id.no)->payout};
  }

  void enrol_all() {
    made.requester = world.enrol("req", Role::requester);
    made.ann = world.enrol("ann", Role::worker);
    made.ben = world.enrol("ben", Role::worker);
    made.cem = world.enrol("cem", Role::worker);
    deposit("first", 50'000'000);
    deposit("by mistake", 1'000);
    const auto mistake = TransferId{account_part_of(made.requester), 2};
    static_cast<void>(world.get<Acknowledged>(world.admin, Reverse{mistake, "a typing error"}));
  }
  // Six items: agreed, one dissent, undecided at three answers, skipped and taken back, a late answer, one left open.
  void first_project() {
    ProjectSpec spec = core::simple_spec();
    spec.redundancy = {2, 3, 2};
    made.project = post("batch one", spec, 6);
    const auto ann = pull("ann", made.project);
    made.answer_of_ann = ann.at(0).assignment;
    made.task_of_ann = ann.at(0).task.value();
    for (std::size_t i = 0; i < 3; ++i) answer("ann", ann.at(i).assignment, "bunting");
    HandBack skip;
    skip.assignment = ann.at(3).assignment;
    static_cast<void>(world.get<Acknowledged>("ann", skip));
    const auto back = world.get<Tasks>("ann", TakeBackSkip{ann.at(3).assignment}).tasks;
    answer("ann", back.at(0).assignment, "grosbeak");
    static_cast<void>(world.pass(Duration{11LL * 60'000}));
    answer("ann", ann.at(4).assignment, "other");
    const auto ben = pull("ben", made.project);
    answer("ben", ben.at(0).assignment, "bunting");
    answer("ben", ben.at(1).assignment, "grosbeak");
    answer("ben", ben.at(2).assignment, "grosbeak");
    answer("ben", ben.at(3).assignment, "grosbeak");
    const auto cem = pull("cem", made.project);
    for (const TaskOffer& task : cem) answer("cem", task.assignment, task.task->no == 2 ? "bunting" : "other");
    static_cast<void>(world.pass(Duration{61'000}));
  }
  void money() {
    Bonus bonus;
    bonus.key = "thanks";
    bonus.assignment = made.answer_of_ann;
    bonus.amount = Micros{2'500};
    bonus.reason = "a fine answer";
    static_cast<void>(world.get<Acknowledged>("req", bonus));
    for (const std::string name : {"ann", "ben", "cem"}) {
      static_cast<void>(world.get<Acknowledged>(name, SetPayoutAddress{"account of " + name}));
    }
    for (std::int64_t no = 0; no < account_parts; ++no) {
      ExportPayouts run;
      run.run = "november";
      run.account_part = no;
      run.minimum = Micros{10'000};
      static_cast<void>(world.get<PayoutFile>(world.admin, run));
    }
    SettlePayouts settle;
    settle.run = "november";
    settle.account_part = account_part_of(made.ann).value;
    static_cast<void>(world.get<PayoutFile>(world.admin, settle));
  }
  // Three items: approved, rejected, and one whose payout is reversed after it was swept.
  void reviewed_project() {
    ProjectSpec spec = core::simple_spec();
    spec.redundancy = {1, 1, 1};
    spec.pay = PayPolicy::review;
    made.reviewed = post("batch two", spec, 4);
    const auto tasks = pull("ann", made.reviewed, 3);
    for (const TaskOffer& task : tasks) answer("ann", task.assignment, "other");
    static_cast<void>(world.get<Acknowledged>("req", Review{tasks.at(0).assignment, true, ""}));
    static_cast<void>(world.get<Acknowledged>("req", Review{tasks.at(1).assignment, false, "an empty picture"}));
    static_cast<void>(world.get<Acknowledged>("req", Review{tasks.at(2).assignment, true, ""}));
    static_cast<void>(world.get<Acknowledged>(world.admin, Reverse{payout_of(tasks.at(2).assignment), "fraud"}));
    static_cast<void>(world.pass(Duration{61'000}));
    later();
    static_cast<void>(world.get<Acknowledged>(world.admin, Reverse{payout_of(tasks.at(0).assignment), "fraud too"}));
    static_cast<void>(pull("ben", made.reviewed, 1));
  }
  // Six items that are judged by skill: some settle with two answers, some take three.
  void skilled_project() {
    ProjectSpec spec = core::simple_spec();
    spec.redundancy = {2, 3, 1, 900'000};
    made.skilled = post("batch three", spec, 6);
    for (const std::string name : {"ann", "ben", "cem"}) {
      for (const TaskOffer& task : pull(name, made.skilled)) {
        answer(name, task.assignment, name == "ann" && task.task->no % 2 == 0 ? "other" : "bunting");
      }
    }
    static_cast<void>(world.pass(Duration{61'000}));
  }
  // Twelve items, some of them gold, some drawn for the audit.
  void confident_project() {
    ProjectSpec spec = core::simple_spec();
    spec.redundancy = {2, 5, 1, 0, 500'000, 500'000};
    made.confident = post("batch four", spec, 12, 4);
    for (const std::string name : {"ann", "ben", "cem"}) {
      for (const TaskOffer& task : pull(name, made.confident)) answer(name, task.assignment, "bunting");
    }
    static_cast<void>(world.pass(Duration{61'000}));
  }
  // One answer to a training task; all are right, or none.
  void train(const std::string& key, std::int64_t round, std::int32_t no, bool is_right) {
    later();
    const TrainingAnswer given{round, no, {{"bird", {is_right ? "bunting" : "other"}}}};
    static_cast<void>(world.get<TrainingStep>(key, Train{made.trained, given}));
  }
  // Whoever is qualified and trained works on sixteen items in two parts, some of them gold; the second part begins
  // when the first has its verdicts. Cem needs two rounds.
  void trained_project() {
    for (const std::string name : {"ann", "ben", "cem"}) {
      const AccountId account = name == "ann" ? made.ann : name == "ben" ? made.ben : made.cem;
      static_cast<void>(world.get<Acknowledged>(world.admin, GrantQualification{account, "birds", 80, false}));
    }
    static_cast<void>(world.get<Acknowledged>(world.admin, GrantQualification{made.cem, "nights", 50, false}));
    static_cast<void>(world.get<Acknowledged>(world.admin, GrantQualification{made.cem, "nights", 0, true}));
    ProjectSpec spec = core::simple_spec();
    spec.redundancy = {2, 3, 1, 900'000};
    spec.require.qualifications = {{"birds", 50}};
    spec.require.gold_ppm = 100'000;
    spec.training.tasks = {{{"a bunting"}, {{"bird", {"bunting"}}}, "Look at the bill."},
                           {{"another"}, {{"bird", {"bunting"}}}, ""}};
    spec.training.grants = "buntings";
    made.trained = post("batch five", spec, part_size + 4, 3);
    train("cem", 1, 1, true);
    train("cem", 1, 2, false);
    for (const std::string name : {"ann", "ben", "cem"}) {
      const std::int64_t round = name == "cem" ? 2 : 1;
      train(name, round, 1, true);
      train(name, round, 2, true);
    }
    for (std::int64_t items : {part_size, std::int64_t{4}}) {
      for (const std::string name : {"ann", "ben", "cem"}) {
        for (const TaskOffer& task : pull(name, made.trained, items)) {
          answer(name, task.assignment, name == "cem" && task.task->no % 2 == 0 ? "other" : "bunting");
        }
      }
    }
    static_cast<void>(world.pass(Duration{61'000}));
  }
};

constexpr const char* tables[] = {
    "parts",     "batches", "contents",      "outbox",       "inbox",       "command_keys",        "answers",
    "verdicts",  "people",  "pay_decisions", "sub_accounts", "payout_runs", "payout_runs_settled", "projects",
    "transfers", "payouts"};

void keep_copy() {
  std::string sql = "CREATE SCHEMA kept;";
  for (const std::string table : tables) sql += "CREATE TABLE kept." + table + " AS TABLE tally." + table + ';';
  query(sql);
}

// Audits now and then while the history is made: between two commits of one mail too.
class Onlooker {
 public:
  void look(const core::Effects& effects) {
    // Money is under way just after a mail was sent. All commits would take long.
    if (++groups_ % 9 != 0 && (effects.deliver.empty() || ++mails_ % 3 != 0)) return;
    const Outcome outcome = audit_all();
    if (wrong.empty()) wrong = outcome.wrong;
    if (wrong.empty() && outcome.all.transit != outcome.all.in_outboxes) wrong = "transit is not what is under way";
    most_under_way = std::max(most_under_way, outcome.all.in_outboxes);
  }
  std::string wrong;
  Micros most_under_way;

 private:
  int groups_ = 0;
  int mails_ = 0;
};

History make_history() {
  Recorder recorder;
  Onlooker onlooker;
  core::Limits limits;
  limits.part_size = part_size;
  limits.qualification_rules = {{"known", 5, 500'000}};
  World world(limits, [&](World& from, const core::Effects& effects) {
    recorder(from, effects);
    onlooker.look(effects);
  });
  Script script(world);
  script.enrol_all();
  script.first_project();
  script.money();
  script.reviewed_project();
  script.skilled_project();
  script.confident_project();
  script.trained_project();
  keep_copy();
  script.made.wrong_in_between = onlooker.wrong;
  script.made.most_under_way = onlooker.most_under_way;
  return script.made;
}

}  // namespace

Recorder::Recorder() : store_(store_config(), never_stop) {}

void Recorder::operator()(World& world, core::Effects effects) {
  builder_.add(effects);
  if (store_.commit(builder_.close(world.core, world.now)) != storage::CommitOutcome::stored) {
    throw std::runtime_error("a group was not stored");
  }
}

const History& history() {
  static const History made = make_history();
  return made;
}

void restore() {
  std::string sql;
  for (const std::string table : tables) {
    sql += "TRUNCATE tally." + table + "; INSERT INTO tally." + table + " TABLE kept." + table + ';';
  }
  query(sql);
}

std::vector<std::vector<std::string>> query(const std::string& sql) {
  storage::Connection connection(cluster().owner_connection(), storage::Use::migration, {});
  pqxx::nontransaction tx(connection.get());
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : tx.exec(sql)) {
    rows.emplace_back();
    for (const auto& field : row) rows.back().emplace_back(field.c_str());
  }
  return rows;
}

void tamper(const std::string& sql) {
  storage::Connection connection(cluster().owner_connection(), storage::Use::migration, {});
  pqxx::nontransaction tx(connection.get());
  if (tx.exec(sql).affected_rows() == 0) throw std::runtime_error("nothing was hit: " + sql);
}

void with_snapshot(const std::function<void(storage::AuditSnapshot&)>& work) {
  static storage::AuditRows rows({cluster().connection(), {}}, never_stop);
  if (!rows.read(work)) throw std::runtime_error("the database could not be read");
}

Auditor& auditor() {
  static Auditor made({cluster().connection(), {}}, never_stop);
  return made;
}

Outcome audit_all() {
  Outcome outcome;
  VerifyAudit message;
  do {
    const auto reply = auditor().verify(message);
    if (!reply) throw std::runtime_error(reply.error().detail);
    const AuditPage& page = std::get<AuditPage>(reply.value());
    ++outcome.pages;
    outcome.wrong = page.wrong;
    outcome.all.parts += page.parts;
    outcome.all.batches += page.batches;
    outcome.all.transfers += page.transfers;
    outcome.all.verdicts += page.verdicts;
    outcome.all.payouts += page.payouts;
    outcome.all.sum += page.sum;
    outcome.all.transit += page.transit;
    outcome.all.in_outboxes += page.in_outboxes;
    message.after = page.next;
  } while (!message.after.empty() && outcome.wrong.empty());
  return outcome;
}

}  // namespace tally::audit::testing
