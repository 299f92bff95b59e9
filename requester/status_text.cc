#include "requester/status_text.h"

#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "requester/figures.h"

namespace tally::requester {
namespace {

std::string share_of(std::int64_t part, std::int64_t whole) {
  return grouped(part) + " of " + grouped(whole) + " (" + percent_of(part, whole) + ")";
}

std::string deadline_text(const ProjectStatus& status) {
  const std::int64_t deadline = status.row.deadline_ms;
  if (deadline == 0) return "none";
  const std::int64_t left = deadline - status.now_ms;
  const std::string when = to_text(Time{deadline});
  if (left <= 0 || is_over(status.row.state)) return when;
  const std::int64_t hours = left / 3'600'000;
  return when +
         (hours < 48 ? ", in " + std::to_string(hours) + " hours" : ", in " + std::to_string(hours / 24) + " days");
}

}  // namespace

bool is_over(ProjectState state) { return state == ProjectState::ended || state == ProjectState::cancelled; }

std::string projects_text(const std::vector<ProjectRow>& rows) {
  using cli::Align;
  cli::Table table({{"project", Align::right},
                    {"state"},
                    {"created"},
                    {"closed", Align::right},
                    {"items", Align::right},
                    {"answers", Align::right},
                    {"reward", Align::right},
                    {"title", Align::left, 50}});
  for (const ProjectRow& row : rows) {
    table.row({std::to_string(row.project.value), std::string(name_of(row.state)),
               to_text(Time{row.created_ms}).substr(0, 10), percent_of(row.closed, row.items), grouped(row.items),
               grouped(row.answers), to_text(row.reward), row.title});
  }
  return table.to_text();
}

std::string status_text(const ProjectStatus& status, const std::string& currency) {
  const ProjectRow& row = status.row;
  std::vector<std::pair<std::string, std::string>> lines{
      {"state", std::string(name_of(row.state))},
      {"created", to_text(Time{row.created_ms})},
      {"deadline", deadline_text(status)},
      {"posted", share_of(status.posted, row.items)},
      {"closed", share_of(row.closed, row.items)},
      {"settled", grouped(status.settled)},
      {"best guesses", grouped(status.best_guesses)},
      {"undecided", grouped(status.undecided)},
      {"answers", grouped(row.answers)},
      {"leased", grouped(status.leased) + " being worked on"},
      {"under review", grouped(status.under_review)},
      {"reward", money(row.reward, currency) + " an answer; pay: " + std::string(name_of(row.pay))},
      {"reserved", money(status.reserved, currency)},
      {"paid", money(status.paid, currency) + " to workers"},
      {"fees", money(status.fees, currency)},
      {"refunded", money(status.refunded, currency)},
      {"held", money(status.held, currency) + " still reserved"},
  };
  std::string text = "Project " + std::to_string(row.project.value) + ": " + cli::safe_for_terminal(row.title, false);
  text += "\n" + lines_of(lines);
  const std::string number = std::to_string(row.project.value);
  if (row.state == ProjectState::posting) {
    text += "Not all items are here: run the same `tally-requester post` again to go on.\n";
  }
  if (status.under_review > 0) text += "Answers wait for you: `tally-requester review " + number + "`\n";
  return text;
}

std::string balance_text(const Balance& balance, const std::string& currency) {
  return lines_of({{"wallet", money(balance.wallet, currency)},
                   {"reserved", money(balance.reserved, currency) + " for your projects"},
                   {"under way", money(balance.under_way, currency)}});
}

std::string watch_text(const ProjectStatus& status, const std::string& currency) {
  const ProjectRow& row = status.row;
  std::string text = grouped(row.answers) + " answers";
  if (row.state != ProjectState::open) text = std::string(name_of(row.state)) + "  " + text;
  if (status.best_guesses > 0) text += "  " + grouped(status.best_guesses) + " best guesses";
  if (status.undecided > 0) text += "  " + grouped(status.undecided) + " undecided";
  if (status.under_review > 0) text += "  " + grouped(status.under_review) + " to review";
  text += "  paid " + to_text(status.paid + status.fees) + " of " + money(status.reserved, currency);
  return text;
}

}  // namespace tally::requester
