#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"
#include "schemas/records.h"
#include "schemas/refusals.h"

// The journal's records, and contents, as bytes. What is decoded here comes from the database: a refusal means that it
// was damaged.
namespace tally::codec {

[[nodiscard]] std::string encode_records(std::span<const Record> records);
[[nodiscard]] Result<std::vector<Record>, Refusal> decode_records(std::string_view bytes);

[[nodiscard]] std::string_view name_of_record(const Record& record);
[[nodiscard]] nlohmann::json to_json(const Record& record);

[[nodiscard]] std::string encode_mail(const Mail& mail);
[[nodiscard]] Result<Mail, Refusal> decode_mail(std::string_view bytes);

[[nodiscard]] std::string encode_item(const Item& item);
[[nodiscard]] Result<Item, Refusal> decode_item(std::string_view bytes);
[[nodiscard]] std::string encode_answer(const AnswerValues& values);
[[nodiscard]] Result<AnswerValues, Refusal> decode_answer(std::string_view bytes);
[[nodiscard]] std::string encode_spec(const ProjectSpec& spec);
[[nodiscard]] Result<ProjectSpec, Refusal> decode_spec(std::string_view bytes);
[[nodiscard]] std::string encode_judged(const std::vector<FieldJudged>& judged);
[[nodiscard]] Result<std::vector<FieldJudged>, Refusal> decode_judged(std::string_view bytes);
[[nodiscard]] std::string encode_ballots(const Ballots& ballots);
[[nodiscard]] Result<Ballots, Refusal> decode_ballots(std::string_view bytes);
[[nodiscard]] std::string encode_weighed(const std::vector<WeighedBallot>& ballots);
[[nodiscard]] Result<std::vector<WeighedBallot>, Refusal> decode_weighed(std::string_view bytes);

}  // namespace tally::codec
