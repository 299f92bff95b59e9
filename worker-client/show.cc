#include "worker-client/show.h"

#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "common/forms/form.h"
#include "common/project/item_template.h"
#include "common/project/people_text.h"
#include "schemas/ids.h"
#include "schemas/time.h"
#include "worker-client/earned.h"

namespace tally::worker {
namespace {

using cli::Align;

// A reason is read to its end, however long.
constexpr std::size_t reason_width = 2'000;

std::string safe(std::string_view text) { return cli::safe_for_terminal(text, false); }

// Text of several lines, with a blank line after it; nothing for no text.
std::string paragraph(std::string_view text) {
  if (text.empty()) return "";
  std::string made = cli::safe_for_terminal(text, true);
  while (made.ends_with('\n')) made.pop_back();
  return made + "\n\n";
}

std::string moment(std::int64_t ms) { return ms == 0 ? "" : to_text(Time{ms}); }

std::string field_text(const FieldSpec& field) {
  const bool known = forms::has_type(field.type);
  std::string text = "  " + safe(field.label) + (field.required ? "" : " (may be left empty)") + "\n";
  text += "      " + safe(known ? forms::entry_hint(field) : "type " + field.type) + "\n";
  for (const std::string& option : field.options) text += "      - " + safe(option) + "\n";
  return text;
}

// A reason is one of the broker's codes, or what a person wrote; a newer code is shown as it is.
std::string in_words(const std::string& reason) {
  constexpr std::string_view disagrees = "disagrees_on:";
  if (reason.starts_with(disagrees)) return "differs from the verdict on " + reason.substr(disagrees.size());
  if (reason == "rejected") return "rejected by the requester";
  if (reason == "reversed") return "an admin took the payment back";
  return reason;
}

}  // namespace

std::string_view pay_rule(PayPolicy pay) {
  switch (pay) {
    case PayPolicy::agreeing:
      return "paid when it agrees with the verdict, or when there is none";
    case PayPolicy::all:
      return "paid when it is accepted";
    case PayPolicy::review:
      return "paid when the requester approves it, or has not judged it in time";
  }
  return "";
}

std::string projects_text(std::span<const ProjectRow> rows, const std::string& currency) {
  if (rows.empty()) return "No project is open to you.\n";
  cli::Table table({{"number", Align::right},
                    {"title"},
                    {"pay", Align::right},
                    {"tasks", Align::right},
                    {"an answer is"},
                    {"deadline"}});
  for (const ProjectRow& row : rows) {
    table.row({std::to_string(row.project.value), row.title, money(row.reward, currency),
               std::to_string(row.items - row.closed), std::string(pay_rule(row.pay)), moment(row.deadline_ms)});
  }
  return table.to_text();
}

std::string project_text(const ProjectDescription& description, const std::string& currency) {
  const ProjectSpec& spec = description.spec;
  std::string text = "Project " + std::to_string(description.project.value) + " (" +
                     std::string(name_of(description.state)) + "): " + safe(spec.title) + "\n\n";
  text += paragraph(spec.instructions);
  text += "An answer brings " + safe(money(spec.reward, currency)) + ", " + std::string(pay_rule(spec.pay)) + ".\n";
  text += "Time for a task: " + to_text(spec.lease) + ".\n";
  if (spec.tasks_per_worker_max > 0) {
    text += "One worker may do " + std::to_string(spec.tasks_per_worker_max) + " tasks.\n";
  }
  const std::vector<std::string> asked = project::texts_of(spec.require);
  if (!asked.empty()) text += "It asks its workers for:\n";
  for (const std::string& one : asked) text += "  - " + safe(one) + "\n";
  if (!spec.training.tasks.empty()) text += "It begins with training: " + safe(project::text_of(spec.training)) + ".\n";
  if (spec.deadline_ms > 0) text += "It ends at " + moment(spec.deadline_ms) + ".\n";
  text += "\nWhat is asked:\n";
  for (const FieldSpec& field : spec.form) text += field_text(field);
  if (spec.require.any() || !spec.training.tasks.empty()) {
    text += "\ntally-worker standing --project " + std::to_string(description.project.value) +
            " shows whether something is missing.";
  }
  text += "\ntally-worker work --project " + std::to_string(description.project.value) + " begins.\n";
  return text;
}

std::string name_of(const TaskOffer& offer) { return offer.task ? to_text(*offer.task) : to_text(offer.assignment); }

std::string item_text(const ProjectSpec& spec, std::span<const std::string> values) {
  constexpr std::string_view rule = "------------------------------------------------------------------------\n";
  std::string text = cli::safe_for_terminal(project::render_template(spec.item_template, spec.columns, values), true);
  if (!text.ends_with('\n')) text += '\n';
  return std::string(rule) + text + std::string(rule);
}

std::string earnings_text(const EarningsPage& sums, std::span<const EarningsRow> rows, const std::string& currency) {
  cli::Table account({{""}, {"", Align::right}});
  account.row({"In your wallet", money(sums.wallet, currency)});
  account.row({"Earned, on the way to your wallet", money(sums.on_the_way, currency)});
  account.row({"Paid out so far", money(sums.paid_out, currency)});
  account.row({"Answers that wait for a verdict or a review", std::to_string(sums.answers_waiting)});
  std::string text = account.to_text();
  text.erase(0, text.find('\n') + 1);  // No headings.
  text += sums.payout_address.empty() ? "There is no payout address: tally-worker payout-address ADDRESS sets it.\n"
                                      : "Payouts go to: " + safe(sums.payout_address) + "\n";
  if (rows.empty()) return text;
  cli::Table table({{"answer"},
                    {"project", Align::right},
                    {"when"},
                    {"state"},
                    {"amount", Align::right},
                    {"reason", Align::left, reason_width}});
  for (const EarningsRow& row : rows) {
    const bool wants_reason = row.state == PayState::unpaid || row.state == PayState::reversed;
    table.row({to_text(row.assignment), std::to_string(row.project.value), moment(row.at_ms),
               std::string(name_of(row.state)), to_text(row.amount),
               row.reason.empty() && wants_reason ? "(none was given)" : in_words(row.reason)});
  }
  return text + "\n" + table.to_text();
}

}  // namespace tally::worker
