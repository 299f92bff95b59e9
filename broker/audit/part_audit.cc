#include "broker/audit/part_audit.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "broker/audit/books.h"
#include "broker/audit/expected_rows.h"
#include "broker/audit/house_check.h"
#include "broker/audit/task_check.h"
#include "broker/storage/store.h"
#include "common/codec/records_codec.h"

namespace tally::audit {
namespace {

using storage::AuditedBatch;
using storage::AuditedPart;
using storage::AuditSnapshot;

// The batches follow each other without a gap, each upon the digest of the one before.
class Chain {
 public:
  explicit Chain(PartId part) : part_(part) {}

  void add(const AuditedBatch& batch, Finding& finding) {
    const std::string row = "batches " + to_text(part_) + " commit " + std::to_string(batch.commit_seq);
    if (batch.commit_seq != last_.commit_seq + 1) {
      return finding.note("batches " + to_text(part_) + " commit " + std::to_string(last_.commit_seq + 1), "missing");
    }
    const auto digest =
        bytes_of(storage::batch_digest(digest_, part_, batch.commit_seq, batch.epoch, batch.at, batch.encoded));
    if (batch.previous != bytes_of(digest_))
      return finding.note(row, "it does not follow the digest of the batch before");
    if (batch.digest != digest) return finding.note(row, "its digest is not that of its records");
    if (batch.at < last_.at) return finding.note(row, "it is earlier than the batch before");
    if (batch.epoch < last_.epoch) return finding.note(row, "its epoch is lower than that of the batch before");
    std::copy(digest.begin(), digest.end(), digest_.begin());
    last_ = {batch.commit_seq, batch.epoch, batch.at, {}, {}, {}};
  }
  // After the last batch: the part's row names it.
  void end(const AuditedPart& row, Finding& finding) const {
    const std::string name = "parts " + to_text(part_);
    if (last_.commit_seq < row.commit_seq) {
      return finding.note("batches " + to_text(part_) + " commit " + std::to_string(last_.commit_seq + 1),
                          "missing; the part is at commit " + std::to_string(row.commit_seq));
    }
    if (last_.commit_seq > row.commit_seq) return finding.note(name, "its commit_seq is behind its batches");
    if (row.digest != bytes_of(digest_)) return finding.note(name, "its digest is not that of its last batch");
    if (row.at != last_.at) return finding.note(name, "its at_ms is not that of its last batch");
    if (row.epoch < last_.epoch) return finding.note(name, "its epoch is behind its batches");
  }

 private:
  PartId part_;
  Digest digest_{};
  AuditedBatch last_;
};

template <class Check>
void feed(Check& check, Books& books, PartId part, const Record& record, Finding& finding) {
  std::visit(
      [&](const auto& r) {
        using R = std::decay_t<decltype(r)>;
        constexpr bool for_books = requires { books.on(r); };
        constexpr bool for_check = requires { check.on(r); };
        constexpr bool for_all = std::is_same_v<R, MailReceived> || std::is_same_v<R, CommandKept>;
        if constexpr (for_books) books.on(r);
        if (finding.any()) return;
        if constexpr (for_check) check.on(r);
        if constexpr (!for_books && !for_check && !for_all) {
          finding.note("batches " + to_text(part) + ", " + R::name, "a part of this kind has no such records");
        }
      },
      record);
}

// What the journal comes to, with what is checked of all parts alike.
struct Read {
  explicit Read(PartId part, Finding& finding) : chain(part), books(part, finding), expected(part, finding) {}
  Chain chain;
  Books books;
  ExpectedRows expected;
  PartTotals totals;
};

template <class Check>
void read_journal(AuditSnapshot& snapshot, PartId part, Read& read, Check& check, Finding& finding,
                  const std::atomic<bool>& stop) {
  snapshot.batches(part, [&](const AuditedBatch& batch) {
    read.chain.add(batch, finding);
    const auto records = codec::decode_records(batch.encoded);
    if (!records) {
      finding.note("batches " + to_text(part) + " commit " + std::to_string(batch.commit_seq),
                   "its records cannot be read: " + records.error().detail);
      return false;
    }
    for (const Record& record : *records) {
      if (finding.any()) return false;
      feed(check, read.books, part, record, finding);
      read.expected.add(record, batch.at);
    }
    if (!finding.any()) read.books.end_of_batch();
    ++read.totals.batches;
    read.totals.records += static_cast<std::int64_t>(records->size());
    return !finding.any() && !stop.load();
  });
}

// Mails that their sender has forgotten are with their receivers; the others' money is under way.
void check_mails(AuditSnapshot& snapshot, PartId part, Read& read, Finding& finding) {
  std::vector<std::pair<PartId, std::int64_t>> mails;
  for (std::size_t i = 0; i < read.books.mails().size(); ++i) {
    mails.emplace_back(read.books.mails()[i].to, static_cast<std::int64_t>(i + 1));
  }
  const auto received = snapshot.received(part, mails);
  for (std::size_t i = 0; i < mails.size(); ++i) {
    if (std::binary_search(received.begin(), received.end(), mails[i].second)) continue;
    const Books::Sent& mail = read.books.mails()[i];
    if (mail.delivered) {
      return finding.note("inbox " + to_text(mail.to) + " mail " + std::to_string(i + 1) + " of " + to_text(part),
                          "missing: its sender was told that it is there");
    }
    if (!add(read.totals.in_outboxes, mail.amount)) return finding.note("outbox " + to_text(part), "sums do not fit");
  }
  if (const auto sender = snapshot.unknown_sender(part)) {
    finding.note("parts " + to_text(*sender), "missing: " + to_text(part) + " has mail from it");
  }
}

void add_up(Read& read, PartId part, Finding& finding) {
  for (const auto& [account, balance] : read.books.balances()) {
    if (!add(read.totals.sum, balance)) return finding.note("sub_accounts " + to_text(part), "sums do not fit");
    if (account.fund == Fund::transit) read.totals.transit += balance;
  }
  if (read.totals.sum != 0) finding.note("sub_accounts " + to_text(part), "they do not add up to zero");
  read.totals.transfers = static_cast<std::int64_t>(read.books.transfers().size());
}

void check_summary(const AuditedPart& row, const storage::PartSummary& expected, Finding& finding) {
  const auto check = [&](const char* column, std::int64_t found, std::int64_t wanted) {
    if (found == wanted) return;
    finding.note("parts " + to_text(row.part),
                 std::string(column) + " is " + std::to_string(found) + ", the journal says " + std::to_string(wanted));
  };
  const storage::PartSummary& found = row.summary;
  check("state", found.state, expected.state);
  check("tasks", found.tasks, expected.tasks);
  check("settled", found.settled, expected.settled);
  check("undecided", found.undecided, expected.undecided);
  check("best_guesses", found.best_guesses, expected.best_guesses);
  check("answers", found.answers, expected.answers);
  check("leased", found.leased, expected.leased);
  check("under_review", found.under_review, expected.under_review);
  check("paid", found.paid.value, expected.paid.value);
  check("fees", found.fees.value, expected.fees.value);
  check("next_due_ms", found.next_due_ms, expected.next_due_ms);
}

// Every item and answer has its content, or the mark that it was erased; what is there is what was counted.
void check_contents(AuditSnapshot& snapshot, PartId part, const TaskCheck& tasks, Finding& finding) {
  const auto row = [&](ContentKind kind, const std::string& id) {
    return "contents " + to_text(part) + ' ' + std::string(name_of(kind)) + ' ' + id;
  };
  const auto note = [&](ContentKind kind, const std::string& id, const std::string& problem) {
    if (!problem.empty()) finding.note(row(kind, id), problem);
  };
  const auto task = [&](std::int64_t no) { return to_text(TaskId{part, static_cast<std::int32_t>(no)}); };
  const auto assignment = [&](std::int64_t no) { return to_text(AssignmentId{part, static_cast<std::int32_t>(no)}); };

  std::int64_t next_item = 1;
  snapshot.contents(part, ContentKind::item, [&](const storage::AuditedContent& content) {
    if (content.no != next_item || content.no > tasks.tasks()) {
      note(ContentKind::item, task(std::min(content.no, next_item)), content.no > next_item ? "missing" : "of no task");
    } else if (content.body) {
      note(ContentKind::item, task(content.no), tasks.item_problem(*content.body));
    }
    ++next_item;
    return !finding.any();
  });
  if (next_item <= tasks.tasks()) note(ContentKind::item, task(next_item), "missing");
  if (finding.any()) return;

  const std::vector<std::int32_t> answers = tasks.answers();
  auto next = answers.begin();
  snapshot.contents(part, ContentKind::answer, [&](const storage::AuditedContent& content) {
    if (next == answers.end() || content.no < *next) {
      note(ContentKind::answer, assignment(content.no), "of no answer");
    } else if (content.no > *next) {
      note(ContentKind::answer, assignment(*next), "missing");
    } else if (content.body) {
      note(ContentKind::answer, assignment(content.no), tasks.answer_problem(*next, *content.body));
    }
    if (!finding.any()) ++next;
    return !finding.any();
  });
  if (!finding.any() && next != answers.end()) note(ContentKind::answer, assignment(*next), "missing");
}

// What follows the journal for every kind of part; false: stop here.
template <class Check>
bool audit_with(AuditSnapshot& snapshot, const AuditedPart& row, Read& read, Check& check, Finding& finding,
                const std::atomic<bool>& stop) {
  read_journal(snapshot, row.part, read, check, finding, stop);
  if (stop.load()) return false;
  if (!finding.any()) read.chain.end(row, finding);
  if (!finding.any()) read.expected.compare(snapshot);
  if (!finding.any()) check.end();
  if (!finding.any()) check_mails(snapshot, row.part, read, finding);
  if (!finding.any()) add_up(read, row.part, finding);
  return !finding.any();
}

}  // namespace

PartTotals audit_part(AuditSnapshot& snapshot, const AuditedPart& row, Finding& finding,
                      const std::atomic<bool>& stop) {
  Read read(row.part, finding);
  if (is_account_part(row.part)) {
    AccountCheck check(row.part, finding, read.books);
    audit_with(snapshot, row, read, check, finding, stop);
  } else if (is_control_part(row.part)) {
    ControlCheck check(row.part, finding, read.books);
    const bool is_right = audit_with(snapshot, row, read, check, finding, stop);
    if (is_right && row.summary.state != static_cast<std::int16_t>(check.state())) {
      finding.note("parts " + to_text(row.part),
                   "its state is not the project's: " + std::string(name_of(check.state())));
    }
  } else {
    TaskCheck check(row.part, finding, read.books);
    if (audit_with(snapshot, row, read, check, finding, stop)) {
      check_contents(snapshot, row.part, check, finding);
      check_summary(row, check.summary(), finding);
    }
    read.totals.verdicts = check.verdicts();
    read.totals.payouts = check.payouts();
  }
  return read.totals;
}

}  // namespace tally::audit
