#include "broker/storage/audit_rows.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "broker/storage/array.h"
#include "broker/storage/connection.h"

namespace tally::storage {
namespace {

// Where a table may be large its rows come through a cursor, so that a part's size is not this program's.
#define TALLY_CURSOR "DECLARE audited NO SCROLL CURSOR FOR SELECT "
// Key (two numbers and a text), then the cells.
#define TALLY_ROW(a, b, text, cells) \
  TALLY_CURSOR a "::bigint, " b "::bigint, " text "::text, concat_ws(E'\\x1f', " cells ")"
#define TALLY_SHA(column) "encode(sha256(" column "), 'hex')"

struct TableSource {
  Statement statement;
  std::string_view name;
  std::span<const std::string_view> columns;
};

constexpr std::string_view transfer_columns[] = {"kind",   "from_fund",     "from_owner", "to_fund", "to_owner",
                                                 "amount", "assignment_no", "reverses",   "at_ms"};
constexpr std::string_view payout_columns[] = {"transfer_no", "owner_id", "worker_id", "amount", "fee", "at_ms"};
constexpr std::string_view sub_account_columns[] = {"balance"};
constexpr std::string_view answer_columns[] = {"task_no", "worker_id", "ballots", "digest", "at_ms", "took_ms"};
constexpr std::string_view verdict_columns[] = {"reason", "judged", "ballots", "at_ms", "audited_after"};
constexpr std::string_view pay_columns[] = {"state", "reason", "due_ms", "at_ms"};
constexpr std::string_view outbox_columns[] = {"to_part", "name", "amount", "body", "at_ms"};
constexpr std::string_view key_columns[] = {"input_digest"};
constexpr std::string_view run_columns[] = {"amount"};
constexpr std::string_view settled_columns[] = {"at_ms"};
constexpr std::string_view people_columns[] = {"role", "enrolled", "suspended", "created_ms"};
constexpr std::string_view project_columns[] = {"project_id",    "owner_id",     "state",       "title",
                                                "spec",          "reward",       "fee_ppm",     "pay",
                                                "reserved",      "items",        "part_size",   "tasks_per_worker_max",
                                                "keeps_workers", "pull_by_item", "deadline_ms", "created_ms"};

// In the order of AuditTable.
constexpr TableSource sources[] = {
    {{"audit_transfers", TALLY_ROW("transfer_no", "0", "''",
                                   "kind, from_fund, from_owner, to_fund, to_owner, amount, assignment_no, reverses, "
                                   "at_ms") " FROM transfers WHERE part_id = $1::bigint ORDER BY transfer_no"},
     "transfers",
     transfer_columns},
    {{"audit_payouts",
      TALLY_ROW(
          "assignment_no", "0", "''",
          "transfer_no, owner_id, worker_id, amount, fee, at_ms") " FROM payouts WHERE part_id = $1::bigint ORDER BY "
                                                                  "assignment_no"},
     "payouts",
     payout_columns},
    {{"audit_sub_accounts",
      TALLY_ROW("owner_id", "0", "fund",
                "balance") " FROM sub_accounts WHERE part_id = $1::bigint ORDER BY fund, owner_id"},
     "sub_accounts",
     sub_account_columns},
    {{"audit_answers",
      TALLY_ROW("assignment_no", "0", "''",
                "task_no, worker_id, " TALLY_SHA(
                    "ballots") ", encode(digest, 'hex'), at_ms, took_ms") " FROM answers WHERE part_id = "
                                                                          "$1::bigint ORDER BY assignment_no"},
     "answers",
     answer_columns},
    {{"audit_verdicts",
      TALLY_ROW("task_no", "0", "''",
                "reason, " TALLY_SHA("judged") ", " TALLY_SHA(
                    "ballots") ", at_ms, audited_after") " FROM verdicts WHERE part_id = $1::bigint ORDER BY task_no"},
     "verdicts",
     verdict_columns},
    {{"audit_pay_decisions",
      TALLY_ROW(
          "assignment_no", "0", "''",
          "state, reason, due_ms, at_ms") " FROM pay_decisions WHERE part_id = $1::bigint ORDER BY assignment_no"},
     "pay_decisions",
     pay_columns},
    {{"audit_outbox", TALLY_ROW("mail_no", "0", "''",
                                "to_part, name, amount, " TALLY_SHA(
                                    "body") ", at_ms") " FROM outbox WHERE part_id = $1::bigint ORDER BY mail_no"},
     "outbox",
     outbox_columns},
    {{"audit_inbox", TALLY_ROW("from_part", "mail_no", "''",
                               "''") " FROM inbox WHERE part_id = $1::bigint ORDER BY from_part, mail_no"},
     "inbox",
     {}},
    {{"audit_command_keys",
      TALLY_ROW(
          "account_id", "0", "key",
          "encode(input_digest, 'hex')") " FROM command_keys WHERE part_id = $1::bigint ORDER BY account_id, key"},
     "command_keys",
     key_columns},
    {{"audit_payout_runs", TALLY_ROW("account_id", "0", "run",
                                     "amount") " FROM payout_runs WHERE part_id = $1::bigint ORDER BY run, account_id"},
     "payout_runs",
     run_columns},
    {{"audit_payout_runs_settled",
      TALLY_ROW("0", "0", "run", "at_ms") " FROM payout_runs_settled WHERE part_id = $1::bigint ORDER BY run"},
     "payout_runs_settled",
     settled_columns},
    {{"audit_people",
      TALLY_ROW("account_id", "0", "''",
                "role, enrolled, suspended, created_ms") " FROM people WHERE part_id = $1::bigint ORDER BY account_id"},
     "people",
     people_columns},
    {{"audit_projects", TALLY_ROW("0", "0", "''",
                                  "project_id, owner_id, state, title, " TALLY_SHA(
                                      "spec") ", reward, fee_ppm, pay, reserved, items, part_size, "
                                              "tasks_per_worker_max, keeps_workers, pull_by_item, deadline_ms, "
                                              "created_ms") " FROM projects WHERE part_id = $1::bigint"},
     "projects",
     project_columns}};
static_assert(std::size(sources) == audit_tables);

constexpr Statement batches_of_part{"audit_batches", TALLY_CURSOR
                                    "commit_seq, epoch, at_ms, records, previous, digest FROM batches "
                                    "WHERE part_id = $1::bigint ORDER BY commit_seq"};
constexpr Statement contents_of_part{
    "audit_contents", TALLY_CURSOR "no, body FROM contents WHERE part_id = $1::bigint AND kind = $2 ORDER BY no"};
constexpr Statement bodies_of_part{
    "audit_bodies", TALLY_CURSOR "assignment_no, body FROM answers WHERE part_id = $1::bigint ORDER BY assignment_no"};
constexpr Statement one_body{"audit_body",
                             "SELECT assignment_no, body FROM answers WHERE part_id = $1::bigint AND assignment_no = "
                             "$2::int"};
constexpr Statement one_content{"audit_content",
                                "SELECT no, body FROM contents WHERE part_id = $1::bigint AND kind = $2 AND no = "
                                "$3::bigint"};

#define TALLY_PART_COLUMNS                                                                                      \
  "part_id, epoch, commit_seq, at_ms, digest, state, next_due_ms, tasks, settled, undecided, answers, leased, " \
  "under_review, paid, fees, best_guesses"
constexpr Statement parts_after_one{"audit_parts_after",
                                    "SELECT " TALLY_PART_COLUMNS
                                    " FROM parts WHERE part_id > $1::bigint ORDER BY part_id LIMIT $2::bigint"};
constexpr Statement one_part{"audit_part", "SELECT " TALLY_PART_COLUMNS " FROM parts WHERE part_id = $1::bigint"};
#undef TALLY_PART_COLUMNS

#define TALLY_FIRST(table) \
  "(SELECT part_id FROM " table " WHERE part_id > $1::bigint AND part_id < $2::bigint ORDER BY part_id LIMIT 1)"
constexpr Statement first_orphan{
    "audit_orphan", "SELECT min(part_id) FROM (" TALLY_FIRST("batches") " UNION ALL " TALLY_FIRST(
                        "transfers") " UNION ALL " TALLY_FIRST("payouts")
                        " UNION ALL " TALLY_FIRST("sub_accounts") " UNION ALL " TALLY_FIRST("answers")
                        " UNION ALL " TALLY_FIRST("verdicts") " UNION ALL " TALLY_FIRST("outbox") " UNION ALL "
                        TALLY_FIRST("projects") ") AS found(part_id)"};
#undef TALLY_FIRST

constexpr Statement received_of{
    "audit_received",
    "SELECT u.mail_no FROM unnest($2::bigint[], $3::bigint[]) AS u(to_part, mail_no) JOIN inbox i ON i.part_id = "
    "u.to_part AND i.from_part = $1::bigint AND i.mail_no = u.mail_no ORDER BY u.mail_no"};
constexpr Statement sender_unknown{
    "audit_unknown_sender",
    "SELECT min(i.from_part) FROM (SELECT DISTINCT from_part FROM inbox WHERE part_id = $1::bigint) AS i "
    "WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.part_id = i.from_part)"};
constexpr Statement sums_of_all{
    "audit_money",
    "SELECT coalesce(sum(balance), 0)::text, coalesce(sum(balance) FILTER (WHERE fund = 'transit'), 0)::text, "
    "(SELECT coalesce(sum(o.amount), 0)::text FROM outbox o WHERE o.amount > 0 AND NOT EXISTS (SELECT 1 FROM inbox i "
    "WHERE i.part_id = o.to_part AND i.from_part = o.part_id AND i.mail_no = o.mail_no)) FROM sub_accounts"};

std::vector<Statement> all_statements() {
  std::vector<Statement> all{bodies_of_part, one_body,        batches_of_part, contents_of_part,
                             one_content,    parts_after_one, one_part,        first_orphan,
                             received_of,    sender_unknown,  sums_of_all};
  for (const TableSource& source : sources) all.push_back(source.statement);
  return all;
}

std::int64_t number(const pqxx::field& field) { return field.as<std::int64_t>(); }
std::string bytes(const pqxx::field& field) { return bytes_from_bytea(field.c_str()); }
std::string text_of(PartId part) { return std::to_string(part.value); }

AuditedPart part_from_row(const pqxx::row& row) {
  AuditedPart part;
  part.part = PartId{number(row[0])};
  part.epoch = number(row[1]);
  part.commit_seq = number(row[2]);
  part.at = Time{number(row[3])};
  part.digest = bytes(row[4]);
  PartSummary& s = part.summary;
  s.state = row[5].as<std::int16_t>();
  s.next_due_ms = number(row[6]);
  s.tasks = number(row[7]);
  s.settled = number(row[8]);
  s.undecided = number(row[9]);
  s.answers = number(row[10]);
  s.leased = number(row[11]);
  s.under_review = number(row[12]);
  s.paid = Micros{number(row[13])};
  s.fees = Micros{number(row[14])};
  s.best_guesses = number(row[15]);
  return part;
}

AuditedContent content_from_row(const pqxx::row& row) {
  AuditedContent content{number(row[0]), std::nullopt};
  if (!row[1].is_null()) content.body = bytes(row[1]);
  return content;
}

}  // namespace

AuditTableShape shape_of(AuditTable table) {
  const TableSource& source = sources[static_cast<std::size_t>(table)];
  return {source.name, source.columns};
}

class AuditSnapshot::Impl {
 public:
  explicit Impl(pqxx::transaction_base& tx) : tx_(tx) {}
  pqxx::transaction_base& tx() { return tx_; }

  void each(const Statement& declare, const std::vector<std::string>& parameters, const char* fetch,
            const std::function<bool(const pqxx::row&)>& visit) {
    exec(tx_, declare, parameters);
    for (bool more = true; more;) {
      const pqxx::result rows = tx_.exec(fetch);
      more = !rows.empty();
      for (const auto& row : rows) {
        if (!visit(row)) {
          more = false;
          break;
        }
      }
    }
    tx_.exec("CLOSE audited");
  }

 private:
  pqxx::transaction_base& tx_;
};

namespace {
constexpr const char* fetch_rows = "FETCH 2000 FROM audited";
constexpr const char* fetch_batches = "FETCH 64 FROM audited";  // A batch may be large.
}  // namespace

std::vector<AuditedPart> AuditSnapshot::parts_after(PartId after, std::size_t limit) {
  std::vector<AuditedPart> parts;
  for (const auto& row : exec(impl_.tx(), parts_after_one, {text_of(after), std::to_string(limit)})) {
    parts.push_back(part_from_row(row));
  }
  return parts;
}

std::optional<AuditedPart> AuditSnapshot::part(PartId part) {
  const auto rows = exec(impl_.tx(), one_part, {text_of(part)});
  if (rows.empty()) return std::nullopt;
  return part_from_row(rows[0]);
}

std::optional<PartId> AuditSnapshot::orphan_between(std::optional<PartId> after, std::optional<PartId> before) {
  const std::string from = std::to_string(after ? after->value : INT64_MIN);
  const std::string to = std::to_string(before ? before->value : INT64_MAX);
  const auto rows = exec(impl_.tx(), first_orphan, {from, to});
  if (rows.empty() || rows[0][0].is_null()) return std::nullopt;
  return PartId{number(rows[0][0])};
}

void AuditSnapshot::batches(PartId part, const std::function<bool(const AuditedBatch&)>& visit) {
  impl_.each(batches_of_part, {text_of(part)}, fetch_batches, [&](const pqxx::row& row) {
    return visit({number(row[0]), number(row[1]), Time{number(row[2])}, bytes(row[3]), bytes(row[4]), bytes(row[5])});
  });
}

void AuditSnapshot::rows(AuditTable table, PartId part, const std::function<bool(const AuditRow&)>& visit) {
  impl_.each(sources[static_cast<std::size_t>(table)].statement, {text_of(part)}, fetch_rows,
             [&](const pqxx::row& row) {
               return visit({{number(row[0]), number(row[1]), row[2].c_str()}, row[3].c_str()});
             });
}

void AuditSnapshot::contents(PartId part, ContentKind kind, const std::function<bool(const AuditedContent&)>& visit) {
  const auto each = [&](const Statement& statement, const std::vector<std::string>& parameters) {
    impl_.each(statement, parameters, fetch_rows, [&](const pqxx::row& row) { return visit(content_from_row(row)); });
  };
  if (kind == ContentKind::answer) return each(bodies_of_part, {text_of(part)});
  each(contents_of_part, {text_of(part), std::string(name_of(kind))});
}

std::optional<AuditedContent> AuditSnapshot::content(PartId part, ContentKind kind, std::int64_t no) {
  const auto rows = kind == ContentKind::answer ? exec(impl_.tx(), one_body, {text_of(part), std::to_string(no)})
                                                : exec(impl_.tx(), one_content,
                                                       {text_of(part), std::string(name_of(kind)), std::to_string(no)});
  if (rows.empty()) return std::nullopt;
  return content_from_row(rows[0]);
}

std::vector<std::int64_t> AuditSnapshot::received(PartId from, std::span<const std::pair<PartId, std::int64_t>> mails) {
  std::vector<std::int64_t> numbers;
  constexpr std::size_t step = 10'000;
  for (std::size_t first = 0; first < mails.size(); first += step) {
    ArrayText receivers;
    ArrayText sent;
    for (const auto& [to, no] : mails.subspan(first, std::min(step, mails.size() - first))) {
      receivers.add(to);
      sent.add(no);
    }
    for (const auto& row : exec(impl_.tx(), received_of, {text_of(from), receivers.text(), sent.text()})) {
      numbers.push_back(number(row[0]));
    }
  }
  return numbers;
}

std::optional<PartId> AuditSnapshot::unknown_sender(PartId part) {
  const auto rows = exec(impl_.tx(), sender_unknown, {text_of(part)});
  if (rows.empty() || rows[0][0].is_null()) return std::nullopt;
  return PartId{number(rows[0][0])};
}

MoneyOfAll AuditSnapshot::money_of_all() {
  const auto rows = exec(impl_.tx(), sums_of_all, {});
  return {rows[0][0].c_str(), rows[0][1].c_str(), rows[0][2].c_str()};
}

class AuditRows::Connected {
 public:
  explicit Connected(const std::string& text) : connection(text, Use::reader, all_statements()) {}
  Connection connection;
};

AuditRows::AuditRows(AuditRowsConfig config, const std::atomic<bool>& stop) : config_(std::move(config)), stop_(stop) {}
AuditRows::~AuditRows() = default;

Result<Done, AuditRows::Failure> AuditRows::read(const std::function<void(AuditSnapshot&)>& work) {
  constexpr int attempts = 3;
  for (int attempt = 1; !stop_.load(); ++attempt) {
    try {
      if (connected_ && !connected_->connection.is_open()) connected_.reset();
      if (!connected_) connected_ = std::make_unique<Connected>(config_.connection);
      pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> tx(connected_->connection.get());
      tx.exec("SET LOCAL statement_timeout = '120s'");
      AuditSnapshot::Impl impl(tx);
      AuditSnapshot snapshot(impl);
      work(snapshot);
      return Done{};
    } catch (const pqxx::failure& error) {
      const bool passes = !connected_ || trouble_of(error, connected_->connection.is_open()) == Trouble::passing;
      connected_.reset();
      if (config_.log) {
        config_.log("event=audit_read_failed attempt=" + std::to_string(attempt) + " sqlstate=" + sqlstate_of(error) +
                    " error=\"" + one_line(error.what()) + '"');
      }
      if (!passes) return Unexpected{Failure::definite};
      if (attempt >= attempts) break;
    }
    for (int i = 0; i < 10 * attempt && !stop_.load(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Unexpected{Failure::away};
}

#undef TALLY_CURSOR
#undef TALLY_ROW
#undef TALLY_SHA

}  // namespace tally::storage
