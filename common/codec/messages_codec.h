#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/result.h"
#include "common/codec/limits.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"

// The messages of the protocol as bytes, as JSON and as text. Compiled once; cheap to include.
namespace tally::codec {

[[nodiscard]] std::string encode_body(const Request& request);
[[nodiscard]] std::string encode_body(const Reply& reply);

[[nodiscard]] Result<Request, Refusal> decode_request(std::int64_t number, std::string_view body, const Limits& limits);
[[nodiscard]] Result<Reply, Refusal> decode_reply(std::int64_t number, std::string_view body, const Limits& limits);

[[nodiscard]] int number_of(const Request& request);
[[nodiscard]] int number_of(const Reply& reply);
[[nodiscard]] std::string_view name_of_message(const Request& request);
[[nodiscard]] std::string_view name_of_message(const Reply& reply);

// For people and tests: ids as text (a17.1.9), money as a decimal, binary as hex.
[[nodiscard]] nlohmann::json to_json(const Request& request);
[[nodiscard]] nlohmann::json to_json(const Reply& reply);

// The list of messages for schemas/README.md, made from the structs.
[[nodiscard]] std::string protocol_markdown();

}  // namespace tally::codec
