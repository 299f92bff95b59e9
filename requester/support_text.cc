#include "requester/support_text.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/base/decimal.h"
#include "common/cli/safe_text.h"
#include "requester/figures.h"
#include "schemas/time.h"

namespace tally::requester {
namespace {

using Json = nlohmann::ordered_json;

bool is_supported(const FieldSupport& field) { return field.gold_needed == 0; }
// Else no number of gold tasks that was tried would do.
bool is_in_reach(const FieldSupport& field) { return field.gold_needed >= 0; }

std::string gold_text(const FieldSupport& field) {
  std::string text = field.gold == 0 ? "none has its verdict yet"
                                     : grouped(field.right) + " of " + grouped(field.gold) + " came out right";
  if (field.gold_open > 0) text += "; " + grouped(field.gold_open) + " more are open";
  return text;
}

std::string help_text(const FieldSupport& field, const std::string& currency) {
  const std::string so_far =
      "cannot be supported yet: at most " + claim_text(field.claim_max_ppm) + " can be claimed; ";
  if (!is_in_reach(field)) {
    return so_far + "no number of gold tasks up to 2,000 would do: nobody can claim that much of answers like these";
  }
  const std::int64_t open = std::min(field.gold_open, field.gold_needed);
  const std::string posted =
      open == 0 ? "" : " (" + grouped(open) + (open == 1 ? " of them is" : " of them are") + " posted already)";
  return so_far + grouped(field.gold_needed) + " more gold tasks" + posted +
         ", all answered right, would do: they cost about " + money(field.cost, currency);
}

Json share(std::int64_t ppm) { return static_cast<double>(ppm) / 1e6; }
Json moment(std::int64_t ms) { return ms == 0 ? Json() : Json(to_text(Time{ms})); }

Json json_of(const SupportReport& report) {
  Json json;
  json["asked"] = share(report.asked_ppm);
  json["fields"] = Json::array();
  for (const FieldSupport& field : report.by_field) {
    const bool has_number = is_in_reach(field);
    Json each;
    each["field"] = field.field;
    each["supported"] = is_supported(field);
    each["claim_max"] = share(field.claim_max_ppm);
    each["gold"] = field.gold;
    each["gold_right"] = field.right;
    each["gold_open"] = field.gold_open;
    each["gold_needed"] = has_number ? Json(field.gold_needed) : Json();
    each["gold_needed_cost"] = has_number ? Json(to_text(field.cost)) : Json();
    json["fields"].push_back(std::move(each));
  }
  return json;
}

}  // namespace

std::string support_text(const SupportReport& report, const std::string& currency) {
  std::string text = "Confidence asked for: " + decimal_text(report.asked_ppm) + "\n";
  for (const FieldSupport& field : report.by_field) {
    text += "Field " + cli::safe_for_terminal(field.field, false) + "\n";
    text += lines_of({{"claims", "up to " + claim_text(field.claim_max_ppm) + " can be claimed now"},
                      {"gold", gold_text(field)},
                      {"support", is_supported(field) ? "what was asked can be claimed" : help_text(field, currency)}});
  }
  return text;
}

std::string status_json(const ProjectStatus& status, const std::optional<SupportReport>& support,
                        const std::string& currency) {
  const ProjectRow& row = status.row;
  Json json;
  json["project"] = row.project.value;
  json["title"] = row.title;
  json["state"] = name_of(row.state);
  json["created"] = moment(row.created_ms);
  json["deadline"] = moment(row.deadline_ms);
  json["items"] = row.items;
  json["posted"] = status.posted;
  json["closed"] = row.closed;
  json["settled"] = status.settled;
  json["best_guesses"] = status.best_guesses;
  json["undecided"] = status.undecided;
  json["answers"] = row.answers;
  json["leased"] = status.leased;
  json["under_review"] = status.under_review;
  json["pay"] = name_of(row.pay);
  json["currency"] = currency;
  json["reward"] = to_text(row.reward);
  json["reserved"] = to_text(status.reserved);
  json["paid"] = to_text(status.paid);
  json["fees"] = to_text(status.fees);
  json["refunded"] = to_text(status.refunded);
  json["held"] = to_text(status.held);
  if (support) json["confidence"] = json_of(*support);
  // A title may be any text.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tally::requester
