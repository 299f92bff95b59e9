#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/storage/read_context.h"
#include "broker/storage/read_statements.h"
#include "common/codec/records_codec.h"

// What concerns people: their money, a worker's answers, the list of accounts.
namespace tally::storage {
namespace {

namespace sql = read_statements;

// How many answers are looked at for one page of the unpaid, and for the number of those that wait.
constexpr std::int64_t looked_at_for_unpaid = 2'000;
constexpr std::int64_t looked_at_for_waiting = 10'000;

// ---- Money ----------------------------------------------------------------------------------------------------------

Micros at_home(const ReadContext& context, Fund fund) {
  const auto rows = exec(context.tx, sql::balance_in_part,
                         {parameter(account_part_of(context.who)), std::string(name_of(fund)), parameter(context.who)});
  return rows.empty() ? Micros{} : amount(rows[0][0]);
}

Micros in_all_parts(const ReadContext& context, Fund fund) {
  const auto rows = exec(context.tx, sql::balance_of_owner, {parameter(context.who), std::string(name_of(fund))});
  return amount(rows[0][0]);
}

// What a mail carries for one account.
struct AmountFor {
  AccountId account;
  Micros operator()(const Sweep& mail) const {
    Micros sum;
    for (const AmountOf& row : mail.rows) {
      if (row.account == account) sum += row.amount;
    }
    return sum;
  }
  Micros operator()(const BonusPaid& mail) const { return mail.worker == account ? mail.amount : Micros{}; }
  Micros operator()(const Refund& mail) const { return mail.account == account ? mail.amount : Micros{}; }
  Micros operator()(const OpenControl& mail) const { return mail.owner == account ? mail.amount : Micros{}; }
  template <class Other>
  Micros operator()(const Other&) const {
    return {};
  }
};

// Money of this account in mails that no part has received.
Micros in_mails(const ReadContext& context, const Statement& statement) {
  Micros sum;
  for (const auto& row : exec(context.tx, statement, {parameter(account_part_of(context.who))})) {
    sum += std::visit(AmountFor{context.who}, undamaged(codec::decode_mail(bytes(row[0]))));
  }
  return sum;
}

// ---- Earnings -------------------------------------------------------------------------------------------------------

void add_sums(const ReadContext& context, EarningsPage& page) {
  const PartId home = account_part_of(context.who);
  // What a payout run has set aside is the worker's until it has left the house.
  page.wallet = at_home(context, Fund::wallet) + at_home(context, Fund::payable);
  page.on_the_way = in_all_parts(context, Fund::earnings) + in_mails(context, sql::mail_to_people);
  page.paid_out = amount(exec(context.tx, sql::paid_out, {parameter(home), parameter(context.who)})[0][0]);
  page.answers_waiting =
      number(exec(context.tx, sql::answers_waiting, {parameter(context.who), parameter(looked_at_for_waiting)})[0][0]);
  page.payout_address = content_or_empty(contents_of(context, ContentKind::payout_address, {{home, context.who.value}}),
                                         home, context.who.value);
}

EarningsRow earnings_row(const pqxx::row& row) {
  EarningsRow earned;
  earned.at_ms = number(row[0]);
  earned.assignment = {PartId{number(row[1])}, row[2].as<std::int32_t>()};
  earned.project = project_of(earned.assignment.part);
  earned.state = named<PayState>(row[3]);
  earned.reason = text(row[4]);
  earned.amount = amount(row[5]);
  return earned;
}

// Replaces codes by the words of those who rejected.
void add_rejections(const ReadContext& context, std::vector<EarningsRow>& rows) {
  std::vector<std::pair<PartId, std::int64_t>> wanted;
  for (const EarningsRow& row : rows) {
    if (has_rejection(row.reason)) wanted.emplace_back(row.assignment.part, row.assignment.no);
  }
  const Contents rejections = contents_of(context, ContentKind::rejection, wanted);
  for (EarningsRow& row : rows) row.reason = reason_text(std::move(row.reason), rejections, row.assignment);
}

std::array<std::int64_t, 3> key_of_row(const EarningsRow& row) {
  return {row.at_ms, row.assignment.part.value, row.assignment.no};
}

bool is_lost(PayState state) { return state == PayState::unpaid || state == PayState::reversed; }

// ---- Accounts -------------------------------------------------------------------------------------------------------

AccountRow account_row(const pqxx::row& row) {
  AccountRow account;
  account.account = AccountId{number(row[0])};
  account.role = named<Role>(row[1]);
  account.enrolled = row[2].as<bool>();
  account.suspended = row[3].as<bool>();
  account.created_ms = number(row[4]);
  account.wallet = amount(row[5]);
  return account;
}

void add_names(const ReadContext& context, std::vector<AccountRow>& rows) {
  std::vector<std::pair<PartId, std::int64_t>> wanted;
  wanted.reserve(rows.size());
  for (const AccountRow& row : rows) wanted.emplace_back(account_part_of(row.account), row.account.value);
  const Contents names = contents_of(context, ContentKind::display_name, wanted);
  for (AccountRow& row : rows) {
    row.display_name = content_or_empty(names, account_part_of(row.account), row.account.value);
  }
}

}  // namespace

Result<EarningsPage, Refusal> read(const ReadContext& context, const Earnings& request) {
  constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  const auto key = key_of<3>(request.after, {newest, newest, newest});
  if (!key) return Unexpected{key.error()};
  const std::int64_t limit = rows_wanted(request.limit);
  const std::int64_t look_at = request.unpaid_only ? looked_at_for_unpaid : limit;
  const auto found = exec(context.tx, sql::answers_newest,
                          {parameter(context.who), parameter(key->at(0)), parameter(key->at(1)), parameter(key->at(2)),
                           parameter(look_at + 1)});
  std::vector<EarningsRow> rows;
  auto seen = *key;  // Everything up to here was looked at.
  bool has_more = false;
  std::int64_t looked_at = 0;
  for (const auto& row : found) {
    has_more = looked_at == look_at || std::ssize(rows) == limit;
    if (has_more) break;
    ++looked_at;
    EarningsRow earned = earnings_row(row);
    seen = key_of_row(earned);
    if (!request.unpaid_only || is_lost(earned.state)) rows.push_back(std::move(earned));
  }
  add_rejections(context, rows);

  EarningsPage page;
  add_sums(context, page);
  PageFiller<EarningsPage> filler(page, context.frame_bytes_max);
  if (!filler.add_all(std::move(rows))) {
    page.next = cursor_text(key_of_row(page.rows.back()));
  } else if (has_more) {
    page.next = cursor_text(seen);
  }
  return page;
}

// The wallet, the escrow and what is between them are all that is left of deposits and refunds.
Result<Balance, Refusal> read(const ReadContext& context, const GetBalance&) {
  Balance balance;
  balance.wallet = at_home(context, Fund::wallet);
  balance.reserved = in_all_parts(context, Fund::escrow);
  balance.under_way = in_mails(context, sql::mail_to_people) + in_mails(context, sql::mail_to_open) +
                      amount(exec(context.tx, sql::escrow_under_way, {parameter(context.who)})[0][0]);
  return balance;
}

Result<AccountsPage, Refusal> read(const ReadContext& context, const ListAccounts& request) {
  const auto key = key_of<1>(request.after, {-1});
  if (!key) return Unexpected{key.error()};
  const std::int64_t limit = rows_wanted(request.limit);
  std::vector<std::string> parameters{parameter(key->at(0)), parameter(limit + 1)};
  if (request.role) parameters.emplace_back(name_of(*request.role));
  std::vector<AccountRow> rows;
  for (const auto& row : exec(context.tx, request.role ? sql::accounts_of_role : sql::accounts, parameters)) {
    rows.push_back(account_row(row));
  }
  const bool has_more = std::ssize(rows) > limit;
  if (has_more) rows.pop_back();
  add_names(context, rows);

  AccountsPage page;
  PageFiller<AccountsPage> filler(page, context.frame_bytes_max);
  const bool has_all = filler.add_all(std::move(rows));
  if (has_more || !has_all) page.next = cursor_text<1>({page.rows.back().account.value});
  return page;
}

}  // namespace tally::storage
