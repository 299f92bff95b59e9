#include "admin/values.h"

#include <algorithm>
#include <cctype>

#include "common/cli/program.h"
#include "schemas/project_spec.h"
#include "schemas/qualification_name.h"

namespace tally::admin {
namespace {

std::string quoted(const std::string& text) { return "'" + text + "'"; }

}  // namespace

ProjectId project_from(const std::string& text) {
  const auto number = whole_number_from(text);
  if (!number || *number < 1 || *number > project_max) {
    cli::fail_usage(quoted(text) + " is no project; tally-admin projects lists their numbers");
  }
  return ProjectId{*number};
}

AccountId account_from(const std::string& text) {
  const auto number = whole_number_from(text);
  if (!number) cli::fail_usage(quoted(text) + " is no account number; tally-admin accounts lists them");
  return AccountId{*number};
}

Micros minimum_from(const std::string& text) {
  const auto amount = micros_from(text);
  if (!amount) {
    cli::fail_usage(quoted(text) + " is no amount; write it like 12.50, with a point and at most six decimals");
  }
  return *amount;
}

Micros amount_from(const std::string& text) {
  const Micros amount = minimum_from(text);
  if (amount.value == 0) cli::fail_usage("an amount must be more than zero");
  return amount;
}

Role role_from(const std::string& text) {
  const auto role = from_name<Role>(text);
  if (!role) cli::fail_usage(quoted(text) + " is no role; there are worker, requester, admin and gateway");
  return *role;
}

Duration validity_from(const std::string& text) {
  const auto duration = duration_from(text);
  if (!duration) cli::fail_usage(quoted(text) + " is no length of time; write it like 12h or 7d");
  return *duration;
}

TransferId transfer_from(const std::string& text) {
  const auto transfer = transfer_id_from(text);
  if (!transfer) {
    cli::fail_usage(
        quoted(text) +
        " is no transfer; they are written like m17.1.33: tally-admin deposit says the number of a deposit, "
        "tally-admin audit assignment that of a payout");
  }
  return *transfer;
}

std::string run_name_from(const std::string& text) {
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (text.empty() || text.size() > 64 || !std::all_of(text.begin(), text.end(), is_plain)) {
    cli::fail_usage(quoted(text) +
                    " cannot name a payout run; use up to 64 letters, digits, '-', '_' and '.', e.g. 2026-11");
  }
  return text;
}

std::string qualification_from(const std::string& text) {
  // What a training round granted has its requester's account after it.
  const std::size_t end = std::min(text.find('@'), text.size());
  const bool has_owner = end < text.size();
  if (!is_qualification_name(text.substr(0, end)) || (has_owner && !whole_number_from(text.substr(end + 1)))) {
    cli::fail_usage(quoted(text) + " cannot name a qualification: " + std::string(qualification_name_rule));
  }
  return text;
}

std::int64_t score_from(const std::string& text) {
  const auto score = whole_number_from(text);
  if (!score || *score < 0 || *score > qualification_score_max) {
    cli::fail_usage(quoted(text) + " is no score; it is a whole number from 0 to " +
                    std::to_string(qualification_score_max));
  }
  return *score;
}

std::string line_from(const std::string& text, const char* what, std::size_t bytes_max) {
  const bool is_line = std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (text.empty() || text.size() > bytes_max || !is_line) {
    cli::fail_usage(std::string(what) + " must be one line of 1 to " + std::to_string(bytes_max) + " bytes");
  }
  return text;
}

}  // namespace tally::admin
