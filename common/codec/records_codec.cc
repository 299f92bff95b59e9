#include "common/codec/records_codec.h"

#include <nlohmann/json.hpp>

#include "common/codec/codec.h"
#include "common/codec/json.h"

namespace tally::codec {

std::string encode_records(std::span<const Record> records) {
  Buffer buffer;
  Packer out(buffer, Form::positional);
  out.pack_array(static_cast<std::uint32_t>(records.size()));
  for (const Record& record : records) write(out, record);
  return std::move(buffer.bytes);
}

Result<std::vector<Record>, Refusal> decode_records(std::string_view bytes) {
  return decode<std::vector<Record>>(bytes, own_limits, Form::positional);
}

std::string_view name_of_record(const Record& record) {
  return std::visit([](const auto& held) { return std::string_view(std::decay_t<decltype(held)>::name); }, record);
}
nlohmann::json to_json(const Record& record) { return json_of(record); }

std::string encode_mail(const Mail& mail) { return encode(mail, Form::positional); }
Result<Mail, Refusal> decode_mail(std::string_view bytes) { return decode<Mail>(bytes, own_limits, Form::positional); }

std::string encode_item(const Item& item) { return encode(item, Form::positional); }
Result<Item, Refusal> decode_item(std::string_view bytes) { return decode<Item>(bytes, own_limits, Form::positional); }
std::string encode_answer(const AnswerValues& values) { return encode(values, Form::positional); }
Result<AnswerValues, Refusal> decode_answer(std::string_view bytes) {
  return decode<AnswerValues>(bytes, own_limits, Form::positional);
}
std::string encode_spec(const ProjectSpec& spec) { return encode(spec, Form::positional); }
Result<ProjectSpec, Refusal> decode_spec(std::string_view bytes) {
  return decode<ProjectSpec>(bytes, own_limits, Form::positional);
}
std::string encode_judged(const std::vector<FieldJudged>& judged) { return encode(judged, Form::positional); }
Result<std::vector<FieldJudged>, Refusal> decode_judged(std::string_view bytes) {
  return decode<std::vector<FieldJudged>>(bytes, own_limits, Form::positional);
}
std::string encode_ballots(const Ballots& ballots) { return encode(ballots, Form::positional); }
Result<Ballots, Refusal> decode_ballots(std::string_view bytes) {
  return decode<Ballots>(bytes, own_limits, Form::positional);
}
std::string encode_weighed(const std::vector<WeighedBallot>& ballots) { return encode(ballots, Form::positional); }
Result<std::vector<WeighedBallot>, Refusal> decode_weighed(std::string_view bytes) {
  return decode<std::vector<WeighedBallot>>(bytes, own_limits, Form::positional);
}

}  // namespace tally::codec
